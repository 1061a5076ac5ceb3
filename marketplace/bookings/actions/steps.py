"""The steps every verb of bookings takes: lock in order, check who, move and tell."""

from typing import Any

from marketplace.bookings.errors import ReasonMissing, TooLong
from marketplace.bookings.events import BookingMoved
from marketplace.bookings.models import Booking
from marketplace.bookings.queries import scopes
from marketplace.bookings.states import BOOKING
from marketplace.catalogue.models import Practitioner
from marketplace.kernel import events
from marketplace.kernel.access import Actor
from marketplace.kernel.db import locked
from marketplace.kernel.errors import NotAllowed, NotFound
from marketplace.kernel.transitions import words

LONGEST_NOTE = 2_000
LONGEST_PURCHASE_ORDER_NUMBER = 40
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


def lock_person_and_booking(actor: Actor, booking: BookingRef) -> Booking:
    """The practitioner's row first, then the booking's, for verbs that promise the person's time."""
    person_id = (
        scopes.visible_to(actor).filter(**_lookup(booking)).values_list("practitioner", flat=True).first()
    )
    if person_id is None:
        raise NotFound
    lock_practitioner(person_id)
    return lock_booking(actor, booking)


def _lookup(booking: BookingRef) -> dict[str, Any]:
    return {"reference": booking} if isinstance(booking, str) else {"pk": booking.pk}


def must(actor: Actor, booking: Booking, verb: str) -> None:
    """Raise `NotAllowed` unless the person's roles let them do this, `NotNow` unless the booking is in a state for it."""
    if not scopes.may(actor, booking, verb):
        raise NotAllowed(
            f"You can’t {words(verb)} this booking.", remedy=f"This is for {scopes.who_may(verb)}."
        )
    BOOKING.target(booking.status, verb)


def move(booking: Booking, verb: str, *, actor: Actor, note: str = "", **also: Any) -> None:
    """Move the booking along `verb`, keep the fields in `also` with it, and tell those who listen."""
    before = booking.status
    BOOKING.move(booking, verb, by=actor, note=trimmed(note, 2 * LONGEST_NOTE, "note"), **also)
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
