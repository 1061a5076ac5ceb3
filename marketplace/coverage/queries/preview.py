"""What other parameters would make of today's needs and offers, before anybody saves them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from marketplace.catalogue import queries as catalogue
from marketplace.coverage import recording
from marketplace.coverage.gathering import gather
from marketplace.coverage.measures import Settings, measure
from marketplace.coverage.models import Cell, CellStatus, CoverageSettings
from marketplace.coverage.parameters import settings_from
from marketplace.coverage.queries.access import Sight, settings_of
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, Phase

NOTICEABLE = 0.005
ORDER = (
    CellStatus.GAP,
    CellStatus.THIN,
    CellStatus.UNKNOWN,
    CellStatus.ADEQUATE,
    CellStatus.DUPLICATED,
    CellStatus.UNUSED,
    CellStatus.NONE,
)


@dataclass(frozen=True)
class Moved:
    """A theme and phase of the whole area whose status would change."""

    theme: str
    theme_code: str
    phase: str
    before: CellStatus
    after: CellStatus

    @property
    def phase_label(self) -> str:
        return str(Phase(self.phase).label)


@dataclass(frozen=True)
class Preview:
    """`counts`: for each status how many themes and phases have it now and would have it; days of the whole area before and after."""

    moved: list[Moved]
    counts: list[tuple[CellStatus, int, int]]
    need: tuple[float, float]
    met: tuple[float, float]
    best: tuple[float, float]

    @property
    def changes_anything(self) -> bool:
        """Whether anything that a page shows would be different."""
        return bool(self.moved) or any(
            abs(after - before) > NOTICEABLE for before, after in (self.need, self.met, self.best)
        )


def versions_of(sight: Sight) -> list[CoverageSettings]:
    """Every version of the area's parameters, the newest first, for a convenor. Raises `NotFound` for others."""
    if not sight.exact:
        raise NotFound
    return list(CoverageSettings.objects.filter(area=sight.area).order_by("-version"))


def preview(sight: Sight, values: Mapping[str, Any]) -> Preview:
    """Measure what is there today with the newest parameters and with `values`, and compare; nothing is written.

    Raises `NotFound` for anybody but a convenor, `CoverageSettingsInvalid` for values that make no sense.
    """
    if not sight.exact:
        raise NotFound
    changed = settings_from(values)
    before = _cells(sight.area, settings_of(sight.area)[1])
    after = _cells(sight.area, changed)
    keys = [
        (theme, phase)
        for theme in catalogue.themes()
        for phase in Phase.values
        if (theme.pk, phase) in before or (theme.pk, phase) in after
    ]
    now = [_status(before.get((theme.pk, phase))) for theme, phase in keys]
    then = [_status(after.get((theme.pk, phase))) for theme, phase in keys]
    return Preview(
        moved=[
            Moved(theme.name, theme.code, phase, was, becomes)
            for (theme, phase), was, becomes in zip(keys, now, then, strict=True)
            if was != becomes
        ],
        counts=[(each, now.count(each), then.count(each)) for each in ORDER if each in (*now, *then)],
        need=_days("need", before, after),
        met=_days("met", before, after),
        best=_days("best", before, after),
    )


Key = tuple[int | None, str]


def _cells(area: Area, settings: Settings) -> dict[Key, Cell]:
    """By theme and phase, of the whole area, totals among them."""
    gathered = gather(area, today=local(timezone.now()).date(), settings=settings)
    cells = recording.cells_of(None, area, gathered, measure(gathered.inputs, settings))
    return {(cell.theme_id, cell.phase): cell for cell in cells if cell.ward_id is None}


def _status(cell: Cell | None) -> CellStatus:
    return CellStatus(cell.status) if cell else CellStatus.NONE


def _days(part: str, before: dict[Key, Cell], after: dict[Key, Cell]) -> tuple[float, float]:
    whole: Key = (None, "")
    return tuple(getattr(cells[whole], part) if whole in cells else 0.0 for cells in (before, after))  # type: ignore[return-value]
