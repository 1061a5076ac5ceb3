"""What the contract years of an agreement cost: begun ones as they were priced, later ones as they stand to be."""

from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from marketplace.buyback.models import AgreementYear, ServiceAgreement
from marketplace.buyback.rules import TermYear, part_of_year, years_of_term
from marketplace.catalogue.pricing import (
    PriceCannotBeWorkedOut,
    PriceExplanation,
    PriceRule,
    Quantity,
    SchoolFacts,
    price_for,
)
from marketplace.catalogue.queries import school_facts
from marketplace.kernel.dates import MONTHS_IN_A_YEAR, ContractCalendar


class YearStanding(NamedTuple):
    """A contract year with its price by line (pence before VAT); an estimate until it has begun."""

    year: TermYear
    pence: dict[str, int]
    is_begun: bool

    @property
    def total_pence(self) -> int:
        """All lines together."""
        return sum(self.pence.values())


def years_standing(agreement: ServiceAgreement) -> list[YearStanding]:
    """Every contract year of the term, in order."""
    begun = {row.number: row for row in agreement.contract_years.all()}
    standing = []
    for year in years_of_term(ContractCalendar(agreement.calendar), agreement.period):
        row = begun.get(year.number)
        pence = row.pence if row else prices_of_year(agreement, year)[0]
        standing.append(YearStanding(year, pence, row is not None))
    return standing


def year_row(agreement: ServiceAgreement, number: int) -> AgreementYear | None:
    """A contract year that has begun, by its number."""
    return next((row for row in agreement.contract_years.all() if row.number == number), None)


def prices_of_year(agreement: ServiceAgreement, year: TermYear) -> tuple[dict[str, int], dict[str, Any]]:
    """A year's price by line, in pence before VAT, and the explanations.

    The first year costs what was agreed; a later one what the line's own rule makes of that year and of the school as the register
    has it today, so that a price held for longer agreements stays held.
    """
    pence: dict[str, int] = {}
    explained: dict[str, Any] = {}
    for line in agreement.lines.all():
        if year.number == 1:
            pence[str(line.pk)], explained[str(line.pk)] = line.year_pence, line.price
        else:
            price = price_in_year(line.price, year.number, agreement)
            months = min(year.months, MONTHS_IN_A_YEAR)
            pence[str(line.pk)] = part_of_year(max(0, price.total_pence), months)
            explained[str(line.pk)] = price.to_data()
    return pence, explained


def price_in_year(snapshot: dict[str, Any], number: int, agreement: ServiceAgreement) -> PriceExplanation:
    """The price of a whole contract year of a line, by the rule it was ordered under, counted on from the snapshot's own year."""
    inputs = snapshot["inputs"]
    rule, on = PriceRule.from_data(snapshot["rule"]), date.fromisoformat(inputs["on_date"])
    asked = Quantity.from_data(inputs["quantity"])
    quantity = replace(asked, year_of_agreement=asked.year_of_agreement + number - 1)
    as_ordered = SchoolFacts.from_data(inputs["school"])
    try:
        return price_for(rule, _facts_now(agreement, as_ordered), quantity, on)
    except PriceCannotBeWorkedOut:
        # The register no longer says what the rule counts: what it said when the order was placed stands.
        return price_for(rule, as_ordered, quantity, on)


def _facts_now(agreement: ServiceAgreement, as_ordered: SchoolFacts) -> SchoolFacts:
    """The school as the register has it, with what only the order knew."""
    school = getattr(agreement.buyer, "school", None)
    if school is None:
        return as_ordered
    return replace(school_facts(school), is_member=as_ordered.is_member, staff_heads=as_ordered.staff_heads)
