"""Many areas at once, a region or the country: one sharing out over all of them, then the fair best case area by area.

Days fall on needs wherever these lie, so shares are worked out once for everybody. Brokering happens inside an area: each gets its own
pools whole and of its neighbours' only what falls on its needs anyway (all of them where the region is pooled), exactly as if it
were measured by itself with its neighbours outside (`allocation.Area`). An area is what `Schools.area` and `Pools.area` say; nobody is `inside` or not.

`measure_areas` hands back one `Result`: `by("area")` is the map of the country, `by("theme", "phase")` its matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from .allocation import Allocation
from .arrays import grouped, ratio, starts, total_by
from .demand import prepared
from .eligibility import Arcs, find_candidates
from .facade import Result
from .fair import fair_best_case
from .inputs import Floats, Inputs, Ints, Settings
from .shares import Shares, expected_shares

Tell = Callable[[int, int], None]


def _nobody(done: int, of: int) -> None:
    """Nobody wants to know how far it has come."""


@dataclass(frozen=True)
class Shared:
    """The days of all areas shared out: what `measure_areas` begins with."""

    arcs: Arcs
    shares: Shares


def share_out(inputs: Inputs, settings: Settings) -> Shared:
    """The expected share of every need, without the checks of stability. `inputs` are prepared (`demand.prepared`)."""
    arcs = find_candidates(inputs, _once(settings)).arcs(settings)
    return Shared(arcs, _shares(inputs, settings, arcs))


def measure_areas(inputs: Inputs, settings: Settings | None = None, *, tell: Tell = _nobody) -> Result:
    """Measure every area of a snapshot; `tell` hears how many of them are done. No checks of stability, so no confidence."""
    settings = _once(settings or Settings())
    inputs = prepared(inputs, settings)
    candidates = find_candidates(inputs, settings)
    arcs = candidates.arcs(settings)
    shares = _shares(inputs, settings, arcs)
    days, met = inputs.needs.days, np.minimum(shares.of_need, inputs.needs.days)
    best = met.copy()
    parts = list(_areas(inputs, settings, arcs, shares))
    for done, part in enumerate(parts, 1):
        best[part.needs] = fair_best_case(
            part.arcs,
            days=days[part.needs],
            met=met[part.needs],
            capacity=part.capacity,
            most_days=part.most_days,
        )
        tell(done, len(parts))
    in_reach = np.bincount(arcs.need, minlength=len(days)) > 0
    nowhere = ~inputs.schools.located[inputs.needs.school] & ~in_reach
    base = Allocation(
        arcs=arcs,
        inner_arcs=arcs,
        days=days,
        shares=shares,
        met=met,
        best=best,
        brokerable=best - met,
        capacity_gap=np.where(in_reach, days - best, 0.0),
        reach_gap=np.where(~in_reach & ~nowhere, days, 0.0),
        unlocated=np.where(nowhere, days, 0.0),
        capacity=inputs.pools.free_days,
        most_days=inputs.offers.most_days,
    )
    needs = inputs.needs
    served = (
        needs.theme[arcs.need],
        needs.phase[arcs.need],
        inputs.schools.area[needs.school[arcs.need]],
        arcs.pool,
    )
    return Result(inputs, settings, candidates, base, (), served, shares.of_need, shares.of_need)


@dataclass(frozen=True)
class _Part:
    """One area by itself: its needs (rows of the whole), arcs between them and the pools they reach, and what may be used."""

    needs: Ints
    arcs: Arcs
    capacity: Floats
    most_days: Floats


def _once(settings: Settings) -> Settings:
    return replace(settings, radius_factors=(1.0,), capacity_factors=(1.0,))


def _shares(inputs: Inputs, settings: Settings, arcs: Arcs) -> Shares:
    return expected_shares(
        arcs,
        days=inputs.needs.days,
        capacity=inputs.pools.free_days,
        most_days=inputs.offers.most_days,
        passes=settings.spread_passes,
    )


def _areas(inputs: Inputs, settings: Settings, arcs: Arcs, shares: Shares) -> Iterator[_Part]:
    """Each area with an arc. A pool, or a capped offer, from elsewhere comes in with what falls on the area's needs."""
    pools, offers = inputs.pools, inputs.offers
    area = inputs.schools.area[inputs.needs.school][arcs.need]
    order = np.argsort(area, kind="stable")
    first = np.flatnonzero(starts(area[order]))
    capacity, most_days = pools.free_days, offers.most_days
    given, given_by_offer = (
        total_by(key, shares.by_arc, size)
        for key, size in ((arcs.pool, len(pools)), (arcs.offer, len(offers)))
    )
    for rows in np.split(order, first[1:]) if len(order) else ():
        here = area[rows[0]]
        need_rows, need = grouped(arcs.need[rows])
        pool_rows, pool = grouped(arcs.pool[rows])
        offer_rows, offer = grouped(arcs.offer[rows])
        inner = shares.by_arc[rows]
        of_pool = ratio(total_by(pool, inner, len(pool_rows)), given[pool_rows], otherwise=0.0)
        of_offer = ratio(total_by(offer, inner, len(offer_rows)), given_by_offer[offer_rows], otherwise=0.0)
        own = (pools.area[pool_rows] == here) | settings.pool_the_region
        own_offer = (pools.area[offers.pool[offer_rows]] == here) | settings.pool_the_region
        limit = most_days[offer_rows]
        finite = np.isfinite(limit) & ~own_offer
        yield _Part(
            needs=need_rows,
            arcs=Arcs(
                need,
                offer,
                pool,
                arcs.weight[rows],
                arcs.distance[rows],
                (len(need_rows), len(offer_rows), len(pool_rows)),
            ),
            capacity=capacity[pool_rows] * np.where(own, 1.0, of_pool),
            most_days=np.where(finite, np.where(finite, limit, 0.0) * of_offer, limit),
        )
