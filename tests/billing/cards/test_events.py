"""What the network tells us: genuine or refused, kept once, looked into in any order, applied exactly once (I8), and made up for when lost."""

import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import stripe
from django.test import Client
from django.utils import timezone

from marketplace.billing.actions import cards as actions
from marketplace.billing.gateways import Event, Unsettled
from marketplace.billing.models import CardPayment, CardPaymentStatus, GatewayCall, GatewayEvent
from marketplace.billing.postings import Entry, Purpose, account_of, book
from marketplace.billing.queries import cards as queries
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM
from tests.billing.cards.paying import Run, set_up
from tests.builders import a_booking_payment, a_document_payment
from tests.card_network import Cards

pytestmark = pytest.mark.django_db
HOOK = "/webhooks/stripe/"


def an_event(payment: CardPayment, *, number: str = "1", kind: str = "payment_intent.succeeded") -> str:
    """The body of an event about a payment, as the network writes it."""
    payment.refresh_from_db()
    return json.dumps(
        {
            "id": f"evt_{payment.pk}_{number}",
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "data": {"object": {"id": payment.intent_id, "object": "payment_intent", "metadata": {}}},
        }
    )


def tell(cards: Cards, body: str, *, secret: str = "", sent_at: int | None = None) -> int:
    signature = stripe.WebhookSignature.generate_signature_header(
        body, secret or cards.stand_in.webhook_secret, sent_at
    )
    return send(body, signature)


def send(body: str, signature: str) -> int:
    answer = Client(enforce_csrf_checks=True).post(
        HOOK, body, content_type="application/json", headers={"Stripe-Signature": signature}
    )
    return answer.status_code


# Genuine or not ---------------------------------------------------------------------------------------------------------


def test_an_event_is_kept_once_and_looked_into_by_a_worker(cards: Cards, run_jobs: Run) -> None:
    payment = set_up(a_document_payment(), run_jobs)
    cards.accept(payment)

    assert [tell(cards, an_event(payment)) for _ in range(3)] == [200, 200, 200]
    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.AWAITING_CARD
    run_jobs()

    payment.refresh_from_db()
    [kept] = GatewayEvent.objects.all()
    assert payment.status == CardPaymentStatus.PAID and kept.handled_at and kept.is_ours


def test_forged_altered_stale_and_unsigned_events_are_refused(cards: Cards, run_jobs: Run) -> None:
    body = an_event(set_up(a_document_payment(), run_jobs))
    genuine = stripe.WebhookSignature.generate_signature_header(body, cards.stand_in.webhook_secret)

    assert tell(cards, body, secret="whsec_other") == 400
    assert send(body.replace("succeeded", "canceled"), genuine) == 400
    assert tell(cards, body, sent_at=int(time.time()) - 301) == 400
    assert send(body, "") == send(body, "t=x,v1=y") == send("{", genuine) == 400
    assert not GatewayEvent.objects.exists()


def test_while_a_secret_is_exchanged_both_are_good(cards: Cards, run_jobs: Run) -> None:
    payment = set_up(a_document_payment(), run_jobs)
    cards.gateway._webhook_secrets = ("whsec_new", cards.stand_in.webhook_secret)

    assert tell(cards, an_event(payment, number="1"), secret="whsec_new") == 200
    assert tell(cards, an_event(payment, number="2")) == 200


def test_an_event_about_something_of_somebody_else_is_kept_and_left_alone(
    cards: Cards, run_jobs: Run
) -> None:
    payment = set_up(a_document_payment(), run_jobs)
    sent = len(cards.sent)
    body = json.loads(an_event(payment))
    body["data"]["object"] |= {"id": "pi_of_somebody", "metadata": {"order": "7"}}

    assert tell(cards, json.dumps(body)) == 200
    run_jobs()

    assert GatewayEvent.objects.get().is_ours is False and len(cards.sent) == sent


def test_what_an_event_says_is_not_believed(cards: Cards, run_jobs: Run) -> None:
    """It says “succeeded”; fetched again, it has not."""
    payment = set_up(a_document_payment(), run_jobs)

    assert tell(cards, an_event(payment)) == 200
    run_jobs()

    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.AWAITING_CARD


def test_where_no_cards_are_taken_there_is_no_address_for_events(client: Client) -> None:
    assert client.post(HOOK, "{}", content_type="application/json").status_code == 404


# A storm of events (I8) ---------------------------------------------------------------------------------------------------


PAYMENTS, TIMES, TWINS = 20, 3, 0.05


def a_storm(payments: list[CardPayment]) -> list[Event]:
    """Every event three times, one payment in twenty also under a second event id, all shuffled."""
    chance = random.Random(7)
    told = []
    for payment in payments:
        ids = [f"evt_{payment.pk}"] + (
            [f"evt_{payment.pk}_twin"] if payment is payments[3] or chance.random() < TWINS else []
        )
        for event_id in ids:
            told += TIMES * [
                Event(event_id, "payment_intent.succeeded", str(payment.intent_id), timezone.now())
            ]
    chance.shuffle(told)
    return told


def paid_but_untold(cards: Cards, run_jobs: Run) -> list[CardPayment]:
    payments = [a_booking_payment() for _ in range(PAYMENTS)]
    run_jobs()
    for payment in payments:
        cards.accept(payment)
    return payments


def test_a_storm_of_events_is_applied_once_for_each_payment(cards: Cards, run_jobs: Run) -> None:
    payments = paid_but_untold(cards, run_jobs)

    for event in a_storm(payments):
        actions.keep_event(event=event, source="webhook")
        if random.Random(event.id).random() < 0.5:
            run_jobs()
    run_jobs()

    assert [queries.held_pence(payment) for payment in payments] == [42_000] * PAYMENTS
    assert transfers.disagreements() == []


def test_with_the_event_id_alone_a_storm_is_applied_too_often(cards: Cards, run_jobs: Run) -> None:
    """The guard-off twin: an event is applied once, and nobody asks whether the payment was."""
    payments = paid_but_untold(cards, run_jobs)
    by_intent = {str(payment.intent_id): payment for payment in payments}

    for event in a_storm(payments):
        if actions.keep_event(event=event, source="webhook"):
            payment = by_intent[event.object_id]
            source, target = (Purpose.CARD_CLEARING, ""), (Purpose.HELD, queries.held_detail(payment))
            entry = Entry(source, target, payment.pence, "by event id", event.id)
            book(actor=SYSTEM, owner_id=payment.payee_id, entries=[entry], on=timezone.localdate())

    assert max(queries.held_pence(payment) for payment in payments) == 84_000


# Reconciliation -----------------------------------------------------------------------------------------------------------


def test_an_event_that_was_lost_is_made_up_for(cards: Cards, run_jobs: Run) -> None:
    payment = set_up(a_document_payment(), run_jobs)
    cards.accept(payment)

    assert actions.reconcile() >= 1
    run_jobs()
    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.PAID
    assert GatewayEvent.objects.get(object_id=payment.intent_id).source == "reconcile"
    assert actions.reconcile() == 0


def test_events_are_asked_for_from_the_last_one_seen_less_an_overlap(
    cards: Cards, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[datetime] = []
    monkeypatch.setattr(cards.gateway, "since", lambda moment: asked.append(moment) or iter(()))
    seen = datetime(2026, 11, 2, 9, tzinfo=UTC)
    actions.keep_event(event=Event("evt_1", "charge.succeeded", "ch_1", seen), source="webhook")

    actions.reconcile()

    assert asked == [seen - timedelta(minutes=30)]


def test_a_payment_not_at_its_end_is_asked_about_even_without_an_event(
    cards: Cards, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = set_up(a_document_payment(), run_jobs)
    cards.accept(payment)
    monkeypatch.setattr(cards.gateway, "since", lambda moment: iter(()))

    actions.reconcile()
    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.AWAITING_CARD
    actions.reconcile(now=timezone.now() + timedelta(minutes=16))

    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.PAID


def test_a_payment_nobody_finished_within_a_day_is_given_up(cards: Cards, run_jobs: Run) -> None:
    payment = set_up(a_document_payment(), run_jobs)

    actions.reconcile(now=timezone.now() + timedelta(hours=23))
    set_up(payment, run_jobs)
    assert payment.status == CardPaymentStatus.AWAITING_CARD
    for _ in range(2):
        actions.reconcile(now=timezone.now() + timedelta(hours=25))
        set_up(payment, run_jobs)

    assert payment.status == CardPaymentStatus.CANCELLED


@pytest.mark.parametrize("error", [Unsettled("no answer"), ValueError("no amount")])
def test_one_thing_that_fails_keeps_no_other_from_being_looked_at(
    error: Exception, cards: Cards, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent, other = a_document_payment(), a_document_payment()
    run_jobs()
    cards.accept(other)
    silent.refresh_from_db()
    real: Callable[[str], object] = cards.gateway.get

    def get(intent_id: str) -> object:
        if intent_id == silent.intent_id:
            raise error
        return real(intent_id)

    def no_events(moment: datetime) -> None:
        raise error

    monkeypatch.setattr(cards.gateway, "get", get)
    monkeypatch.setattr(cards.gateway, "since", no_events)
    actions.reconcile(now=timezone.now() + timedelta(minutes=16))

    other.refresh_from_db()
    assert other.status == CardPaymentStatus.PAID


def test_a_call_whose_job_was_lost_is_sent_again(cards: Cards, run_jobs: Run) -> None:
    from django.db import connection

    payment = a_document_payment()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")

    actions.reconcile(now=timezone.now() + timedelta(minutes=16))
    set_up(payment, run_jobs)

    assert payment.status == CardPaymentStatus.AWAITING_CARD
    assert GatewayCall.objects.get().tries == 1


def test_the_ledger_is_compared_with_the_network_where_it_can_tell(cards: Cards, run_jobs: Run) -> None:
    payment = set_up(a_booking_payment(), run_jobs)
    cards.accept(payment)
    actions.reconcile()
    run_jobs()

    assert actions.compare_with_network() is None  # the stand-in can't tell
    agreed = actions.compare_balance(network_pence=42_000)
    assert agreed.difference_pence == 0
    assert account_of(payment.payee_id, Purpose.CARD_CLEARING).balance == -42_000
