"""The steps every verb of bookings takes: lock in order, check who, move and tell."""

from collections.abc import Iterable
from typing import Any

from marketplace.bookings.actions import funding, paying
from marketplace.bookings.errors import PartOfAnOrder, ReasonMissing, TooLong
from marketplace.bookings.events import BookingMoved
from marketplace.bookings.models import Booking
from marketplace.bookings.queries import interests, scopes
from marketplace.bookings.states import BOOKING
from marketplace.catalogue.models import Practitioner
from marketplace.kernel import events
from marketplace.kernel.access import Actor
from marketplace.kernel.db import locked
from marketplace.kernel.errors import NotAllowed, NotFound
from marketplace.kernel.transitions import words

LONGEST_NOTE = 2_000
LONGEST_PURCHASE_ORDER_NUMBER = 40
LONGEST_MINUTE_REFERENCE = 80
LONGEST_LABEL = 120

BookingRef = Booking | str
"""A booking, or its reference."""


def lock_practitioner(pk: int) -> Practitioner:
    """The person's row, locked: bookings of one person and edits of their diary happen one after another."""
    person: Practitioner = locked(
        Practitioner.objects.select_related("releasing_organisation", "diary"), pk=pk
    )
    return person


def lock_booking(actor: Actor, booking: BookingRef) -> Booking:
    """The booking as it is now, locked; `NotFound` where it isn't there for this person."""
    row: Booking = locked(scopes.visible_to(actor), **_lookup(booking))
    return row


def lock_people(pks: Iterable[int]) -> list[Practitioner]:
    """The rows of several people, locked in the order of their keys, so that two who want several of them never wait for each other."""
    rows = (
        Practitioner.objects.filter(pk__in=set(pks))
        .select_related("releasing_organisation", "diary")
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    )
    return list(rows)


def lock_person_and_booking(actor: Actor, booking: BookingRef) -> Booking:
    """The practitioner's row first, then the booking's, for verbs that promise the person's time or the school's money.

    The booking knows whether the actor has an interest in it.
    """
    person_id = (
        scopes.visible_to(actor).filter(**_lookup(booking)).values_list("practitioner", flat=True).first()
    )
    if person_id is None:
        raise NotFound
    lock_practitioner(person_id)
    row: Booking = locked(interests.with_interest(actor, scopes.visible_to(actor)), **_lookup(booking))
    return row


def _lookup(booking: BookingRef) -> dict[str, Any]:
    return {"reference": booking} if isinstance(booking, str) else {"pk": booking.pk}


def must(actor: Actor, booking: Booking, verb: str) -> None:
    """Raise `NotAllowed` unless the person's roles let them do this, `NotNow` unless the booking is in a state for it."""
    if not scopes.may(actor, booking, verb):
        raise NotAllowed(
            f"You can’t {words(verb)} this booking.", remedy=f"This is for {scopes.who_may(verb)}."
        )
    BOOKING.target(booking.status, verb)


def must_stand_alone(booking: Booking) -> None:
    """Raise `PartOfAnOrder` for one of several dates: they are ordered, approved and withdrawn as one."""
    if booking.order is not None:
        raise PartOfAnOrder(booking.order.reference)


def move(booking: Booking, verb: str, *, actor: Actor, note: str = "", **also: Any) -> None:
    """Move the booking along `verb`, keep the fields in `also` with it, let ledgers follow, and tell those who listen."""
    before = booking.status
    BOOKING.move(booking, verb, by=actor, note=trimmed(note, 2 * LONGEST_NOTE, "note"), **also)
    paying.follow(booking, actor=actor)
    funding.follow(booking, str(before), actor=actor)
    events.publish(BookingMoved(booking.pk, verb, str(before), str(booking.status)))


def trimmed(text: str, longest: int, field: str) -> str:
    """The text without spaces around it; `TooLong` where it can't be kept."""
    text = text.strip()
    if len(text) > longest:
        raise TooLong(longest, field)
    return text


def needed(reason: str) -> str:
    """The reason, or `ReasonMissing`."""
    if not reason.strip():
        raise ReasonMissing(
            "Say why.", remedy="One sentence is enough: the other side will read it.", field="reason"
        )
    return trimmed(reason, LONGEST_NOTE, "reason")
