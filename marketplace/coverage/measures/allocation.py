"""One allocation of days: the expected share, the fair best case, and the four parts they make of every need.

    need = met + brokerable + capacity gap + reach gap          (for a school whose place is known)

* *met*: as things stand, min(V, D);
* *brokerable*: what moving existing days could add, x - met: brokerage, not money;
* *capacity gap*: D - x of a need that somebody reaches: more days are needed;
* *reach gap*: D of a need that nobody reaches.

A school that is not located and has no offer that could serve it anyway (remote, area-wide) is not out of anybody's reach as far as we
know: its days are a fifth part, *unlocated*, 0 for every located school. The five always add up to the need.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .arrays import ratio, total_by
from .eligibility import Arcs
from .fair import fair_best_case
from .inputs import Bools, Floats
from .shares import Shares, expected_shares


class BestCase(Protocol):
    """Days for each need in the fair best case: `fair_best_case`, or something that comes to the same."""

    def __call__(
        self, arcs: Arcs, *, days: Floats, met: Floats, capacity: Floats, most_days: Floats
    ) -> Floats: ...


@dataclass(frozen=True)
class Area:
    """Which needs and pools belong to the area reported on; the others compete for the shares only."""

    needs: Bools
    pools: Bools
    pool_the_region: bool = False


@dataclass(frozen=True)
class Allocation:
    """Days by need row (`days` … `unlocated`), by pool (`capacity`) and by arc (`shares.by_arc`).

    `capacity` and `most_days` are what the area can use in the best case: a neighbour's pool only with the part of its days that the
    expected share already brings in. `best` and the parts of needs outside the area are not worked out: best is met.
    """

    arcs: Arcs
    inner_arcs: Arcs
    days: Floats
    shares: Shares
    met: Floats
    best: Floats
    brokerable: Floats
    capacity_gap: Floats
    reach_gap: Floats
    unlocated: Floats
    capacity: Floats
    most_days: Floats


def allocate(
    arcs: Arcs,
    *,
    days: Floats,
    capacity: Floats,
    most_days: Floats,
    unlocated: Bools | None = None,
    area: Area | None = None,
    passes: int = 5,
    best_case: BestCase = fair_best_case,
) -> Allocation:
    """Share days out, find the fair best case, and take needs apart.

    `days` D and `unlocated` by need, `capacity` C by pool, `most_days` by offer (infinite where it has no cap). `best_case` finds the
    fair best case: a what-if gives one that keeps what it knows already.
    """
    shares = expected_shares(arcs, days=days, capacity=capacity, most_days=most_days, passes=passes)
    met = np.minimum(shares.of_need, days)
    inner = arcs
    inside = np.ones(len(days), dtype=np.bool_)
    if area is not None:
        inside, inner = area.needs, arcs.only(area.needs[arcs.need])
        capacity, most_days = _fenced(arcs, shares, capacity, most_days, area)
    best = best_case(
        inner,
        days=np.where(inside, days, 0.0),
        met=np.where(inside, met, 0.0),
        capacity=capacity,
        most_days=most_days,
    )
    best = np.where(inside, best, met)
    in_reach = np.bincount(arcs.need, minlength=len(days)) > 0
    nowhere = np.zeros(len(days), dtype=np.bool_) if unlocated is None else unlocated & ~in_reach
    return Allocation(
        arcs=arcs,
        inner_arcs=inner,
        days=days,
        shares=shares,
        met=met,
        best=best,
        brokerable=best - met,
        capacity_gap=np.where(in_reach, days - best, 0.0),
        reach_gap=np.where(~in_reach & ~nowhere, days, 0.0),
        unlocated=np.where(nowhere, days, 0.0),
        capacity=capacity,
        most_days=most_days,
    )


def _fenced(
    arcs: Arcs, shares: Shares, capacity: Floats, most_days: Floats, area: Area
) -> tuple[Floats, Floats]:
    """A neighbour's pool keeps for its own what the expected share gives them, and so does each of its capped offers."""
    if area.pool_the_region:
        return capacity, most_days
    given_inside = np.where(area.needs[arcs.need], shares.by_arc, 0.0)

    def part_inside(key: str) -> Floats:
        rows = getattr(arcs, key)
        size = arcs.shape[2] if key == "pool" else arcs.shape[1]
        given = total_by(rows, shares.by_arc, size)
        inside = total_by(rows, given_inside, size)
        return ratio(inside, given, otherwise=0.0)

    of_pool = np.where(area.pools, 1.0, part_inside("pool"))
    ours = np.ones(arcs.shape[1], dtype=np.bool_)
    ours[arcs.offer] = area.pools[arcs.pool]
    of_offer = np.where(ours, 1.0, part_inside("offer"))
    finite = np.isfinite(most_days)
    return capacity * of_pool, np.where(finite, np.where(finite, most_days, 0.0) * of_offer, np.inf)
