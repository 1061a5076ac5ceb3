"""Jobs of courses: letting go of what time has ended, and offering seats on."""

from procrastinate.contrib.django import app

from marketplace.bookings.actions import courses
from marketplace.kernel.events import subscribe
from marketplace.organisations.events import SuspensionChanged
from marketplace.organisations.models import Organisation


@app.periodic(cron="* * * * *")
@app.task(name="sweep_courses", queue="bookings", queueing_lock="sweep_courses", pass_context=False)
def sweep_courses(timestamp: int) -> None:
    """Each minute: offers of places nobody answered, orders nobody approved in time, and lists of courses that have closed."""
    courses.sweep_courses()


@subscribe(SuspensionChanged)
def offer_seats_after_suspension(event: SuspensionChanged) -> None:
    """While a provider is suspended nobody is offered a seat of its courses."""
    if event.verb == "lift_suspension":
        courses.offer_again(provider=Organisation.objects.get(pk=event.organisation_id))
