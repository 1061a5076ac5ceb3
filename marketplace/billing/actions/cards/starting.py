"""Paying by card: begin, try another card, give up. Nothing here talks to the network: a worker does, afterwards."""

from django.conf import settings

from marketplace.billing import rules
from marketplace.billing.actions.cards.asking import ask, marks
from marketplace.billing.errors import NoCards
from marketplace.billing.events import CardPaymentMoved
from marketplace.billing.gateways import CURRENCY
from marketplace.billing.models import OPEN_CARD_PAYMENT, CallAction, CardPayment, Document, DocumentKind
from marketplace.billing.network import takes_cards
from marketplace.billing.queries import cards as queries
from marketplace.billing.queries.documents import documents_visible_to
from marketplace.billing.queries.receipts import outstanding
from marketplace.billing.states import CARD_PAYMENT
from marketplace.bookings import queries as bookings
from marketplace.bookings.models import Booking
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotNow

SUBJECT = "cardpayment"


@action
def start_document_payment(*, actor: Actor, document: Document) -> CardPayment:
    """Begin to pay what is outstanding on a document; one already begun comes back. Raises `NoCards`, `TooLargeForCard`, `NotAllowed`."""
    _must_take_cards()
    document = locked(documents_visible_to(actor), pk=document.pk)
    queries.must_pay_for(actor, document.buyer_id)
    if document.kind != DocumentKind.INVOICE:
        raise NoCards(
            f"A {document.get_kind_display().lower()} is not paid by card.", remedy="Only invoices are."
        )
    pence = outstanding(document)
    if pence <= 0:
        raise NoCards("Nothing is owed on this document.", remedy="There is nothing for you to do.")
    return _start(
        actor, CardPayment(document=document, payee=document.supplier, payer=document.buyer, pence=pence)
    )


@action
def start_booking_payment(*, actor: Actor, booking: Booking) -> CardPayment:
    """Begin to pay for an approved booking before its day: the money is held until the visit has taken place.

    One already begun comes back. Raises `NoCards`, `TooLargeForCard`, `NotAllowed`.
    """
    _must_take_cards()
    booking = locked(bookings.visible_to(actor), pk=booking.pk)
    queries.must_pay_for(actor, booking.receiving_school_id)
    if why_not := queries.why_not_by_card(booking):
        raise NoCards(why_not, remedy="Open the booking to see how it is paid.")
    payment = CardPayment(
        booking=booking,
        payee=booking.provider,
        payer=booking.receiving_school,
        pence=booking.gross_pence,
    )
    return _start(actor, payment)


@action
def try_another_card(*, actor: Actor, payment: CardPayment) -> CardPayment:
    """After a card was declined, give the network's payment up and set a new one up under the same reference."""
    payment = _locked(actor, payment)
    move(payment, "try_again", actor=actor)
    _ask_to_cancel(payment)
    return payment


@action
def give_up(*, actor: Actor, payment: CardPayment) -> CardPayment:
    """Ask the network to give the payment up. It is cancelled once the network says so; money already taken is not refused."""
    payment = _locked(actor, payment)
    if not payment.is_open or not payment.intent_id:
        raise NotNow("This payment can’t be given up now.", remedy="Open it again to see where it stands.")
    history.write(payment, verb="give_up", by=actor)
    _ask_to_cancel(payment)
    return payment


def begin_attempt(payment: CardPayment) -> None:
    """Have the payment set up with the network. The attempt's number is part of the key."""
    ask(
        action=CallAction.START,
        model=SUBJECT,
        subject_id=payment.pk,
        attempt=payment.attempt,
        params={
            "amount": payment.pence,
            "currency": CURRENCY,
            "metadata": marks(payment=payment.reference, attempt=payment.attempt),
        },
    )


def move(payment: CardPayment, verb: str, *, actor: Actor, note: str = "", **also: object) -> None:
    """Move the payment along `verb` and tell those who listen."""
    CARD_PAYMENT.move(payment, verb, by=actor, note=note, **also)
    events.publish(CardPaymentMoved(payment.pk, verb, str(payment.status)))


def _start(actor: Actor, payment: CardPayment) -> CardPayment:
    open_ones = CardPayment.objects.filter(
        document=payment.document, booking=payment.booking, status__in=OPEN_CARD_PAYMENT
    )
    if begun := open_ones.first():
        return begun
    rules.check_amount(payment.pence, settings.CARD_LIMIT_PENCE)
    payment.started_by_id = actor.user_id
    payment.save(force_insert=True)
    history.write(payment, verb="start", after=payment.status, by=actor)
    begin_attempt(payment)
    return payment


def _ask_to_cancel(payment: CardPayment) -> None:
    ask(
        action=CallAction.CANCEL,
        model=SUBJECT,
        subject_id=payment.pk,
        attempt=payment.attempt,
        params={"payment_intent": payment.intent_id},
    )


def _locked(actor: Actor, payment: CardPayment) -> CardPayment:
    row: CardPayment = locked(queries.card_payments_visible_to(actor), pk=payment.pk)
    queries.must_pay_for(actor, row.payer_id)
    return row


def _must_take_cards() -> None:
    if not takes_cards():
        raise NoCards(
            "This exchange does not take cards.",
            remedy="Pay by bank transfer, quoting the document’s number.",
        )
