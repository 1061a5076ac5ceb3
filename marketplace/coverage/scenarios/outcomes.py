"""Base and scenario side by side: as a convenor reads it, as it is stored, and as the board may see it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from marketplace.coverage import disclosure
from marketplace.coverage.measures import Cell, Result, Status
from marketplace.coverage.measures.confidence import enough_information
from marketplace.coverage.measures.scenario import CellChange, compared, helped, parts_of
from marketplace.coverage.measures.wording import in_quarters
from marketplace.coverage.models import CellStatus
from marketplace.coverage.recording import PHASE_OF, STATUS_OF
from marketplace.coverage.scenarios.fitting import fitted
from marketplace.coverage.scenarios.grounds import Footing, Key
from marketplace.coverage.scenarios.lines import Line
from marketplace.organisations.models import Phase

PARTS = ("met", "brokerable", "capacity_gap", "reach_gap", "unlocated")
TRIFLE = 0.005
FEW = disclosure.BOARD_SCHOOLS


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Days needed and what they come apart into."""

    met: float = 0
    brokerable: float = 0
    capacity_gap: float = 0
    reach_gap: float = 0
    unlocated: float = 0

    @property
    def need(self) -> float:
        return sum(self.parts)

    @property
    def best(self) -> float:
        """Days that could be met, with brokering."""
        return self.met + self.brokerable

    @property
    def parts(self) -> list[float]:
        return [getattr(self, name) for name in PARTS]

    def rounded(self) -> "Figures":
        return Figures(**dict(zip(PARTS, disclosure.rounded_parts(self.parts), strict=True)))

    def in_quarters(self) -> "Figures":
        """In quarters of a day that add up, as the bar of the four parts says them."""
        *located, unlocated = self.parts
        return Figures(**dict(zip(PARTS, (*in_quarters(located), *in_quarters([unlocated])), strict=True)))


@dataclass(frozen=True, kw_only=True)
class CellLine:
    """A cell that is not as it was. `ward` is empty for the whole area; a status of "none" has no need."""

    theme: str
    theme_name: str
    phase: str
    ward: str = ""
    ward_name: str = ""
    status_before: str
    status_after: str
    before: Figures
    after: Figures
    hidden: bool = False

    @property
    def status_changed(self) -> bool:
        return self.status_before != self.status_after

    @property
    def key(self) -> tuple[str, str, str]:
        return self.theme, self.phase, self.ward

    @property
    def phase_label(self) -> str:
        return Phase(self.phase).label

    @property
    def label_before(self) -> str:
        return CellStatus(self.status_before).label

    @property
    def label_after(self) -> str:
        return CellStatus(self.status_after).label

    @property
    def more_met(self) -> float:
        return self.after.met - self.before.met

    @property
    def more_best(self) -> float:
        return self.after.best - self.before.best


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a scenario comes to.

    `gained` and `lost` count schools that get more days, or fewer; `None` where the board must not know, because they are few.
    `unfit` tells by number of the line why it is left out. `spent_pence` is what the lines that fit cost. `hidden` counts the changed cells
    of the whole area that the board does not see; `total_hidden` says that it is not told the whole area's days either: the area is too
    small, or a change in them may not be told yet.
    """

    before: Figures
    after: Figures
    cells: list[CellLine] = field(default_factory=list)
    gained: int | None = 0
    lost: int | None = 0
    spent_pence: int = 0
    unfit: Mapping[int, str] = field(default_factory=dict)
    exact: bool = True
    hidden: int = 0
    total_hidden: bool = False

    @property
    def days_are_told(self) -> bool:
        """Whether the reader is told the days of the whole area."""
        return self.exact or not self.total_hidden

    @property
    def closed(self) -> float:
        """Days that could be met and could not before."""
        return self.after.best - self.before.best

    @property
    def more_needed(self) -> float:
        return self.after.need - self.before.need

    @property
    def pence_a_day(self) -> int | None:
        """What each of those days costs; None where nothing is spent or nothing closed."""
        return round(self.spent_pence / self.closed) if self.spent_pence and self.closed > TRIFLE else None

    @property
    def whole_area(self) -> list[CellLine]:
        return [cell for cell in self.cells if not cell.ward]

    @property
    def by_ward(self) -> list[CellLine]:
        return [cell for cell in self.cells if cell.ward]

    @property
    def statuses_changed(self) -> int:
        return sum(cell.status_changed for cell in self.whole_area)

    def as_data(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self) | {"unfit": {str(number): why for number, why in self.unfit.items()}}

    def for_board(self) -> "Outcome":
        """As the board and scrutiny may see it: hidden cells left out, days in fives, few schools not counted.

        What changes adds up too, to the change of the whole area: so that is hidden, or one more theme and phase, where only one of
        them is. The board is told of no theme in a ward.
        """
        gone = self._hidden_from_board()
        total_hidden = self.total_hidden or _TOTAL in gone
        shown = [
            replace(cell, before=cell.before.rounded(), after=cell.after.rounded())
            for cell in self.cells
            if cell.key not in gone
        ]
        return replace(
            self,
            before=Figures() if total_hidden else self.before.rounded(),
            after=Figures() if total_hidden else self.after.rounded(),
            cells=[cell for cell in shown if cell.status_changed or cell.before != cell.after],
            gained=_unless_few(self.gained),
            lost=_unless_few(self.lost),
            exact=False,
            hidden=sum(cell.key in gone for cell in self.whole_area),
            total_hidden=total_hidden,
        )

    def _hidden_from_board(self) -> set[tuple[str, str, str]]:
        parts = {cell.key: _part(cell.hidden, cell.before.need) for cell in self.whole_area}
        parts[_TOTAL] = _part(False, self.before.need)
        return disclosure.hidden(parts, [list(parts)]) | {cell.key for cell in self.by_ward}


def stored(data: Mapping[str, Any]) -> Outcome:
    """An outcome as `Outcome.as_data` wrote it."""
    return Outcome(
        **{
            **data,
            "before": Figures(**data["before"]),
            "after": Figures(**data["after"]),
            "cells": [
                CellLine(**{**cell, "before": Figures(**cell["before"]), "after": Figures(**cell["after"])})
                for cell in data["cells"]
            ],
            "unfit": {int(number): why for number, why in data["unfit"].items()},
        }
    )


def worked_out(lines: Sequence[Line], on: Footing) -> Outcome:
    """What the lines come to on a snapshot."""
    fit = fitted(lines, on)
    before, after = on.ground.base, on.ground.with_edits(fit.edits)
    more, fewer = helped(before, after)
    return Outcome(
        before=_figures(parts_of(before)),
        after=_figures(parts_of(after)),
        cells=_cells(on, before, after),
        gained=_heads(on, more),
        lost=len({*_ids(on, fewer)} - {*_ids(on, more)}),
        spent_pence=sum(line.spent_pence for line in lines if line.id not in fit.unfit),
        unfit=fit.unfit,
        total_hidden=on.hidden((None, "", None)),
    )


_TOTAL = ("", "", "")


def _part(hidden: bool, days: float) -> disclosure.Part:
    """As a part of a sum of changes: one hidden already counts as one school, any other as enough of them."""
    return disclosure.Part(1 if hidden else FEW, days)


def _unless_few(schools: int | None) -> int | None:
    return None if schools is not None and 0 < schools < FEW else schools


def _figures(of: Any) -> Figures:
    return Figures(**{name: float(getattr(of, name)) for name in PARTS})


def _ids(on: Footing, rows: Iterable[int]) -> set[int]:
    """Schools counted as bodies: a school with two phases has two rows."""
    return {on.gathered.schools[row].id for row in rows}


def _heads(on: Footing, rows: Iterable[int]) -> int:
    return len(_ids(on, rows))


def _cells(on: Footing, before: Result, after: Result) -> list[CellLine]:
    """Changed cells of the whole area, then of its wards where there is need; those with another status first."""
    whole = [_line(on, change) for change in compared(before, after, "theme", "phase")]
    wards = [
        _line(on, change)
        for change in compared(before, after, "theme", "phase", "area")
        if change.cell.area in on.gathered.wards
    ]
    lines = [line for line in whole if line.status_changed or line.before != line.after]
    lines += [line for line in wards if line.before.need > TRIFLE or line.after.need > TRIFLE]
    lines.sort(key=lambda line: (bool(line.ward), not line.status_changed, -abs(line.more_best), line.theme))
    return lines


def _line(on: Footing, change: CellChange) -> CellLine:
    cell = change.cell
    assert cell.theme is not None and cell.phase is not None
    theme, phase = on.gathered.themes[cell.theme], str(PHASE_OF[cell.phase])
    key: Key = (theme.id, phase, cell.area)
    return CellLine(
        theme=on.theme_codes.get(theme.id, ""),
        theme_name=theme.name,
        phase=phase,
        ward="" if cell.area is None else on.ward_codes.get(cell.area, ""),
        ward_name="" if cell.area is None else on.gathered.wards[cell.area],
        status_before=_status(on, key, change.before),
        status_after=_status(on, key, change.after),
        before=_figures(change.before) if change.before else Figures(),
        after=_figures(change.after) if change.after else Figures(),
        hidden=on.hidden(key),
    )


def _status(on: Footing, key: Key, cell: Cell | None) -> str:
    """As it is shown: "unknown" where too few schools replied in the base, whatever the numbers say."""
    if cell is None:
        return CellStatus.NONE.value
    replies = on.replies(key)
    status = cell.status if replies is None or enough_information(replies) else Status.NOT_ENOUGH_INFORMATION
    return STATUS_OF[status].value
