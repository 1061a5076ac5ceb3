"""What brokerage does when others announce something."""

from procrastinate.contrib.django import app

from marketplace.bookings.events import SessionHandedOver
from marketplace.bookings.models import HandOver
from marketplace.brokerage import actions
from marketplace.catalogue.events import SearchFoundNothing
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.events import subscribe
from marketplace.organisations.models import Area, Organisation


@subscribe(SearchFoundNothing)
def keep_search_that_found_nothing(event: SearchFoundNothing) -> None:
    """The unmet-demand log: what people looked for and nobody offers."""
    actions.tell_the_authority(
        actor=SYSTEM,
        area=Area.objects.get(pk=event.area_id),
        organisation=Organisation.objects.filter(pk=event.organisation_id).first(),
        query=event.query,
        told_us=False,
    )


@subscribe(SessionHandedOver)
def release_from_need_when_handed_over(event: SessionHandedOver) -> None:
    """What another school took over is no support for the need it was booked for."""
    asked = HandOver.objects.select_related("booking").get(pk=event.hand_over_id)
    actions.release_from_need(actor=SYSTEM, booking=asked.booking)


@app.periodic(cron="5 * * * *")
@app.task(name="close_requests", queue="brokerage", queueing_lock="close_requests", pass_context=False)
def close_requests(timestamp: int) -> None:
    """Every hour: requests for support whose last day has passed are closed."""
    actions.close_due_requests()


@app.periodic(cron="0 8 * * 1-5")
@app.task(
    name="nudge_silent_schools", queue="brokerage", queueing_lock="nudge_silent_schools", pass_context=False
)
def nudge_silent_schools(timestamp: int) -> None:
    """On weekdays in September and October: schools that have not confirmed their needs are reminded, once in each round."""
    actions.nudge_silent_schools(actor=SYSTEM)
