"""Fictional authorities with their schools, and the file the register would give of them.

`make_borough` makes one authority, `country` as many as fit into England; `register_csv` writes their schools the way Get
Information About Schools does (140 columns, Windows-1252, its own quoting), so that they come in by the same door as real ones.
The same seed always makes the same authorities.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from marketplace.organisations.register.layouts import FULL_EXTRACT
from marketplace.organisations.register.vocabulary import (
    GENDERS,
    GROUP_OF_TYPE,
    PHASES,
    STATUSES,
    TYPE_GROUPS,
    TYPES,
)

from .geography import DemoAreaImpossible, Geography, make_geography, squares
from .schools import (
    ACADEMY_TYPES,
    KINDS,
    Bodies,
    DemoSchool,
    Diocese,
    Federation,
    Trust,
    make_bodies,
    make_schools,
    quota,
)

SEED = 20261121
FIRST_URN = 900_001  # real ones end far below
LAST_URN = 999_999
URNS_EACH = 500  # set aside for each authority made by itself
MAX_SCHOOLS = 2_000  # in one authority

# Columns that GIAS writes without quotation marks unless they are empty.
BARE = frozenset(
    {"URN", "StatutoryLowAge", "StatutoryHighAge", "SchoolCapacity", "UKPRN", "Easting", "Northing"}
)


@dataclass(frozen=True)
class Borough:
    """One fictional local authority: its map, its schools and the bodies they belong to."""

    index: int
    geography: Geography
    bodies: Bodies
    schools: tuple[DemoSchool, ...]

    @property
    def la_code(self) -> str:
        return self.geography.la_code

    @property
    def name(self) -> str:
        return self.geography.name

    @property
    def gss_code(self) -> str:
        return self.geography.gss_code

    @property
    def trusts(self) -> tuple[Trust, ...]:
        return self.bodies.trusts

    @property
    def federations(self) -> tuple[Federation, ...]:
        return self.bodies.federations

    @property
    def dioceses(self) -> tuple[Diocese, ...]:
        return self.bodies.dioceses

    @cached_property
    def wards_geojson(self) -> dict[str, Any]:
        """The wards as a GeoJSON FeatureCollection; see `Geography.wards_geojson`."""
        return self.geography.wards_geojson()

    @property
    def register_rows(self) -> list[dict[str, str]]:
        """The schools as the register has them: the columns with something in them, by their GIAS names."""
        return [register_row(self.geography, school) for school in self.schools]


def make_borough(
    seed: int = SEED, schools: int = 130, wards: int = 25, index: int = 0, first_urn: int | None = None
) -> Borough:
    """One fictional authority. `index` 0 is Calderbeck; others lie around it and never overlap.

    Raises `DemoAreaImpossible` for numbers that can't be met.
    """
    if not 1 <= schools <= MAX_SCHOOLS:
        raise DemoAreaImpossible(
            f"An area can’t have {schools} schools.", remedy=f"Ask for between 1 and {MAX_SCHOOLS}."
        )
    urn = FIRST_URN + index * URNS_EACH if first_urn is None else first_urn
    if urn + schools - 1 > LAST_URN:
        raise DemoAreaImpossible("There aren’t enough unused URNs.", remedy="Ask for fewer schools.")
    rng = Random(f"{seed}/{index}")
    geography = make_geography(rng, index=index, wards=wards)
    bodies = make_bodies(rng, geography, index=index, schools=schools)
    made = make_schools(rng, geography, bodies, schools=schools, first_urn=urn, index=index)
    return Borough(index, geography, bodies, tuple(made))


def country(schools: int = 24_000, areas: int = 150, seed: int = SEED) -> list[Borough]:
    """Many fictional authorities of different sizes, with `schools` schools between them; the first is Calderbeck.

    Few areas make a region round it, 150 a country. Raises `DemoAreaImpossible` for numbers that can't be met.
    """
    if not 1 <= areas <= len(squares()):
        raise DemoAreaImpossible(
            f"There can’t be {areas} areas.", remedy=f"Ask for between 1 and {len(squares())}."
        )
    if not areas <= schools <= LAST_URN - FIRST_URN + 1:
        raise DemoAreaImpossible(
            f"{areas} areas can’t share {schools} schools.",
            remedy=f"Ask for at least one school for each area and at most {LAST_URN - FIRST_URN + 1:,}.",
        )
    rng = Random(f"{seed}/country")
    extra = quota(schools - areas, {str(index): rng.uniform(0.5, 1.7) for index in range(areas)})
    boroughs = []
    urn = FIRST_URN
    for index in range(areas):
        number = 1 + extra[str(index)]
        wards = min(60, max(1, round(number / 5.2)))
        boroughs.append(make_borough(seed, number, wards, index, first_urn=urn))
        urn += number
    return boroughs


def register_csv(boroughs: Iterable[Borough]) -> bytes:
    """The schools of these authorities as one file in the layout, encoding and quoting of the full extract."""
    lines = [",".join(f'"{column}"' for column in FULL_EXTRACT)]
    for borough in boroughs:
        lines += [
            ",".join(_cell(column, row.get(column, "")) for column in FULL_EXTRACT)
            for row in borough.register_rows
        ]
    return "\r\n".join(lines).encode("cp1252")


def _cell(column: str, value: str) -> str:
    if value and column in BARE:
        return value
    return '"' + value.replace('"', '""') + '"'


def register_row(geography: Geography, school: DemoSchool) -> dict[str, str]:
    """A school as a row of the register, without its empty columns."""
    row = (
        _identity(geography, school) | _provision(school) | _membership(school) | _address(geography, school)
    )
    return {column: value for column, value in row.items() if value}


def _identity(geography: Geography, school: DemoSchool) -> dict[str, str]:
    group = GROUP_OF_TYPE[school.type_code]
    phase = KINDS[school.kind].phase_code
    academy = school.type_code in ACADEMY_TYPES
    return {
        "URN": str(school.urn),
        "LA (code)": geography.la_code,
        "LA (name)": geography.name,
        "EstablishmentNumber": school.number,
        "EstablishmentName": school.name,
        "TypeOfEstablishment (code)": school.type_code,
        "TypeOfEstablishment (name)": TYPES.names[school.type_code],
        "EstablishmentTypeGroup (code)": group,
        "EstablishmentTypeGroup (name)": TYPE_GROUPS.names[group],
        "EstablishmentStatus (code)": school.status_code,
        "EstablishmentStatus (name)": STATUSES.names[school.status_code],
        "ReasonEstablishmentOpened (code)": "10" if academy else "00",
        "ReasonEstablishmentOpened (name)": "Academy Converter" if academy else "Not applicable",
        "ReasonEstablishmentClosed (code)": "00",
        "ReasonEstablishmentClosed (name)": "Not applicable",
        "OpenDate": _opened(school),
        "PhaseOfEducation (code)": phase,
        "PhaseOfEducation (name)": PHASES.names[phase],
        "UKPRN": str(19_000_000 + school.urn - FIRST_URN),
        "LastChangedDate": "02-11-2026",
    }


def _opened(school: DemoSchool) -> str:
    """The register has 1 January 1900 for some of the dates nobody knows."""
    if school.opened:
        return f"{school.opened:%d-%m-%Y}"
    return "01-01-1900" if school.urn % 9 == 0 else ""


def _provision(school: DemoSchool) -> dict[str, str]:
    has_numbers = school.kind != "further"
    sixth_form = school.low_age <= 11 and school.high_age >= 18
    return {
        "StatutoryLowAge": str(school.low_age),
        "StatutoryHighAge": str(school.high_age),
        "Boarders (code)": "1",
        "Boarders (name)": "No boarders",
        "NurseryProvision (name)": "Has Nursery Classes" if school.low_age < 4 else "No Nursery Classes",
        "OfficialSixthForm (code)": "1" if sixth_form else "2",
        "OfficialSixthForm (name)": "Has a sixth form" if sixth_form else "Does not have a sixth form",
        "Gender (code)": school.gender_code,
        "Gender (name)": GENDERS.names[school.gender_code],
        "ReligiousCharacter (name)": school.diocese.faith if school.diocese else "Does not apply",
        "ReligiousEthos (name)": "Does not apply",
        "AdmissionsPolicy (code)": "0",
        "AdmissionsPolicy (name)": "Not applicable",
        "SchoolCapacity": str(school.capacity) if has_numbers else "",
        "CensusDate": "15-01-2026" if has_numbers else "",
        "NumberOfPupils": str(school.pupils) if has_numbers else "",
        "NumberOfBoys": str(school.pupils // 2) if has_numbers else "",
        "NumberOfGirls": str(school.pupils - school.pupils // 2) if has_numbers else "",
        "PercentageFSM": _tenths(school.free_meals) if school.free_meals else "",
        "FSM": str(round(school.pupils * school.free_meals / 1000)) if school.free_meals else "",
        "FurtherEducationType (name)": _FURTHER.get(school.kind, "Not applicable"),
        "OfstedLastInsp": f"{school.inspected:%d-%m-%Y}" if school.inspected else "",
        "OfstedRating (name)": school.rating,
        "OfstedSpecialMeasures (code)": "0",
        "OfstedSpecialMeasures (name)": "Not applicable",
    }


_FURTHER = {"sixth_form": "Sixth Form College (General)", "further": "General Further Education College"}


def _tenths(value: int) -> str:
    """`181` → `18.1`, `180` → `18` as the register writes it."""
    return f"{value // 10}.{value % 10}".removesuffix(".0")


def _membership(school: DemoSchool) -> dict[str, str]:
    row = {
        "Diocese (code)": school.diocese.code if school.diocese else "0000",
        "Diocese (name)": school.diocese.name if school.diocese else "Not applicable",
        "TrustSchoolFlag (code)": "0",
        "TrustSchoolFlag (name)": "Not applicable",
        "SchoolSponsorFlag (name)": "Not applicable",
        "FederationFlag (name)": "Not under a federation",
    }
    if school.trust:
        multi = school.trust.is_multi_academy
        row |= {
            "TrustSchoolFlag (code)": "3" if multi else "5",
            "TrustSchoolFlag (name)": f"Supported by a {'multi' if multi else 'single'}-academy trust",
            "Trusts (code)": school.trust.code,
            "Trusts (name)": school.trust.name,
        }
    if school.federation:
        row |= {
            "FederationFlag (name)": "Supported by a federation",
            "Federations (code)": school.federation.code,
            "Federations (name)": school.federation.name,
        }
    return row


def _address(geography: Geography, school: DemoSchool) -> dict[str, str]:
    return {
        "Street": school.street,
        "Locality": school.locality,
        "Town": geography.name,
        "County (name)": "Not recorded",
        "Postcode": school.postcode,
        "SchoolWebsite": school.website,
        "TelephoneNum": school.telephone,
        "GOR (code)": geography.region_code,
        "GOR (name)": geography.region,
        "DistrictAdministrative (code)": geography.gss_code,
        "DistrictAdministrative (name)": geography.name,
        "AdministrativeWard (code)": school.ward.code,
        "AdministrativeWard (name)": school.ward.name,
        "GSSLACode (name)": geography.gss_code,
        "Easting": "" if school.easting is None else str(school.easting),
        "Northing": "" if school.northing is None else str(school.northing),
        "PreviousLA (code)": "999",
        "BoardingEstablishment (name)": "Does not have boarders",
        "Country (name)": "United Kingdom",
    }
