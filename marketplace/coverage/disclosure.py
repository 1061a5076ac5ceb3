"""What may be told outside the convenor's office: a school's need is sensitive (coverage.md section 9).

For the board and for scrutiny a part of a shown total is hidden

* *primarily* where fewer than `BOARD_SCHOOLS` schools contribute to it, or one school is more than 60 % of its days;
* *secondarily* where it is the only hidden part of a total that is shown, since subtraction would give it away: then the next
  smallest part is hidden as well.

What is shown is rounded to five days. Totals count as parts of their own sum, so a total all of whose other parts are empty goes
with its part. Hiding runs over the rows, the columns and the wards of one snapshot together, so that every page, file and
answer of the API hides the same cells.

Not yet here: the test that no hidden cell can be solved for from several sums at once, and the same rule between two
releases; until then the board sees only the newest snapshot.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

BOARD_SCHOOLS = 3
DOMINANT = 0.6
ROUNDED_TO = 5

Key = TypeVar("Key", bound=Hashable)


class Part(NamedTuple):
    """What stands behind a number: how many schools, how many days, and the largest part of them one school has (0 to 1)."""

    schools: int
    days: float
    largest: float = 0.0

    def must_hide(self, least: int) -> bool:
        """Whether the number gives a school away by itself."""
        return 0 < self.schools < least or self.largest > DOMINANT


def hidden(
    parts: Mapping[Key, Part], sums: Iterable[Sequence[Key]], *, least: int = BOARD_SCHOOLS
) -> set[Key]:
    """Which parts to hide. Each of `sums` lists the parts that add up to a total, and the total; unknown keys are taken for 0."""
    gone = {key for key, part in parts.items() if part.must_hide(least)}
    lines = [[key for key in line if key in parts and parts[key].schools] for line in sums]
    of_key: dict[Key, list[int]] = {}
    for number, line in enumerate(lines):
        for key in line:
            of_key.setdefault(key, []).append(number)
    waiting = list(range(len(lines)))
    while waiting:
        line = lines[waiting.pop()]
        open_ones = [key for key in line if key not in gone]
        if len(line) - len(open_ones) == 1 and open_ones:
            smallest = min(open_ones, key=lambda key: (parts[key].schools, parts[key].days))
            gone.add(smallest)
            waiting += of_key[smallest]
    return gone


def rounded(days: float) -> int:
    """Days to the nearest five."""
    return ROUNDED_TO * int(days / ROUNDED_TO + 0.5)


def rounded_parts(parts: Sequence[float]) -> list[int]:
    """Parts in fives of days that add up to their rounded total: those with the largest remainder go up."""
    fives = rounded(sum(parts)) // ROUNDED_TO
    whole = [int(part / ROUNDED_TO + 1e-9) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda at: (whole[at] - parts[at] / ROUNDED_TO, at))
    for at in by_remainder[: max(0, fives - sum(whole))]:
        whole[at] += 1
    return [ROUNDED_TO * each for each in whole]


BANDS = ((-1.0, -0.5), (-0.5, -0.2), (-0.2, 0.167), (0.167, 0.5), (0.5, 1.0))
"""The classes of the map."""


def banded(balance: float | None) -> float | None:
    """The middle of the class a balance lies in: as much as the colour of the map tells."""
    if balance is None:
        return None
    low, high = next((band for band in BANDS if balance < band[1]), BANDS[-1])
    return round((low + high) / 2, 2)
