"""The settlement statement of the bank of days: made once a year for each organisation whose credits moved, never changed."""

from datetime import date, datetime

from django.utils import timezone

from marketplace.buyback.models import ExchangeStatement
from marketplace.buyback.queries import exchange as queries
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import ACADEMIC, academic_year, contract_year, local, long_date
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.organisations.models import Organisation


@action
def make_exchange_statement(*, actor: Actor, organisation: Organisation, year: str) -> ExchangeStatement:
    """Keep the statement of an academic year that is over (`2026/27`). Made again it is the one that was made."""
    if not queries.may_state(actor, organisation):
        raise NotAllowed(
            "You can’t settle a year of the bank of days.",
            remedy="Ask the area’s finance officer or convenor.",
        )
    period = queries.year_period(year)
    if local(timezone.now()).date() <= period.end:
        raise NotNow(
            f"The year {year.replace('-', '/')} runs until {long_date(period.end)}.",
            remedy="Look at the statement so far, and settle the year when it is over.",
        )
    locked(Organisation.objects.all(), pk=organisation.pk)
    if made := queries.statement_made(organisation, year):
        return made
    content = queries.statement_so_far(organisation, year).to_data()
    statement = ExchangeStatement.objects.create(
        organisation=organisation, year=year.replace("-", "/"), content=content
    )
    history.write(statement, verb="make", by=actor)
    return statement


def make_exchange_statements(*, now: datetime | None = None) -> int:
    """Make the statements of the academic year that ended last, for all whose credits had moved by then; how many are new."""
    today = local(now or timezone.now()).date()
    first_day = contract_year(ACADEMIC, today).start
    year = academic_year(date(first_day.year - 1, first_day.month, 1))
    waiting = (
        queries.with_credits(Organisation.objects.all())
        .exclude(exchange_statements__year=year)
        .order_by("pk")
    )
    made = 0
    for organisation in waiting:
        statement = queries.statement_so_far(organisation, year)
        if statement.opening or statement.movements:
            make_exchange_statement(actor=SYSTEM, organisation=organisation, year=year)
            made += 1
    return made
