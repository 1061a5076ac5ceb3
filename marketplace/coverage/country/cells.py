"""Cells of many areas: one line for each on the map and in the table, and the matrix of their sums.

A sum is made of what is shown of each area: exact days of the person's own, fives of days of the others, and nothing of cells that are
hidden, so that subtracting areas from a sum tells no more than the areas do. Its status follows from the same rules as a cell's,
applied to the measures of those areas taken together that have told how they stand: days are added up, and an owner with days in
several areas is one owner. An area whose change may not be told yet takes no part in the status, nor does its change.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from marketplace.coverage import disclosure
from marketplace.coverage.country.queries import Country
from marketplace.coverage.measures import Thresholds
from marketplace.coverage.measures.confidence import enough_information
from marketplace.coverage.measures.status import STATUSES, reasons, statuses
from marketplace.coverage.models import Cell, CellStatus, Snapshot
from marketplace.coverage.queries import HELD, PARTS, ShownCell
from marketplace.coverage.queries.shown import VALUES, Where, exact, hidden, told
from marketplace.coverage.recording import STATUS_OF
from marketplace.organisations.models import Area

Row = Mapping[str, Any]


@dataclass(frozen=True)
class AreaLine:
    """An area with its cell as the person sees it; `cell` is empty where nothing is needed or offered, `snapshot` before the first."""

    area: Area
    own: bool
    snapshot: Snapshot | None
    cell: ShownCell | None


@dataclass(frozen=True)
class CountryCell:
    """The sum of one theme and phase (codes, empty for all) over `counted` areas; `left_out` more are hidden."""

    cell: ShownCell
    counted: int
    left_out: int


def table_of(country: Country, *, theme: str = "", phase: str = "") -> list[AreaLine]:
    """Every area with its cell of a theme and phase, or of all of them."""
    found = {area: cell for area, _, cell in _cells(country, theme=theme, phase=phase)}
    return [
        AreaLine(area, area.pk in country.own, country.snapshots.get(area.pk), found.get(area.pk))
        for area in country.areas
    ]


def matrix_of(country: Country, *, only: Area | None = None) -> dict[tuple[str, str], CountryCell]:
    """The sums by theme and phase, totals included; of `only` one area if it is given."""
    cells: dict[tuple[str, str], list[tuple[Row, ShownCell]]] = defaultdict(list)
    for area, row, cell in _cells(country):
        if only is None or area == only.pk:
            cells[cell.theme, cell.phase].append((row, cell))
    return {key: _summed(each) for key, each in cells.items()}


def _cells(
    country: Country, *, theme: str | None = None, phase: str | None = None
) -> Iterable[tuple[int, Row, ShownCell]]:
    """(area, row, cell as shown) of the snapshots' whole areas, all in one query."""
    told_of = {
        (area, cell["theme"], cell["phase"]): cell
        for area, release in country.releases.items()
        for cell in release.cells
        if "place" not in cell and cell["ward"] is None
    }
    rows = Cell.objects.filter(snapshot__in=[s.pk for s in country.snapshots.values()], ward__isnull=True)
    if theme is not None:
        rows = rows.filter(theme__code=theme) if theme else rows.filter(theme__isnull=True)
    if phase is not None:
        rows = rows.filter(phase=phase)
    for row in rows.values("snapshot__area_id", "theme_id", "share", "best", *VALUES):
        area = row["snapshot__area_id"]
        if area in country.own:
            yield area, row, exact(row)
        else:
            yield area, row, _told(row, told_of.get((area, row["theme_id"], row["phase"])))


def _told(row: Row, cell: dict[str, Any] | None) -> ShownCell:
    """A cell of another area as its last release tells it."""
    where = Where(theme=row["theme__code"] or "", theme_name=row["theme__name"] or "", phase=row["phase"])
    return told(cell, where) if cell else hidden(where)


def _summed(cells: list[tuple[Row, ShownCell]]) -> CountryCell:
    open_cells = [(row, cell) for row, cell in cells if not cell.hidden]
    if len(open_cells) == 1:
        return CountryCell(open_cells[0][1], 1, len(cells) - 1)
    first = cells[0][1]
    names: dict[str, Any] = {
        "theme": first.theme,
        "theme_name": first.theme_name,
        "phase": first.phase,
        "ward": "",
        "ward_name": "",
    }
    if not open_cells:
        return CountryCell(ShownCell(**names, exact=False, hidden=True), 0, len(cells))
    days = {name: sum(getattr(cell, name) for _, cell in open_cells) for name in ("need", *PARTS)}
    up_to_date = [row for row, cell in open_cells if _is_told_as_it_stands(row, cell)]
    status, why, balance = _status(up_to_date) if up_to_date else (HELD, "", None)
    all_own = all(cell.exact for _, cell in open_cells)
    whole = ShownCell(
        **names,
        exact=False,
        **days,
        balance=balance if all_own else disclosure.banded(balance),
        schools=sum(cell.schools or 0 for _, cell in open_cells),
        status=status,
        reason=why if all_own else "",
    )
    return CountryCell(whole, len(open_cells), len(cells) - len(open_cells))


def _is_told_as_it_stands(row: Row, cell: ShownCell) -> bool:
    """Whether what the cell says of the area is what was measured: not where a release keeps to what it told before."""
    return cell.exact or (cell.status, cell.balance) == (row["status"], disclosure.banded(row["balance"]))


def _status(rows: list[Row]) -> tuple[str, str, float | None]:
    """Status, its reason and the balance of areas taken together, by the default limits."""
    need, met, best, supply = (sum(row[name] for row in rows) for name in ("need", "met", "best", "share"))
    replied, asked = (sum(row["measures"].get(name, 0) for row in rows) for name in ("replied", "asked"))
    owners = _owners(rows)
    lost = max(owners.values(), default=(0.0, 0.0))[1]
    measures = {
        "need_days": need,
        "days_in_reach": sum(row["measures"].get("days_in_reach") or 0.0 for row in rows),
        "supply_days": supply,
        "expected": met / need if need else np.nan,
        "best": best / need if need else np.nan,
        "k": supply / need if need else np.nan,
        "without_largest": (met - lost) / need if need else np.nan,
    }
    code = statuses(
        **{name: np.array([value]) for name, value in measures.items()},
        owners=np.array([len(owners)]),
        thresholds=Thresholds(),
    )[0]
    status = STATUSES[int(code)]
    why = "; ".join(reasons(status, **measures, owners=len(owners), thresholds=Thresholds()))
    balance = (supply - need) / max(supply, need) if need else None
    known = not need or not asked or enough_information(replied / asked)
    return (STATUS_OF[status] if known else CellStatus.UNKNOWN).value, why, balance


def _owners(rows: list[Row]) -> dict[str, tuple[float, float]]:
    """By owner the days that fall on all of it together, and the met days lost without them."""
    found: dict[str, tuple[float, float]] = {}
    for row in rows:
        for owner, (supply, lost) in row["measures"].get("by_owner", {}).items():
            before = found.get(owner, (0.0, 0.0))
            found[owner] = before[0] + supply, before[1] + lost
    return found
