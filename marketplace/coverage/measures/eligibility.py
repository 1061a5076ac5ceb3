"""Who may help whom: the arcs between need rows and offers.

An arc exists if the offer is active, covers the theme and the phase, reaches the school (in person within the smaller of its reach
and the theme's radius and on the same side of the water, or remotely), has days, keeps to the need's price, is not the school's
own nor its trust's (unless internal to that trust), is not barred by a declared conflict, and was confirmed lately enough.

Tests run in that order on ever fewer pairs, and each excluded pair is counted once, under the first test it fails. A pool with no
free days left has no arcs at all: it changes nothing. A pool that never stated its days has arcs (it counts for reach) but no days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from .arrays import starts
from .inputs import NONE, Bools, Floats, Inputs, Ints, Mode, Settings
from .weights import distance_weight, with_remote_floor

_PAIRS_AT_A_TIME = 4_000_000


class Reason(IntEnum):
    """Why an offer does not count for a need, in the order of the tests."""

    INACTIVE = 0
    THEME = 1
    PHASE = 2
    REACH = 3
    NO_CAPACITY = 4
    PRICE = 5
    OWN_SCHOOL = 6
    SAME_TRUST = 7
    OTHER_TRUST = 8
    CONFLICT = 9
    UNCONFIRMED = 10


REASON_WORDS = {
    Reason.INACTIVE: "not active at present",
    Reason.THEME: "another theme",
    Reason.PHASE: "another phase",
    Reason.REACH: "out of reach",
    Reason.NO_CAPACITY: "no free days",
    Reason.PRICE: "above the price set",
    Reason.OWN_SCHOOL: "the school itself",
    Reason.SAME_TRUST: "the same trust",
    Reason.OTHER_TRUST: "internal to another trust",
    Reason.CONFLICT: "a declared conflict",
    Reason.UNCONFIRMED: "not confirmed lately: listed, not counted",
}


@dataclass(frozen=True)
class Candidates:
    """Pairs of need and offer that hold whatever the radius: what `arcs` weighs, once for each check of stability.

    `distance` is infinite where support in person is impossible, `remote_fit` 0 where remote support is. `excluded` counts, for
    each need row, the offers excluded for each Reason. Pairs are sorted by need, pool and offer.
    """

    need: Ints
    offer: Ints
    pool: Ints
    distance: Floats
    reach: Floats
    radius: Floats
    remote_fit: Floats
    area_wide: Bools
    confirmed: Bools
    excluded: Ints
    shape: tuple[int, int, int]

    def arcs(self, settings: Settings, *, radius_factor: float = 1.0, unconfirmed_too: bool = False) -> Arcs:
        """The arcs within `radius_factor` times every theme's radius, with their weights."""
        weight = distance_weight(
            self.distance, reach=self.reach, radius=self.radius * radius_factor, settings=settings
        )
        weight = with_remote_floor(weight, self.remote_fit)
        weight = np.where(self.area_wide, np.maximum(weight, settings.min_weight), weight)
        kept = weight > 0
        if not unconfirmed_too:
            kept &= self.confirmed
        distance = np.where(np.isfinite(self.distance), self.distance, np.nan)
        return Arcs(
            self.need[kept], self.offer[kept], self.pool[kept], weight[kept], distance[kept], self.shape
        )


@dataclass(frozen=True)
class Arcs:
    """Eligible (need, offer) pairs with weight above 0, sorted by need, pool and offer.

    `shape` counts needs, offers and pools. `distance` is in metres, NaN where support could only be remote or area-wide.
    """

    need: Ints
    offer: Ints
    pool: Ints
    weight: Floats
    distance: Floats
    shape: tuple[int, int, int]

    def __len__(self) -> int:
        return len(self.need)

    @classmethod
    def of_matrix(
        cls, weight: Floats, *, pool_of_offer: Ints | None = None, pools: int | None = None
    ) -> Arcs:
        """Arcs of a matrix of weights, needs x offers; without `pool_of_offer` each column is a pool of its own."""
        needs, offers = weight.shape
        owner = np.arange(offers) if pool_of_offer is None else np.asarray(pool_of_offer, dtype=np.int64)
        need, offer = np.nonzero(weight > 0)
        order = np.lexsort((offer, owner[offer], need))
        need, offer = need[order], offer[order]
        count = offers if pools is None else pools
        unknown = np.full(len(need), np.nan)
        return cls(need, offer, owner[offer], weight[need, offer], unknown, (needs, offers, count))

    def only(self, kept: Bools) -> Arcs:
        return Arcs(
            self.need[kept],
            self.offer[kept],
            self.pool[kept],
            self.weight[kept],
            self.distance[kept],
            self.shape,
        )

    def pairs(self) -> Ints:
        """For each arc the number of its (need, pool) pair: several offers of one pool may serve the same need."""
        return np.cumsum(starts(self.need, self.pool)) - 1

    def matrix(self) -> csr_matrix:
        """Weights as a sparse matrix, needs x pools: of several offers of a pool the best."""
        if not len(self):
            return csr_matrix((self.shape[0], self.shape[2]))
        first = np.flatnonzero(starts(self.need, self.pool))
        best = np.maximum.reduceat(self.weight, first)
        rows = np.searchsorted(self.need[first], np.arange(self.shape[0] + 1))
        return csr_matrix((best, self.pool[first], rows), shape=(self.shape[0], self.shape[2]))


@dataclass
class _Pairs:
    """Pairs still in the running, and whether the offer reaches the school by the radius as it is set."""

    need: Ints
    offer: Ints
    pool: Ints
    school: Ints
    distance: Floats
    remote_fit: Floats
    area_wide: Bools
    in_reach: Bools

    def keep(self, kept: Bools) -> None:
        for column in fields(self):
            setattr(self, column.name, getattr(self, column.name)[kept])


def find_candidates(inputs: Inputs, settings: Settings) -> Candidates:
    """All pairs that pass every test for some radius the settings check, and why the others do not."""
    offers = inputs.offers
    excluded = np.zeros((len(inputs.needs), len(Reason)), dtype=np.int64)
    active = np.flatnonzero(offers.active & inputs.pools.active[offers.pool])
    excluded[:, Reason.INACTIVE] = len(offers) - len(active)
    step = max(1, _PAIRS_AT_A_TIME // max(1, len(active)))
    sites = _Sites(inputs)
    blocks = [
        _block(
            inputs, settings, sites, active, np.arange(start, min(start + step, len(inputs.needs))), excluded
        )
        for start in range(0, max(1, len(inputs.needs)), step)
    ]

    def joined(name: str) -> Any:
        return np.concatenate([getattr(block, name) for block in blocks])

    need, offer, pool = joined("need"), joined("offer"), joined("pool")
    order = np.lexsort((offer, pool, need))
    offer = offer[order]
    return Candidates(
        need=need[order],
        offer=offer,
        pool=pool[order],
        distance=joined("distance")[order],
        reach=_reach(inputs, settings)[offer],
        radius=_radius(inputs, settings)[inputs.needs.theme[need[order]]],
        remote_fit=joined("remote_fit")[order],
        area_wide=joined("area_wide")[order],
        confirmed=confirmed_offers(inputs, settings)[offer],
        excluded=excluded,
        shape=(len(inputs.needs), len(offers), len(inputs.pools)),
    )


def _block(
    inputs: Inputs, settings: Settings, sites: _Sites, active: Ints, rows: Ints, excluded: Ints
) -> _Pairs:
    """Run the tests on the needs of `rows` against the active offers, counting in `excluded`."""
    needs, offers = inputs.needs, inputs.offers
    if not len(rows) or not len(active):
        return _Pairs(*(np.zeros(0, dtype=kind) for kind in (int, int, int, int, float, float, bool, bool)))
    theme = np.ascontiguousarray(offers.themes[active].T)[needs.theme[rows]]
    # BLANK (-1) picks the last row: no offer covers it
    phases = np.vstack([offers.phases[active].T, np.zeros((1, len(active)), dtype=np.bool_)])
    both = theme & phases[needs.phase[rows]]
    in_theme, in_both = theme.sum(axis=1), both.sum(axis=1)
    excluded[rows, Reason.THEME] += len(active) - in_theme
    excluded[rows, Reason.PHASE] += in_theme - in_both
    row, column = np.nonzero(both)
    need, offer = rows[row], active[column]
    pairs = _placed(inputs, settings, sites, need, offer)
    widest = max(settings.radius_factors, default=1.0)
    _exclude_out_of_reach(inputs, settings, pairs, excluded, max(1.0, widest))
    for reason, passes in _tests(inputs, settings, pairs):
        if reason is not Reason.UNCONFIRMED:  # kept aside, to say how much of the supply is fresh
            failed = ~passes
            _count(excluded, reason, pairs.need[failed & pairs.in_reach])
            pairs.keep(passes)
        else:
            _count(excluded, reason, pairs.need[~passes & pairs.in_reach])
    return pairs


def _placed(inputs: Inputs, settings: Settings, sites: _Sites, need: Ints, offer: Ints) -> _Pairs:
    needs, offers, schools = inputs.needs, inputs.offers, inputs.schools
    school, pool, mode = needs.school[need], offers.pool[offer], offers.mode[offer]
    distance = np.where(mode == Mode.REMOTE, np.inf, sites.nearest(school, pool))
    remote = (mode != Mode.IN_PERSON) & needs.remote_ok[need]
    remote_fit = np.where(remote, inputs.themes.remote_fit[needs.theme[need]], 0.0)
    promised = offers.area_wide[offer] & (mode != Mode.REMOTE)
    area_wide = promised & ~schools.located[school] & schools.inside[school]
    return _Pairs(
        need, offer, pool, school, distance, remote_fit, area_wide, np.ones(len(need), dtype=np.bool_)
    )


def _exclude_out_of_reach(
    inputs: Inputs, settings: Settings, pairs: _Pairs, excluded: Ints, widest: float
) -> None:
    """Count pairs out of reach by the radius as set, but keep those that a wider radius of the checks would bring in."""
    reach = _reach(inputs, settings)[pairs.offer]
    radius = _radius(inputs, settings)[inputs.needs.theme[pairs.need]]
    otherwise = (pairs.remote_fit > 0) | pairs.area_wide
    pairs.in_reach = otherwise | (pairs.distance <= np.minimum(reach, radius))
    _count(excluded, Reason.REACH, pairs.need[~pairs.in_reach])
    pairs.keep(otherwise | (pairs.distance <= np.minimum(reach, radius * widest)))


def _tests(inputs: Inputs, settings: Settings, pairs: _Pairs) -> Iterator[tuple[Reason, Bools]]:
    """The tests after reach, each seeing only the pairs the ones before left."""
    needs, schools, pools, offers = inputs.needs, inputs.schools, inputs.pools, inputs.offers
    useful = (pools.free_days > 0) | ~pools.stated
    yield Reason.NO_CAPACITY, useful[pairs.pool] & (offers.most_days[pairs.offer] > 0)
    ceiling = needs.max_price_pence[pairs.need]
    yield Reason.PRICE, (ceiling == NONE) | (offers.price_pence[pairs.offer] <= ceiling)
    yield Reason.OWN_SCHOOL, pools.home_school[pairs.pool] != pairs.school
    trust = pools.trust[pairs.pool]
    same = (trust != NONE) & (trust == schools.trust[pairs.school])
    yield Reason.SAME_TRUST, ~same | offers.internal[pairs.offer]
    trust = pools.trust[pairs.pool]
    same = (trust != NONE) & (trust == schools.trust[pairs.school])
    yield Reason.OTHER_TRUST, same | ~offers.internal[pairs.offer]
    barred = inputs.conflicts[:, 0] * len(pools) + inputs.conflicts[:, 1]
    yield Reason.CONFLICT, ~np.isin(pairs.school * len(pools) + pairs.pool, barred)
    yield Reason.UNCONFIRMED, confirmed_offers(inputs, settings)[pairs.offer]


def _count(excluded: Ints, reason: Reason, need: Ints) -> None:
    excluded[:, reason] += np.bincount(need, minlength=len(excluded))


def _reach(inputs: Inputs, settings: Settings) -> Floats:
    return np.where(np.isnan(inputs.offers.reach_m), settings.default_reach_m, inputs.offers.reach_m)


def _radius(inputs: Inputs, settings: Settings) -> Floats:
    return np.where(np.isnan(inputs.themes.radius_m), settings.radius_m, inputs.themes.radius_m)


def confirmed_offers(inputs: Inputs, settings: Settings) -> Bools:
    """Offers confirmed lately: the offer and the pool behind it both; never (NaN) is not lately."""
    limit = settings.confirmed_within_days
    pools_fresh = inputs.pools.confirmed_days_ago <= limit
    return (inputs.offers.confirmed_days_ago <= limit) & pools_fresh[inputs.offers.pool]


class _Sites:
    """Sites by pool, for the distance from a school to the nearest one on its side of the water."""

    def __init__(self, inputs: Inputs) -> None:
        sites, self.schools = inputs.sites, inputs.schools
        order = np.argsort(sites.pool, kind="stable")
        self.x, self.y, self.barrier = sites.x[order], sites.y[order], sites.barrier[order]
        self.count = np.bincount(sites.pool, minlength=len(inputs.pools))
        self.first = np.cumsum(self.count) - self.count

    def nearest(self, school: Ints, pool: Ints) -> Floats:
        """Metres in a straight line; infinite if the school is unlocated or no site can be reached over land."""
        count = self.count[pool]
        nearest = np.full(len(pool), np.inf)
        for nth in range(int(count.max(initial=0))):
            rows = np.flatnonzero(count > nth)
            site, at = self.first[pool[rows]] + nth, school[rows]
            nearest[rows] = np.minimum(nearest[rows], self._metres(at, site))
        return nearest

    def _metres(self, school: Ints, site: Ints) -> Floats:
        east, north = self.schools.x[school] - self.x[site], self.schools.y[school] - self.y[site]
        metres = np.sqrt(east * east + north * north)
        sides = self.schools.barrier[school], self.barrier[site]
        apart = (sides[0] != NONE) & (sides[1] != NONE) & (sides[0] != sides[1])
        metres[apart | np.isnan(metres)] = np.inf
        return metres
