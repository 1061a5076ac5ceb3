"""Jobs of bookings: letting go of holds, closing visits nobody evaluated."""

from procrastinate.contrib.django import app

from marketplace.bookings import actions


@app.periodic(cron="* * * * *")
@app.task(name="expire_holds", queue="bookings", queueing_lock="expire_holds", pass_context=False)
def expire_holds(timestamp: int) -> None:
    """Each minute: holds whose time is over, and orders whose day came unconfirmed."""
    actions.expire_holds()


@app.periodic(cron="40 3 * * *")
@app.task(
    name="complete_unevaluated", queue="bookings", queueing_lock="complete_unevaluated", pass_context=False
)
def complete_unevaluated(timestamp: int) -> None:
    """Each night: visits nobody evaluated in time."""
    actions.complete_unevaluated()
