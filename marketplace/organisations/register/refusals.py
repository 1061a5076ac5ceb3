"""Rows that can't be used: how a reader gives one up (`Refused`) and how the caller hears of it (`Refusal`)."""

from collections.abc import Sequence
from dataclasses import dataclass

from .layouts import key


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that can't be used: the line it starts on (as an editor counts lines), its URN if readable, and why."""

    line: int
    urn: int | None
    reason: str


class Refused(Exception):
    """Raised inside a reader of rows; never leaves it. The reason completes "The row …" and quotes no cell."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def unique_reference_number(cell: str) -> int:
    """The URN of a school. Raises `Refused` for totals and for anything but six digits."""
    text = cell.strip().removesuffix(".0")
    if key(text) in ("nat", "total", "england", "national"):
        raise Refused("is a total, not a school")
    if not text:
        raise Refused("has no URN")
    if not (text.isascii() and text.isdigit() and len(text) == 6 and text[0] != "0"):
        raise Refused("has a URN that isn’t a number of six digits")
    return int(text)


def evened(cells: Sequence[str], width: int) -> tuple[list[str], str]:
    """The cells brought to the width of the header, and what was wrong with their number (``""`` when nothing was).

    Raises `Refused` when cells with something in them would be lost.
    """
    if len(cells) == width:
        return list(cells), ""
    if any(cell.strip() for cell in cells[width:]):
        raise Refused(f"has {len(cells)} cells where the header has {width}")
    uneven = f"has {len(cells)} cells where the header has {width}, and they don’t fit its columns"
    return [*cells, *[""] * (width - len(cells))][:width], uneven
