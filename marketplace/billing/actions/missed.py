"""Billing what a booking calls for, and keeping why it could not be done: nothing that was delivered is forgotten."""

import logging

from marketplace.billing.actions.documents import issue_for_cancellation, issue_for_delivery
from marketplace.billing.models import BillingFailure
from marketplace.billing.queries.unbilled import DELIVERED, unbilled_bookings
from marketplace.bookings.models import Booking
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.db import action
from marketplace.kernel.errors import DomainError

logger = logging.getLogger(__name__)

UNFORESEEN = "Something went wrong that a person has to look at. It is tried again every morning."


def bill_booking(booking: Booking) -> bool:
    """Issue and book what the booking calls for; whether it could be done. A refusal is kept with its sentence, for finance."""
    try:
        _bill(booking=booking)
    except DomainError as error:
        _keep_error(booking=booking, sentence=str(error))
        return False
    return True


def bill_what_was_missed() -> int:
    """Issue and book what is missing, for each booking in a transaction of its own; how many could be done."""
    return sum(_try_to_bill(booking) for booking in unbilled_bookings())


def _try_to_bill(booking: Booking) -> bool:
    try:
        return bill_booking(booking)
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
def _keep_error(*, booking: Booking, sentence: str) -> None:
    BillingFailure.objects.update_or_create(booking=booking, defaults={"error": sentence[:500]})
