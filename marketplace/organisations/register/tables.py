"""Finding the table in an upload: which file of an archive, where its header is, and its records one after another."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from .errors import RegisterFileError
from .files import (
    CHUNK,
    DOWNLOAD_AGAIN,
    Content,
    Upload,
    contents,
    encoding_by_mark,
    refuse_binary,
    refuse_foreign,
)
from .layouts import GROUPS, LINKS, MEMBERSHIPS, SCHOOLS, Table
from .records import parse, records
from .refusals import Refusal

DELIMITERS = ",;\t|"
HEADER_WITHIN = 20  # lines; exports sometimes have a title above the header

Row = TypeVar("Row")


@dataclass(frozen=True)
class Header:
    """What was found out about a file before its first row.

    `line` is the header's own line, `places` the position of each column we read, `missing` those we would read but that
    aren't there, `unread` the file's other columns. `layout` and `fields` are told of schools files only: see
    `layouts.layout_of` and `rows.fields_told`.
    """

    member: str
    encoding: str
    delimiter: str
    line: int
    columns: tuple[str, ...]
    places: Mapping[str, int]
    missing: tuple[str, ...]
    unread: tuple[str, ...]
    layout: str = ""
    fields: frozenset[str] = field(default=frozenset())


class Reading(Generic[Row]):
    """The rows of a file, streamed. It can be gone through more than once, not twice at the same time.

    `left_out` counts the rows that the filter kept out in the latest pass.
    """

    def __init__(
        self,
        content: Content,
        header: Header,
        make_row: Callable[[int, list[str]], Row | Refusal],
        keep: Callable[[list[str]], bool] = lambda cells: True,
    ) -> None:
        self.header = header
        self.left_out = 0
        self._content = content
        self._make_row = make_row
        self._keep = keep

    def __iter__(self) -> Iterator[Row | Refusal]:
        self.left_out = 0
        lines = self._content.lines(self.header.encoding)
        for _ in range(self.header.line):
            next(lines, None)
        for line, cells in records(
            lines,
            delimiter=self.header.delimiter,
            width=len(self.header.columns),
            first_line=self.header.line + 1,
        ):
            if cells is None:
                yield Refusal(line, None, "has a quotation mark that is never closed")
            elif self._keep(cells):
                yield self._make_row(line, cells)
            else:
                self.left_out += 1


@dataclass(frozen=True)
class _Found:
    """A header line, or the likeliest one."""

    line: int
    delimiter: str
    cells: tuple[str, ...]

    @classmethod
    def best(cls, lines: Sequence[str], table: Table) -> "_Found | None":
        candidates = [
            cls(number, delimiter, tuple(parse(text, delimiter) or ()))
            for number, text in enumerate(lines, 1)
            for delimiter in DELIMITERS
        ]
        return max(candidates, key=lambda found: found.known(table), default=None)

    def known(self, table: Table) -> int:
        return len(table.places(self.cells)) + (1000 if table.fits(self.cells) else 0)


def find_table(upload: Upload, table: Table) -> tuple[Content, Header]:
    """The content of `upload` that is such a table, and its header. Of several in an archive the one with most columns.

    Raises `RegisterFileError` that says what the upload is instead, or which columns it lacks.
    """
    candidates = contents(upload)
    found: list[tuple[int, int, Content, _Found]] = []
    for content in candidates:
        try:
            lines = _first_lines(content)
        except RegisterFileError:
            if len(candidates) == 1:
                raise
            continue
        header = _Found.best(lines, table)
        if header is None or not table.fits(header.cells):
            if len(candidates) == 1:
                raise _not_the_table(lines, table, header)
            continue
        found.append((header.known(table), content.size, content, header))
    if not found:
        raise RegisterFileError(
            f"None of the {len(candidates)} files in the zip file is the {table.title}.",
            remedy=DOWNLOAD_AGAIN,
        )
    _, _, content, header = max(found, key=lambda each: each[:2])
    return content, _header(content, header, table)


def _header(content: Content, found: _Found, table: Table) -> Header:
    places = table.places(found.cells)
    if missing := table.missing(places):
        raise _lacks(missing)
    read = set(places.values())
    return Header(
        member=content.name,
        encoding=content.survey(),
        delimiter=found.delimiter,
        line=found.line,
        columns=found.cells,
        places=places,
        missing=tuple(name for name in table.columns if name not in places),
        unread=tuple(name for place, name in enumerate(found.cells) if place not in read),
    )


def _first_lines(content: Content) -> list[str]:
    """The lines among which the header must be. Only ASCII counts there, so the exact encoding can wait."""
    head = next(content.chunks(), b"")[: CHUNK // 4]
    refuse_foreign(head)
    encoding = encoding_by_mark(head)
    if not encoding:
        refuse_binary(head)
    text = head.decode(encoding or "latin-1", errors="replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").split("\n")[:HEADER_WITHIN]
    if not any(line.strip() for line in lines):
        raise RegisterFileError("The file is empty.", remedy=DOWNLOAD_AGAIN)
    return lines


def _not_the_table(lines: Sequence[str], table: Table, likeliest: _Found | None) -> RegisterFileError:
    for other in (MEMBERSHIPS, LINKS, GROUPS, SCHOOLS):
        if other is not table and (found := _Found.best(lines, other)) and other.fits(found.cells):
            return RegisterFileError(
                f"This is the register’s {other.title}, not its {table.title}.",
                remedy=f"Upload the {table.title} from Get Information About Schools.",
            )
    if likeliest and likeliest.known(table) >= 3:
        return _lacks(table.missing(table.places(likeliest.cells)))
    needed = ", ".join(" or ".join(names) for names in table.needed)
    return RegisterFileError(
        f"This is not the register’s {table.title}: its first lines have no header with the columns {needed}.",
        remedy=DOWNLOAD_AGAIN,
    )


def _lacks(missing: Sequence[str]) -> RegisterFileError:
    columns = "the column" if len(missing) == 1 else "these columns:"
    return RegisterFileError(
        f"The file lacks {columns} {', '.join(missing)}.",
        remedy="Download the list again from Get Information About Schools with all columns.",
    )
