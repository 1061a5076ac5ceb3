"""What billing does when a course has taken place, and every morning."""

from procrastinate.contrib.django import app

from marketplace.billing.actions import courses
from marketplace.bookings.course_events import CourseEventMoved, PlaceChargeWaived
from marketplace.bookings.models import EventStatus
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.events import subscribe


@subscribe(CourseEventMoved)
def bill_places(event: CourseEventMoved) -> None:
    """A course that took place gets the documents of its orders."""
    if event.after == EventStatus.DELIVERED:
        courses.bill_courses(event_id=event.event_id)


@subscribe(PlaceChargeWaived)
def credit_waived_place(event: PlaceChargeWaived) -> None:
    """A charge that is not owed after all is credited, where it was billed."""
    courses.credit_waived_place(actor=SYSTEM, place_id=event.place_id)


@app.periodic(cron="50 5 * * *")
@app.task(name="bill_courses", queue="billing", queueing_lock="bill_courses", pass_context=False)
def bill_courses(timestamp: int) -> None:
    """Every morning: places on past courses that still have no document, because it could not be issued at the time."""
    courses.bill_courses()
