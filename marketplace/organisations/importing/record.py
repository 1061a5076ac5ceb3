"""A school as plain values, so that two states of it can be compared, kept as JSON and put back exactly.

A record has one value for each thing we keep of a school: codes and texts as they are, dates as `yyyy-mm-dd`, other rows by
their code in the register (`area`, `ward`, `trust`, `federation`, `diocese`; `""` for none). What follows from other values
(legal status, phases, address, place) is part of it, so that putting a record back needs no working out.
"""

from collections.abc import Collection
from datetime import date
from typing import Any, Protocol

from marketplace.organisations.register import Point, RegisterRow
from marketplace.organisations.register.legal_status import ACADEMY, legal_status, support_phases

Record = dict[str, Any]

OPEN_STATUSES = ("1", "3")
CLOSED = "2"

# Record name → field of the register's row, in the order pages show them.
FROM_REGISTER = {
    "name": "name",
    "area": "la_code",
    "establishment_number": "establishment_number",
    "ukprn": "ukprn",
    "type_code": "type_code",
    "type_group_code": "type_group_code",
    "status_code": "status_code",
    "open_date": "open_date",
    "close_date": "close_date",
    "phase_code": "phase_code",
    "low_age": "low_age",
    "high_age": "high_age",
    "pupils": "pupils",
    "capacity": "capacity",
    "census_date": "census_date",
    "fsm_basis_points": "percentage_fsm",
    "gender_code": "gender_code",
    "religious_character": "religious_character",
    "trust": "trust_code",
    "federation": "federation_code",
    "diocese": "diocese_code",
    "street": "street",
    "locality": "locality",
    "town": "town",
    "county": "county",
    "postcode": "postcode",
    "website": "website",
    "telephone": "telephone",
    "ward_code": "ward_code",
}
PLACE = ("easting", "northing", "latitude", "longitude", "location_source")
DERIVED = ("legal_status", "phases", "address", "ward", *PLACE)
FIELDS = (*FROM_REGISTER, *DERIVED)

# The longest text each column takes; the register has no such limits.
LIMITS = {
    "name": 200,
    "religious_character": 60,
    "trust": 12,
    "federation": 12,
    "diocese": 12,
    "street": 120,
    "locality": 120,
    "town": 120,
    "county": 120,
    "website": 200,
    "telephone": 30,
}
_NUMBERS = {"low_age", "high_age", "pupils", "capacity", "fsm_basis_points", *PLACE[:4]}
_DATES = {"open_date", "close_date", "census_date"}
BLANK: Record = {name: None if name in _NUMBERS | _DATES else "" for name in FIELDS} | {
    "phases": [],
    "location_source": "none",
}
OLDEST_AGE = 99


class Wards(Protocol):
    """What a record needs to know of wards; `places.KnownWards` answers from the database."""

    def __contains__(self, code: str) -> bool: ...

    def containing(self, area: str, point: Point) -> str: ...

    def middle(self, code: str) -> Record: ...


def recorded(
    row: RegisterRow,
    told: Collection[str],
    standing: Record | None,
    *,
    point: Point | None,
    wards: Wards,
) -> Record:
    """The record after `row`: what the file tells (`told`, fields of the row) over what stands, and what follows from both.

    `point` is the row's grid reference as degrees. A file that tells nothing of a field leaves it as it stands.
    """
    record = dict(standing or BLANK)
    for name, field in FROM_REGISTER.items():
        if field in told:
            record[name] = _plain(name, getattr(row, field))
    record["legal_status"] = legal_status(record["type_code"], record["type_group_code"])
    if record["legal_status"] != ACADEMY:
        # A foundation trust does not run its schools or spend their money; only an academy trust stands for them here.
        record["trust"] = ""
    record["phases"] = list(
        support_phases(record["type_code"], record["phase_code"], record["low_age"], record["high_age"])
    )
    record["address"] = "\n".join(
        filter(None, (record[part] for part in ("street", "locality", "town", "county", "postcode")))
    )
    if {"easting", "northing"} <= set(told):
        record |= _from_grid(row, point)
    return settled(record, wards)


def settled(record: Record, wards: Wards) -> Record:
    """The record with its ward and, where the register gives no point, its place worked out from the wards known now.

    The register's ward always counts; boundaries decide only where it names none, for they are drawn with a loose hand. A
    school without a point stands in the middle of its ward, and says so.
    """
    on_grid = record["location_source"] == "register"
    ward = ""
    if record["ward_code"]:
        ward = record["ward_code"] if record["ward_code"] in wards else ""
    elif on_grid:
        ward = wards.containing(record["area"], Point(record["longitude"], record["latitude"]))
    if on_grid:
        place: Record = {}
    elif ward:
        place = wards.middle(ward) | {"location_source": "ward"}
    else:
        place = {name: BLANK[name] for name in PLACE}
    return record | place | {"ward": ward}


def differences(before: Record, after: Record) -> tuple[Record, Record]:
    """The values that differ, as they were and as they will be."""
    changed = [name for name in FIELDS if before[name] != after[name]]
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}


def is_open(record: Record) -> bool:
    """Whether the school takes pupils today, whether or not it is to close."""
    return record["status_code"] in OPEN_STATUSES


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value[: LIMITS.get(name, 200)]
    if name in ("low_age", "high_age") and value is not None and value > OLDEST_AGE:
        return None
    return value


def _from_grid(row: RegisterRow, point: Point | None) -> Record:
    if point is None:
        return {name: BLANK[name] for name in PLACE}
    return {
        "easting": row.easting,
        "northing": row.northing,
        "latitude": point.latitude,
        "longitude": point.longitude,
        "location_source": "register",
    }
