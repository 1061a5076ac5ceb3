"""How a cell went from day to day, and which snapshots a board was shown."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from django.db.models import Q, QuerySet
from django.db.models.functions import TruncDate

from marketplace.coverage.models import BoardDate, Cell, CellStatus
from marketplace.coverage.queries.access import Sight
from marketplace.kernel.dates import LONDON
from marketplace.kernel.errors import NotFound

DAYS_SHOWN = 60


@dataclass(frozen=True)
class Point:
    """A cell at the end of a day: days, and its status then, by the parameters of that version in that school year."""

    day: date
    need: float
    met: float
    best: float
    status: str
    settings_version: int
    academic_year: str
    turns: str = ""
    """What else is another than on the day shown before it."""

    @property
    def unmet(self) -> float:
        return self.need - self.met

    @property
    def status_label(self) -> str:
        return str(CellStatus(self.status).label)


def trend_of(sight: Sight, *, theme: str = "", phase: str = "", ward: str = "") -> list[Point]:
    """The last word of each of the latest days on a cell, oldest first, for a convenor; empty codes stand for all.

    Empty for others: two releases subtracted could give a school away.
    """
    if not sight.exact:
        return []
    rows = (
        Cell.objects.filter(_is(theme, "theme__code", "theme"), snapshot__area=sight.area, phase=phase)
        .filter(_is(ward, "ward__code", "ward"))
        .annotate(day=TruncDate("snapshot__computed_at", tzinfo=LONDON))
        .order_by("-day", "-snapshot_id")
        .distinct("day")
        .values_list(
            "day", "need", "met", "best", "status", "snapshot__settings_version", "snapshot__academic_year"
        )
    )
    points = [Point(*row) for row in reversed(rows[:DAYS_SHOWN])]
    return [*points[:1], *(replace(after, turns=_turns(before, after)) for before, after in pairwise(points))]


def _turns(before: Point, after: Point) -> str:
    said = []
    if before.academic_year != after.academic_year:
        said.append(f"{after.academic_year} begins")
    if before.settings_version != after.settings_version:
        said.append("other parameters from here on")
    return ", ".join(said)


def _is(code: str, field: str, whole: str) -> Q:
    return Q(**{field: code}) if code else Q(**{f"{whole}__isnull": True})


def board_dates(sight: Sight) -> QuerySet[BoardDate]:
    """Meetings that were shown a snapshot of the area, the latest first; for a convenor. Raises `NotFound` for others."""
    if not sight.exact:
        raise NotFound
    return BoardDate.objects.filter(snapshot__area=sight.area).select_related("snapshot")
