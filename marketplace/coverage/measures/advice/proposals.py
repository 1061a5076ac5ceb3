"""Which candidates there are: found where days are unmet, from what is offered around them.

    more days           of each pool that reaches unmet need, in blocks, up to a part of what it offers
    wider reach         of a pool with spare days, as far as unmet need of its themes makes use of them
    made fit for remote of a pool with spare days given in person only, for unmet need that may be met remotely
    turned to a theme   of a pool with spare days, to a theme under the same heading that nearby schools lack
    from outside        for each theme and phase with unmet need, in blocks, starting amid it
    new practitioner    for each of these, at the nearest schools that support others under the same heading and do not need it themselves

Spare days are those that nobody would miss: a pool's days less what would be lost without it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from marketplace.coverage.measures.arrays import total_by
from marketplace.coverage.measures.facade import Result
from marketplace.coverage.measures.inputs import NONE, Bools, Floats, Ints, Mode
from marketplace.coverage.measures.pools import leave_one_out

from .candidates import NOBODY_YET, Candidate, Kind
from .costs import Costs
from .problem import MOST_CANDIDATES, Question, unmet_days

LEAST_UNMET = 0.5
"""Days: less than this is left alone."""

LEAST_OPENED = 2.0
"""Days: to open a way for fewer spare ones is not worth an agreement."""

THEMES_TO_TURN_TO = 2
SCHOOLS_TO_ASK = 2
MOST_BLOCKS = 8
STEP_M = 5_000.0
"""Reach is widened in steps of this many metres, as people say it."""


def proposals(result: Result, costs: Costs, question: Question, *, heading: Ints) -> list[Candidate]:
    """Candidates for the gaps asked about, the most promising first if there are too many; `heading` by theme."""
    found = _Finder(result, costs, question, heading)
    return found.most_promising()


class _Finder:
    def __init__(self, result: Result, costs: Costs, question: Question, heading: Ints) -> None:
        self.result, self.costs, self.heading = result, costs, heading
        self.inputs, self.needs = result.inputs, result.needs
        unmet = unmet_days(result, question)
        self.rows = np.flatnonzero(unmet > 1e-6)
        self.unmet = unmet[self.rows]
        self.theme, self.phase = self.needs.theme[self.rows], self.needs.phase[self.rows]
        self.school = self.needs.school[self.rows]
        self.x, self.y = self.inputs.schools.x[self.school], self.inputs.schools.y[self.school]

    def most_promising(self) -> list[Candidate]:
        """Ranked by the days they could bring for their cost, unmet need around them being all theirs."""
        found: list[tuple[float, int, Candidate]] = []
        for candidate, around in self._all():
            could = min(candidate.days * candidate.most, around)
            ratio = min(candidate.days, could) / candidate.cost_pence
            found.append((-ratio, len(found), candidate))
        return [candidate for *_, candidate in sorted(found, key=lambda each: each[:2])[:MOST_CANDIDATES]]

    def _all(self) -> Iterator[tuple[Candidate, float]]:
        if not len(self.rows):
            return
        yield from self._more_days()
        yield from self._of_spare_days()
        yield from self._new()

    # More of what is there ---------------------------------------------------------------------------------------------

    def _more_days(self) -> Iterator[tuple[Candidate, float]]:
        arcs, inputs, costs = self.result.base.arcs, self.inputs, self.costs
        unmet = np.zeros(len(self.needs))
        unmet[self.rows] = self.unmet
        around = total_by(arcs.offer, unmet[arcs.need], len(inputs.offers))
        for offer in np.flatnonzero((around > LEAST_UNMET) & ~inputs.offers.internal).tolist():
            pool = int(inputs.offers.pool[offer])
            offered = float(np.nan_to_num(inputs.pools.days_offered[pool]))
            could_add = max(1, math.floor(offered * costs.stretch / costs.block_days))
            useful = math.ceil(around[offer] / costs.block_days)
            price = int(inputs.offers.price_pence[offer]) or costs.day_pence
            yield (
                Candidate(
                    kind=Kind.MORE_DAYS,
                    days=costs.block_days,
                    cost_pence=max(1, round(price * costs.block_days)),
                    weeks=costs.more_days_weeks,
                    owner=int(inputs.pools.owner[pool]),
                    most=min(could_add, useful, MOST_BLOCKS),
                    offer=offer,
                    pool=pool,
                ),
                float(around[offer]),
            )

    # Spare days, where they could not go ---------------------------------------------------------------------------------

    def _of_spare_days(self) -> Iterator[tuple[Candidate, float]]:
        spare = self._spare()
        offers = self.inputs.offers
        usable = offers.active & self.inputs.pools.inside[offers.pool] & ~offers.internal
        for offer in np.flatnonzero(usable & (spare[offers.pool] >= LEAST_OPENED)).tolist():
            pool = int(offers.pool[offer])
            days = min(float(spare[pool]), float(offers.most_days[offer]))
            metres = self._from_pool(pool)
            phases = offers.phases[offer][self.phase]
            of_theme = offers.themes[offer][self.theme] & phases
            reached = self._reached(offer, metres)
            for proposed in (
                self._wider(offer, days, metres, of_theme & ~reached),
                self._remote(offer, days, of_theme & ~reached),
                *self._redirected(offer, days, phases & ~offers.themes[offer][self.theme] & reached),
            ):
                if proposed is not None and proposed.days >= LEAST_OPENED:
                    yield proposed, proposed.days

    def _spare(self) -> Floats:
        base = self.result.base
        days = np.where(self.inputs.schools.inside[self.needs.school], self.needs.days, 0.0)
        lost = leave_one_out(base.inner_arcs, days=days, capacity=base.capacity, most_days=base.most_days)
        return np.floor(2 * (base.capacity - lost) + 1e-6) / 2

    def _from_pool(self, pool: int) -> Floats:
        """Metres from the nearest site of the pool to each school with unmet need; infinite where a place is not known."""
        sites = self.inputs.sites
        nearest = np.full(len(self.rows), np.inf)
        for at in np.flatnonzero(sites.pool == pool).tolist():
            metres = np.hypot(self.x - sites.x[at], self.y - sites.y[at])
            nearest = np.fmin(nearest, np.where(np.isnan(metres), np.inf, metres))
        return nearest

    def _reached(self, offer: int, metres: Floats) -> Bools:
        offers, settings = self.inputs.offers, self.result.settings
        reach = float(offers.reach_m[offer])
        reach = settings.default_reach_m if math.isnan(reach) else reach
        in_person = metres <= np.minimum(reach, self._radius())
        if offers.mode[offer] == Mode.IN_PERSON:
            return in_person
        remote = self.needs.remote_ok[self.rows] & (self.inputs.themes.remote_fit[self.theme] > 0)
        either: Bools = remote | (in_person & (offers.mode[offer] == Mode.BOTH))
        return either

    def _radius(self) -> Floats:
        radius = self.inputs.themes.radius_m[self.theme]
        return np.where(np.isnan(radius), self.result.settings.radius_m, radius)

    def _wider(self, offer: int, days: float, metres: Floats, beyond: Bools) -> Candidate | None:
        """As far as the nearest unmet days that would use the spare ones up."""
        beyond = beyond & (metres <= self._radius())
        if self.inputs.offers.mode[offer] == Mode.REMOTE or self.unmet[beyond].sum() < LEAST_UNMET:
            return None
        order = np.argsort(metres[beyond], kind="stable")
        so_far = np.cumsum(self.unmet[beyond][order])
        last = min(int(np.searchsorted(so_far, days)), len(so_far) - 1)
        reach = math.ceil(float(metres[beyond][order][last]) / STEP_M) * STEP_M
        useful = _half_days(min(days, float(self.unmet[beyond & (metres <= reach)].sum())))
        return self._opened(
            Kind.WIDER_REACH,
            offer,
            useful,
            round(useful * self.costs.travel_pence(reach / 1000)),
            self.costs.wider_reach_weeks,
            reach_m=reach,
        )

    def _remote(self, offer: int, days: float, beyond: Bools) -> Candidate | None:
        remote = self.needs.remote_ok[self.rows] & (self.inputs.themes.remote_fit[self.theme] > 0)
        useful = float(self.unmet[beyond & remote].sum())
        if self.inputs.offers.mode[offer] != Mode.IN_PERSON or useful < LEAST_UNMET:
            return None
        return self._opened(
            Kind.REMOTE,
            offer,
            _half_days(min(days, useful)),
            self.costs.remote_setup_pence,
            self.costs.remote_weeks,
        )

    def _redirected(self, offer: int, days: float, reachable: Bools) -> Iterator[Candidate]:
        """To the themes beside its own that most unmet days in reach are for."""
        own = np.unique(self.heading[self.inputs.offers.themes[offer]])
        near = reachable & np.isin(self.heading[self.theme], own)
        by_theme = total_by(self.theme[near], self.unmet[near], len(self.inputs.themes))
        for theme in np.argsort(-by_theme, kind="stable")[:THEMES_TO_TURN_TO].tolist():
            if by_theme[theme] >= LEAST_UNMET:
                yield self._opened(
                    Kind.REDIRECT,
                    offer,
                    _half_days(min(days, float(by_theme[theme]))),
                    self.costs.training_pence,
                    self.costs.redirect_weeks,
                    theme=theme,
                )

    def _opened(
        self,
        kind: Kind,
        offer: int,
        days: float,
        cost_pence: int,
        weeks: int,
        *,
        theme: int = NONE,
        reach_m: float = math.nan,
    ) -> Candidate:
        pool = int(self.inputs.offers.pool[offer])
        owner = int(self.inputs.pools.owner[pool])
        return Candidate(
            kind=kind,
            days=days,
            cost_pence=max(1, cost_pence),
            weeks=weeks,
            owner=owner,
            offer=offer,
            pool=pool,
            theme=theme,
            reach_m=reach_m,
        )

    # New days ------------------------------------------------------------------------------------------------------------

    def _new(self) -> Iterator[tuple[Candidate, float]]:
        for theme, phase in sorted(set(zip(self.theme.tolist(), self.phase.tolist(), strict=True))):
            here = (self.theme == theme) & (self.phase == phase)
            around = float(self.unmet[here].sum())
            if around < LEAST_UNMET or phase < 0:
                continue
            yield self._from_outside(theme, phase, here, around), around
            for candidate in self._practitioners(theme, phase, here):
                yield candidate, around

    def _from_outside(self, theme: int, phase: int, here: Bools, around: float) -> Candidate:
        costs = self.costs
        x, y = self._middle(here)
        return Candidate(
            kind=Kind.OUTSIDE,
            days=costs.block_days,
            cost_pence=max(1, round(costs.outside_day_pence * costs.block_days)),
            weeks=costs.outside_weeks,
            owner=NOBODY_YET - theme * 10 - phase,
            most=min(MOST_BLOCKS, math.ceil(around / costs.block_days)),
            theme=theme,
            phase=phase,
            x=x,
            y=y,
            reach_m=float(self._radius()[here][0]),
        )

    def _middle(self, here: Bools) -> tuple[float, float]:
        """The middle of the schools with unmet need, by days; NaN if no place is known."""
        placed = here & ~np.isnan(self.x)
        if not placed.any():
            return math.nan, math.nan
        days = self.unmet[placed]
        return float(np.average(self.x[placed], weights=days)), float(
            np.average(self.y[placed], weights=days)
        )

    def _practitioners(self, theme: int, phase: int, here: Bools) -> Iterator[Candidate]:
        """At the nearest schools that support others under the heading, in the phase, and do not need the theme themselves."""
        inputs, costs = self.inputs, self.costs
        x, y = self._middle(here)
        needing = set(self.needs.school[self.needs.theme == theme].tolist())
        seen: set[int] = set()
        schools: list[tuple[float, int, int]] = []
        for offer in np.flatnonzero(self._strong(theme, phase)).tolist():
            pool = int(inputs.offers.pool[offer])
            home = int(inputs.pools.home_school[pool])
            metres = math.hypot(inputs.schools.x[home] - x, inputs.schools.y[home] - y)
            if home in seen or home in needing or math.isnan(metres):
                continue
            seen.add(home)
            schools.append((metres, home, offer))
        for _, home, offer in sorted(schools)[:SCHOOLS_TO_ASK]:
            pool = int(inputs.offers.pool[offer])
            yield Candidate(
                kind=Kind.PRACTITIONER,
                days=costs.practitioner_days,
                cost_pence=max(
                    1, costs.practitioner_setup_pence + round(costs.practitioner_days * costs.day_pence)
                ),
                weeks=costs.practitioner_weeks,
                owner=int(inputs.pools.owner[pool]),
                offer=offer,
                pool=pool,
                theme=theme,
                phase=phase,
                school=home,
                x=float(inputs.schools.x[home]),
                y=float(inputs.schools.y[home]),
                reach_m=self.result.settings.default_reach_m,
            )

    def _strong(self, theme: int, phase: int) -> Bools:
        """Offers of the area's schools that show they can support others here."""
        offers, pools = self.inputs.offers, self.inputs.pools
        beside = offers.themes[:, self.heading == self.heading[theme]].any(axis=1)
        here = pools.inside & pools.active & (pools.home_school != NONE)
        strong: Bools = offers.active & beside & offers.phases[:, phase] & here[offers.pool]
        return strong


def _half_days(days: float) -> float:
    """Down to half-days, but never to nothing."""
    return max(0.5, math.floor(2 * days + 1e-6) / 2)
