"""Who may help whom: the arcs between need rows and offers.

An arc exists if the offer is active, covers the theme and the phase, reaches the school (in person within the smaller of its reach
and the theme's radius and on the same side of the water, or remotely), has days, keeps to the need's price, is not the school's
own nor its trust's (unless internal to that trust), is not barred by a declared conflict, and was confirmed lately enough.

Pairs are found from the table of distances (`geometry`) and the list of what is offered for each theme and phase (`covering`), never
one by one. Tests come in that order, and each excluded pair is counted once, under the first test it fails. A pool with no
free days left has no arcs at all: it changes nothing. A pool that never stated its days has arcs (it counts for reach) but no days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix

from .arrays import expanded, starts
from .covering import Covering
from .geometry import geometry_of
from .inputs import NONE, Bools, Floats, Inputs, Ints, Mode, Offers, Settings
from .weights import distance_weight, with_remote_floor

_PAIRS_AT_A_TIME = 500_000


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

    @cached_property
    def kept(self) -> dict[str, object]:
        """What was laid out on these arcs and may serve again (`fair.laid`)."""
        return {}

    @cached_property
    def one_for_each_pool(self) -> bool:
        """Whether no need is served by two offers of one pool."""
        return len(self) < 2 or not bool(
            ((self.need[1:] == self.need[:-1]) & (self.pool[1:] == self.pool[:-1])).any()
        )

    @cached_property
    def weights(self) -> csr_matrix:
        """The weight of each arc as a sparse matrix, needs x pools; two offers of a pool are two entries."""
        rows = np.searchsorted(self.need, np.arange(self.shape[0] + 1))
        return csr_matrix((self.weight, self.pool, rows), shape=(self.shape[0], self.shape[2]))

    def matrix(self) -> csr_matrix:
        """Weights as a sparse matrix, needs x pools: of several offers of a pool the best."""
        if not len(self):
            return csr_matrix((self.shape[0], self.shape[2]))
        first = np.flatnonzero(starts(self.need, self.pool))
        best = np.maximum.reduceat(self.weight, first)
        rows = np.searchsorted(self.need[first], np.arange(self.shape[0] + 1))
        return csr_matrix((best, self.pool[first], rows), shape=(self.shape[0], self.shape[2]))


@dataclass(frozen=True)
class _Pairs:
    """Pairs of need and offer that reach each other by the widest radius of the checks, sorted by need, pool and offer.

    `in_reach` says whether they do by the radius as it is set.
    """

    need: Ints
    offer: Ints
    distance: Floats
    remote_fit: Floats
    area_wide: Bools
    in_reach: Bools


def find_candidates(inputs: Inputs, settings: Settings) -> Candidates:
    """All pairs that pass every test for some radius the settings check, and why the others do not."""
    excluded = np.zeros((len(inputs.needs), len(Reason)), dtype=np.int64)
    covering = Covering(inputs.offers, inputs.pools, themes=len(inputs.themes))
    cell = covering.cell_of(inputs.needs)
    excluded[:, Reason.INACTIVE] = len(inputs.offers) - covering.count
    excluded[:, Reason.THEME] = covering.count - covering.in_theme[inputs.needs.theme]
    excluded[:, Reason.PHASE] = (covering.in_theme[inputs.needs.theme]) - covering.in_cell[cell]
    pairs = _reaching(inputs, settings, covering, cell)
    excluded[:, Reason.REACH] = covering.in_cell[cell] - _by_need(excluded, pairs.need[pairs.in_reach])
    passed = _passing(inputs, settings, pairs, excluded)
    need, offer = pairs.need[passed], pairs.offer[passed]
    return Candidates(
        need=need,
        offer=offer,
        pool=inputs.offers.pool[offer],
        distance=pairs.distance[passed],
        reach=_reach(inputs, settings)[offer],
        radius=_radius(inputs, settings)[inputs.needs.theme[need]],
        remote_fit=pairs.remote_fit[passed],
        area_wide=pairs.area_wide[passed],
        confirmed=confirmed_offers(inputs, settings)[offer],
        excluded=excluded,
        shape=(len(inputs.needs), len(inputs.offers), len(inputs.pools)),
    )


def _reaching(inputs: Inputs, settings: Settings, covering: Covering, cell: Ints) -> _Pairs:
    """In person, remotely, or by a promise to the whole area: a pair found in two of these ways is one pair."""
    needs, offers, schools = inputs.needs, inputs.offers, inputs.schools
    fit = inputs.themes.remote_fit[needs.theme]
    nowhere = ~schools.located[needs.school] & schools.inside[needs.school]
    in_person = offers.mode != Mode.REMOTE
    ways = (
        _in_person(inputs, settings, covering, cell),
        covering.pairs(cell, needs.remote_ok & (fit > 0), offers.mode != Mode.IN_PERSON),
        covering.pairs(cell, nowhere, offers.area_wide & in_person),
    )
    need, offer = (np.concatenate([way[column] for way in ways]) for column in (0, 1))
    distance = np.full(len(need), np.inf)
    distance[: len(ways[0][2])] = ways[0][2]
    rank = np.empty(len(offers), dtype=np.int64)
    rank[np.argsort(offers.pool, kind="stable")] = np.arange(len(offers))
    key = need * max(1, len(offers)) + rank[offer]
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(starts(key[order]))
    need, offer = need[order][first], offer[order][first]
    if len(first):
        distance = np.minimum.reduceat(distance[order], first)
    remote = needs.remote_ok[need] & (offers.mode[offer] != Mode.IN_PERSON)
    remote_fit = np.where(remote, fit[need], 0.0)
    area_wide = nowhere[need] & offers.area_wide[offer] & in_person[offer]
    limit = np.minimum(_reach(inputs, settings)[offer], _radius(inputs, settings)[needs.theme[need]])
    in_reach = (remote_fit > 0) | area_wide | (distance <= limit)
    return _Pairs(need, offer, distance, remote_fit, area_wide, in_reach)


def _in_person(
    inputs: Inputs, settings: Settings, covering: Covering, cell: Ints
) -> tuple[Ints, Ints, Floats]:
    """(need, offer, metres) within the offer's reach and the widest radius of the checks."""
    offers, pools, school = inputs.offers, len(inputs.pools), inputs.needs.school
    reach = _reach(inputs, settings)
    radius = _radius(inputs, settings) * max(1.0, *settings.radius_factors)
    can = (offers.mode != Mode.REMOTE) & offers.active
    farthest = np.zeros(pools)
    np.maximum.at(farthest, offers.pool[can], np.minimum(reach[can], radius.max(initial=0.0)))
    table = geometry_of(inputs.schools, inputs.sites, farthest)
    of_cell, offer = np.nonzero(covering.table & can)
    wanted = np.zeros(covering.table.shape[0] * max(1, pools), dtype=np.bool_)
    wanted[of_cell * pools + offers.pool[offer]] = True
    count = np.diff(table.start)[school]
    found: list[tuple[Ints, Ints, Floats]] = []
    for rows in _in_portions(count):
        row, at = expanded(table.start[school[rows]], count[rows])
        need, pool = rows[row], table.pool[at]
        kept = np.flatnonzero(wanted.take(np.repeat(cell[rows] * pools, count[rows]) + pool))
        found.append((need[kept], pool[kept].astype(np.int64), table.metres[at[kept]].astype(np.float64)))
    need, pool, metres = (np.concatenate(parts) for parts in zip(*found, strict=True))
    need, offer, metres = _offers_of(offers, covering.table & can, cell, need, pool, metres)
    near = metres <= np.minimum(reach[offer], radius[inputs.needs.theme[need]])
    return need[near], offer[near], metres[near]


def _in_portions(count: Ints) -> Iterator[Ints]:
    """Row numbers in runs whose counts add up to no more than fits the processor's cache (or one row)."""
    rows = np.arange(len(count))
    if not len(rows):
        yield rows
        return
    portion = np.cumsum(count) // _PAIRS_AT_A_TIME
    cuts = np.flatnonzero(np.diff(portion)) + 1
    yield from np.split(rows, cuts)


def _offers_of(
    offers: Offers, covers: Bools, cell: Ints, need: Ints, pool: Ints, metres: Floats
) -> tuple[Ints, Ints, Floats]:
    """Of each (need, pool) the offers of the pool that cover the need."""
    by_pool = np.argsort(offers.pool, kind="stable")
    count = np.bincount(offers.pool, minlength=int(pool.max(initial=-1)) + 1)
    first = np.cumsum(count) - count
    if count.max(initial=0) <= 1:
        return need, by_pool[first[pool]] if len(pool) else pool, metres
    row, at = expanded(first[pool], count[pool])
    offer = by_pool[at]
    kept = covers[cell[need[row]], offer]
    return need[row][kept], offer[kept], metres[row][kept]


def _passing(inputs: Inputs, settings: Settings, pairs: _Pairs, excluded: Ints) -> Ints:
    """Rows of the pairs that pass the tests after reach. Each test counts those in reach that the ones before let through."""
    alive = np.ones(len(pairs.need), dtype=np.bool_)
    for reason, passes in _tests(inputs, settings, pairs.need, pairs.offer):
        failed = pairs.need[alive & pairs.in_reach & ~passes]
        excluded[:, reason] += _by_need(excluded, failed)
        if reason is not Reason.UNCONFIRMED:  # kept aside, to say how much of the supply is fresh
            alive &= passes
    return np.flatnonzero(alive)


def _tests(inputs: Inputs, settings: Settings, need: Ints, offer: Ints) -> Iterator[tuple[Reason, Bools]]:
    needs, schools, pools, offers = inputs.needs, inputs.schools, inputs.pools, inputs.offers
    school, pool = needs.school[need], offers.pool[offer]
    has_days = ((pools.free_days > 0) | ~pools.stated)[offers.pool] & (offers.most_days > 0)
    yield Reason.NO_CAPACITY, has_days[offer]
    ceiling = needs.max_price_pence[need]
    yield Reason.PRICE, (ceiling == NONE) | (offers.price_pence[offer] <= ceiling)
    yield Reason.OWN_SCHOOL, pools.home_school[pool] != school
    trust = pools.trust[pool]
    same, internal = (trust != NONE) & (trust == schools.trust[school]), offers.internal[offer]
    yield Reason.SAME_TRUST, ~same | internal
    yield Reason.OTHER_TRUST, same | ~internal
    barred = inputs.conflicts[:, 0] * len(pools) + inputs.conflicts[:, 1]
    yield Reason.CONFLICT, ~np.isin(school * len(pools) + pool, barred)
    yield Reason.UNCONFIRMED, confirmed_offers(inputs, settings)[offer]


def _by_need(excluded: Ints, need: Ints) -> Ints:
    return np.bincount(need, minlength=len(excluded))


def _reach(inputs: Inputs, settings: Settings) -> Floats:
    return np.where(np.isnan(inputs.offers.reach_m), settings.default_reach_m, inputs.offers.reach_m)


def _radius(inputs: Inputs, settings: Settings) -> Floats:
    return np.where(np.isnan(inputs.themes.radius_m), settings.radius_m, inputs.themes.radius_m)


def confirmed_offers(inputs: Inputs, settings: Settings) -> Bools:
    """Offers confirmed lately: the offer and the pool behind it both; never (NaN) is not lately."""
    limit = settings.confirmed_within_days
    pools_fresh = inputs.pools.confirmed_days_ago <= limit
    return (inputs.offers.confirmed_days_ago <= limit) & pools_fresh[inputs.offers.pool]
