"""What moving a booking to another time costs, and whether what pays for it reaches the new day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from marketplace.bookings.models import Booking, BookingStatus
from marketplace.bookings.queries.paying import wish_of
from marketplace.bookings.queries.quotes import cancellation_quote
from marketplace.buyback import queries as buyback
from marketplace.buyback.rules.drawing import why_unfit
from marketplace.catalogue.tariffs import CancelledBy, TariffOutcome
from marketplace.kernel.dates import financial_year


def moving_quote(booking: Booking, *, now: datetime) -> TariffOutcome | None:
    """What the tariff charges for moving a confirmed visit now: as for cancelling it. Nothing before it is confirmed."""
    if booking.status != BookingStatus.CONFIRMED:
        return None
    outcome = cancellation_quote(booking, by=CancelledBy.BUYER, now=now)
    return replace(outcome, explanation=outcome.explanation.replace("Cancelled ", "Moved ", 1))


WhyNot = Callable[[Booking, date], str]
_limits: list[WhyNot] = []


def limits_moves(why_not: WhyNot) -> None:
    """Let `why_not(booking, day)` say in a sentence why a booking can't be moved to a day; nothing where it can.

    Capabilities above this one register here when they start, for bookings that belong to something of theirs.
    """
    if why_not not in _limits:
        _limits.append(why_not)


def why_not_moved_to(booking: Booking, day: date) -> str:
    """Why a booking is bound to other days than this one, in a sentence; empty where it is not."""
    reasons = (why_not(booking, day) for why_not in _limits)
    return next(filter(None, reasons), "")


def why_not_paid_on(booking: Booking, day: date) -> str:
    """Why what pays for the booking does not reach a day, in a sentence; empty where it does."""
    if booking.entitlement is not None:
        wish = wish_of(booking)
        return why_unfit(buyback.holding_of(booking.entitlement), replace(wish, day=day))
    stream = booking.funding_stream
    if stream is not None and stream.financial_year != financial_year(day):
        return f"“{stream}”, which pays for it, is for {stream.financial_year}, and that day is in {financial_year(day)}."
    return ""
