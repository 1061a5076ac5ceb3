"""What other parameters would make of today's needs and offers, before anybody saves them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Theme
from marketplace.coverage import recording
from marketplace.coverage.gathering import gather
from marketplace.coverage.measures import Settings, measure
from marketplace.coverage.models import Cell, CellStatus, CoverageSettings
from marketplace.coverage.parameters import settings_from
from marketplace.coverage.queries.access import Sight, settings_of
from marketplace.coverage.queries.shown import PARTS
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, Phase, Ward

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
    """A theme and phase of the whole area, or a sum over either (empty codes), whose status would change."""

    theme: str
    theme_code: str
    phase: str
    before: CellStatus
    after: CellStatus

    @property
    def name(self) -> str:
        phase = str(Phase(self.phase).label) if self.phase else "All phases"
        return f"{self.theme or 'All themes'}, {phase.lower()}"


@dataclass(frozen=True)
class Preview:
    """What would be different: statuses of themes and phases, of sums over them, and of wards (by name); days of the whole area.

    `counts`: for each status how many themes and phases have it now and would have it. `wards_within` are those where only
    a theme or a phase would have another status. `days_move` says that days would be others in some theme, phase or ward.
    """

    moved: list[Moved]
    totals: list[Moved]
    wards: list[str]
    wards_within: list[str]
    days_move: bool
    counts: list[tuple[CellStatus, int, int]]
    need: tuple[float, float]
    met: tuple[float, float]
    best: tuple[float, float]

    @property
    def changes_anything(self) -> bool:
        """Whether any status or any number of days would be different."""
        return bool(self.moved or self.totals or self.wards or self.wards_within or self.days_move)


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
    themes = list(catalogue.themes())
    proper = [
        (theme.pk, phase, None)
        for theme in themes
        for phase in Phase.values
        if (theme.pk, phase, None) in before or (theme.pk, phase, None) in after
    ]
    sums: list[Key] = [
        *((theme.pk, "", None) for theme in themes),
        *((None, phase, None) for phase in Phase.values),
        (None, "", None),
    ]
    now = [_status(before.get(key)) for key in proper]
    then = [_status(after.get(key)) for key in proper]
    keys = {*before, *after}
    turned = {key for key in keys if _status(before.get(key)) != _status(after.get(key))}
    whole = {ward for theme, phase, ward in turned if theme is None and not phase}
    return Preview(
        moved=_moved(proper, turned, themes, before, after),
        totals=_moved(sums, turned, themes, before, after),
        wards=_names(sight.area, whole),
        wards_within=_names(sight.area, {ward for _, _, ward in turned} - whole),
        days_move=any(_days_differ(before.get(key), after.get(key)) for key in keys),
        counts=[(each, now.count(each), then.count(each)) for each in ORDER if each in (*now, *then)],
        need=_days("need", before, after),
        met=_days("met", before, after),
        best=_days("best", before, after),
    )


Key = tuple[int | None, str, int | None]
Cells = dict[Key, Cell]


def _cells(area: Area, settings: Settings) -> Cells:
    """By theme, phase and ward, totals among them."""
    gathered = gather(area, today=local(timezone.now()).date(), settings=settings)
    cells = recording.cells_of(None, area, gathered, measure(gathered.inputs, settings))
    return {(cell.theme_id, cell.phase, cell.ward_id): cell for cell in cells}


def _moved(
    keys: Iterable[Key], turned: set[Key], themes: Iterable[Theme], before: Cells, after: Cells
) -> list[Moved]:
    """Those of the keys whose status turned, in their order."""
    by_key = {theme.pk: theme for theme in themes}
    found = []
    for key in keys:
        if key in turned:
            theme = by_key[key[0]] if key[0] else None
            name, code = (theme.name, theme.code) if theme else ("", "")
            found.append(Moved(name, code, key[1], _status(before.get(key)), _status(after.get(key))))
    return found


def _names(area: Area, wards: set[int | None]) -> list[str]:
    """Names of wards by their keys; the area as a whole, which has none, is left out."""
    return [name for pk, name in Ward.objects.filter(area=area).values_list("pk", "name") if pk in wards]


def _status(cell: Cell | None) -> CellStatus:
    return CellStatus(cell.status) if cell else CellStatus.NONE


def _days_differ(before: Cell | None, after: Cell | None) -> bool:
    return any(
        abs((getattr(before, part) if before else 0) - (getattr(after, part) if after else 0)) > NOTICEABLE
        for part in ("need", *PARTS)
    )


def _days(part: str, before: Cells, after: Cells) -> tuple[float, float]:
    whole: Key = (None, "", None)
    return tuple(getattr(cells[whole], part) if whole in cells else 0.0 for cells in (before, after))  # type: ignore[return-value]
