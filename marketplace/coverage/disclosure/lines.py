"""Hiding parts of totals in one pass: for small tables whose numbers are counts of schools or of what schools did.

A part is hidden *primarily* where it gives a school away by itself, and *secondarily* where it is the only hidden part of a total
that is shown, since subtraction would give it away: then the next smallest part is hidden as well. Totals count as parts of
their own sum, so a total all of whose other parts are empty goes with its part.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

BOARD_SCHOOLS = 3
DOMINANT = 0.6

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
