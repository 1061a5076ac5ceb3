"""Jobs of bookings: letting go of holds, closing visits nobody evaluated."""

from procrastinate.contrib.django import app

from marketplace.bookings import (
    actions,
    course_tasks,  # noqa: F401  (jobs of courses are found here)
    queries,
)
from marketplace.bookings.events import BookingMoved
from marketplace.bookings.models import BookingStatus
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.events import subscribe


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


@subscribe(BookingMoved)
def waive_what_is_refilled(event: BookingMoved) -> None:
    """A confirmed visit may take the time of one that was cancelled: its charge is then waived, where its tariff says so."""
    if event.after == BookingStatus.CONFIRMED:
        actions.waive_for_refill(booking=queries.visible_to(SYSTEM).get(pk=event.booking_id))
