"""The waiting list of a full course: joining, leaving, taking and declining what is offered."""

from collections.abc import Sequence

from django.db import IntegrityError
from django.utils import timezone

from marketplace.bookings.actions.courses.ordering import (
    Attendee,
    check_number,
    check_school,
    must_be_open,
    pay,
    place_order,
)
from marketplace.bookings.actions.courses.steps import (
    NOT_OFFERED,
    EventRef,
    WaitingRef,
    end_offer,
    free_seats,
    lock_event,
    lock_waiting,
    move_waiting,
    offer_next,
)
from marketplace.bookings.course_errors import NotForWaiting, OfferEnded
from marketplace.bookings.course_events import WaitingMoved
from marketplace.bookings.course_states import WAITING
from marketplace.bookings.models import PlaceOrder, WaitingEntry, WaitingStatus
from marketplace.bookings.queries.courses import quotes
from marketplace.buyback.models import Entitlement, QuotesEvidence
from marketplace.kernel import events, history
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, constraint_of
from marketplace.organisations.models import School


@action
def join_waiting(*, actor: Actor, event: EventRef, school: School, places: int) -> WaitingEntry:
    """Wait for places on a full course. Raises `NotForWaiting` where there are seats, or the school waits already."""
    row = lock_event(actor, event)
    now = timezone.now()
    must_be_open(row, now)
    check_school(actor, row, school)
    check_number(places)
    if row.seats_left >= places:
        raise NotForWaiting("There are seats left.", remedy="Book them: nobody has to wait.")
    if places > row.seats:
        raise NotForWaiting(
            f"The course has {row.seats} seats in all.", remedy="Wait for fewer places.", field="places"
        )
    assert actor.user_id is not None, "a person waits, never the exchange itself"
    try:
        entry = WaitingEntry.objects.scoped().create(
            event=row, school=school.organisation, places=places, requested_by_id=actor.user_id
        )
    except IntegrityError as error:
        if constraint_of(error) != "a_school_waits_once_for_a_course":
            raise
        raise NotForWaiting(
            f"{school.organisation} is on the waiting list already.",
            remedy="Leave the list first if you need another number of places.",
        ) from error
    history.write(entry, verb="join", after=WaitingStatus.WAITING, by=actor)
    events.publish(WaitingMoved(entry.pk, "join", str(entry.status)))
    offer_next(row, now=now)
    entry.refresh_from_db()
    return entry


@action
def leave_waiting(*, actor: Actor, entry: WaitingRef) -> WaitingEntry:
    """Leave the list."""
    row = lock_waiting(actor, entry)
    actor.must_hold(*SCHOOL_BUYERS, at=row.school_id, to="leave this waiting list")
    move_waiting(row, "leave", actor=actor)
    return row


@action
def decline_offer(*, actor: Actor, entry: WaitingRef) -> WaitingEntry:
    """Say no to the offered places: they are offered to the next in the same moment."""
    row = lock_waiting(actor, entry)
    actor.must_hold(*SCHOOL_BUYERS, at=row.school_id, to="decline this offer")
    WAITING.target(row.status, "decline")
    end_offer(row, "decline", actor=actor, now=timezone.now())
    return row


@action
def take_offer(
    *,
    actor: Actor,
    entry: WaitingRef,
    attendees: Sequence[Attendee],
    pay_by: str = "",
    entitlement: Entitlement | None = None,
    purchase_order_number: str = "",
    evidence: QuotesEvidence | None = None,
    minute_reference: str = "",
) -> PlaceOrder:
    """Book the offered places, or fewer: what is not taken is offered to the next.

    Where fewer were offered than the school waits for, it stays where it is on the list for the rest. Raises `OfferEnded` when the
    offer has run out.
    """
    row = lock_waiting(actor, entry)
    now = timezone.now()
    school = School.objects.select_related("organisation", "trust").get(pk=row.school_id)
    check_school(actor, row.event, school)
    if row.status != WaitingStatus.OFFERED or row.offer_expires_at is None or row.offer_expires_at <= now:
        raise OfferEnded(
            "No places are kept for you at present.", remedy="Open the waiting list to see where you stand."
        )
    must_be_open(row.event, now)
    number = len(attendees)
    check_number(number)
    offered = row.offered_places
    if number > offered:
        raise OfferEnded(
            f"{offered} {'place is' if offered == 1 else 'places are'} kept for you.",
            remedy="Name no more people than that.",
        )
    quote = quotes.quote(row.event, school, number, today=local(now).date())
    order = place_order(
        actor,
        row.event,
        school,
        attendees,
        now,
        price=quote.price.to_data(),
        net_pence=quote.net_pence,
        vat_pence=quote.vat_pence,
        route=quote.route.kind,
        route_reason=quote.route.reason,
        pay=pay(pay_by, entitlement, number),
        purchase_order_number=purchase_order_number,
        evidence=evidence,
        minute_reference=minute_reference,
        waited=row,
    )
    if number == offered < row.places:
        move_waiting(row, "take_part", actor=actor, places=row.places - number, **NOT_OFFERED)
    else:
        move_waiting(row, "take", actor=actor, **NOT_OFFERED)
    free_seats(row.event, offered - number, now=now)
    return order
