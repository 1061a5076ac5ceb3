"""Maximum flows that can be added to: what a candidate would bring on top of those chosen already.

The graph is laid once with every candidate in it, shut. Opening one raises the capacity of a single edge, and the flow that then still
fits through the residual is exactly what it adds. Flows are scipy's, on 32-bit integers, in parts of a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from marketplace.coverage.measures.arrays import distinct, starts, total_by
from marketplace.coverage.measures.eligibility import Arcs
from marketplace.coverage.measures.errors import MeasureError
from marketplace.coverage.measures.inputs import Bools, Floats, Ints

UNITS = (10_000, 1_000, 100)
"""Flow units in a day: the first that keeps the total within 32 bits."""

_LARGEST = 2**31 - 2
_SLACK = 1e-6


@dataclass(frozen=True)
class Supply:
    """Days by pool and most days by offer (infinite without a cap), candidates shut; and the edge each candidate opens.

    `pool` and `offer` give each candidate its rows; `adds_days` tells whether it opens the pool or the offer.
    """

    capacity: Floats
    most_days: Floats
    pool: Ints
    offer: Ints
    adds_days: Bools


class Layout:
    """Source, pools, offers with a cap, needs, perhaps wards, and sink; which edge is which.

    `suppliers` are pools and, after them, offers with a cap; `serves` lists (supplier, need), each pair once.
    """

    def __init__(self, arcs: Arcs, supply: Supply, *, days: Floats, ward: Ints | None = None) -> None:
        needs, offers, self.pools = arcs.shape
        capped = np.isfinite(supply.most_days)
        capped[supply.offer[~supply.adds_days]] = True
        self.capped = np.flatnonzero(capped)
        number = np.full(offers, -1)
        number[self.capped] = np.arange(len(self.capped))
        pool_of = np.full(offers, -1)
        pool_of[arcs.offer] = arcs.pool
        self.pool_of_capped = pool_of[self.capped]
        self.suppliers = self.pools + len(self.capped)
        through = np.where(number[arcs.offer] >= 0, self.pools + number[arcs.offer], arcs.pool)
        served = distinct(through * max(1, needs) + arcs.need)
        self.serves = np.divmod(served, max(1, needs))
        self.fed = distinct(self.serves[1])
        self.wards = 0 if ward is None else int(ward.max(initial=-1)) + 1
        self.units = _units(float(days[self.fed].sum()))
        self._lay(needs, ward)
        opened = np.where(
            supply.adds_days,
            supply.pool,
            self.suppliers + number[np.where(supply.adds_days, 0, supply.offer)] if offers else 0,
        )
        self.edge_of: Ints = opened.astype(np.int64)

    def _lay(self, needs: int, ward: Ints | None) -> None:
        supplier, need = self.serves
        node = self.suppliers + 1 + np.arange(needs)
        self.sink = self.suppliers + needs + self.wards + 1
        every, capped = np.arange(self.suppliers), np.arange(len(self.capped))
        runs = [
            (np.zeros_like(every), every + 1),
            (np.maximum(self.pool_of_capped, 0) + 1, self.pools + capped + 1),
            (supplier + 1, node[need]),
        ]
        if ward is None:
            runs.append((node[self.fed], np.full(len(self.fed), self.sink)))
        else:
            of_ward = self.suppliers + 1 + needs + np.arange(self.wards)
            runs.append((node[self.fed], of_ward[ward[self.fed]]))
            runs.append((of_ward, np.full(self.wards, self.sink)))
        tail, head = (np.concatenate(ends) for ends in zip(*runs, strict=True))
        self.ends = np.cumsum([0, *(len(run[0]) for run in runs)])
        size = self.sink + 1
        both = np.r_[tail, head], np.r_[head, tail]
        order = np.argsort(both[0] * size + both[1], kind="stable")
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        self.position = place[: len(tail)]
        self.columns = both[1][order].astype(np.int32)
        self.rows = np.searchsorted(both[0][order], np.arange(size + 1)).astype(np.int32)

    @cached_property
    def need_node(self) -> Ints:
        """The node of each need."""
        return self.suppliers + 1 + np.arange(self.sink - 1 - self.wards - self.suppliers)

    def matrix(self, data: npt.NDArray[np.int32]) -> csr_matrix:
        return csr_matrix((data, self.columns, self.rows), shape=(self.sink + 1, self.sink + 1))

    def run(self, number: int) -> Ints:
        """Positions in the matrix of a run of edges: 0 supply, 1 caps, 2 serving, 3 needs, 4 wards."""
        edges: Ints = self.position[self.ends[number] : self.ends[number + 1]]
        return edges

    def served_by(self, candidate_edge: int) -> Ints:
        """Needs that the supplier behind an edge serves directly."""
        supplier = candidate_edge
        if candidate_edge >= self.suppliers:
            supplier = self.pools + candidate_edge - self.suppliers
        needs: Ints = self.serves[1][self.serves[0] == supplier]
        return needs


class Flow:
    """The maximum flow of one layout with `wanted` days by need (0 for those that do not count), and what candidates would add."""

    def __init__(
        self, layout: Layout, supply: Supply, *, wanted: Floats, of_ward: Floats | None = None
    ) -> None:
        self.layout = layout
        plenty = int(wanted.sum() * layout.units) + 1
        data = np.zeros(len(layout.columns), dtype=np.int64)

        def put(run: int, days: Floats) -> None:
            most = np.minimum(days * layout.units, plenty)
            data[layout.run(run)] = np.floor(most + _SLACK)

        put(0, np.concatenate([supply.capacity, np.zeros(len(layout.capped))]))
        put(1, np.where(layout.pool_of_capped >= 0, supply.most_days[layout.capped], 0.0))
        data[layout.run(2)] = plenty
        put(3, wanted[layout.fed])
        if of_ward is not None:
            put(4, of_ward)
        self.residual = data.astype(np.int32)
        self.days = 0.0
        self._drain = np.full(len(wanted), -1)
        self._drain[layout.fed] = layout.run(3)
        self._flow_in()

    def _flow_in(self) -> None:
        flow = maximum_flow(self.layout.matrix(self.residual), 0, self.layout.sink)
        self.residual = (self.residual - flow.flow.data).astype(np.int32)
        self.days += flow.flow_value / self.layout.units

    def gain(self, candidate: int, days: float) -> float:
        """Days that still fit if the candidate gave `days`."""
        layout = self.layout
        edge, amount = int(layout.edge_of[candidate]), round(days * layout.units)
        if self._fits_directly(edge, amount):
            return amount / layout.units
        at = layout.position[edge]
        self.residual[at] += amount
        flow = maximum_flow(layout.matrix(self.residual), 0, layout.sink).flow_value
        self.residual[at] -= amount
        return float(flow / layout.units)

    def open(self, candidate: int, days: float) -> None:
        """Have the candidate give `days` for good."""
        self.residual[self.layout.position[self.layout.edge_of[candidate]]] += round(days * self.layout.units)
        self._flow_in()

    def _fits_directly(self, edge: int, amount: int) -> bool:
        """Whether unmet days next to the candidate take all of it, so that nothing needs to be moved."""
        layout = self.layout
        if layout.wards:
            return False
        if edge >= layout.suppliers:
            pool = layout.pool_of_capped[edge - layout.suppliers]
            if pool < 0 or self.residual[layout.position[pool]] < amount:
                return False
        unmet = self.residual[self._drain[self._served(edge)]]
        return bool(unmet.sum() >= amount)

    def _served(self, edge: int) -> Ints:
        known = self.__dict__.setdefault("_served_by", {})
        if edge not in known:
            known[edge] = self.layout.served_by(edge)
        needs: Ints = known[edge]
        return needs

    def open_to_sink(self) -> Bools:
        """Needs from which the sink can still be reached once every candidate is open: all that any candidate could help."""
        data = self.residual.copy()
        data[self.layout.position[self.layout.edge_of]] += 1
        data[self.layout.run(1)] += 1
        forth = self.layout.matrix(data).copy()  # what is taken out below is taken out in place
        forth.eliminate_zeros()
        reached = np.zeros(self.layout.sink + 1, dtype=np.bool_)
        reached[breadth_first_order(forth.T.tocsr(), self.layout.sink, return_predecessors=False)] = True
        needs: Bools = reached[self.layout.need_node]
        return needs


@dataclass
class Objective:
    """Weighted sum of maximum flows: the weighted days that can be given, whichever school stands back for whom.

    Days that can be given to needs form a polymatroid, so the best sum of weight times days is a sum over levels of weight, each
    the maximum flow to the needs of that weight and above. The last flow is that to all needs: plain days.
    """

    weights: Sequence[float]
    flows: Sequence[Flow]

    def gain(self, candidate: int, days: float) -> float:
        return sum(
            weight * flow.gain(candidate, days) for weight, flow in zip(self.weights, self.flows, strict=True)
        )

    def open(self, candidate: int, days: float) -> None:
        for flow in self.flows:
            flow.open(candidate, days)

    @property
    def value(self) -> float:
        return sum(weight * flow.days for weight, flow in zip(self.weights, self.flows, strict=True))

    @property
    def days(self) -> float:
        return self.flows[-1].days

    @property
    def most_of_a_day(self) -> float:
        """What a day can be worth at most."""
        return sum(self.weights)


def levels(weights: Floats) -> list[tuple[float, float]]:
    """(lowest weight of the level, how much it weighs more than the next) from the highest to the lowest."""
    found = np.unique(np.round(weights, 6))[::-1].tolist()
    return [
        (weight, weight - below) for weight, below in zip(found, [*found, 0.0][1:], strict=True) if weight > 0
    ]


def merged(arcs: Arcs, supply: Supply, key: Ints) -> Ints:
    """Number of each need's group: needs served by the same suppliers, and alike in `key`, flow as one."""
    group = key.astype(np.int64).copy()
    capped = np.isfinite(supply.most_days)
    capped[supply.offer[~supply.adds_days]] = True
    through = np.where(capped[arcs.offer], arcs.shape[2] + arcs.offer, arcs.pool)
    order = np.lexsort((through, arcs.need))
    need, through = arcs.need[order], through[order]
    once = starts(need, through)
    need, through = need[once], through[once]
    rng = np.random.default_rng(1)  # labels only: two sets with one sum of 128 random bits are one set
    label = rng.integers(0, 2**62, (2, arcs.shape[2] + arcs.shape[1]))
    rows = [group]
    for each in label:
        sums = np.zeros(len(key), dtype=np.int64)
        np.add.at(sums, need, each[through])
        rows.append(sums)
    return np.unique(np.stack(rows), axis=1, return_inverse=True)[1].ravel().astype(np.int64)


def total_of(group: Ints, days: Floats) -> Floats:
    return total_by(group, days, int(group.max(initial=-1)) + 1)


def _units(days: float) -> int:
    for units in UNITS:
        if days * units <= _LARGEST:
            return units
    raise MeasureError([f"{days:,.0f} days of need are too many for one flow: advise area by area"])
