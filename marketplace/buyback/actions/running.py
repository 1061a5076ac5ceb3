"""An agreement in force: it begins, each contract year brings its price and its days, and it ends.

The daily job calls these for every agreement. Each may run twice, or in two workers at once, and takes effect once: under the
agreement's lock the state is looked at again, and a year's number is unique.
"""

from typing import Any

from marketplace.buyback.actions.agreement_steps import lock_agreement, move, today
from marketplace.buyback.actions.entitlements import close_entitlements, grant_entitlements
from marketplace.buyback.events import AgreementYearBegan
from marketplace.buyback.models import AgreementStatus, AgreementYear, ServiceAgreement
from marketplace.buyback.queries import agreements as queries
from marketplace.buyback.queries.years import prices_of_year
from marketplace.buyback.rules import TermYear, years_of_term
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import ContractCalendar, Period, long_date
from marketplace.kernel.db import action
from marketplace.kernel.money import pounds


@action
def activate_agreement(*, actor: Actor, agreement: ServiceAgreement) -> ServiceAgreement:
    """Put an approved agreement in force, if its first day has come, and begin the contract years that have come with it."""
    row = lock_agreement(SYSTEM, agreement)
    if row.status == AgreementStatus.SUBMITTED and row.starts_on <= today():
        move(row, "activate", actor=actor, note=f"In force from {long_date(row.starts_on)}")
        begin_years(actor=actor, agreement=row)
    return row


@action
def begin_years(*, actor: Actor, agreement: ServiceAgreement) -> list[AgreementYear]:
    """Begin the contract years of an agreement in force whose first day has come and that have not begun: the new ones."""
    row = lock_agreement(SYSTEM, agreement)
    if row.status != AgreementStatus.ACTIVE:
        return []
    last_day = queries.last_day_of(row, queries.ending_of(row))
    begun = set(row.contract_years.values_list("number", flat=True))
    return [
        begin_year(actor, row, year)
        for year in years_of_term(ContractCalendar(row.calendar), row.period)
        if year.number not in begun and year.period.start <= min(today(), last_day)
    ]


def begin_year(actor: Actor, agreement: ServiceAgreement, year: TermYear) -> AgreementYear:
    """Keep a year's price, grant its days, and tell those who bill. The caller holds the agreement's lock."""
    pence, explained = prices_of_year(agreement, year)
    kept = keep_year(actor, agreement, year.number, year.period, pence, explained)
    grant_entitlements(actor=actor, year=kept)
    return kept


def keep_year(
    actor: Actor,
    agreement: ServiceAgreement,
    number: int,
    period: Period,
    pence: dict[str, int],
    explained: dict[str, Any],
) -> AgreementYear:
    """Write a contract year with its price, with its line of history, and announce it."""
    kept = AgreementYear.objects.create(
        agreement=agreement,
        number=number,
        starts_on=period.start,
        ends_on=period.end,
        pence=pence,
        explained=explained,
    )
    note = (
        f"Year {number}, {long_date(period.start)} to {long_date(period.end)}: "
        f"{pounds(sum(pence.values()))} before VAT"
    )
    history.write(agreement, verb="year_begun", by=actor, note=note)
    events.publish(AgreementYearBegan(kept.pk))
    return kept


@action
def end_agreement(*, actor: Actor, agreement: ServiceAgreement) -> ServiceAgreement:
    """End an agreement whose last day is over, and settle what is left of its days."""
    row = lock_agreement(SYSTEM, agreement)
    if row.status == AgreementStatus.ACTIVE and row.ends_on < today():
        begin_years(actor=actor, agreement=row)
        close_entitlements(actor=actor, agreement=row, on=row.ends_on)
        move(row, "end", actor=actor, ended_on=row.ends_on, note=f"Ran to {long_date(row.ends_on)}")
    return row
