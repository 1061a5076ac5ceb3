"""A cell taken apart for a convenor: each number with how it is worked out and the rows it came from, and how far it can be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan
from typing import Any

from frontend.templatetags.coverage import number
from marketplace.coverage.measures import Settings, Status
from marketplace.coverage.measures.confidence import LETTERS
from marketplace.coverage.measures.equity import Equity
from marketplace.coverage.measures.status import floored, percent
from marketplace.coverage.measures.turning import Standing, Turn, what_would_change
from marketplace.coverage.models import CellStatus
from marketplace.coverage.queries import ShownCell

STATUS_OF = {
    CellStatus.NONE: Status.NONE,
    CellStatus.UNUSED: Status.UNUSED,
    CellStatus.GAP: Status.GAP,
    CellStatus.THIN: Status.THIN,
    CellStatus.ADEQUATE: Status.ADEQUATE,
    CellStatus.DUPLICATED: Status.DUPLICATED,
}


@dataclass(frozen=True)
class Line:
    """A number: its name, its value, what it is, its sum with today's figures, and the part of the page with its rows."""

    name: str
    value: str
    meaning: str
    worked: str = ""
    rows: str = ""


NEEDS, POOLS, SHARES, TRUST = "#needs", "#pools", "#shares", "#trust"


def parts(cell: ShownCell) -> list[Line]:
    """The four parts of the days needed, and a fifth where a school's place is not known."""
    found = [
        ("Met as things stand", cell.met, "Each school’s share of the days offered, up to what it needs."),
        (
            "By brokering",
            cell.brokerable,
            "What moving days already offered could meet on top: the best case less what is met.",
        ),
        (
            "Short of capacity",
            cell.capacity_gap,
            "Offers reach these schools, but even the best case leaves these days over.",
        ),
        ("Out of reach", cell.reach_gap, "Days of schools that no offer reaches."),
    ]
    if cell.unlocated:
        found.append(("Place not known", cell.unlocated, "Days of schools that could not be put on the map."))
    return [Line(name, number(days), meaning, rows=NEEDS) for name, days, meaning in found]


def measures(cell: ShownCell, settings: Settings) -> list[Line]:
    """What the status is decided by, each with the limit it is held against."""
    limits, found = settings.thresholds, cell.measures
    if found["expected"] is None:
        return []
    need, supply = number(cell.need), found["supply_days"]
    alone = found["without_largest"] * cell.need
    n_eff = f" Evenly shared out this is like {found['n_eff']:.1f} owners." if found["n_eff"] else ""
    return [
        Line(
            "Met as things stand",
            percent(found["expected"]),
            f"Days met over days needed. Thin below {percent(limits.thin_expected)}.",
            f"{number(cell.met)} ÷ {need}",
            NEEDS,
        ),
        Line(
            "Best case",
            percent(found["best"]),
            "What perfect brokering of the same days would meet, fairest school first."
            f" A gap below {percent(limits.gap_best)}.",
            f"({number(cell.met)} + {number(cell.brokerable)}) ÷ {need}",
            NEEDS,
        ),
        Line(
            "Days falling here for each day needed",
            f"{floored(found['k'], 2):.2f}",
            f"Shares over days needed. Thin below {limits.thin_k:g}, duplicated from {limits.duplicated_k:g}.",
            f"{number(supply)} ÷ {need}",
            POOLS,
        ),
        Line(
            "Met without the largest provider",
            percent(found["without_largest"]),
            "The first line with the largest owner’s shares taken away."
            f" Thin below {percent(limits.thin_without_largest)}.",
            f"{number(alone)} ÷ {need}",
            SHARES,
        ),
        Line("Owners with days here", f"{found['owners']}", f"Offers of one trust count as one owner.{n_eff}", "", POOLS),
        Line(
            "With a second owner in reach",
            percent(found["backup"]),
            "Part of the days that two or more owners reach.",
            f"{number(found['backup'] * cell.need)} ÷ {need}",
            SHARES,
        ),
        Line(
            "Beyond every offer’s reach",
            percent(found["no_reach"]),
            "Part of the days that no offer reaches.",
            f"{number(cell.reach_gap)} ÷ {need}",
            NEEDS,
        ),
        Line(
            "Balance",
            f"{cell.balance:+.2f}" if cell.balance is not None else "–",
            "Days falling here less days needed, over the larger of the two: −1 nothing offered, 0 even, +0.5 twice the need.",
            f"({number(supply)} − {need}) ÷ {number(max(supply, cell.need))}",
            POOLS,
        ),
    ]  # fmt: skip


@dataclass(frozen=True)
class Question:
    """One of the four questions of confidence: its answer, what an A and a B ask for, and the letter it alone would give."""

    name: str
    answer: str
    meaning: str
    for_a: str
    for_b: str
    letter: str


def questions(cell: ShownCell) -> list[Question]:
    """The letter of a cell is the worst of the four."""
    found = cell.measures
    asked = (
        (
            "Schools that replied",
            found["q1"],
            f"{found['replied']} of {found['asked']} schools of the phase declared or confirmed their needs within a year."
            " Below a fifth there is no status.",
        ),
        (
            "Days from offers confirmed lately",
            found["q2"],
            "Of the days that would fall here if offers nobody confirmed lately counted too.",
        ),
        (
            "Checks that agree",
            found["q3"],
            f"{found['agreeing']} of {found['checks']} checks below give the same status.",
        ),
        (
            "Days of schools on the map",
            found["q4"],
            "Of the days needed, those of schools whose place is known.",
        ),
    )
    (_, least_a), (_, least_b) = LETTERS
    return [
        Question(
            name,
            percent(value),
            meaning,
            percent(least_a[at]),
            percent(least_b[at]),
            "A" if value >= least_a[at] - 1e-9 else "B" if value >= least_b[at] - 1e-9 else "C",
        )
        for at, (name, value, meaning) in enumerate(asked)
    ]


def checks(cell: ShownCell, settings: Settings) -> dict[str, Any] | None:
    """The nine checks as a grid: distances down, days offered across, the status each gives; `None` for an old snapshot."""
    verdicts = cell.measures.get("verdicts")
    if not verdicts:
        return None
    across = settings.capacity_factors
    lines = [
        {
            "name": _factor(radius, "distances"),
            "cells": [
                {"label": CellStatus(verdict).label, "status": verdict, "same": verdict == cell.measures["status"]}
                for verdict in verdicts[row * len(across) : (row + 1) * len(across)]
            ],
        }
        for row, radius in enumerate(settings.radius_factors)
    ]  # fmt: skip
    return {"across": [_factor(capacity, "days") for capacity in across], "lines": lines}


def _factor(factor: float, what: str) -> str:
    """`Distances as they are`, `25% longer distances`, `20% fewer days`."""
    if factor == 1:
        return f"{what} as they are".capitalize()
    more, less = ("longer", "shorter") if what == "distances" else ("more", "fewer")
    return f"{abs(factor - 1) * 100:.0f}% {more if factor > 1 else less} {what}"


def turns(cell: ShownCell, settings: Settings) -> list[Turn]:
    """What would change the status."""
    found = cell.measures
    return what_would_change(
        Standing(
            status=STATUS_OF[CellStatus(found["status"])],
            need_days=cell.need,
            met=cell.met,
            best_days=cell.met + cell.brokerable,
            brokerable=cell.brokerable,
            supply_days=found["supply_days"],
            without_largest=found["without_largest"] or 0.0,
            owners=found["owners"],
            replied=found["replied"],
            asked=found["asked"],
            enough_information=cell.status != CellStatus.UNKNOWN,
        ),
        settings.thresholds,
    )


FIFTHS = ("Fewest", "Second fifth", "Middle fifth", "Fourth fifth", "Most")
"""Of the schools, by free school meals, as `Equity.by_fifth` has them."""


@dataclass(frozen=True)
class Fairness:
    """How evenly the days needed could be met: by fifth of the schools the part, empty where nobody there needs any."""

    gini: str
    fifths: list[tuple[str, str]]
    gap: float | None

    @property
    def points(self) -> int:
        """By how many points of a hundred the most disadvantaged fifth is apart from the least."""
        return round(abs(self.gap or 0) * 100)


def fairness(totals: Mapping[str, Any]) -> Fairness | None:
    """What a snapshot says of the area's fairness; nothing where there is no need to share."""
    gini, parts = totals.get("gini"), totals.get("by_fsm_fifth") or []
    if gini is None:
        return None
    equity = Equity(gini, tuple(nan if part is None else part for part in parts))
    known = [part for part in equity.by_fifth if not isnan(part)]
    gap = equity.most_less_least if known else nan
    told = ["–" if isnan(part) else percent(part) for part in equity.by_fifth]
    return Fairness(
        gini=f"{gini:.2f}",
        fifths=list(zip(FIFTHS, told, strict=True)) if known else [],
        gap=None if isnan(gap) else gap,
    )
