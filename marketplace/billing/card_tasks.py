"""Jobs of card payments: the only place that talks to the card network, and what billing does when a booking paid by card moves."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from marketplace.billing.actions import cards
from marketplace.billing.actions.cards.answers import LOOK_AGAIN
from marketplace.billing.actions.cards.asking import JOB as CARRY_OUT
from marketplace.billing.actions.cards.inbox import JOB as LOOK_INTO
from marketplace.billing.events import CardObjectionMoved, CardPaymentMoved, DocumentIssued
from marketplace.billing.models import CardPayment, CardPaymentStatus, Document
from marketplace.bookings.events import BookingMoved, SessionHandedOver
from marketplace.bookings.models import HandOver
from marketplace.kernel.events import subscribe

# Waits of 3, 9, 27 … seconds; what is still open then is resumed by the reconciliation, under the same key.
RETRY = RetryStrategy(max_attempts=6, exponential_wait=3)


@app.task(name=CARRY_OUT, queue="cards", retry=RETRY)
def carry_out_card_call(call_id: int) -> None:
    """Send a committed call to the card network."""
    cards.carry_out(call_id)


@app.task(name=LOOK_INTO, queue="cards", retry=RETRY)
def look_into_card_event(event_id: int) -> None:
    """Fetch what an event speaks of."""
    cards.look_into(event_id)


@app.task(name=LOOK_AGAIN, queue="cards", retry=RETRY)
def look_again_at_card_payment(intent_id: str) -> None:
    """Fetch a payment again."""
    cards.look_again(intent_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="reconcile_cards", queue="cards", queueing_lock="reconcile_cards")
def reconcile_cards(timestamp: int) -> None:
    """Every ten minutes: what we were not told, and what is not at its end."""
    cards.reconcile()


@app.periodic(cron="25 4 * * *")
@app.task(name="compare_card_balance", queue="cards", queueing_lock="compare_card_balance", retry=RETRY)
def compare_card_balance(timestamp: int) -> None:
    """Each night: what lies with the network, by its word and by the ledger."""
    cards.compare_with_network()


@app.periodic(cron="30 6 * * *")
@app.task(name="tell_of_held_card_money", queue="cards", queueing_lock="tell_of_held_card_money")
def tell_of_held_card_money(timestamp: int) -> None:
    """Every morning: card money held so long that somebody should look."""
    cards.tell_of_held_money()


@subscribe(BookingMoved)
def settle_when_booking_moves(event: BookingMoved) -> None:
    """A booking that came to nothing gives card money back."""
    _settle(event.booking_id)


@subscribe(SessionHandedOver)
def give_back_what_was_handed_over(event: SessionHandedOver) -> None:
    """The school that handed its session over gets its card money back."""
    cards.hand_over(booking_id=HandOver.objects.values_list("booking", flat=True).get(pk=event.hand_over_id))


@subscribe(DocumentIssued)
def settle_when_document_is_issued(event: DocumentIssued) -> None:
    """What is issued for a booking is paid out of the money held for it."""
    booking_id = Document.objects.values_list("booking", flat=True).get(pk=event.document_id)
    if booking_id:
        _settle(booking_id)


@subscribe(CardPaymentMoved)
def settle_when_paid(event: CardPaymentMoved) -> None:
    """The booking may have moved on before its payment arrived."""
    booking_id = CardPayment.objects.values_list("booking", flat=True).get(pk=event.payment_id)
    if booking_id and event.after == CardPaymentStatus.PAID:
        _settle(booking_id)


@subscribe(CardObjectionMoved)
def settle_after_an_objection(event: CardObjectionMoved) -> None:
    """What was not given back while the card's holder objected may go back now."""
    booking_id = CardPayment.objects.values_list("booking", flat=True).get(pk=event.payment_id)
    if booking_id and event.verb != "raise":
        _settle(booking_id)


def _settle(booking_id: int) -> None:
    if CardPayment.objects.filter(booking=booking_id, status=CardPaymentStatus.PAID).exists():
        cards.settle_booking(booking_id=booking_id)
