"""The fair best case: what perfect brokerage could make of the same days.

Days flow from pools, through offers that cap them, to needs. Among all maximum flows that give every need at least what it would get
anyway (`met`), the fair one has the lexicographically largest sorted x_n/D_n: the worst-served need is served as well as can be, then the
next. It is unique, and found by decomposition:

1. A maximum flow with needs as caps. Needs that the source still reaches in the residual are met in full. The others are *tight*:
   they use all the days of all the pools that can serve them.
2. In a tight block with f days, find the level t with sum max(met_n, t D_n) = f. If a flow can fill all of max(met_n, t D_n), that is
   the answer. If not, the residual cuts the block: needs out of the source's reach cannot get to t and keep their pools to themselves; the
   rest share the remaining days. Both are tight blocks again. All blocks are cut by one flow per round.

The flow is scipy's, on 32-bit integers, in hundredths of a day or finer parts where the total leaves room; it only decides where blocks
are cut. The days themselves are worked out from the levels, so that a third of ten days is 3.333.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from .arrays import distinct, starts, total_by
from .eligibility import Arcs
from .errors import MeasureError
from .inputs import Bools, Floats, Ints

UNITS = (100_000, 10_000, 1_000, 100)
"""Flow units in a day: the first that keeps the total within 32 bits, never coarser than hundredths."""

_LARGEST = 2**31 - 2
_SLACK = 1e-6


def fair_best_case(arcs: Arcs, *, days: Floats, met: Floats, capacity: Floats, most_days: Floats) -> Floats:
    """x: days for each need in the fair best case, between `met` and `days`.

    `met` must be possible with these days (it is, if it comes from `expected_shares`); zeros give the best case without a floor.
    """
    network = laid(arcs, days=days, capacity=capacity, most_days=most_days)
    best = np.where(days > 0, met, 0.0)
    if not network.has_flow:
        return best
    state = network.full_state()
    cut = network.push(state, days)
    best[cut.reached_needs] = days[cut.reached_needs]
    state = network.tight_part(state, cut)
    while state.needs.any():
        block = network.blocks(state)
        supply = network.days_by_block(state, block)
        level = _levels(block[network.need_node], np.flatnonzero(state.needs), days, met, supply)
        target = np.where(state.needs, np.maximum(met, level * days), 0.0)
        cut = network.push(state, target)
        count = int(block.max()) + 1
        of_need = block[network.need_node]
        short = np.bincount(of_need[cut.short_needs], minlength=count) > 0
        cuttable = np.bincount(of_need[cut.reached_needs & state.needs], minlength=count) > 0
        done = state.needs & ~(short & cuttable)[of_need]
        best[done] = target[done]
        state = network.split(state, cut, solved=done)
    return np.clip(best, met, days)


def _levels(block: Ints, rows: Ints, days: Floats, met: Floats, supply: Floats) -> Floats:
    """For each need of `rows` the level t of its block: sum over the block of max(met, t D) equals the block's days.

    With needs in order of met/D, the sum at a need's own ratio is ratio x (days up to it) + met of those after it. The level lies
    after the last need whose sum does not exceed the supply.
    """
    of_row = block[rows]
    ratio = met[rows] / days[rows]
    order = np.lexsort((ratio, of_row))
    rows, of_row, ratio = rows[order], of_row[order], ratio[order]
    first = np.flatnonzero(starts(of_row))
    size = np.diff(np.r_[first, len(rows)])
    days_so_far = np.cumsum(days[rows])
    days_so_far -= np.repeat(days_so_far[first] - days[rows][first], size)
    met_so_far = np.cumsum(met[rows])
    met_so_far -= np.repeat(met_so_far[first] - met[rows][first], size)
    met_after = np.repeat(np.add.reduceat(met[rows], first), size) - met_so_far
    below = ratio * days_so_far + met_after <= supply[of_row] + _SLACK
    last = first + np.maximum(np.add.reduceat(below.astype(np.int64), first), 1) - 1
    level = (supply[of_row[first]] - met_after[last]) / days_so_far[last]
    by_need = np.zeros(len(days))
    by_need[rows] = np.repeat(np.clip(level, 0.0, 1.0), size)
    return by_need


@dataclass(frozen=True)
class State:
    """What is left of the problem: days at each supplier, caps still linking pools to their offers, needs not solved, edges in use."""

    supply: Floats
    link: Floats
    needs: Bools
    edges: Bools


@dataclass(frozen=True)
class Cut:
    """What a flow showed: nodes the source reaches in the residual, needs not filled, flow units that each supplier gives."""

    reached: Bools
    reached_needs: Bools
    short_needs: Bools
    given: Ints
    residual: csr_matrix


class Network:
    """Source, pools, offers with a cap, needs and sink as one graph, laid once and cut down as the problem splits.

    Edges are kept in four runs: source to suppliers, pools to their capped offers, suppliers to needs, needs to sink. The matrix
    holds their reverses too, as scipy would add them on every call, so that flow and capacities line up.
    """

    def __init__(self, arcs: Arcs, *, days: Floats, capacity: Floats, most_days: Floats) -> None:
        needs, _, pools = arcs.shape
        used = _used(arcs, days, capacity)
        need, offer, pool = arcs.need[used], arcs.offer[used], arcs.pool[used]
        tight = most_days[offer] < capacity[pool]
        self._laid_for = arcs, most_days, used, tight
        self.capped, first = np.unique(offer[tight], return_index=True)
        self.pool_of_capped = pool[tight][first]
        self.cap = most_days[self.capped]
        number = np.full(arcs.shape[1], -1)
        number[self.capped] = np.arange(len(self.capped))
        self.pools, self.suppliers = pools, pools + len(self.capped)
        self.need_node = self.suppliers + 1 + np.arange(needs)
        self.sink = self.suppliers + 1 + needs
        self.has_flow = bool(len(need))
        self.capacity, self.days = capacity, days
        served = distinct(np.where(number[offer] >= 0, pools + number[offer], pool) * max(1, needs) + need)
        self._lay_edges(*np.divmod(served, max(1, needs)))
        wanted = float(days[self.fed].sum())
        self.units = next((units for units in UNITS if wanted * units <= _LARGEST), 0)
        if not self.units:
            raise MeasureError(
                [f"{wanted:,.0f} days of need are too many for one flow: measure area by area"]
            )
        self.plenty = int(wanted * self.units) + 1

    def with_days(self, *, capacity: Floats, most_days: Floats) -> Network:
        """The network for other days of the pools: as it lies, if the same pools have days and the same caps bind, else anew."""
        arcs, caps, used, tight = self._laid_for
        if (
            np.array_equal(most_days, caps)
            and np.array_equal(_used(arcs, self.days, capacity), used)
            and np.array_equal((most_days[arcs.offer] < capacity[arcs.pool])[used], tight)
        ):
            other = copy(self)
            other.capacity = capacity
            return other
        return Network(arcs, days=self.days, capacity=capacity, most_days=most_days)

    def _lay_edges(self, supplier: Ints, need: Ints) -> None:
        self.fed = distinct(need)
        every, capped = np.arange(self.suppliers), np.arange(len(self.capped))
        runs = (
            (np.zeros_like(every), every + 1),
            (self.pool_of_capped + 1, self.pools + capped + 1),
            (supplier + 1, self.need_node[need]),
            (self.need_node[self.fed], np.full(len(self.fed), self.sink)),
        )
        self.tail, self.head = (np.concatenate(ends) for ends in zip(*runs, strict=True))
        ends = np.cumsum([0, *(len(tail) for tail, _ in runs)])
        self.supply_edge, self.link_edge, self.serve_edge, self.drain_edge = map(slice, ends[:-1], ends[1:])
        size = self.sink + 1
        tail, head = np.r_[self.tail, self.head], np.r_[self.head, self.tail]
        order = np.argsort(tail * size + head, kind="stable")
        self.position = np.empty(len(order), dtype=np.int64)
        self.position[order] = np.arange(len(order))
        self.position = self.position[: len(self.tail)]
        self.columns = head[order].astype(np.int32)
        self.rows = np.searchsorted(tail[order], np.arange(size + 1)).astype(np.int32)

    def full_state(self) -> State:
        supply = np.concatenate([self.capacity, np.zeros(len(self.capped))])
        needs = self.days > 0
        edges = np.ones(len(self.tail), dtype=np.bool_)
        return State(supply, self.cap.astype(np.float64), needs, edges)

    def push(self, state: State, wanted: Floats) -> Cut:
        """The maximum flow towards `wanted` days of each unsolved need, and the cut it leaves."""
        amount = np.zeros(len(self.tail), dtype=np.int64)
        amount[self.supply_edge] = self._up(state.supply)
        amount[self.link_edge] = self._up(state.link)
        amount[self.serve_edge] = self.plenty
        amount[self.drain_edge] = np.where(state.needs, np.floor(wanted * self.units + _SLACK), 0)[self.fed]
        capacity = np.zeros(len(self.columns), dtype=np.int32)
        capacity[self.position] = np.where(state.edges, amount, 0)
        flow = maximum_flow(self._matrix(capacity, self.columns, self.rows), 0, self.sink).flow.data
        left = capacity - flow
        open_ = left > 0
        rows = np.r_[0, np.cumsum(open_)][self.rows].astype(np.int32)
        residual = self._matrix(left[open_], self.columns[open_], rows)
        reached = np.zeros(self.sink + 1, dtype=np.bool_)
        reached[breadth_first_order(residual, 0, return_predecessors=False)] = True
        short = np.zeros(len(self.days), dtype=np.bool_)
        short[self.fed] = open_[self.position[self.drain_edge]]
        given = flow[self.position[self.supply_edge]].astype(np.int64)
        return Cut(reached, reached[self.need_node], short, given, residual)

    def _matrix(
        self, data: npt.NDArray[np.int32], columns: npt.NDArray[np.int32], rows: npt.NDArray[np.int32]
    ) -> csr_matrix:
        return csr_matrix((data, columns, rows), shape=(self.sink + 1, self.sink + 1))

    def _up(self, days: Floats) -> Ints:
        most = np.minimum(days * self.units, self.plenty)
        return np.ceil(most - _SLACK).astype(np.int64)

    def tight_part(self, state: State, cut: Cut) -> State:
        """After the first flow: only needs that cannot all be met go on, with the pools that serve them."""
        return self.split(state, cut, solved=state.needs & cut.reached_needs)

    def split(self, state: State, cut: Cut, *, solved: Bools) -> State:
        """Drop edges across the cut. A capped offer on the far side of its pool's takes its cap's days along."""
        across = cut.reached[self.tail] != cut.reached[self.head]
        edges = state.edges.copy()
        edges[self.link_edge] &= ~across[self.link_edge]
        edges[self.serve_edge] &= ~across[self.serve_edge]
        gone = np.flatnonzero(state.edges[self.link_edge] & across[self.link_edge])
        supply = state.supply.copy()
        supply[self.pools + gone] = state.link[gone]
        np.subtract.at(supply, self.pool_of_capped[gone], state.link[gone])
        needs = state.needs & ~solved
        unsolved = np.ones(self.sink + 1, dtype=np.bool_)
        unsolved[self.need_node] = needs
        edges[self.serve_edge] &= unsolved[self.head[self.serve_edge]]
        return State(np.maximum(supply, 0.0), state.link, needs, edges)

    def blocks(self, state: State) -> Ints:
        """For each node the number of its connected block, source and sink left out."""
        inner = slice(self.link_edge.start, self.serve_edge.stop)
        used = state.edges[inner]
        size = self.sink + 1
        joined = coo_matrix(
            (np.ones(int(used.sum())), (self.tail[inner][used], self.head[inner][used])), shape=(size, size)
        )
        label: Ints = connected_components(joined, directed=False)[1].astype(np.int64)
        return label

    def days_by_block(self, state: State, block: Ints) -> Floats:
        return total_by(block[1 : self.suppliers + 1], state.supply, int(block.max()) + 1)


def laid(arcs: Arcs, *, days: Floats, capacity: Floats, most_days: Floats) -> Network:
    """The network of these arcs; the last one is kept with them, for the checks of stability change nothing but days."""
    last = arcs.kept.get("network")
    if isinstance(last, Network) and np.array_equal(last.days, days):
        network = last.with_days(capacity=capacity, most_days=most_days)
    else:
        network = Network(arcs, days=days, capacity=capacity, most_days=most_days)
    arcs.kept["network"] = network
    return network


def _used(arcs: Arcs, days: Floats, capacity: Floats) -> Bools:
    """Arcs between days needed and days offered."""
    used: Bools = (days[arcs.need] > 0) & (capacity[arcs.pool] > 0)
    return used
