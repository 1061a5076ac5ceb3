"""How a course ends: the provider calls it off, or the register of every date is filled in and it has taken place."""

from collections.abc import Collection

from django.utils import timezone

from marketplace.bookings.actions.courses import money
from marketplace.bookings.actions.courses.giving_back import waive
from marketplace.bookings.actions.courses.steps import (
    NOT_OFFERED,
    EventRef,
    lock_event,
    move_event,
    move_order,
    move_places,
    move_waiting,
)
from marketplace.bookings.actions.steps import needed
from marketplace.bookings.course_errors import RegisterIncomplete
from marketplace.bookings.course_states import COURSE_EVENT
from marketplace.bookings.errors import NotYet
from marketplace.bookings.models import (
    PLACES_LIVE,
    Attendance,
    CourseDate,
    CourseEvent,
    EventStatus,
    LeadTime,
    Place,
    PlaceOrder,
    PlaceOrderStatus,
    PlaceStatus,
    WaitingEntry,
    WaitingStatus,
)
from marketplace.bookings.queries.courses import quotes, scopes
from marketplace.catalogue.tariffs import CancelledBy
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import long_date, moment_words
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotAllowed, NotNow

CALLED_OFF = "The provider called the course off."


@action
def cancel_event(*, actor: Actor, event: EventRef, reason: str) -> CourseEvent:
    """Call a course off, with the reason everybody concerned reads. Nobody owes anything, and whatever was reserved comes back.

    The people who lead it are free again, and those who waited are told.
    """
    row = lock_event(actor, event)
    if not scopes.may_run(actor, row):
        raise NotAllowed("You can’t call this course off.", remedy="This is for a lead of the provider.")
    call_off(row, actor=actor, reason=needed(reason))
    return row


def call_off(event: CourseEvent, *, actor: Actor, reason: str) -> None:
    """Cancel a locked course with all that hangs on it."""
    now = timezone.now()
    move_event(event, "cancel", actor=actor, note=reason, cancelled_reason=reason)
    LeadTime.objects.filter(lead__event=event).delete()
    orders = _orders(event)
    freed = 0
    for order in orders:
        if order.status in PLACES_LIVE:
            places = list(order.places.filter(status__in=[PlaceStatus.RESERVED, PlaceStatus.BOOKED]))
            move_places(places, "cancel_by_provider", actor=actor, charge_pence=0, ended_at=now)
            money.release_all(order, places, actor=actor)
            freed += len(places)
            move_order(order, "cancel_by_provider", actor=actor, note=reason)
        elif order.status == PlaceOrderStatus.CANCELLED_BY_BUYER and order.funding_stream is not None:
            money.release_commitment(order, actor=actor)
    for place in Place.objects.filter(event=event, status=PlaceStatus.CANCELLED_BY_BUYER).select_related(
        "order__entitlement__line", "order__funding_stream", "order__event"
    ):
        if place.is_charged:
            place.event = place.order.event = event
            waive(place, actor=SYSTEM, reason=CALLED_OFF)
    give_up_seats(event, freed + close_waiting(event))


def give_up_seats(event: CourseEvent, number: int) -> None:
    """Seats of a locked course that ended are free, and offered to nobody."""
    CourseEvent._rows.filter(pk=event.pk).update(seats_taken=event.seats_taken - number)
    event.seats_taken -= number


def close_waiting(event: CourseEvent) -> int:
    """End the waiting list of a locked course; how many seats had been offered."""
    offered = 0
    for entry in WaitingEntry.objects.scoped().filter(
        event=event, status__in=[WaitingStatus.WAITING, WaitingStatus.OFFERED]
    ):
        offered += entry.offered_places
        move_waiting(entry, "close", actor=SYSTEM, **NOT_OFFERED)
    return offered


@action
def take_register(*, actor: Actor, event: EventRef, number: int, came: Collection[int]) -> CourseDate:
    """Record who came on one date: `came` are the keys of their places, everybody else did not. May be corrected until the course is finished.

    Raises `NotYet` before the date has begun.
    """
    row = lock_event(actor, event)
    _must_take_register(actor, row)
    if row.status != EventStatus.OPEN:
        raise NotNow(
            f"This course is {row.get_status_display().lower()}.",
            remedy="Its register can’t be changed any more.",
        )
    date = CourseDate.objects.filter(event=row, number=number).first()
    if date is None:
        raise RegisterIncomplete("The course has no such date.", remedy="Choose one of its dates.")
    if timezone.now() < date.starts_at:
        raise NotYet(
            f"This date is on {moment_words(date.starts_at)}.",
            remedy="Fill the register in from then on.",
        )
    places = Place.objects.filter(event=row, status=PlaceStatus.BOOKED).order_by("pk")
    Attendance.objects.bulk_create(
        [Attendance(place=place, date=date, came=place.pk in came) for place in places],
        update_conflicts=True,
        unique_fields=["place", "date"],
        update_fields=["came"],
    )
    date.register_by_id, date.register_at = actor.user_id, timezone.now()
    date.save(update_fields=["register_by", "register_at"])
    here = sum(place.pk in came for place in places)
    history.write(
        row,
        verb="take_register",
        by=actor,
        note=f"{long_date(date.day)}: {here} of {len(places)} came",
    )
    return date


@action
def finish_event(*, actor: Actor, event: EventRef) -> CourseEvent:
    """The course is over and its register complete: places become attended or not, packages are used, and billing takes it from here.

    Raises `NotYet` before its end, `RegisterIncomplete` while a date has no register.
    """
    row = lock_event(actor, event)
    _must_take_register(actor, row)
    COURSE_EVENT.target(row.status, "deliver")
    now = timezone.now()
    if now < row.ends_at:
        raise NotYet(
            f"The course ends on {moment_words(row.ends_at)}.",
            remedy="Finish it afterwards.",
        )
    _check_registers(row)
    # Whoever came on any date attended; a whole absence is what the tariff calls nobody coming.
    present = set(Attendance.objects.filter(place__event=row, came=True).values_list("place_id", flat=True))
    for order in _orders(row):
        if order.status == PlaceOrderStatus.CONFIRMED:
            _deliver(order, present, actor=actor)
            move_order(order, "deliver", actor=SYSTEM)
        for place in order.places.filter(status=PlaceStatus.CANCELLED_BY_BUYER):
            if place.keeps_place and place.is_charged:
                money.use(order, place, actor=actor)
        if order.status in (PlaceOrderStatus.DELIVERED, PlaceOrderStatus.CANCELLED_BY_BUYER):
            money.settle(order, actor=actor)
    give_up_seats(row, close_waiting(row))
    move_event(row, "deliver", actor=actor)
    return row


def _deliver(order: PlaceOrder, present: Collection[int], *, actor: Actor) -> None:
    now = timezone.now()
    booked = list(order.places.filter(status=PlaceStatus.BOOKED).select_related("event"))
    there = [place for place in booked if place.pk in present]
    move_places(there, "attend", actor=actor, ended_at=now)
    for place in there:
        money.use(order, place, actor=actor)
    for place in booked:
        if place.pk in present:
            continue
        place.order, place.event = order, order.event
        outcome = quotes.cancellation_quote(place, by=CancelledBy.NO_SHOW_BUYER, now=now)
        move_places(
            [place],
            "no_show",
            actor=actor,
            note=outcome.explanation,
            charge_pence=outcome.charge_pence,
            keeps_place=outcome.keeps_place,
            charge_explanation=outcome.explanation[:300],
            ended_at=now,
        )
        if outcome.keeps_place:
            money.use(order, place, actor=actor)
        else:
            money.release(order, place, actor=actor)


def _check_registers(event: CourseEvent) -> None:
    missing = [date for date in event.dates.all() if date.register_at is None]
    if missing:
        raise RegisterIncomplete(
            f"The register of {long_date(missing[0].day)} has not been filled in.",
            remedy="Fill it in first, though nobody came.",
        )
    # Orders nobody approved in time lose their places before the course begins; a job that is late must not let them through.
    if Place.objects.filter(event=event, status=PlaceStatus.RESERVED).exists():
        raise RegisterIncomplete(
            "Some places were ordered but never approved.",
            remedy="They are let go within a minute. Try again then.",
        )


def _must_take_register(actor: Actor, event: CourseEvent) -> None:
    if not scopes.may_take_register(actor, event):
        raise NotAllowed(
            "You can’t fill in this register.",
            remedy="This is for those who lead the course and the leads of its provider.",
        )


def _orders(event: CourseEvent) -> list[PlaceOrder]:
    orders = list(
        PlaceOrder.objects.scoped()
        .filter(event=event)
        .select_related("school", "entitlement__line", "entitlement__agreement", "funding_stream")
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    )
    for order in orders:
        order.event = event
    return orders
