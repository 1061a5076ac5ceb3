"""What a board is handed: one page of the worst gaps with their causes, days nobody would miss, how it went and what changed.

It is made by a convenor and read by others, so every number is as the board sees it: hidden where few schools stand behind it, in
fives of days, no school and no provider named. It is compared only with what boards were shown before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from marketplace.coverage import disclosure
from marketplace.coverage.measures.status import percent
from marketplace.coverage.models import BoardDate, CellStatus, PoolOutcome, Release, Snapshot
from marketplace.coverage.queries.access import Sight, released
from marketplace.coverage.queries.cells import cells_of
from marketplace.coverage.queries.changes import counted_otherwise
from marketplace.coverage.queries.gaps import Gap, Unranked, unranked, worst_gaps
from marketplace.coverage.queries.met import needs_met_since
from marketplace.coverage.queries.pools import idle_together
from marketplace.coverage.queries.radar import Blip, radar
from marketplace.coverage.queries.shown import TOLD_STATUSES, ShownCell
from marketplace.coverage.queries.trend import board_dates
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Phase

WORST = 10


@dataclass(frozen=True)
class Idle:
    """Offers in a phase that could each withdraw unnoticed, and their days that nobody would miss together; `days` in fives, both `None` where too few owners stand behind it."""

    phase: Phase
    offers: int | None
    days: int | None


@dataclass(frozen=True)
class Shown:
    """The whole area at one meeting: in fives of days."""

    when: str
    day: date
    whole: ShownCell

    @property
    def cover(self) -> str:
        return percent(self.whole.met / self.whole.need) if self.whole.need else "–"


@dataclass(frozen=True)
class Turned:
    """A theme and phase whose status is another than at the last meeting."""

    cell: ShownCell
    before: str


@dataclass(frozen=True)
class Pack:
    """Everything on the page. `told` is the snapshot whose release the numbers are from, `None` before the first release.

    `since` is the last meeting before today's snapshot, if there was one.
    """

    told: Snapshot | None

    whole: ShownCell | None
    counts: list[tuple[str, int]]
    gaps: list[Gap]
    unranked: Unranked
    idle: list[Idle]
    meetings: list[Shown]
    since: BoardDate | None
    counted_otherwise: str
    turned: list[Turned]
    met: int | None
    radar: list[Blip]


def board_pack(sight: Sight, snapshot: Snapshot, *, today: date) -> Pack:
    """The pack of a snapshot, for a convenor to hand out. Raises `NotFound` for others."""
    if not sight.exact:
        raise NotFound
    board = replace(sight, exact=False)
    now = _by_key(cells_of(board, snapshot))
    shown = list(
        board_dates(sight)
        .filter(snapshot__number__lte=snapshot.number)
        .order_by("snapshot__number", "day", "pk")
    )
    before = [each for each in shown if each.snapshot_id != snapshot.pk]
    since = before[-1] if before else None
    release = released(sight.area, snapshot)
    whole = now.get(("", ""))
    proper = [cell for (theme, phase), cell in now.items() if theme and phase]
    return Pack(
        told=release.snapshot if release else None,
        whole=whole,
        counts=_counts(proper),
        gaps=worst_gaps(proper, WORST),
        unranked=unranked(proper),
        idle=_idle(snapshot),
        meetings=_meetings(board, before, whole, today),
        since=since,
        counted_otherwise=_counted_otherwise(sight, since, release),
        turned=_turned(_by_key(cells_of(board, since.snapshot)), proper) if since else [],
        met=_met(sight, since) if since else None,
        radar=[blip for blip in radar(board, today=today).blips if blip.theme and blip.total][:WORST],
    )


def _by_key(cells: Sequence[ShownCell]) -> dict[tuple[str, str], ShownCell]:
    return {(cell.theme, cell.phase): cell for cell in cells}


def _counts(cells: Sequence[ShownCell]) -> list[tuple[str, int]]:
    labels = [cell.status_label for cell in cells]
    order = [*(label for _, label in TOLD_STATUSES), "Hidden"]
    return [(label, labels.count(label)) for label in order if label in labels]


def _idle(snapshot: Snapshot) -> list[Idle]:
    """By phase: an offer for two phases counts in both. Neighbours' offers are not the area's to turn to something else."""
    pools = PoolOutcome.objects.filter(
        snapshot=snapshot, replaceable=True, confirmed=True, provider__area=snapshot.area_id
    )
    found = []
    for phase in Phase:
        of_phase = [pool for pool in pools if phase in pool.phases]
        if of_phase:
            enough = len({pool.owner_id for pool in of_phase}) >= disclosure.BOARD_SCHOOLS
            days = disclosure.rounded(idle_together(of_phase))
            found.append(Idle(phase, len(of_phase) if enough else None, days if enough else None))
    return found


def _meetings(board: Sight, before: Sequence[BoardDate], whole: ShownCell | None, today: date) -> list[Shown]:
    """The area at each meeting, and now."""
    found = []
    for each in before:
        cell = _by_key(cells_of(board, each.snapshot, theme="", phase="")).get(("", ""))
        if cell and not cell.hidden:
            found.append(Shown(each.meeting, each.day, cell))
    if whole and not whole.hidden:
        found.append(Shown("Now", today, whole))
    return found


def _turned(before: Mapping[tuple[str, str], ShownCell], now: Sequence[ShownCell]) -> list[Turned]:
    """Only what both meetings may see, statuses held back not among it; nothing where nothing had been told by the first."""
    found: list[Turned] = []
    if not before:
        return found
    for cell in now:
        was = before.get((cell.theme, cell.phase))
        if cell.is_told and (was is None or was.is_told):
            label = was.status_label if was else str(CellStatus.NONE.label)
            if label != cell.status_label:
                found.append(Turned(cell, label))
    return found


def _counted_otherwise(sight: Sight, since: BoardDate | None, release: Release | None) -> str:
    """Of what the two meetings are told: releases, not the snapshots."""
    before = released(sight.area, since.snapshot) if since else None
    return counted_otherwise(before.snapshot, release.snapshot) if before and release else ""


def _met(sight: Sight, since: BoardDate) -> int | None:
    """How many needs were met since; `None` where so few schools met them that it points at them."""
    met = needs_met_since(sight, since.snapshot.computed_at)
    schools = len({need.school_id for need in met})
    return len(met) if schools == 0 or schools >= disclosure.BOARD_SCHOOLS else None
