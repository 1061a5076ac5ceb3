"""The door to the measures: a snapshot in, everything that can be said about it out.

    result = measure(inputs, settings)
    for cell in result.by("theme", "phase", "area"):
        print(sentence(cell, theme=…), cell.shown_status, cell.reasons)

Everything shown can be opened to its rows: `result.behind(cell)` lists the needs, offers, distances, weights and rates that a cell's
numbers are made of, `result.candidates.excluded` why the other offers do not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .allocation import Allocation, Area, BestCase, allocate
from .arrays import distinct, ratio, total_by
from .cells import cell_measures
from .confidence import ConfidenceTable
from .demand import prepared
from .eligibility import Arcs, Candidates, confirmed_offers, find_candidates
from .equity import Equity, equity
from .fair import fair_best_case
from .grouping import KEYS, Cell, Cells, Grid, count_distinct
from .inputs import Bools, Floats, Inputs, Ints, Needs, Settings
from .offered import possible, schools_by_phase
from .pools import Idle, Overlaps, idle_days, leave_one_out, overlaps, replaceable
from .shares import expected_shares


@dataclass(frozen=True)
class Behind:
    """The rows behind a cell, one for each arc into it (columns of equal length; rows refer to the prepared snapshot).

    share = rate x need_days x weight of the pair, and rate = free days of the pool / weighted_need, where no offer is capped.
    """

    need: Ints
    offer: Ints
    pool: Ints
    distance_m: Floats
    weight: Floats
    need_days: Floats
    free_days: Floats
    weighted_need: Floats
    rate: Floats
    share: Floats


@dataclass(frozen=True)
class PoolMeasures:
    """By pool: `usable_days` are what the area may count on (all of them, or a neighbour's part), `lost` as in leave_one_out."""

    free_days: Floats
    usable_days: Floats
    lost: Floats
    replaceable: Bools
    idle: Idle
    overlaps: Overlaps


@dataclass(frozen=True)
class Result:
    """What was measured. `inputs` is the snapshot as counted (`needs` split and filtered): rows refer to it.

    `base` is the allocation all numbers come from; `checks` are those of the stability checks, the base among them (empty if not asked
    for). `possible` lists (theme, phase, area, pool) that could serve a school of a cell, need or not.
    """

    inputs: Inputs
    settings: Settings
    candidates: Candidates
    base: Allocation
    checks: tuple[Allocation, ...]
    possible: tuple[Ints, Ints, Ints, Ints]
    fresh_days: Floats
    all_days: Floats

    @property
    def needs(self) -> Needs:
        return self.inputs.needs

    @cached_property
    def cells(self) -> Cells:
        """Cells proper: theme x phase x area."""
        return self.by(*KEYS)

    def by(self, *keys: str) -> Cells:
        """Cells of any grouping by "theme", "phase" and "area"; without keys one cell for the whole area."""
        by = tuple(key for key in KEYS if key in keys)
        if set(keys) - set(KEYS):
            raise ValueError(f"group by any of {', '.join(KEYS)}, not {', '.join(keys)}")
        return _Grouping(self, by).cells()

    def behind(self, cell: Cell, *keys: str) -> Behind:
        """The arcs into a cell of `by(*keys)` (of `cells` if no keys are given)."""
        label = (self.by(*keys) if keys else self.cells).label
        return self._rows(label[self.base.arcs.need] == cell.row)

    def behind_everything(self) -> Behind:
        return self._rows(np.ones(len(self.base.arcs), dtype=np.bool_))

    def _rows(self, kept: Bools) -> Behind:
        arcs, shares = self.base.arcs.only(kept), self.base.shares
        return Behind(
            need=arcs.need,
            offer=arcs.offer,
            pool=arcs.pool,
            distance_m=arcs.distance,
            weight=arcs.weight,
            need_days=self.needs.days[arcs.need],
            free_days=self.inputs.pools.free_days[arcs.pool],
            weighted_need=shares.weighted_need[arcs.pool],
            rate=shares.rate[arcs.pool],
            share=shares.by_arc[kept],
        )

    @cached_property
    def pools(self) -> PoolMeasures:
        base, settings = self.base, self.settings
        days = np.where(self._inside, self.needs.days, 0.0)
        lost = leave_one_out(base.inner_arcs, days=days, capacity=base.capacity, most_days=base.most_days)
        could_leave = np.zeros(len(lost), dtype=np.bool_)
        could_leave[replaceable(lost, base.capacity, settings.replaceable_share)] = True
        return PoolMeasures(
            free_days=self.inputs.pools.free_days,
            usable_days=base.capacity,
            lost=lost,
            replaceable=could_leave,
            idle=idle_days(base.inner_arcs, days=days, best=base.best, capacity=base.capacity),
            overlaps=overlaps(base.inner_arcs, days=days).edges(
                at_least=settings.overlap_edge, per_pool=settings.overlaps_per_pool
            ),
        )

    @cached_property
    def equity(self) -> Equity:
        """How evenly the best case serves schools, and the most disadvantaged fifth against the least."""
        inside = self._inside
        fifth = self.inputs.schools.fsm_fifth[self.needs.school]
        return equity(days=self.needs.days[inside], best=self.base.best[inside], fsm_fifth=fifth[inside])

    def most_pressing(self) -> Ints:
        """Need rows with days unmet as things stand, by unmet days times choice weight, the largest first."""
        unmet = np.where(self._inside, self.needs.days - self.base.met, 0.0)
        rows = np.flatnonzero(unmet > 1e-9)
        pressing = unmet[rows] * self.needs.choice_weight[rows]
        return rows[np.lexsort((rows, -np.round(pressing, 9)))]

    @property
    def _inside(self) -> Bools:
        return self.inputs.schools.inside[self.needs.school]


def measure(
    inputs: Inputs, settings: Settings | None = None, *, checks: bool = True, empty_cells: bool = True
) -> Result:
    """Measure a snapshot.

    `checks` works out the nine checks of stability that confidence needs (off: a what-if that wants only numbers). `empty_cells` looks
    for capacity in cells where no need is declared. Pool measures are worked out when first asked for.
    """
    settings = settings or Settings()
    inputs = prepared(inputs, settings)
    candidates = find_candidates(inputs, settings)
    area = area_of(inputs, settings)
    base = allocated(inputs, settings, candidates.arcs(settings), area)
    others = []
    for radius in settings.radius_factors if checks else ():
        arcs = candidates.arcs(settings, radius_factor=radius)
        for capacity in settings.capacity_factors:
            same = (radius, capacity) == (1.0, 1.0)
            others.append(base if same else allocated(inputs, settings, arcs, area, capacity))
    fresh, everything = _freshness(inputs, settings, candidates, base)
    served = possible(inputs, settings, base, empty_cells=empty_cells)
    return Result(inputs, settings, candidates, base, tuple(others), served, fresh, everything)


def area_of(inputs: Inputs, settings: Settings) -> Area | None:
    """What the snapshot reports on; `None` if that is everything in it."""
    needs, pools = inputs.schools.inside[inputs.needs.school], inputs.pools.inside
    if needs.all() and pools.all():
        return None
    return Area(needs, pools, settings.pool_the_region)


def allocated(
    inputs: Inputs,
    settings: Settings,
    arcs: Arcs,
    area: Area | None,
    capacity_factor: float = 1.0,
    best_case: BestCase = fair_best_case,
) -> Allocation:
    """The allocation of a prepared snapshot over its arcs."""
    return allocate(
        arcs,
        days=inputs.needs.days,
        capacity=inputs.pools.free_days * capacity_factor,
        most_days=inputs.offers.most_days,
        unlocated=~inputs.schools.located[inputs.needs.school],
        area=area,
        passes=settings.spread_passes,
        best_case=best_case,
    )


def _freshness(
    inputs: Inputs, settings: Settings, candidates: Candidates, base: Allocation
) -> tuple[Floats, Floats]:
    """By need: days from offers confirmed lately, and all days, if those not confirmed were shared out as well."""
    if candidates.confirmed.all():
        return base.shares.of_need, base.shares.of_need
    arcs = candidates.arcs(settings, unconfirmed_too=True)
    shares = expected_shares(
        arcs,
        days=inputs.needs.days,
        capacity=inputs.pools.free_days,
        most_days=inputs.offers.most_days,
        passes=settings.spread_passes,
    )
    fresh = np.where(confirmed_offers(inputs, settings)[arcs.offer], shares.by_arc, 0.0)
    return total_by(arcs.need, fresh, len(inputs.needs)), shares.of_need


class _Grouping:
    """Works out the cells of one grouping of a result."""

    def __init__(self, result: Result, by: tuple[str, ...]) -> None:
        self.result, self.by = result, by
        self.inputs, self.grid = result.inputs, Grid(result.inputs)
        needs, schools = self.inputs.needs, self.inputs.schools
        self.inside = schools.inside[needs.school]
        self.key = self._pack(needs.theme, needs.phase, schools.area[needs.school])
        self.possible_key = self._pack(*result.possible[:3])
        self.keys = distinct(np.concatenate([self.key[self.inside], self.possible_key]))
        self.label = np.where(self.inside, np.searchsorted(self.keys, self.key), -1)

    def _pack(self, theme: Ints, phase: Ints, area: Ints) -> Ints:
        return self.grid.pack(self.by, theme=theme, phase=phase, area=area)

    def cells(self) -> Cells:
        result, owner = self.result, self.inputs.pools.owner
        settings, count = result.settings, len(self.keys)
        in_reach = self._days_in_reach()
        measures = cell_measures(
            result.base, label=self.label, cells=count, owner=owner, days_in_reach=in_reach
        )
        status = measures.status(settings.thresholds)
        theme, phase, area = self.grid.unpack(self.keys)
        need_key, school = self.key[self.inside], self.inputs.needs.school[self.inside]
        wanting = self.inputs.needs.days[self.inside] > 0
        return Cells(
            by=self.by,
            theme=theme,
            phase=phase,
            area=area,
            label=self.label,
            schools=count_distinct(need_key[wanting], school[wanting], self.keys),
            needs=np.bincount(self.label[self.inside][wanting], minlength=count),
            providers_here=self._providers_here(),
            measures=measures,
            status=status,
            confidence=self._confidence(status, in_reach) if result.checks else None,
            thresholds=settings.thresholds,
        )

    def _days_in_reach(self) -> Floats:
        pools = max(1, len(self.inputs.pools))
        at = np.searchsorted(self.keys, self.possible_key)
        pair = distinct(at * pools + self.result.possible[3])
        return total_by(pair // pools, self.inputs.pools.free_days[pair % pools], len(self.keys))

    def _providers_here(self) -> Ints:
        """Owners with an active offer for the cell who are based in its area."""
        offers, pools = self.inputs.offers, self.inputs.pools
        active = np.flatnonzero(offers.active & pools.active[offers.pool])
        if not len(active):
            return np.zeros(len(self.keys), dtype=np.int64)
        row, theme, phase = np.nonzero(offers.themes[active][:, :, None] & offers.phases[active][:, None, :])
        pool = offers.pool[active[row]]
        key = self._pack(theme, phase, pools.area[pool])
        return count_distinct(key, np.unique(pools.owner, return_inverse=True)[1][pool], self.keys)

    def _confidence(self, status: Ints, in_reach: Floats) -> ConfidenceTable:
        result, owner, count = self.result, self.inputs.pools.owner, len(self.keys)
        thresholds = result.settings.thresholds
        verdicts = np.empty((len(result.checks), count), dtype=np.int64)
        for row, check in enumerate(result.checks):
            if check is result.base:
                verdicts[row] = status
                continue
            measures = cell_measures(
                check, label=self.label, cells=count, owner=owner, days_in_reach=in_reach
            )
            verdicts[row] = measures.status(thresholds)
        asked, replied = self._replies()
        located = self.inputs.schools.located[self.inputs.needs.school]
        days = self.inputs.needs.days
        return ConfidenceTable(
            replied=replied,
            asked=asked,
            fresh=ratio(self._total(result.fresh_days), self._total(result.all_days), otherwise=1.0),
            verdicts=verdicts,
            agreeing=(verdicts == status).sum(axis=0),
            located=ratio(self._total(np.where(located, days, 0.0)), self._total(days), otherwise=1.0),
        )

    def _total(self, by_need: Floats) -> Floats:
        return total_by(self.label[self.inside], by_need[self.inside], len(self.keys))

    def _replies(self) -> tuple[Ints, Ints]:
        """Schools of each cell's phase and area, whatever the theme, and those of them that replied."""
        needs, schools = self.inputs.needs, self.inputs.schools
        school, phase = schools_by_phase(self.inputs)
        school = np.concatenate([school, needs.school[self.inside]])
        phase = np.concatenate([phase, needs.phase[self.inside]])
        key = self._pack(np.zeros_like(phase), phase, schools.area[school])
        theme, cell_phase, area = self.grid.unpack(self.keys)
        own = self._pack(np.zeros_like(theme), cell_phase, area)
        keys, at = np.unique(own, return_inverse=True)
        lately = schools.replied_days_ago <= self.result.settings.replied_within_days
        asked = count_distinct(key, school, keys)
        replied = count_distinct(key, school, keys, counted=lately)
        return asked[at], replied[at]
