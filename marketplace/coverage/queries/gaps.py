"""The worst gaps, and what each hangs on: brokering, money for more days, or reach."""

from collections.abc import Iterable
from dataclasses import dataclass

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
