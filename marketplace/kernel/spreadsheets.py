"""Rows as CSV that a spreadsheet opens as it was meant: in UTF-8, and with no cell it would run."""

import csv
from collections.abc import Iterable, Iterator, Sequence

# A spreadsheet takes a text that starts with one of these for a formula and runs it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """The rows line by line, so that no list is too long. Text that would be run as a formula gets an apostrophe before it."""
    yield b"\xef\xbb\xbf"  # without the mark Excel takes UTF-8 for Windows-1252
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row]).encode()


def harmless(cell: object) -> object:
    """The cell as it may stand in a CSV file: text that a spreadsheet would run gets an apostrophe before it."""
    if cell is None:
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


class _Echo:
    """A file that hands back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line
