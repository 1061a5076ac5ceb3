"""Readers for the register's files of establishment groups: trusts, federations, sponsors, and who belongs to them.

GIAS gives two kinds of file: all groups, one row each, and schools with their groups, one row for each membership ("academy and
trust membership", "group links"). A membership row carries the whole group, so either kind is enough to know a group by.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from . import cells as read
from .refusals import Refusal, Refused, evened, unique_reference_number
from .vocabulary import GROUP_KINDS, GROUP_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A group of schools.

    `uid` is its number in the register (the code in a school's `trust_code` or `federation_code`), `group_id` its reference
    (`TR01904`). `kind` is one of `federation`, `foundation_trust`, `sponsor`, `multi_academy_trust`, `umbrella_trust`,
    `single_academy_trust`, `secure_single_academy_trust`. `opened` falls back on the date of incorporation.
    """

    line: int
    uid: int
    group_id: str
    name: str
    kind: str
    type_code: str
    is_open: bool
    companies_house: str = ""
    ukprn: str = ""
    opened: date | None = None
    closed: date | None = None


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """A school in a group, with the date it joined where known."""

    line: int
    urn: int
    group: GroupRow
    joined: date | None


class GroupReader:
    """Makes groups of records whose columns stand at `places`, out of `width`."""

    def __init__(self, places: Mapping[str, int], width: int) -> None:
        self._places = places
        self._width = width

    def __call__(self, line: int, cells: list[str]) -> GroupRow | Refusal:
        try:
            cells, _ = evened(cells, self._width)
            return self.group(line, cells)
        except Refused as refused:
            return Refusal(line, None, refused.reason)

    def group(self, line: int, cells: list[str]) -> GroupRow:
        """The group of evened cells; raises `Refused`."""
        type_code = self._type_code(cells)
        opened, incorporated = self.day(cells, "Open date"), self.day(cells, "Incorporated on (open date)")
        closed = self.day(cells, "Closed Date")
        return GroupRow(
            line=line,
            uid=self._uid(cells),
            group_id=read.named(self._cell(cells, "Group ID")),
            name=self._name(cells),
            kind=GROUP_KINDS[type_code],
            type_code=type_code,
            is_open=self._is_open(cells, closed),
            companies_house=_company_number(self._cell(cells, "Companies House Number")),
            ukprn=read.identifier(self._cell(cells, "UKPRN")),
            opened=opened or incorporated,
            closed=closed,
        )

    def day(self, cells: list[str], column: str) -> date | None:
        """A date; None also when it can't be read, for no rule hangs on it."""
        try:
            return read.day(self._cell(cells, column))
        except ValueError:
            return None

    def _cell(self, cells: list[str], column: str) -> str:
        place = self._places.get(column)
        return "" if place is None else cells[place].strip()

    def _uid(self, cells: list[str]) -> int:
        text = self._cell(cells, "Group UID").removesuffix(".0")
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise Refused("has no group UID" if not text else "has a group UID that isn’t a number")
        return int(text)

    def _name(self, cells: list[str]) -> str:
        if name := read.words(self._cell(cells, "Group Name")):
            return name
        raise Refused("has no group name")

    def _type_code(self, cells: list[str]) -> str:
        code = GROUP_TYPES.code(self._cell(cells, "Group Type (code)"), self._cell(cells, "Group Type"))
        if code in ("08", "09"):
            raise Refused("is a group of children’s centres, not of schools")
        if not code or code not in GROUP_KINDS:
            raise Refused("has no type of group that the register uses")
        return code

    def _is_open(self, cells: list[str], closed: date | None) -> bool:
        status = (self._cell(cells, "Group Status (code)") or self._cell(cells, "Group Status")).lower()
        return status == "open" if status else closed is None


class MembershipReader:
    """Makes memberships of records whose columns stand at `places`, out of `width`."""

    def __init__(self, places: Mapping[str, int], width: int) -> None:
        self._places = places
        self._width = width
        self._groups = GroupReader(places, width)

    def __call__(self, line: int, cells: list[str]) -> MembershipRow | Refusal:
        urn: int | None = None
        try:
            cells, _ = evened(cells, self._width)
            urn = unique_reference_number(cells[self._places["URN"]])
            return MembershipRow(
                line, urn, self._groups.group(line, cells), self._groups.day(cells, "Joined date")
            )
        except Refused as refused:
            return Refusal(line, urn, refused.reason)


def _company_number(cell: str) -> str:
    """Eight characters; zeros that a spreadsheet lost are put back (`6893415.0` → `06893415`)."""
    text = read.identifier(cell).upper()
    return text.zfill(8) if text.isdigit() else text
