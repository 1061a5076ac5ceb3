"""Cells: the matrix, the wards, one cell; of a snapshot for a convenor, of the last release for others."""

from django.db.models import QuerySet

from marketplace.coverage.models import Cell, Snapshot
from marketplace.coverage.queries import releases
from marketplace.coverage.queries.access import Sight
from marketplace.coverage.queries.shown import VALUES, ShownCell, exact


def cells_of(
    sight: Sight,
    snapshot: Snapshot,
    *,
    ward: str = "",
    theme: str | None = None,
    phase: str | None = None,
) -> list[ShownCell]:
    """The cells of the whole area, or of the ward with this code, totals included.

    `theme` (a code) and `phase` narrow them down, each to the totals where it is empty.
    """
    if not sight.exact:
        return releases.cells_of(sight.area, snapshot, ward=ward, theme=theme, phase=phase)
    rows = _cells(sight, snapshot)
    rows = rows.filter(ward__code=ward) if ward else rows.filter(ward__isnull=True)
    if theme is not None:
        rows = _of_theme(rows, theme)
    if phase is not None:
        rows = rows.filter(phase=phase)
    return _shown(rows)


def wards_of(sight: Sight, snapshot: Snapshot, *, theme: str = "", phase: str = "") -> dict[str, ShownCell]:
    """By ward code the cell of a theme and a phase, or of all of them. A ward that is not there has no need."""
    if not sight.exact:
        return releases.wards_of(sight.area, theme=theme, phase=phase)
    rows = _of_theme(_cells(sight, snapshot).filter(ward__isnull=False, phase=phase), theme)
    return {cell.ward: cell for cell in _shown(rows.order_by("ward__name"))}


def cell_of(sight: Sight, snapshot: Snapshot, *, theme: str, phase: str, ward: str = "") -> ShownCell | None:
    """One cell; `None` where there is neither need nor any day offered."""
    if ward and not sight.exact:
        return releases.wards_of(sight.area, theme=theme, phase=phase).get(ward)
    found = cells_of(sight, snapshot, ward=ward, theme=theme, phase=phase)
    return found[0] if found else None


def _cells(sight: Sight, snapshot: Snapshot) -> QuerySet[Cell]:
    return Cell.objects.filter(snapshot=snapshot, snapshot__area=sight.area)


def _of_theme(rows: QuerySet[Cell], code: str) -> QuerySet[Cell]:
    """Cells of the theme, or the totals over all themes for an empty code."""
    return rows.filter(theme__code=code) if code else rows.filter(theme__isnull=True)


def _shown(rows: QuerySet[Cell]) -> list[ShownCell]:
    return [exact(row) for row in rows.values(*VALUES)]
