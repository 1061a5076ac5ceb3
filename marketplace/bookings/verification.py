"""What must agree about bookings, asked by `manage.py verify`."""

from django.db import connection

from marketplace.bookings.models import OCCUPYING, Booking, BookingStatus
from marketplace.kernel.verification import must_agree, status_disagreements

_OVERLAPS = """
    SELECT a.reference, b.reference FROM bookings_booking a JOIN bookings_booking b
        ON a.practitioner_id = b.practitioner_id AND a.id < b.id AND a.during && b.during
    WHERE a.status = ANY(%(occupying)s) AND b.status = ANY(%(occupying)s) ORDER BY 1, 2
"""
_CHARGES = """
    SELECT reference, status FROM bookings_booking
    WHERE (status = ANY(%(ended)s)) AND cancellation_charge_pence IS NULL ORDER BY 1
"""
CHARGED_BY_TARIFF = (
    BookingStatus.CANCELLED_BY_BUYER,
    BookingStatus.CANCELLED_BY_PROVIDER,
    BookingStatus.NO_SHOW_BUYER,
    BookingStatus.NO_SHOW_PROVIDER,
)


@must_agree("No two bookings of one person overlap (I1)")
def nobody_is_in_two_places() -> list[str]:
    """Asked of the rows themselves, in case they came by a way that has no constraint."""
    rows = _rows(_OVERLAPS, {"occupying": [str(status) for status in OCCUPYING]})
    return [f"Bookings {one} and {other} of one person overlap." for one, other in rows]


@must_agree("A booking’s status is its last history row (I6)")
def bookings_follow_their_history() -> list[str]:
    """The status is a cache of the history."""
    return status_disagreements(Booking)


@must_agree("What a cancelled booking costs is written on it (I7)")
def cancellations_say_what_they_cost() -> list[str]:
    """Each booking called off after it was confirmed holds the charge its tariff said, be it nothing."""
    rows = _rows(_CHARGES, {"ended": [str(status) for status in CHARGED_BY_TARIFF]})
    return [f"Booking {reference} is {status} but says nothing of a charge." for reference, status in rows]


def _rows(sql: str, parameters: dict[str, list[str]]) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
