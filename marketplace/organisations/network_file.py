"""Reading a file of networks: one row for each school in each network, with the network's name, its kind and the school's URN."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO

NAMES_OF = {
    "network": ("network", "name", "network name"),
    "kind": ("kind", "type", "network kind"),
    "urn": ("urn", "school urn"),
}
MOST_ROWS = 5_000
LONGEST_NAME = 150


@dataclass(frozen=True)
class FileRow:
    """A school in a network, as line `line` of the file has it."""

    line: int
    network: str
    kind: str
    urn: int


@dataclass(frozen=True)
class FileError:
    """What is wrong with a line and how to put it right. Line 1 is the heading."""

    line: int
    message: str


@dataclass
class NetworkFile:
    """What a file says: rows that can be read, each school once per network, and the lines that can't."""

    rows: list[FileRow] = field(default_factory=list)
    errors: list[FileError] = field(default_factory=list)

    def networks(self) -> dict[str, list[FileRow]]:
        """The rows by network, under the name it was first written with; case does not tell networks apart."""
        named: dict[str, str] = {}
        found: dict[str, list[FileRow]] = {}
        for row in self.rows:
            found.setdefault(named.setdefault(row.network.casefold(), row.network), []).append(row)
        return found


def read_networks(text: str, kinds: Mapping[str, str]) -> NetworkFile:
    """Read CSV with the columns network, kind and URN. `kinds` maps each kind's code to its label; either may stand in the file."""
    found = NetworkFile()
    lines = csv.reader(StringIO(text.lstrip("\ufeff"), newline=""), delimiter=_delimiter(text))
    try:
        columns = _columns(next(lines, []))
        missing = sorted(set(NAMES_OF) - set(columns))
        if missing:
            found.errors.append(
                FileError(
                    1,
                    f"The first line has to name the columns network, kind and URN. Missing: {', '.join(missing)}.",
                )
            )
            return found
        _read(lines, columns, _known(kinds), found)
    except csv.Error as error:
        found.errors.append(
            FileError(lines.line_num, f"This line is not CSV ({error}). Save the file as CSV again.")
        )
    return found


def _delimiter(text: str) -> str:
    heading = text.split("\n", 1)[0]
    return max((",", ";", "\t"), key=heading.count)


def _columns(heading: list[str]) -> dict[str, int]:
    places = {" ".join(cell.split()).lower(): place for place, cell in reversed(list(enumerate(heading)))}
    return {
        name: next(places[each] for each in names if each in places)
        for name, names in NAMES_OF.items()
        if any(each in places for each in names)
    }


def _known(kinds: Mapping[str, str]) -> dict[str, str]:
    return {word.casefold(): code for code, label in kinds.items() for word in (code, label)}


def _read(
    lines: Iterator[list[str]], columns: dict[str, int], known: dict[str, str], found: NetworkFile
) -> None:
    kind_of: dict[str, str] = {}
    seen: set[tuple[str, int]] = set()
    for number, cells in enumerate(lines, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(found.rows) >= MOST_ROWS:
            found.errors.append(
                FileError(number, f"The file has more than {MOST_ROWS} rows. Split it in two.")
            )
            return
        row = _row(number, {name: _cell(cells, place) for name, place in columns.items()}, known)
        if isinstance(row, FileRow):
            name = row.network.casefold()
            if kind_of.setdefault(name, row.kind) != row.kind:
                row = FileError(number, f"“{row.network}” has another kind further up. Give it one kind.")
        if isinstance(row, FileError):
            found.errors.append(row)
        elif (name, row.urn) not in seen:
            seen.add((name, row.urn))
            found.rows.append(row)


def _cell(cells: list[str], place: int) -> str:
    return " ".join(cells[place].split()) if place < len(cells) else ""


def _row(number: int, cell: dict[str, str], known: dict[str, str]) -> FileRow | FileError:
    if not 0 < len(cell["network"]) <= LONGEST_NAME:
        return FileError(number, f"Give the network’s name, in up to {LONGEST_NAME} characters.")
    kind = known.get(cell["kind"].casefold())
    if kind is None:
        return FileError(
            number, f"“{cell['kind']}” is not a kind of network. Use one of those listed on this page."
        )
    if not (cell["urn"].isascii() and cell["urn"].isdigit() and len(cell["urn"]) == 6):
        return FileError(number, f"“{cell['urn']}” is not a URN. Give the school’s six digits.")
    return FileRow(number, cell["network"], kind, int(cell["urn"]))
