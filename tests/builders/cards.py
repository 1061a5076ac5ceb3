"""Card payments: of a document that is owed, of a booking still to come."""

from typing import Any

from marketplace.billing.actions import issue_for_delivery
from marketplace.billing.actions.cards import start_booking_payment, start_document_payment
from marketplace.billing.models import CardPayment, Document
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.kernel.access import SYSTEM
from tests.builders.bookings import a_booking
from tests.builders.catalogue import a_practitioner, an_offer
from tests.builders.organisations import a_provider, a_school, an_area

__all__ = ["a_booking_by_invoice", "a_booking_payment", "a_document_payment", "an_invoice"]


def a_booking_by_invoice(**fields: Any) -> Booking:
    """£420.00 with VAT: an academy buys a day of a maintained school's teacher from the council's service."""
    area = an_area()
    provider = a_provider(area)
    person = a_practitioner(provider, listed_by=provider)
    defaults = {
        "school": a_school(area, academy=True),
        "offer": an_offer(provider, practitioners=[person]),
        "practitioner": person,
    }
    return a_booking(**{**defaults, **fields})


def an_invoice(**fields: Any) -> Document:
    """An invoice of £420.00 for a delivered day."""
    booking = a_booking_by_invoice(status=BookingStatus.DELIVERED, **fields)
    return issue_for_delivery(actor=SYSTEM, booking=booking)


def a_document_payment(document: Document | None = None) -> CardPayment:
    """A payment of an invoice, begun and not yet set up with the network."""
    return start_document_payment(actor=SYSTEM, document=document or an_invoice())


def a_booking_payment(booking: Booking | None = None) -> CardPayment:
    """A payment of a confirmed booking, begun and not yet set up with the network."""
    return start_booking_payment(actor=SYSTEM, booking=booking or a_booking_by_invoice())
