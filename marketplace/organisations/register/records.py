"""From lines of text to records of cells, each with the number of the line it starts on.

A quoted field may hold line breaks, so a record may run over several lines. A quotation mark that is never closed must not
swallow the rest of the file: the line it stands on is given up (its cells are None), and reading goes on with the next line.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator

MAX_RECORD_LINES = 40

Record = tuple[int, list[str] | None]


def parse(text: str, delimiter: str) -> list[str] | None:
    """The cells of one complete record; None when quotation marks or line breaks are where they can't be."""
    try:
        return next(csv.reader((text,), delimiter=delimiter), [])
    except csv.Error:
        return None


def records(
    lines: Iterable[str], *, delimiter: str = ",", width: int, first_line: int = 1
) -> Iterator[Record]:
    """Records of `lines`, the first of which has the number `first_line`. `width` is the number of cells expected.

    Lines without any content are passed over.
    """
    numbered = _Lines(lines, first_line)
    while (line := numbered.take()) is not None:
        number, text = line
        if text.count('"') % 2:
            cells = _of_odd_quotes(text, numbered, delimiter, width)
        else:
            cells = parse(text, delimiter)
        if cells is None or any(cell and not cell.isspace() for cell in cells):
            yield number, cells


def _of_odd_quotes(text: str, numbered: "_Lines", delimiter: str, width: int) -> list[str] | None:
    """A field with a line break in it, or a stray quotation mark."""
    taken: list[tuple[int, str]] = []
    joined = text
    while joined.count('"') % 2 and len(taken) < MAX_RECORD_LINES and (line := numbered.take()):
        taken.append(line)
        if _stands_alone(line[1], delimiter, width):
            break
        joined = f"{joined}\n{line[1]}"
    else:
        if joined.count('"') % 2 == 0 and (cells := parse(joined, delimiter)) is not None:
            return cells
    numbered.put_back(taken)
    cells = parse(text, delimiter)
    return cells if cells is not None and len(cells) == width else None


def _stands_alone(text: str, delimiter: str, width: int) -> bool:
    """Whether this line is a whole record by itself, so can't be the rest of the one before."""
    if text.count(delimiter) < width - 1:
        return False
    cells = parse(text, delimiter)
    return cells is not None and len(cells) == width


class _Lines:
    """Numbered lines that can be put back."""

    def __init__(self, lines: Iterable[str], first_line: int) -> None:
        self._lines = enumerate(lines, first_line)
        self._ahead: deque[tuple[int, str]] = deque()

    def take(self) -> tuple[int, str] | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def put_back(self, lines: list[tuple[int, str]]) -> None:
        self._ahead.extendleft(reversed(lines))
