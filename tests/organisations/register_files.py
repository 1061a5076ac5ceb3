"""Makers of small register files, and the way to the real ones."""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from marketplace.organisations.register import Refusal, RegisterRow, read_register
from marketplace.organisations.register.layouts import FULL_EXTRACT

ROOT = Path(__file__).resolve().parents[2]
SHARED_DATA = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))

A_SCHOOL = {
    "URN": "900101",
    "LA (code)": "991",
    "LA (name)": "Calderbeck",
    "EstablishmentNumber": "2001",
    "EstablishmentName": "Alder Lane Primary School",
    "TypeOfEstablishment (code)": "01",
    "TypeOfEstablishment (name)": "Community school",
    "EstablishmentStatus (code)": "1",
    "EstablishmentStatus (name)": "Open",
    "PhaseOfEducation (code)": "2",
    "PhaseOfEducation (name)": "Primary",
    "StatutoryLowAge": "4",
    "StatutoryHighAge": "11",
    "NumberOfPupils": "236",
    "Easting": "410000",
    "Northing": "430000",
}


def the_real(path: str) -> Path:
    """A file of the open data, or a skip that says why."""
    found = SHARED_DATA / path
    if not found.exists():
        pytest.skip(f"open data not here: {path} (set SHARED_DATA to where it is)")
    return found


def a_school(**cells: str) -> dict[str, str]:
    """One school as GIAS cells; keywords name columns by their letters alone (`EstablishmentName`, `LAcode`)."""
    by_letters = {"".join(filter(str.isalnum, column)): column for column in FULL_EXTRACT}
    return A_SCHOOL | {by_letters[name]: cell for name, cell in cells.items()}


def a_file(
    *schools: dict[str, str],
    columns: Sequence[str] = FULL_EXTRACT,
    encoding: str = "cp1252",
    line_end: str = "\r\n",
    quoting: int = csv.QUOTE_ALL,
    delimiter: str = ",",
) -> bytes:
    """A register file with these schools."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=line_end, quoting=quoting, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows([school.get(column, "") for column in columns] for school in schools)
    return text.getvalue().encode(encoding)


def read(data: bytes) -> tuple[list[RegisterRow], list[Refusal]]:
    """The schools and the refusals of a file."""
    return parted(read_register(data))


def parted(rows: Iterable[RegisterRow | Refusal]) -> tuple[list[RegisterRow], list[Refusal]]:
    every = list(rows)
    return (
        [row for row in every if isinstance(row, RegisterRow)],
        [row for row in every if isinstance(row, Refusal)],
    )


def read_one(**cells: str) -> RegisterRow:
    """The one school with these cells, read from a file of the full extract."""
    schools, refusals = read(a_file(a_school(**cells)))
    assert not refusals, refusals
    return schools[0]


def refused(**cells: str) -> str:
    """Why the one school with these cells is refused."""
    schools, refusals = read(a_file(a_school(**cells)))
    assert not schools
    return refusals[0].reason
