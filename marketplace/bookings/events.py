"""What bookings announce."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BookingMoved:
    """A booking went along `verb` from `before` to `after` (values of `BookingStatus`; `before` is empty for a new hold)."""

    booking_id: int
    verb: str
    before: str
    after: str
