"""What the tests of card payments share: a payment at a stage of its life."""

from collections.abc import Callable

from marketplace.billing.actions import cards as actions
from marketplace.billing.models import CardPayment, Document
from marketplace.bookings.models import Booking
from tests.builders import a_booking_payment, a_document_payment
from tests.card_network import Cards

Run = Callable[[], list[str]]


def looked_at(payment: CardPayment) -> CardPayment:
    """The payment after it was fetched again, as an event or the reconciliation has it fetched."""
    payment.refresh_from_db()
    assert payment.intent_id
    actions.look_again(payment.intent_id)
    payment.refresh_from_db()
    return payment


def set_up(payment: CardPayment, run_jobs: Run) -> CardPayment:
    """The payment once the network knows of it."""
    run_jobs()
    payment.refresh_from_db()
    return payment


def a_paid_document(cards: Cards, run_jobs: Run, document: Document | None = None) -> CardPayment:
    """£420.00 of an invoice, paid."""
    return _paid(cards, run_jobs, a_document_payment(document))


def a_paid_booking(cards: Cards, run_jobs: Run, booking: Booking | None = None) -> CardPayment:
    """£420.00 for a booking, paid and held."""
    return _paid(cards, run_jobs, a_booking_payment(booking))


def _paid(cards: Cards, run_jobs: Run, payment: CardPayment) -> CardPayment:
    cards.accept(set_up(payment, run_jobs))
    looked_at(payment)
    return set_up(payment, run_jobs)
