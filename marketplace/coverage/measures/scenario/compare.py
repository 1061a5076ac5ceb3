"""Two results side by side: their parts, the cells that are not as they were, and the schools that get more or less."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from marketplace.coverage.measures.arrays import total_by
from marketplace.coverage.measures.facade import Result
from marketplace.coverage.measures.grouping import Cell, Cells
from marketplace.coverage.measures.inputs import Floats, Ints

TRIFLE = 0.005
"""Days: less than this is rounding."""


@dataclass(frozen=True)
class Parts:
    """Days of need and what they come apart into."""

    met: float
    brokerable: float
    capacity_gap: float
    reach_gap: float
    unlocated: float

    @property
    def need(self) -> float:
        return float(sum(astuple(self)))

    @property
    def best(self) -> float:
        """Days that could be met: as things stand, and by brokering."""
        return self.met + self.brokerable


@dataclass(frozen=True)
class CellChange:
    """A cell before and after; `None` where there was neither need nor any day offered."""

    before: Cell | None
    after: Cell | None

    @property
    def cell(self) -> Cell:
        cell = self.after or self.before
        assert cell is not None
        return cell


def parts_of(result: Result) -> Parts:
    """The parts of all need of the area."""
    inside = result.inputs.schools.inside[result.needs.school]
    base = result.base
    return Parts(
        *(
            float(part[inside].sum())
            for part in (base.met, base.brokerable, base.capacity_gap, base.reach_gap, base.unlocated)
        )
    )


def compared(before: Result, after: Result, *keys: str) -> list[CellChange]:
    """The cells of a grouping whose status or parts are not as they were, in the order of their keys."""
    old, new = before.by(*keys), after.by(*keys)
    rows_before, rows_after = _rows(old), _rows(new)
    found = []
    for key in sorted({*rows_before, *rows_after}):
        was, now = rows_before.get(key), rows_after.get(key)
        if was is None or now is None or _differ(old, was, new, now):
            found.append(CellChange(None if was is None else old[was], None if now is None else new[now]))
    return found


def helped(before: Result, after: Result) -> tuple[Ints, Ints]:
    """School rows of the area that get more days, as things stand or at best, and those that get fewer."""
    size = len(before.inputs.schools)

    def days(result: Result, part: str) -> Floats:
        return total_by(result.needs.school, getattr(result.base, part), size)

    met, best = (days(after, part) - days(before, part) for part in ("met", "best"))
    inside = after.inputs.schools.inside
    more = inside & ((met > TRIFLE) | (best > TRIFLE))
    fewer = inside & ~more & ((met < -TRIFLE) | (best < -TRIFLE))
    return np.flatnonzero(more), np.flatnonzero(fewer)


def _rows(cells: Cells) -> dict[tuple[int, int, int], int]:
    theme, phase, area = (
        getattr(cells, key).tolist() if key in cells.by else [0] * len(cells)
        for key in ("theme", "phase", "area")
    )
    return {key: row for row, key in enumerate(zip(theme, phase, area, strict=True))}


_COLUMNS = ("met", "brokerable", "capacity_gap", "reach_gap", "unlocated")


def _differ(old: Cells, was: int, new: Cells, now: int) -> bool:
    if old.status[was] != new.status[now]:
        return True
    return any(
        abs(getattr(new.measures, part)[now] - getattr(old.measures, part)[was]) > TRIFLE for part in _COLUMNS
    )
