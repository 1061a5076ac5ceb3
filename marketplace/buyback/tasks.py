"""Jobs of buying: agreements begin, run from year to year and end; buyers are told of next year's prices."""

from procrastinate.contrib.django import app

from marketplace.buyback import actions
from marketplace.buyback.events import EditionPublished
from marketplace.buyback.models import PackageEdition
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.events import subscribe


@app.periodic(cron="10 0 * * *")
@app.task(name="run_agreements", queue="buyback", queueing_lock="run_agreements", pass_context=False)
def run_agreements(timestamp: int) -> None:
    """Soon after midnight: first days, endings told before, new contract years, last days; prices shown from today, packages not sold again."""
    actions.run_agreements()
    actions.notice_prices_shown()
    actions.notice_not_sold_again()


@subscribe(EditionPublished)
def tell_of_price_changes(event: EditionPublished) -> None:
    """Buyers of the package are told where it costs them something else next year, once the window shows prices."""
    edition = PackageEdition.objects.select_related("package", "window__area").get(pk=event.edition_id)
    actions.notice_price_changes(actor=SYSTEM, edition=edition)


@app.periodic(cron="30 0 * * *")
@app.task(name="settle_balances", queue="buyback", queueing_lock="settle_balances", pass_context=False)
def settle_balances(timestamp: int) -> None:
    """Each night: what is left of contract years that are over."""
    actions.settle_ended_years()


@app.periodic(cron="35 0 * * *")
@app.task(name="pass_on_credits", queue="buyback", queueing_lock="pass_on_credits", pass_context=False)
def pass_on_credits(timestamp: int) -> None:
    """Each night: credits that came back to schools which became academies."""
    actions.pass_on_what_came_back()


@app.periodic(cron="40 0 * * *")
@app.task(
    name="exchange_statements", queue="buyback", queueing_lock="exchange_statements", pass_context=False
)
def exchange_statements(timestamp: int) -> None:
    """Each night: the statements of the bank of days for the year before."""
    actions.make_exchange_statements()
