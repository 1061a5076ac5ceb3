"""Billing what a booking calls for, and keeping why it could not be done: nothing that was delivered is forgotten."""

import logging
from collections.abc import Callable
from functools import partial

from marketplace.billing.actions.documents import issue_for_cancellation, issue_for_delivery, issue_for_move
from marketplace.billing.models import BillingFailure
from marketplace.billing.queries.unbilled import DELIVERED, unbilled_bookings, unbilled_moves
from marketplace.bookings.models import Booking, BookingMove
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.db import action
from marketplace.kernel.errors import DomainError

logger = logging.getLogger(__name__)

UNFORESEEN = "Something went wrong that a person has to look at. It is tried again every morning."


def bill_booking(booking: Booking) -> bool:
    """Issue and book what the booking calls for; whether it could be done. A refusal is kept with its sentence, for finance."""
    return _is_done(partial(_bill, booking=booking), booking)


def bill_move(move: BookingMove) -> bool:
    """The same for what moving a visit late cost; a refusal is kept with the booking."""
    return _is_done(partial(_bill_move, move=move), move.booking)


def bill_what_was_missed() -> int:
    """Issue and book what is missing, for each booking and each late move in a transaction of its own; how many could be done."""
    bookings = sum(_tried(partial(bill_booking, booking), booking) for booking in unbilled_bookings())
    return bookings + sum(_tried(partial(bill_move, move), move.booking) for move in unbilled_moves())


def _is_done(bill: Callable[[], None], booking: Booking) -> bool:
    try:
        bill()
    except DomainError as error:
        _keep_error(booking=booking, sentence=str(error))
        return False
    return True


def _tried(bill: Callable[[], bool], booking: Booking) -> bool:
    try:
        return bill()
    except Exception:
        logger.exception("%s could not be billed", booking)
        _keep_error(booking=booking, sentence=UNFORESEEN)
        return False


@action
def _bill(*, booking: Booking) -> None:
    if booking.status in DELIVERED:
        issue_for_delivery(actor=SYSTEM, booking=booking)
    else:
        issue_for_cancellation(actor=SYSTEM, booking=booking)
    BillingFailure.objects.filter(booking=booking).delete()


@action
def _bill_move(*, move: BookingMove) -> None:
    issue_for_move(actor=SYSTEM, move=move)
    BillingFailure.objects.filter(booking=move.booking_id).delete()


@action
def _keep_error(*, booking: Booking, sentence: str) -> None:
    BillingFailure.objects.update_or_create(booking=booking, defaults={"error": sentence[:500]})
