"""Jobs of courses: letting go of what time has ended, and offering seats on."""

from procrastinate.contrib.django import app

from marketplace.bookings.actions import courses


@app.periodic(cron="* * * * *")
@app.task(name="sweep_courses", queue="bookings", queueing_lock="sweep_courses", pass_context=False)
def sweep_courses(timestamp: int) -> None:
    """Each minute: offers of places nobody answered, orders nobody approved in time, and lists of courses that have closed."""
    courses.sweep_courses()
