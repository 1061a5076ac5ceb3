"""Paying by card: what is asked of the network and when, what “paid” rests on, and what it does to the books."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db import transaction

from marketplace.billing.actions import cards as actions
from marketplace.billing.actions.cards.applying import apply_intent
from marketplace.billing.errors import NoCards
from marketplace.billing.gateways import Intent, IntentStatus
from marketplace.billing.models import CallStatus, CardPaymentStatus, GatewayCall
from marketplace.billing.network import network
from marketplace.billing.postings import Purpose, account_of
from marketplace.billing.queries import cards as queries
from marketplace.billing.queries.receipts import outstanding
from marketplace.billing.rules import TooLargeForCard
from marketplace.bookings.models import BookingStatus
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from tests.billing.cards.paying import Run, looked_at, set_up
from tests.builders import (
    a_booking_by_invoice,
    a_booking_payment,
    a_document_payment,
    a_person,
    actor_of,
    an_invoice,
)
from tests.card_network import Cards

pytestmark = pytest.mark.django_db


def test_nothing_is_sent_before_it_is_committed_with_its_key(cards: Cards, run_jobs: Run) -> None:
    payment = a_document_payment()

    [call] = GatewayCall.objects.all()
    assert cards.sent == [] and payment.status == CardPaymentStatus.STARTED
    assert (
        call.key == f"localhost:8000/cardpayment/{payment.pk}/start/1" and call.status == CallStatus.PENDING
    )

    set_up(payment, run_jobs)
    [request] = cards.sent
    assert request.headers["Idempotency-Key"] == call.key
    assert set(parse_qs(request.body)) == {
        "amount",
        "currency",
        "metadata[exchange]",
        "metadata[payment]",
        "metadata[attempt]",
    }
    assert json.dumps(call.params) == json.dumps(GatewayCall.objects.get().params)
    assert payment.status == CardPaymentStatus.AWAITING_CARD


def test_an_invoice_is_paid_once_the_network_says_so(cards: Cards, run_jobs: Run) -> None:
    document = an_invoice()
    payment = set_up(a_document_payment(document), run_jobs)

    cards.accept(payment)
    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.AWAITING_CARD
    looked_at(payment)

    assert payment.status == CardPaymentStatus.PAID
    assert outstanding(document) == 0
    assert account_of(payment.payee_id, Purpose.CARD_CLEARING).balance == -42_000
    assert account_of(payment.payee_id, Purpose.RECEIVABLE, f"buyer:{payment.payer_id}").balance == 0
    assert transfers.disagreements() == []


def test_a_bookings_money_is_held_and_fetching_it_again_changes_nothing(cards: Cards, run_jobs: Run) -> None:
    payment = set_up(a_booking_payment(), run_jobs)
    cards.accept(payment)

    for _ in range(3):
        looked_at(payment)

    assert queries.held_pence(payment) == 42_000
    assert account_of(payment.payee_id, Purpose.CARD_CLEARING).balance == -42_000


def test_a_declined_card_can_be_followed_by_another(cards: Cards, run_jobs: Run) -> None:
    payment = set_up(a_document_payment(), run_jobs)
    first = payment.intent_id
    cards.decline(payment)
    looked_at(payment)
    assert payment.status == CardPaymentStatus.DECLINED and "declined" in payment.last_refusal

    actions.try_another_card(actor=SYSTEM, payment=payment)
    looked_at(payment)
    assert payment.status == CardPaymentStatus.STARTED
    set_up(payment, run_jobs)
    assert payment.status == CardPaymentStatus.AWAITING_CARD
    assert payment.attempt == 2 and payment.intent_id != first

    cards.accept(payment)
    assert looked_at(payment).status == CardPaymentStatus.PAID


@pytest.mark.parametrize(
    ("passed", "status"), [(True, CardPaymentStatus.PAID), (False, CardPaymentStatus.DECLINED)]
)
def test_nothing_is_paid_until_the_bank_was_answered(
    cards: Cards, run_jobs: Run, passed: bool, status: str
) -> None:
    payment = set_up(a_document_payment(), run_jobs)
    cards.ask_bank(payment)
    assert looked_at(payment).status == CardPaymentStatus.AWAITING_BANK

    cards.answer_bank(payment, passed=passed)

    assert looked_at(payment).status == status


def test_a_payment_given_up_is_over_once_the_network_says_so(cards: Cards, run_jobs: Run) -> None:
    document = an_invoice()
    payment = set_up(a_document_payment(document), run_jobs)

    actions.give_up(actor=SYSTEM, payment=payment)
    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.AWAITING_CARD
    set_up(payment, run_jobs)

    assert payment.status == CardPaymentStatus.CANCELLED
    assert a_document_payment(document).reference != payment.reference


def test_a_payment_that_went_through_can_no_longer_be_given_up(cards: Cards, run_jobs: Run) -> None:
    payment = set_up(a_document_payment(), run_jobs)
    actions.give_up(actor=SYSTEM, payment=payment)
    cards.accept(payment)
    set_up(payment, run_jobs)

    assert payment.status == CardPaymentStatus.PAID
    with pytest.raises(NotNow):
        actions.give_up(actor=SYSTEM, payment=payment)


def test_an_end_is_never_left_again(cards: Cards, run_jobs: Run) -> None:
    payment = set_up(a_document_payment(), run_jobs)
    stale = network().get(str(payment.intent_id))
    cards.accept(payment)
    looked_at(payment)

    for status in IntentStatus:
        if status != IntentStatus.SUCCEEDED:
            apply_intent(intent=Intent(**{**vars(stale), "status": status}))

    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.PAID


@pytest.mark.parametrize("change", [{"pence": 41_999}, {"currency": "eur"}])
def test_another_amount_or_currency_is_not_paid_but_looked_at(
    cards: Cards, run_jobs: Run, change: dict[str, object]
) -> None:
    payment = set_up(a_document_payment(), run_jobs)
    cards.accept(payment)
    fetched = network().get(str(payment.intent_id))

    apply_intent(intent=Intent(**{**vars(fetched), **change}))

    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.MISMATCHED
    assert account_of(payment.payee_id, Purpose.CARD_CLEARING).balance == 0
    assert [stuck.payment for stuck in queries.stuck_sagas()] == [payment]


def test_a_payment_marked_by_another_exchange_is_left_alone(cards: Cards, run_jobs: Run) -> None:
    payment = set_up(a_document_payment(), run_jobs)
    cards.accept(payment)
    fetched = network().get(str(payment.intent_id))
    marks = {**fetched.metadata, "exchange": "elsewhere.example"}

    assert apply_intent(intent=Intent(**{**vars(fetched), "metadata": marks})) is None
    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.AWAITING_CARD


def test_an_attempt_paid_after_all_goes_on_account(cards: Cards, run_jobs: Run) -> None:
    document = an_invoice()
    payment = set_up(a_document_payment(document), run_jobs)
    cards.accept(payment)
    looked_at(payment)
    fetched = network().get(str(payment.intent_id))

    for _ in range(2):
        apply_intent(intent=Intent(**{**vars(fetched), "id": "pi_earlier"}))

    assert account_of(payment.payee_id, Purpose.ON_ACCOUNT, f"buyer:{payment.payer_id}").balance == 42_000
    assert outstanding(document) == 0


def test_the_networks_fee_is_booked_once(cards: Cards, run_jobs: Run) -> None:
    payment = set_up(a_booking_payment(), run_jobs)
    cards.accept(payment)
    fetched = network().get(str(payment.intent_id))

    for _ in range(2):
        apply_intent(intent=Intent(**{**vars(fetched), "fee_pence": 650}))

    payment.refresh_from_db()
    assert payment.fee_pence == 650
    assert account_of(payment.payee_id, Purpose.CARD_CLEARING).balance == -42_000 + 650
    assert queries.held_pence(payment) == 42_000


def test_only_those_who_pay_for_the_school_begin_a_payment(cards: Cards) -> None:
    document = an_invoice()
    governor = actor_of(a_person(Role.GOVERNOR, at=document.buyer))
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=document.supplier))
    holder = actor_of(a_person(Role.BUDGET_HOLDER, at=document.buyer))

    with pytest.raises(NotFound):
        actions.start_document_payment(actor=governor, document=document)
    with pytest.raises(NotAllowed):
        actions.start_document_payment(actor=lead, document=document)
    assert actions.start_document_payment(actor=holder, document=document).pence == 42_000


def test_two_who_pay_at_once_share_one_payment(cards: Cards) -> None:
    document = an_invoice()

    assert a_document_payment(document) == a_document_payment(document)


def test_cards_are_for_small_amounts(cards: Cards, settings: Any) -> None:
    settings.CARD_LIMIT_PENCE = 41_999

    with pytest.raises(TooLargeForCard, match=r"£419.99"):
        a_document_payment()


def test_without_keys_no_cards_are_taken() -> None:
    with pytest.raises(NoCards):
        a_document_payment()


@pytest.mark.parametrize(
    "status", [BookingStatus.HELD, BookingStatus.AWAITING_APPROVAL, BookingStatus.DELIVERED]
)
def test_only_an_approved_booking_to_come_is_paid_in_advance(cards: Cards, status: str) -> None:
    with pytest.raises(NoCards):
        a_booking_payment(a_booking_by_invoice(status=status))


def test_a_booking_paid_by_journal_takes_no_card(cards: Cards) -> None:
    with pytest.raises(NoCards, match="journal"):
        a_booking_payment(a_booking_by_invoice(route="journal"))


def test_the_network_is_never_asked_inside_a_transaction(cards: Cards) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="never asked inside a transaction"):
        network()
