"""One school of the register: a typed, frozen row, or a refusal that says which line and why.

What a row must have to be a school at all: a URN, a name, a local authority code and a type of establishment. Everything else
may be missing or unreadable; an unreadable value is left empty and noted among the row's `doubts`. Names of head teachers,
proprietors and heads of groups are not among the fields and never leave the file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from . import cells as read
from .legal_status import is_la_maintained, legal_status, support_phases
from .location import Point, in_england, point
from .refusals import Refusal, Refused, evened, unique_reference_number
from .vocabulary import (
    CLOSED,
    GENDERS,
    GROUP_OF_TYPE,
    NOT_SCHOOLS,
    OPEN,
    OPEN_TO_CLOSE,
    PHASES,
    REGIONS,
    STATUSES,
    TYPE_GROUPS,
    TYPES,
    CodeList,
    ofsted_word,
    outside_england,
)


@dataclass(frozen=True, slots=True)
class Inspection:
    """The latest graded Ofsted inspection. A grade is never kept without its date; ``""`` when no grade was given."""

    date: date
    rating: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRow:
    """A school as the register has it. Unknown text is ``""``, other unknown values None; codes are text.

    `line` is the physical line the row starts on. `percentage_fsm` is in basis points (18.1 % = 1810), `easting` and
    `northing` in metres on the National Grid and only ever both or neither. `doubts` are sentences on cells that couldn't be
    read; none of them quotes a cell.
    """

    line: int
    urn: int
    name: str
    la_code: str
    type_code: str
    type_group_code: str
    status_code: str
    la_name: str = ""
    gss_la_code: str = ""
    establishment_number: str = ""
    ukprn: str = ""
    phase_code: str = ""
    low_age: int | None = None
    high_age: int | None = None
    pupils: int | None = None
    capacity: int | None = None
    census_date: date | None = None
    percentage_fsm: int | None = None
    gender_code: str = ""
    religious_character: str = ""
    diocese_code: str = ""
    diocese_name: str = ""
    trust_code: str = ""
    trust_name: str = ""
    federation_code: str = ""
    federation_name: str = ""
    open_date: date | None = None
    close_date: date | None = None
    street: str = ""
    locality: str = ""
    town: str = ""
    county: str = ""
    postcode: str = ""
    website: str = ""
    telephone: str = ""
    easting: int | None = None
    northing: int | None = None
    ward_code: str = ""
    ward_name: str = ""
    district_code: str = ""
    gor: str = ""
    country: str = ""
    ofsted: Inspection | None = None
    doubts: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Open today, whether or not it is to close."""
        return self.status_code in (OPEN, OPEN_TO_CLOSE)

    @property
    def legal_status(self) -> str:
        return legal_status(self.type_code, self.type_group_code)

    @property
    def is_la_maintained(self) -> bool:
        return is_la_maintained(self.type_code, self.type_group_code)

    @property
    def support_phases(self) -> tuple[str, ...]:
        return support_phases(self.type_code, self.phase_code, self.low_age, self.high_age)

    @property
    def point(self) -> Point | None:
        """Longitude and latitude; for many rows use `location.points`, which is much faster."""
        return point(self.easting, self.northing)


CellReader = Callable[[str], Any]

# Fields that come from one column each.
SINGLE: tuple[tuple[str, str, CellReader], ...] = (
    ("la_name", "LA (name)", read.words),
    ("gss_la_code", "GSSLACode (name)", read.gss),
    ("establishment_number", "EstablishmentNumber", read.establishment_number),
    ("ukprn", "UKPRN", read.ukprn),
    ("low_age", "StatutoryLowAge", read.number),
    ("high_age", "StatutoryHighAge", read.number),
    ("pupils", "NumberOfPupils", read.number),
    ("capacity", "SchoolCapacity", read.number),
    ("census_date", "CensusDate", read.day),
    ("percentage_fsm", "PercentageFSM", read.basis_points),
    ("religious_character", "ReligiousCharacter (name)", read.named),
    ("diocese_code", "Diocese (code)", read.identifier),
    ("diocese_name", "Diocese (name)", read.named),
    ("trust_code", "Trusts (code)", read.identifier),
    ("trust_name", "Trusts (name)", read.named),
    ("federation_code", "Federations (code)", read.identifier),
    ("federation_name", "Federations (name)", read.named),
    ("open_date", "OpenDate", read.day),
    ("close_date", "CloseDate", read.day),
    ("street", "Street", read.named),
    ("locality", "Locality", read.named),
    ("town", "Town", read.named),
    ("county", "County (name)", read.named),
    ("postcode", "Postcode", read.postcode),
    ("website", "SchoolWebsite", read.website),
    ("telephone", "TelephoneNum", read.telephone),
    ("easting", "Easting", read.metres),
    ("northing", "Northing", read.metres),
    ("ward_code", "AdministrativeWard (code)", read.gss),
    ("ward_name", "AdministrativeWard (name)", read.named),
    ("district_code", "DistrictAdministrative (code)", read.gss),
    ("country", "Country (name)", read.named),
)
# Fields that come from one of several columns.
JOINED: Mapping[str, tuple[str, ...]] = {
    "urn": ("URN",),
    "name": ("EstablishmentName",),
    "la_code": ("LA (code)",),
    "type_code": ("TypeOfEstablishment (code)", "TypeOfEstablishment (name)"),
    "type_group_code": ("TypeOfEstablishment (code)", "TypeOfEstablishment (name)"),
    "status_code": ("EstablishmentStatus (code)", "EstablishmentStatus (name)"),
    "phase_code": ("PhaseOfEducation (code)", "PhaseOfEducation (name)"),
    "gender_code": ("Gender (code)", "Gender (name)"),
    "gor": ("GOR (name)", "GOR (code)"),
    "ofsted": ("OfstedLastInsp",),
}


def fields_told(places: Mapping[str, int]) -> frozenset[str]:
    """The fields of `RegisterRow` that a file with these columns tells; an import leaves the others as they are."""
    told = {field for field, column, _ in SINGLE if column in places}
    told |= {field for field, columns in JOINED.items() if any(column in places for column in columns)}
    return frozenset(told)


class RowReader:
    """Makes rows of records whose columns stand at `places`, out of `width`."""

    def __init__(self, places: Mapping[str, int], width: int) -> None:
        self._places = places
        self._width = width
        self._plan = [
            (field, places[column], reader, column) for field, column, reader in SINGLE if column in places
        ]

    def __call__(self, line: int, cells: list[str]) -> RegisterRow | Refusal:
        """The school of one record, or why it isn't one.

        A record with too few or too many cells is a school only if each of its cells fits its column: otherwise cells have
        moved into other columns' places, and nothing in it can be trusted.
        """
        urn: int | None = None
        uneven = ""
        try:
            cells, uneven = evened(cells, self._width)
            urn = unique_reference_number(cells[self._places["URN"]])
            row = self._row(line, urn, cells)
            if uneven and row.doubts:
                raise Refused(uneven)
        except Refused as refused:
            return Refusal(line, urn, uneven or refused.reason)
        return row

    def _row(self, line: int, urn: int, cells: list[str]) -> RegisterRow:
        la_code = self._la_code(cells)
        name = read.words(self._cell(cells, "EstablishmentName"))
        if not name:
            raise Refused("has no name")
        type_code = self._type_code(cells)
        type_group_code = self._type_group_code(type_code, cells)
        if type_code in NOT_SCHOOLS or type_group_code == "12":
            raise Refused(f"is {NOT_SCHOOLS.get(type_code, 'a children’s centre')}, not a school")
        doubts: list[str] = []
        values = self._single_values(cells, doubts)
        values["gor"] = self._region(cells)
        if where := outside_england(
            la_code=la_code,
            type_code=type_code,
            type_group_code=type_group_code,
            region=values["gor"],
            country=values.get("country", ""),
            gss=values.get("gss_la_code", ""),
        ):
            raise Refused(f"is {where}, outside England")
        self._check_pairs(values, doubts)
        return RegisterRow(
            line=line,
            urn=urn,
            name=name,
            la_code=la_code,
            type_code=type_code,
            type_group_code=type_group_code,
            status_code=self._status_code(cells, values.get("close_date")),
            phase_code=self._optional_code(PHASES, "PhaseOfEducation", cells, doubts),
            gender_code=self._optional_code(GENDERS, "Gender", cells, doubts),
            ofsted=self._inspection(cells, doubts),
            doubts=tuple(doubts),
            **values,
        )

    def _cell(self, cells: list[str], column: str) -> str:
        place = self._places.get(column)
        return "" if place is None else cells[place].strip()

    def _coded(self, code_list: CodeList, column: str, cells: list[str]) -> str | None:
        return code_list.code(self._cell(cells, f"{column} (code)"), self._cell(cells, f"{column} (name)"))

    def _optional_code(self, code_list: CodeList, column: str, cells: list[str], doubts: list[str]) -> str:
        code = self._coded(code_list, column, cells)
        if code is None:
            doubts.append(_doubt(column))
        return code or ""

    def _la_code(self, cells: list[str]) -> str:
        try:
            return read.digits(3, self._cell(cells, "LA (code)")) or "000"
        except ValueError:
            raise Refused("has a local authority code that isn’t a number of three digits") from None

    def _type_code(self, cells: list[str]) -> str:
        code = self._coded(TYPES, "TypeOfEstablishment", cells)
        if code is None:
            raise Refused("has a type of establishment that the register doesn’t use")
        if not code:
            raise Refused("has no type of establishment")
        return code

    def _type_group_code(self, type_code: str, cells: list[str]) -> str:
        return self._coded(TYPE_GROUPS, "EstablishmentTypeGroup", cells) or GROUP_OF_TYPE.get(type_code, "")

    def _region(self, cells: list[str]) -> str:
        return read.named(self._cell(cells, "GOR (name)")) or REGIONS.get(self._cell(cells, "GOR (code)"), "")

    def _status_code(self, cells: list[str], close_date: date | None) -> str:
        """Without a column for it, a school with a closing date is taken as closed."""
        if not any(column in self._places for column in JOINED["status_code"]):
            return CLOSED if close_date else OPEN
        code = self._coded(STATUSES, "EstablishmentStatus", cells)
        if not code or code not in STATUSES.names:
            raise Refused("has no establishment status that the register uses")
        return code

    def _single_values(self, cells: list[str], doubts: list[str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field, place, reader, column in self._plan:
            try:
                values[field] = reader(cells[place])
            except ValueError:
                doubts.append(_doubt(column))
        return values

    def _inspection(self, cells: list[str], doubts: list[str]) -> Inspection | None:
        try:
            on = read.day(self._cell(cells, "OfstedLastInsp"))
        except ValueError:
            doubts.append(_doubt("OfstedLastInsp"))
            return None
        return Inspection(on, ofsted_word(self._cell(cells, "OfstedRating (name)"))) if on else None

    @staticmethod
    def _check_pairs(values: dict[str, Any], doubts: list[str]) -> None:
        """Values that only make sense together."""
        easting, northing = values.get("easting"), values.get("northing")
        if not in_england(easting, northing):
            if easting or northing:
                doubts.append("The grid reference isn’t in England; it was left out.")
            values["easting"] = values["northing"] = None
        low, high = values.get("low_age"), values.get("high_age")
        if low is not None and high is not None and not low <= high <= 99:
            doubts.append("The ages don’t make sense; they were left out.")
            values["low_age"] = values["high_age"] = None


def _doubt(column: str) -> str:
    return f"{column} couldn’t be read; it was left out."
