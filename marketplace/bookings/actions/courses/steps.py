"""The steps verbs of courses take: lock the course first, move orders and places, take and free seats."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.db.models import F

from marketplace.bookings.actions.courses import money
from marketplace.bookings.actions.steps import LONGEST_NOTE, trimmed
from marketplace.bookings.course_errors import SeatsTaken
from marketplace.bookings.course_events import CourseEventMoved, PlaceOrderMoved, WaitingMoved
from marketplace.bookings.course_states import COURSE_EVENT, PLACE, PLACE_ORDER, WAITING
from marketplace.bookings.models import (
    CourseEvent,
    Place,
    PlaceOrder,
    PlaceStatus,
    WaitingEntry,
    WaitingStatus,
)
from marketplace.bookings.queries.courses import scopes
from marketplace.bookings.rules import courses as rules
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.db import constraint_of, locked
from marketplace.kernel.errors import NotFound, NotNow

EventRef = CourseEvent | str
OrderRef = PlaceOrder | str
WaitingRef = WaitingEntry | str


def lookup(row: Any) -> dict[str, Any]:
    """How a row or its reference is looked for."""
    return {"reference": row} if isinstance(row, str) else {"pk": row.pk}


def lock_event(actor: Actor, event: EventRef) -> CourseEvent:
    """The course as it is now, locked: seats of one course change hands one after another."""
    row: CourseEvent = locked(scopes.events_visible_to(actor), **lookup(event))
    return row


def lock_event_of(row: PlaceOrder | WaitingEntry) -> CourseEvent:
    """The course of an order or of an entry the person was shown to see, locked."""
    event: CourseEvent = locked(scopes.events_visible_to(SYSTEM), pk=row.event_id)
    return event


def lock_order(actor: Actor, order: OrderRef) -> PlaceOrder:
    """The course first, then the order; `NotFound` where it isn't there for this person."""
    found = scopes.orders_visible_to(actor).filter(**lookup(order)).first()
    if found is None:
        raise NotFound
    event = lock_event_of(found)
    row: PlaceOrder = locked(scopes.orders_visible_to(actor), pk=found.pk)
    row.event = event
    return row


def lock_waiting(actor: Actor, entry: WaitingRef) -> WaitingEntry:
    """The course first, then the entry of its waiting list."""
    found = scopes.waiting_visible_to(actor).filter(**lookup(entry)).first()
    if found is None:
        raise NotFound
    event = lock_event_of(found)
    row: WaitingEntry = locked(scopes.waiting_visible_to(actor), pk=found.pk)
    row.event = event
    return row


# Moving -------------------------------------------------------------------------------------------------------------


def move_event(event: CourseEvent, verb: str, *, actor: Actor, note: str = "", **also: Any) -> None:
    """Move a course and tell of it."""
    COURSE_EVENT.move(event, verb, by=actor, note=trimmed(note, LONGEST_NOTE, "note"), **also)
    events.publish(CourseEventMoved(event.pk, verb, str(event.status)))


def move_order(order: PlaceOrder, verb: str, *, actor: Actor, note: str = "", **also: Any) -> None:
    """Move an order, let the funding stream follow, and tell of it."""
    before = str(order.status)
    PLACE_ORDER.move(order, verb, by=actor, note=trimmed(note, 2 * LONGEST_NOTE, "note"), **also)
    money.follow(order, before, actor=actor)
    events.publish(PlaceOrderMoved(order.pk, verb, before, str(order.status)))


def move_places(places: Sequence[Place], verb: str, *, actor: Actor, note: str = "", **also: Any) -> None:
    """Move several places along one verb at once: all of them or, where one moved meanwhile, none."""
    if not places:
        return
    states = {str(place.status) for place in places}
    targets = {PLACE.target(state, verb) for state in states}
    [after] = targets
    rows = Place.objects.filter(pk__in=[place.pk for place in places], status__in=states)
    if rows.update(status=after, **also) != len(places):
        raise NotNow(
            "Somebody else changed these places a moment ago.",
            remedy="Open them again to see where they stand.",
        )
    for place in places:
        place.status = after
        for name, value in also.items():
            setattr(place, name, value)
    history.write_many(places, verb=verb, by=actor, after=str(after), note=note)


def let_go(order: PlaceOrder, verb: str, *, actor: Actor, note: str = "", now: datetime) -> None:
    """End an order that was never confirmed: its seats are free again, and what was reserved for it comes back."""
    move_order(order, verb, actor=actor, note=note)
    places = list(order.places.filter(status=PlaceStatus.RESERVED))
    move_places(places, "let_go", actor=actor, ended_at=now)
    money.release_all(order, places, actor=actor)
    free_seats(order.event, len(places), now=now)


# Seats --------------------------------------------------------------------------------------------------------------


def take_seats(event: CourseEvent, number: int) -> None:
    """Take seats of a locked course. Raises `SeatsTaken`; the table's own check stands behind it."""
    if number > event.seats_left:
        raise SeatsTaken(event.seats_left)
    _shift(event, number)


def free_seats(event: CourseEvent, number: int, *, now: datetime) -> None:
    """Free seats of a locked course and offer them at once to those who wait, in order."""
    if number:
        _shift(event, -number)
    offer_next(event, now=now)


def offer_next(event: CourseEvent, *, now: datetime) -> None:
    """Offer the free seats of a locked course to those who wait, in order; nothing once bookings have closed."""
    if event.seats_left <= 0 or scopes.why_closed(event, now):
        return
    waiting = list(
        WaitingEntry.objects.scoped().filter(event=event, status=WaitingStatus.WAITING).order_by("pk")
    )
    by_key = {entry.pk: entry for entry in waiting}
    expires = rules.offer_expires_at(now, event.closes_at, settings.COURSE_OFFER_HOURS)
    for key, places in rules.offers_of(event.seats_left, [(entry.pk, entry.places) for entry in waiting]):
        take_seats(event, places)
        move_waiting(
            by_key[key],
            "offer",
            actor=SYSTEM,
            offered_places=places,
            offered_at=now,
            offer_expires_at=expires,
        )


def move_waiting(entry: WaitingEntry, verb: str, *, actor: Actor, **also: Any) -> None:
    """Move an entry of a waiting list and tell of it."""
    WAITING.move(entry, verb, by=actor, **also)
    events.publish(WaitingMoved(entry.pk, verb, str(entry.status)))


NOT_OFFERED: dict[str, Any] = {"offered_places": 0, "offer_expires_at": None}
"""What an entry's fields are while nothing is offered to it."""


def end_offer(entry: WaitingEntry, verb: str, *, actor: Actor, now: datetime) -> None:
    """Take an offer back from a locked entry: its seats go to the next."""
    places = entry.offered_places
    move_waiting(entry, verb, actor=actor, **NOT_OFFERED)
    free_seats(entry.event, places, now=now)


def _shift(event: CourseEvent, number: int) -> None:
    try:
        CourseEvent._rows.filter(pk=event.pk).update(seats_taken=F("seats_taken") + number)
    except IntegrityError as error:
        if constraint_of(error) != "a_course_has_no_more_people_than_seats":
            raise
        raise SeatsTaken(0) from error
    event.seats_taken += number
