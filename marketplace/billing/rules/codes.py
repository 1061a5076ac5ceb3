"""Default codes of Consistent Financial Reporting, by financial year."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from marketplace.kernel.dates import financial_year
from marketplace.kernel.errors import DomainError
from marketplace.kernel.supply import ServiceKind


class NoCfrCode(DomainError):
    """No code of the chart of accounts is known for the year."""

    code = "no_cfr_code"


class CfrPurpose(StrEnum):
    """What a code of Consistent Financial Reporting is wanted for."""

    IMPROVEMENT = "improvement"
    COURSE = "course"
    OTHER_SERVICE = "other_service"
    PROVIDER_INCOME = "provider_income"
    SUPPLY_TEACHER = "supply_teacher"
    AGENCY_SUPPLY = "agency_supply"


class CfrCode(NamedTuple):
    """A code of the framework of a financial year."""

    year: str
    code: str
    label: str


CFR_CODES: dict[str, dict[CfrPurpose, tuple[str, str]]] = {
    "2019-20": {
        CfrPurpose.IMPROVEMENT: ("E27", "Bought-in professional services – curriculum"),
        CfrPurpose.COURSE: ("E09", "Staff development and training"),
        CfrPurpose.OTHER_SERVICE: ("E28a", "Bought-in professional services – other"),
        CfrPurpose.PROVIDER_INCOME: ("I08", "Income from facilities and services"),
        CfrPurpose.SUPPLY_TEACHER: ("E02", "Supply teaching staff"),
        CfrPurpose.AGENCY_SUPPLY: ("E26", "Agency supply teaching staff"),
    },
}
"""By the financial year from which a table holds, until the next. The framework is revised yearly: add a table when it changes."""

_PURPOSES = {
    ServiceKind.IMPROVEMENT: CfrPurpose.IMPROVEMENT,
    ServiceKind.COURSE: CfrPurpose.COURSE,
    ServiceKind.GOVERNANCE: CfrPurpose.OTHER_SERVICE,
    ServiceKind.TEACHING_STAFF: CfrPurpose.SUPPLY_TEACHER,
    ServiceKind.OTHER_STAFF: CfrPurpose.OTHER_SERVICE,
    ServiceKind.CONTRACT_SUSPENDED: CfrPurpose.SUPPLY_TEACHER,
    ServiceKind.PRINTED_MATTER: CfrPurpose.IMPROVEMENT,
}


def cfr_code(purpose: CfrPurpose, on: date) -> CfrCode:
    """The default code for a purpose in the financial year of a day. Raises `NoCfrCode` before the first table."""
    year = financial_year(on)
    tables = [table for first_year, table in sorted(CFR_CODES.items()) if first_year <= year]
    if not tables:
        raise NoCfrCode(f"No CFR codes are known for {year}.", remedy="Check the date of the document.")
    return CfrCode(year, *tables[-1][purpose])


def cfr_code_for_service(service: ServiceKind, on: date) -> CfrCode:
    """The buyer's default code for a service."""
    return cfr_code(_PURPOSES[service], on)
