"""A cell as one person sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from marketplace.coverage.models import CellStatus
from marketplace.organisations.models import Phase

PARTS = ("met", "brokerable", "capacity_gap", "reach_gap", "unlocated")
HELD = "held"
"""Stands for a status in a release where a change is held back and nothing was told before: which one it is is not told yet."""
TOLD_STATUSES = [*CellStatus.choices, (HELD, "Status held back")]


@dataclass(frozen=True, kw_only=True)
class ShownCell:
    """Numbers in days. In a `hidden` cell there are none; in one that is not `exact` they are fives of days.

    `schools` is how many there are at least where the cell is not exact. `theme` and `theme_name` are empty for all themes, `phase` for all phases, `ward` (a code) for the whole area.
    `balance` runs from -1 (nothing offered) to 1 (twice the need and more), `None` where there is no need. `measures`,
    `reason` and the full sentence are the convenor's.
    """

    theme: str
    theme_name: str
    phase: str
    ward: str
    ward_name: str
    exact: bool
    hidden: bool = False
    need: float = 0
    met: float = 0
    brokerable: float = 0
    capacity_gap: float = 0
    reach_gap: float = 0
    unlocated: float = 0
    balance: float | None = None
    reach: int | None = None
    schools: int | None = None
    status: str = ""
    reason: str = ""
    confidence: str = ""
    sentence: str = ""
    measures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def unmet(self) -> float:
        """Days not met as things stand."""
        return self.need - self.met

    @property
    def status_label(self) -> str:
        return "Hidden" if self.hidden else status_label(self.status)

    @property
    def is_told(self) -> bool:
        """Whether its status is known: neither is the cell hidden nor its status held back."""
        return not self.hidden and self.status != HELD

    @property
    def phase_label(self) -> str:
        return Phase(self.phase).label if self.phase else "All phases"

    @property
    def parts(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in PARTS}


VALUES = (
    "theme__code",
    "theme__name",
    "phase",
    "ward__code",
    "ward__name",
    "need",
    *PARTS,
    "balance",
    "schools",
    "status",
    "status_reason",
    "confidence",
    "sentence",
    "measures",
)
HIDDEN = "Hidden: too few schools stand behind it, or it could be worked out from what is shown."


@dataclass(frozen=True)
class Where:
    """The place of a cell: its theme, phase and ward by the words and codes people know."""

    theme: str = ""
    theme_name: str = ""
    phase: str = ""
    ward: str = ""
    ward_name: str = ""


def exact(row: Mapping[str, Any]) -> ShownCell:
    """A row of `Cell` (its `VALUES`) as a convenor sees it."""
    return ShownCell(
        theme=row["theme__code"] or "",
        theme_name=row["theme__name"] or "",
        phase=row["phase"],
        ward=row["ward__code"] or "",
        ward_name=row["ward__name"] or "",
        exact=True,
        need=row["need"],
        **{name: row[name] for name in PARTS},
        balance=row["balance"],
        reach=reach_of(row["measures"]),
        schools=row["schools"],
        status=row["status"],
        reason=row["status_reason"],
        confidence=row["confidence"],
        sentence=row["sentence"],
        measures=row["measures"],
    )


def told(cell: Mapping[str, Any], where: Where, *, instead: str = "") -> ShownCell:
    """A cell of a release as the board sees it; `instead` says of a hidden one what is told of the place it lies in."""
    known: dict[str, Any] = {**vars(where), "exact": False}
    if cell.get("hidden"):
        return ShownCell(**known, hidden=True, sentence=f"{HIDDEN} {instead}".strip())
    shown = ShownCell(
        **known,
        need=sum(cell["parts"]),
        **dict(zip(PARTS, cell["parts"], strict=True)),
        balance=cell["balance"],
        reach=cell["reach"],
        schools=cell["schools"],
        status=told_status(cell),
        confidence=cell["confidence"],
    )
    return replace(shown, sentence=rounded_sentence(shown))


def told_status(cell: Mapping[str, Any]) -> str:
    """The status of a cell of a release. Early releases say of one held back that it is unknown, with no confidence."""
    early = cell["status"] == CellStatus.UNKNOWN and not cell["confidence"]
    return HELD if early else str(cell["status"])


def status_label(status: str) -> str:
    """A status in words, that which is held back too."""
    return str(dict(TOLD_STATUSES)[status])


def hidden(where: Where, *, instead: str = "") -> ShownCell:
    """A cell that is never told: it lies deeper than anything that is."""
    return told({"hidden": True}, where, instead=instead)


def reach_of(measures: Mapping[str, Any]) -> int | None:
    """How many owners reach most of the days needed: 0, 1, or 2 for two or more. `None` where there is no need."""
    if measures.get("no_reach") is None:
        return None
    if measures["no_reach"] >= 0.5:
        return 0
    return 2 if measures["backup"] >= 0.5 else 1


def rounded_sentence(cell: ShownCell) -> str:
    """What the board reads: no provider's name, days in fives."""
    place = ", ".join(
        [
            cell.theme_name or "All themes",
            cell.phase_label.lower(),
            *([f"{cell.ward_name} ward"] if cell.ward else []),
        ]
    )
    if not cell.schools:
        return f"{place}: no need declared."
    said = [f"about {cell.met:g} would be met as things stand"]
    if cell.brokerable:
        said.append(f"about {cell.brokerable:g} more by brokering capacity already offered")
    if cell.capacity_gap:
        said.append(f"about {cell.capacity_gap:g} need more capacity")
    if cell.reach_gap:
        said.append(f"about {cell.reach_gap:g} are beyond every offer’s reach")
    if cell.unlocated:
        said.append(f"about {cell.unlocated:g} are for schools whose place is not known")
    needed = (
        f"About {cell.need:g} days needed by {cell.schools} schools or more"
        if cell.need
        else "A few days needed"
    )
    sure = f" Confidence {cell.confidence}." if cell.confidence else ""
    held = " Its status is held back until a later release." if cell.status == HELD else ""
    return f"{place}: {needed}; {'; '.join(said)}.{sure}{held}"
