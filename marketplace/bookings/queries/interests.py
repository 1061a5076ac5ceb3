"""Whether a declared interest keeps a person from committing a school's money for a booking."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from marketplace.bookings.models import Booking
from marketplace.kernel.access import Actor
from marketplace.organisations import queries as organisations


def paid_for(booking: Booking) -> set[int]:
    """Ids of those the money goes to: the provider and the releasing organisation."""
    return {booking.provider_id, booking.releasing_organisation_id}


def with_interest(actor: Actor, bookings: QuerySet[Booking]) -> QuerySet[Booking]:
    """The bookings, each knowing whether the person has an interest in it (`is_tied`), so that it need not be asked again."""
    is_tied: Any = organisations.tied(actor.user_id, "provider", "releasing_organisation")
    return bookings.annotate(is_tied=is_tied)


def has_interest_in(actor: Actor, booking: Booking) -> bool:
    """Whether the person has declared an interest in one of those who are paid for the booking."""
    known: bool | None = getattr(booking, "is_tied", None)
    if known is not None:
        return known
    return organisations.has_interest(actor.user_id, *paid_for(booking))


def without_interest(actor: Actor, bookings: Iterable[Booking]) -> list[Booking]:
    """Those of the bookings that the person has no interest in: one query for all, none where there are none."""
    rows = list(bookings)
    if not rows:
        return []
    tied = organisations.organisations_of_interest(actor.user_id)
    return [booking for booking in rows if tied.isdisjoint(paid_for(booking))]
