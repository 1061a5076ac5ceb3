"""The worst gaps, and what each hangs on: brokering, money for more days, or reach."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from marketplace.coverage import disclosure
from marketplace.coverage.models import CellStatus
from marketplace.coverage.queries.shown import HELD, ShownCell

PARTS_IN_WORDS = (
    ("unlocated", "of schools whose place is not known: put them on the map first"),
    ("reach_gap", "out of every offer’s reach: wider reach, support at a distance, or a new provider"),
    ("capacity_gap", "short of capacity: more days, from those who offer or from others"),
    ("brokerable", "a matter of brokering: the days are there and have to be moved"),
)


@dataclass(frozen=True)
class Gap:
    """A theme and phase short of support, and what most of it hangs on."""

    cell: ShownCell

    @property
    def cause(self) -> str:
        largest = max(PARTS_IN_WORDS, key=lambda part: getattr(self.cell, part[0]))
        return largest[1] if getattr(self.cell, largest[0]) else "a few days only"


def worst_gaps(cells: Iterable[ShownCell], most: int) -> list[Gap]:
    """The themes in a phase that are gaps, those with most days unmet first, at most so many. Sums over themes or phases are left out."""
    gaps = [
        cell
        for cell in cells
        if cell.theme and cell.phase and not cell.hidden and cell.status == CellStatus.GAP
    ]
    return [Gap(cell) for cell in sorted(gaps, key=lambda cell: (-cell.unmet, cell.theme, cell.phase))[:most]]


def days_short(cell: ShownCell) -> int:
    """Whole days short of capacity or reach; of all that is unmet where brokering could meet it."""
    return ceil(cell.capacity_gap + cell.reach_gap - 0.005) or ceil(cell.unmet - 0.005)


def told_to_providers(cell: ShownCell) -> tuple[int, str]:
    """The days short and the ward (a code) that providers may be asked about: days in fives, upwards, and a ward only where enough
    schools stand behind it, for one school's need is not for them (coverage.md 9)."""
    ward = cell.ward if (cell.schools or 0) >= disclosure.PUBLIC_SCHOOLS else ""
    return disclosure.ROUNDED_TO * ceil(days_short(cell) / disclosure.ROUNDED_TO), ward


@dataclass(frozen=True)
class Unranked:
    """What no list of gaps can rank: how many themes in a phase are hidden, and those that are told without a status.

    `held` are those with days unmet whose status is held back, `unknown` those with too few replies, the most days first. How many days
    are told, so nothing is said here that is not.
    """

    hidden: int
    held: list[ShownCell]
    unknown: list[ShownCell]


def unranked(cells: Iterable[ShownCell]) -> Unranked:
    """The themes in a phase that may be gaps and are in no list of them. Sums over themes or phases are left out."""
    proper = [cell for cell in cells if cell.theme and cell.phase]
    return Unranked(
        sum(cell.hidden for cell in proper), _unmet(proper, HELD), _unmet(proper, CellStatus.UNKNOWN)
    )


def _unmet(cells: Iterable[ShownCell], status: str) -> list[ShownCell]:
    found = [cell for cell in cells if not cell.hidden and cell.status == status and cell.unmet]
    return sorted(found, key=lambda cell: (-cell.unmet, cell.theme, cell.phase))
