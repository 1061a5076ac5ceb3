"""From what was measured to rows: cells of every grouping, and the needs, pools and shares behind them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from marketplace.coverage.gathering import Gathered
from marketplace.coverage.gathering.columns import PHASES
from marketplace.coverage.measures import Cell as Measured
from marketplace.coverage.measures import Result, Status, sentence
from marketplace.coverage.measures.confidence import enough_information, letter
from marketplace.coverage.measures.eligibility import Reason
from marketplace.coverage.measures.status import STATUSES
from marketplace.coverage.models import (
    Cell,
    CellStatus,
    NeedOutcome,
    PoolOutcome,
    PoolOverlap,
    Share,
    Snapshot,
)
from marketplace.coverage.standing import overlaps_of, sites_by_pool
from marketplace.organisations.models import Area, Phase

GROUPINGS = (
    ("theme", "phase"),
    ("theme", "phase", "area"),
    ("theme",),
    ("phase",),
    (),
    ("theme", "area"),
    ("phase", "area"),
    ("area",),
)
PHASE_OF: dict[int, Phase] = {int(measured): phase for phase, measured in PHASES.items()}
STATUS_OF = {
    Status.NONE: CellStatus.NONE,
    Status.UNUSED: CellStatus.UNUSED,
    Status.GAP: CellStatus.GAP,
    Status.THIN: CellStatus.THIN,
    Status.ADEQUATE: CellStatus.ADEQUATE,
    Status.DUPLICATED: CellStatus.DUPLICATED,
    Status.NOT_ENOUGH_INFORMATION: CellStatus.UNKNOWN,
}
KEPT_MEASURES = (
    "needs",
    "supply_days",
    "days_in_reach",
    "expected",
    "best",
    "k",
    "without_largest",
    "owners",
    "n_eff",
    "top_owner",
    "top_share",
    "backup",
    "no_reach",
    "providers_here",
)
IN_BULK = 2000
Key = tuple[int | None, int | None, int | None]


def cells_of(snapshot: Snapshot | None, area: Area, gathered: Gathered, result: Result) -> list[Cell]:
    """The cells of every grouping, not written yet; without a snapshot only to be looked at."""
    return list(_Cells(snapshot, area, gathered, result))


def record(snapshot: Snapshot, area: Area, gathered: Gathered, result: Result) -> None:
    """Write the rows of a snapshot."""
    Cell.objects.bulk_create(cells_of(snapshot, area, gathered, result), IN_BULK)
    needs = _need_outcomes(snapshot, gathered, result)
    pools = _pool_outcomes(snapshot, gathered, result)
    NeedOutcome.objects.bulk_create(needs.values(), IN_BULK)
    PoolOutcome.objects.bulk_create(pools.values(), IN_BULK)
    Share.objects.bulk_create(_shares(snapshot, result, needs, pools), IN_BULK)
    PoolOverlap.objects.bulk_create(overlaps_of(snapshot, result, pools), IN_BULK)


def totals(gathered: Gathered, result: Result) -> dict[str, Any]:
    """What is said of the area as a whole beside its cells, in plain numbers."""
    equity = result.equity
    inside = [key for key in gathered.schools if key.inside]
    return {
        "schools": len({key.id for key in inside}),
        "needs": int((result.needs.days > 0).sum()),
        "pools": len(gathered.pools),
        "days_idle": result.pools.idle.total,
        "gini": _known(equity.gini),
        "by_fsm_fifth": [_known(share) for share in equity.by_fifth],
        "term": gathered.term and [day.isoformat() for day in gathered.term],
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


# Cells --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Heads:
    """Schools counted as bodies: a school with two phases has two rows in the measures but is one school."""

    days: dict[int, float]
    asked: frozenset[int]
    replied: frozenset[int]

    @property
    def largest(self) -> float:
        total = sum(self.days.values())
        return max(self.days.values()) / total if total else 0.0


class _Cells:
    """The cells of every grouping. Wards without need are left out but for the ward's own total."""

    def __init__(self, snapshot: Snapshot | None, area: Area, gathered: Gathered, result: Result) -> None:
        self.snapshot, self.area, self.gathered, self.result = snapshot, area, gathered, result
        self.owners = {pool.owner: pool.owner_name for pool in gathered.pools}
        inputs, limit = result.inputs, result.settings.replied_within_days
        self.replied = inputs.schools.replied_days_ago <= limit
        self.school_days: dict[Key, dict[int, float]] = {}
        self._count_days()
        self.asked: dict[int | None, set[int]] = {}
        self.answered: dict[int | None, set[int]] = {}
        self._count_replies()

    def _count_days(self) -> None:
        needs, schools = self.result.needs, self.gathered.schools
        for row in np.flatnonzero(needs.days > 0):
            school = schools[needs.school[row]]
            if not school.inside:
                continue
            theme, phase, days = int(needs.theme[row]), int(needs.phase[row]), float(needs.days[row])
            for grouping in GROUPINGS:
                key = _key(grouping, theme, phase, school.ward or 0)
                by_school = self.school_days.setdefault(key, {})
                by_school[school.id] = by_school.get(school.id, 0.0) + days

    def _count_replies(self) -> None:
        for row, school in enumerate(self.gathered.schools):
            if not school.inside:
                continue
            for ward in (None, school.ward):
                self.asked.setdefault(ward, set()).add(school.id)
                if self.replied[row]:
                    self.answered.setdefault(ward, set()).add(school.id)

    def __iter__(self) -> Iterator[Cell]:
        for grouping in GROUPINGS:
            cells = self.result.by(*grouping)
            by_ward = "area" in grouping
            for row in range(len(cells)):
                if by_ward and int(cells.area[row]) not in self.gathered.wards:
                    continue
                if by_ward and grouping != ("area",) and cells.measures.need_days[row] <= 0:
                    continue
                cell = self._cell(cells[row], grouping)
                if not by_ward:  # what a region's status is worked out from
                    cell.measures["by_owner"] = cells.measures.by_owner.of(row)
                yield cell

    def _cell(self, cell: Measured, grouping: tuple[str, ...]) -> Cell:
        key = (cell.theme, cell.phase, cell.area)
        heads = self._heads(key)
        cell = replace(cell, schools=len(heads.days))
        if "phase" not in grouping:
            cell = _answered_by(cell, heads)
        return Cell(
            snapshot=self.snapshot,
            theme_id=None if cell.theme is None else self.gathered.themes[cell.theme].id,
            phase="" if cell.phase is None else PHASE_OF[cell.phase],
            ward_id=cell.area,
            need=cell.need_days,
            met=cell.met,
            brokerable=cell.brokerable,
            capacity_gap=cell.capacity_gap,
            reach_gap=cell.reach_gap,
            unlocated=cell.unlocated,
            share=cell.supply_days,
            best=cell.best_days,
            balance=cell.balance,
            measures=_measures(cell),
            schools=cell.schools,
            largest_school=heads.largest,
            status=STATUS_OF[cell.shown_status],
            status_reason="; ".join(cell.reasons)[:400],
            confidence=cell.confidence.letter if cell.confidence else "",
            sentence=self._sentence(cell),
        )

    def _heads(self, key: Key) -> _Heads:
        ward = key[2]
        return _Heads(
            self.school_days.get(key, {}),
            frozenset(self.asked.get(ward, ())),
            frozenset(self.answered.get(ward, ())),
        )

    def _sentence(self, cell: Measured) -> str:
        ward = self.gathered.wards.get(cell.area or 0)
        return sentence(
            cell,
            theme="All themes" if cell.theme is None else self.gathered.themes[cell.theme].name,
            phase="all phases" if cell.phase is None else Phase(PHASE_OF[cell.phase]).label.lower(),
            area=f"{ward} ward" if ward else self.area.name,
            largest=self.owners.get(cell.top_owner or 0, ""),
        )


def _key(grouping: tuple[str, ...], theme: int, phase: int, ward: int) -> Key:
    return (
        theme if "theme" in grouping else None,
        phase if "phase" in grouping else None,
        ward if "area" in grouping else None,
    )


def _answered_by(cell: Measured, heads: _Heads) -> Measured:
    """The cell with its replies counted by school, not by school and phase."""
    sure = cell.confidence
    if sure is None:
        return cell
    asked, replied = len(heads.asked), len(heads.replied)
    q1 = replied / asked if asked else 0.0
    enough = enough_information(q1)
    confidence = replace(
        sure,
        letter=letter(q1, sure.q2, sure.q3, sure.q4),
        enough_information=enough,
        q1=q1,
        replied=replied,
        asked=asked,
    )
    shown = cell.status if enough else Status.NOT_ENOUGH_INFORMATION
    return replace(cell, confidence=confidence, shown_status=shown)


def _measures(cell: Measured) -> dict[str, Any]:
    kept: dict[str, Any] = {name: getattr(cell, name) for name in KEPT_MEASURES}
    kept |= {"status": STATUS_OF[cell.status].value, "reasons": list(cell.reasons)}
    if cell.confidence is not None:
        sure = cell.confidence
        kept |= {
            "q1": sure.q1,
            "q2": sure.q2,
            "q3": sure.q3,
            "q4": sure.q4,
            "replied": sure.replied,
            "asked": sure.asked,
            "agreeing": sure.agreeing,
            "checks": sure.checks,
            "verdicts": [STATUS_OF[STATUSES[code]].value for code in sure.verdicts],
        }
    return kept


# Rows behind ----------------------------------------------------------------------------------------------------------


def _need_outcomes(snapshot: Snapshot, gathered: Gathered, result: Result) -> dict[int, NeedOutcome]:
    """By need row; needs of neighbours' schools are theirs to see and are not kept."""
    needs, base = result.needs, result.base
    kept = {}
    for row, key in enumerate(gathered.needs):
        school = gathered.schools[needs.school[row]]
        if not school.inside:
            continue
        kept[row] = NeedOutcome(
            snapshot=snapshot,
            need_id=key.id,
            school_id=school.id,
            theme_id=gathered.themes[needs.theme[row]].id,
            phase=PHASE_OF[needs.phase[row]],
            ward_id=school.ward,
            approximate=school.approximate,
            days_stated=key.stated,
            days_booked=key.booked,
            days=float(needs.days[row]),
            share=float(base.shares.of_need[row]),
            met=float(base.met[row]),
            best=float(base.best[row]),
            brokerable=float(base.brokerable[row]),
            capacity_gap=float(base.capacity_gap[row]),
            reach_gap=float(base.reach_gap[row]),
            unlocated=float(base.unlocated[row]),
            excluded={
                reason.name.lower(): int(count)
                for reason, count in zip(Reason, result.candidates.excluded[row], strict=True)
                if count and reason not in (Reason.INACTIVE, Reason.THEME, Reason.PHASE)
            },
        )
    return kept


def _pool_outcomes(snapshot: Snapshot, gathered: Gathered, result: Result) -> dict[int, PoolOutcome]:
    """By pool row: the area's own, and neighbours' that reach a need of the area."""
    arcs, given = result.base.arcs, result.base.shares.by_arc
    pools, measured, inside = result.inputs.pools, result.pools, _inside(gathered, result)
    elsewhere = np.bincount(arcs.pool, np.where(inside[arcs.need], 0.0, given), minlength=len(pools))
    reaching = set(arcs.pool[inside[arcs.need]].tolist())
    confirmed, sites = _confirmed(result), sites_by_pool(result)
    kept = {}
    for row, key in enumerate(gathered.pools):
        if not pools.inside[row] and row not in reaching:
            continue
        group = int(measured.idle.group_of_pool[row])
        kept[row] = PoolOutcome(
            snapshot=snapshot,
            offer_id=key.offer,
            provider_id=key.provider,
            owner_id=key.owner,
            themes=list(key.themes),
            phases=list(key.phases),
            days_offered=key.offered,
            committed=key.committed,
            held=key.held,
            days=float(measured.free_days[row]),
            weighted_need=float(result.base.shares.weighted_need[row]),
            elsewhere=float(elsewhere[row]),
            usable=float(measured.usable_days[row]),
            lost_without=float(measured.lost[row]),
            replaceable=bool(measured.replaceable[row]),
            group=None if group < 0 else group + 1,
            group_days=0.0 if group < 0 else float(measured.idle.capacity[group]),
            group_idle=0.0 if group < 0 else float(measured.idle.idle[group]),
            sites=sites.get(row, []),
            confirmed=bool(confirmed[row]),
        )
    return kept


def _confirmed(result: Result) -> np.ndarray:
    """By pool, which is by offer: confirmed lately."""
    return result.inputs.offers.confirmed_days_ago <= result.settings.confirmed_within_days


def _inside(gathered: Gathered, result: Result) -> np.ndarray:
    return result.inputs.schools.inside[result.needs.school]


def _shares(
    snapshot: Snapshot, result: Result, needs: dict[int, NeedOutcome], pools: dict[int, PoolOutcome]
) -> list[Share]:
    behind = result.behind_everything()
    return [
        Share(
            snapshot=snapshot,
            need_outcome=needs[need],
            pool_outcome=pools[pool],
            km=None if math.isnan(metres) else metres / 1000,
            weight=weight,
            days=days,
        )
        for need, pool, metres, weight, days in zip(
            behind.need.tolist(),
            behind.pool.tolist(),
            behind.distance_m.tolist(),
            behind.weight.tolist(),
            behind.share.tolist(),
            strict=True,
        )
        if need in needs and needs[need].days > 0
    ]
