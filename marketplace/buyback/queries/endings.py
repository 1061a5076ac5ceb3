"""What ending or converting an agreement would mean, shown before anybody says yes."""

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from marketplace.buyback.models import AgreementStatus, ServiceAgreement
from marketplace.buyback.queries.years import prices_of_year, year_row
from marketplace.buyback.rules import (
    Conversion,
    EndingCost,
    Ground,
    TermYear,
    convert,
    cost_of_ending,
    year_of_term_on,
)
from marketplace.kernel.dates import ContractCalendar
from marketplace.kernel.supply import (
    LegalFacts,
    LegalStatus,
    Route,
    ServiceKind,
    VatDecision,
    route_for,
    vat_treatment,
)
from marketplace.kernel.vat import vat_on
from marketplace.organisations.legal import legal_facts
from marketplace.organisations.models import LinkKind, Organisation, School, SchoolLink


def ending_cost(agreement: ServiceAgreement, ground: Ground, last_day: date) -> EndingCost:
    """What ending the agreement on a day costs; for a year that has not begun, as its price stands to be."""
    if agreement.status == AgreementStatus.SUBMITTED:
        return cost_of_ending(ground, last_day, None, {})
    year = year_of_term_on(ContractCalendar(agreement.calendar), agreement.period, last_day)
    if year is None:
        return cost_of_ending(ground, last_day, None, {})
    return cost_of_ending(ground, last_day, year.period, price_of(agreement, year))


def price_of(agreement: ServiceAgreement, year: TermYear) -> dict[str, int]:
    """A contract year's price by line: as begun, or as it stands to be."""
    row = year_row(agreement, year.number)
    return row.pence if row else prices_of_year(agreement, year)[0]


class ConversionStanding(NamedTuple):
    """How an agreement would pass to an academy: the two halves, how the academy pays, and the VAT it would pay on its half."""

    conversion: Conversion
    year: TermYear
    successor: Organisation
    is_academy_yet: bool
    route: Route
    vat: VatDecision
    vat_pence: int


def conversion_standing(agreement: ServiceAgreement, on: date, successor: Organisation) -> ConversionStanding:
    """What a conversion on a day means. Raises `ConversionInvalid` for a day outside the term."""
    year = year_of_term_on(ContractCalendar(agreement.calendar), agreement.period, on)
    period = year.period if year else agreement.period
    pence = price_of(agreement, year) if year else {}
    conversion = convert(pence, period, on, agreement.period)
    assert year is not None  # convert has refused a day outside the term
    buyer, seller = academy_facts(successor), legal_facts(agreement.seller)
    line = agreement.lines.all()[0]
    vat = vat_treatment(seller, buyer, ServiceKind(line.edition.service_kind), on=on)
    vat_pence = sum(vat_on(pence, vat.basis_points) for pence in conversion.parts.after.values())
    return ConversionStanding(
        conversion, year, successor, is_academy(successor), route_for(buyer, seller), vat, vat_pence
    )


def is_academy(organisation: Organisation) -> bool:
    """Whether the register has it as an academy."""
    return organisation.legal_status == LegalStatus.ACADEMY


def academy_facts(organisation: Organisation) -> LegalFacts:
    """The organisation as money rules see it once it is an academy, whether or not the register says so yet."""
    return replace(legal_facts(organisation), status=LegalStatus.ACADEMY)


def successors_of(agreement: ServiceAgreement) -> list[Organisation]:
    """Who can go on with the agreement as an academy: the schools the register names as successors, and the school itself."""
    school = getattr(agreement.buyer, "school", None)
    if school is None:
        return []
    linked = SchoolLink.objects.filter(urn=school.urn, kind=LinkKind.SUCCESSOR).values_list(
        "linked_urn", flat=True
    )
    linking = SchoolLink.objects.filter(linked_urn=school.urn, kind=LinkKind.PREDECESSOR).values_list(
        "urn", flat=True
    )
    found = School.objects.filter(urn__in=[*linked, *linking]).select_related("organisation__area", "trust")
    return [*(row.organisation for row in found.order_by("urn")), agreement.buyer]
