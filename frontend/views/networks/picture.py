"""The overlaps as a matrix: a square for every two groupings, the darker the more schools they share."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.organisations.belonging import Grouping, Pair

MOST = 24
"""More than this many would be too small to read: the largest are drawn, and the table has them all."""
NAMES_WIDE = 360
SIDE = 34
LONGEST_NAME = 28
FILLS = ((0.0, "#ffffff"), (0.25, "#e3f0f0"), (0.5, "#a9d0d0"), (0.75, "#3f8a8f"), (1.0, "#0e4f5c"))
DARK_FROM = 0.5


@dataclass(frozen=True)
class Square:
    """One square: where, its colour, and what it says (empty where two share no school)."""

    x: int
    y: int
    fill: str
    text: str
    is_dark: bool


@dataclass(frozen=True)
class Head:
    """A row's name and its number, and where they stand; the same number heads its column."""

    number: int
    name: str
    y: int
    x: int


@dataclass(frozen=True)
class Matrix:
    """The whole drawing."""

    width: int
    height: int
    side: int
    names_wide: int
    heads: list[Head]
    squares: list[Square]
    left_out: int


def matrix_of(groupings: Sequence[Grouping], pairs: Sequence[Pair]) -> Matrix | None:
    """The picture of up to `MOST` groupings, put together by kind; `None` where there are not two to compare."""
    largest = sorted(groupings, key=lambda each: -len(each.schools))[:MOST]
    if len(largest) < 2:
        return None
    drawn = sorted(largest, key=lambda each: (not each.is_network, each.kind, each.name))
    overlap = {frozenset((pair.first.key, pair.second.key)): pair.overlap for pair in pairs}
    heads = [
        Head(number, _short(each.name), SIDE * number, NAMES_WIDE + SIDE * (number - 1))
        for number, each in enumerate(drawn, start=1)
    ]
    squares = [
        _square(column, row, overlap.get(frozenset((first.key, second.key)), 0.0), same=first is second)
        for row, first in enumerate(drawn)
        for column, second in enumerate(drawn)
    ]
    size = SIDE * len(drawn)
    return Matrix(
        width=NAMES_WIDE + size,
        height=SIDE + size,
        side=SIDE,
        names_wide=NAMES_WIDE,
        heads=heads,
        squares=squares,
        left_out=len(groupings) - len(drawn),
    )


def _square(column: int, row: int, overlap: float, *, same: bool) -> Square:
    x, y = NAMES_WIDE + SIDE * column, SIDE + SIDE * row
    if same:
        return Square(x, y, "#d9dfe0", "", is_dark=False)
    fill = next(fill for most, fill in FILLS if overlap <= most)
    return Square(x, y, fill, f"{int(100 * overlap + 1e-9)}" if overlap else "", is_dark=overlap > DARK_FROM)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"
