"""Jobs of partnership."""

from procrastinate.contrib.django import app

from marketplace.partnership import actions


@app.periodic(cron="10 * * * *")
@app.task(
    name="close_offer_calls", queue="partnership", queueing_lock="close_offer_calls", pass_context=False
)
def close_offer_calls(timestamp: int) -> None:
    """Every hour: calls for offers whose last day has passed are closed."""
    actions.close_due_calls()
