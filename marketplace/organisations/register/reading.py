"""The face of the register reader: an upload in, typed rows and refusals out, one at a time.

```
reading = read_register("edubasealldata20250422.csv", only_la_codes={"372"})
reading.header.layout, reading.header.encoding, reading.header.missing
for row in reading:
    match row:
        case Refusal(line, urn, reason): ...
        case RegisterRow(): ...
```

A file that isn't what was asked for raises `RegisterFileError` at the call, before the first row; a bad row never stops the
rest. Uploads are bytes, a path or an open binary file. Nothing here knows of the database.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from .files import Upload
from .groups import GroupReader, GroupRow, MembershipReader, MembershipRow
from .layouts import GROUPS, LINKS, MEMBERSHIPS, SCHOOLS, layout_of
from .links import LinkReader, LinkRow
from .refusals import Refusal
from .rows import RegisterRow, RowReader, fields_told
from .tables import Header, Reading, find_table

__all__ = ["Header", "Reading", "read_groups", "read_links", "read_memberships", "read_register"]


def read_register(upload: Upload, *, only_la_codes: Collection[str] | None = None) -> Reading[RegisterRow]:
    """The schools of a GIAS extract or search export.

    `only_la_codes` (three digits each) keeps to some authorities; rows of others are counted in `Reading.left_out`, not
    refused. Raises `RegisterFileError` when the upload isn't a list of schools or lacks a column nothing can be done without.
    """
    content, header = find_table(upload, SCHOOLS)
    header = replace(header, layout=layout_of(header.columns), fields=fields_told(header.places))
    return _Schools(
        content, header, RowReader(header.places, len(header.columns)), _of_areas(header, only_la_codes)
    )


def read_groups(upload: Upload) -> Reading[GroupRow]:
    """The groups of the register's "all group records". Raises `RegisterFileError`."""
    content, header = find_table(upload, GROUPS)
    return Reading(content, header, GroupReader(header.places, len(header.columns)))


def read_memberships(upload: Upload) -> Reading[MembershipRow]:
    """Schools with their groups, from "academies and trusts" or "group links". Raises `RegisterFileError`."""
    content, header = find_table(upload, MEMBERSHIPS)
    return Reading(content, header, MembershipReader(header.places, len(header.columns)))


def read_links(upload: Upload) -> Reading[LinkRow]:
    """Links between schools (`links_edubasealldata…`). Raises `RegisterFileError`."""
    content, header = find_table(upload, LINKS)
    return Reading(content, header, LinkReader(header.places, len(header.columns)))


class _Schools(Reading[RegisterRow]):
    """A reading that refuses a school the second time it comes."""

    def __iter__(self) -> Iterator[RegisterRow | Refusal]:
        first_lines: dict[int, int] = {}
        for row in super().__iter__():
            if isinstance(row, RegisterRow):
                first = first_lines.setdefault(row.urn, row.line)
                if first != row.line:
                    row = Refusal(row.line, row.urn, f"has the same URN as line {first}; that one was taken")
            yield row


def _of_areas(header: Header, la_codes: Collection[str] | None) -> Callable[[list[str]], bool]:
    if la_codes is None:
        return lambda cells: True
    place = header.places["LA (code)"]
    wanted = frozenset(code.zfill(3) for code in la_codes)

    def keep(cells: list[str]) -> bool:
        code = cells[place].strip() if place < len(cells) else ""
        return not code.isdigit() or code.zfill(3) in wanted

    return keep
