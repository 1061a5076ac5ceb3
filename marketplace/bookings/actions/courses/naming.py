"""Who sits on a place: naming somebody, and sending a colleague instead, free of charge until the course begins."""

from django.utils import timezone

from marketplace.bookings.actions.courses.ordering import Attendee, check_attendees
from marketplace.bookings.actions.courses.steps import OrderRef, lock_order
from marketplace.bookings.course_errors import NoSubstitute
from marketplace.bookings.models import Place, PlaceStatus
from marketplace.catalogue.tariffs import CancellationTariff
from marketplace.kernel import history
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.db import action, locked
from marketplace.organisations.models import School


@action
def name_attendee(*, actor: Actor, order: OrderRef, number: int, name: str, job_title: str = "") -> Place:
    """Say who comes on a place. A colleague instead of somebody named is free of charge, up to the start of the course.

    Raises `NoSubstitute` once it has begun, and where the tariff allows no substitution.
    """
    row = lock_order(actor, order)
    actor.must_hold(*SCHOOL_BUYERS, at=row.school_id, to="say who comes")
    place: Place = locked(Place.objects.all(), order=row, number=number)
    place.event = row.event
    if timezone.now() >= row.event.starts_at:
        raise NoSubstitute(
            f"The course began on {long_date(local(row.event.starts_at).date())}.",
            remedy="Ask the provider to correct the register.",
        )
    if place.status not in (PlaceStatus.RESERVED, PlaceStatus.BOOKED):
        raise NoSubstitute("Nobody can come on this place any more.", remedy="Book another place.")
    tariff = CancellationTariff.from_data(row.cancellation_tariff)
    if place.attendee and not tariff.substitution_allowed:
        raise NoSubstitute(
            "The provider allows no substitutes on this course.", remedy="Ask the provider about it."
        )
    if name.strip().casefold() != place.attendee.casefold():
        school = School.objects.get(pk=row.school_id)
        [named] = check_attendees(row.event, school, [Attendee(name, job_title)])
    else:
        named = Attendee(name.strip(), job_title.strip())
    before = place.attendee
    place.attendee, place.job_title = named
    place.save(update_fields=["attendee", "job_title"])
    history.write(
        place,
        verb="substitute" if before else "name",
        by=actor,
        note="Another person comes instead" if before else "",
    )
    return place
