"""Passing card money on (Connect): off unless switched on, never more than was earned, blocked by refunds and objections (I12, I13).

The stand-in knows no Connect. What the network would answer is recorded here; what it would be asked is held against its types.
"""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stripe
from django.db import connection
from django.test import Client

from marketplace.billing import rules
from marketplace.billing.actions import cards as actions
from marketplace.billing.actions.cards import paying_out, reconciling, refunding
from marketplace.billing.errors import NoCards, PayoutBlocked
from marketplace.billing.gateways import Done, Intent, Outcome, PayeeAccount
from marketplace.billing.models import (
    CardPayment,
    ConnectedAccount,
    LegStatus,
    Payout,
    PayoutStatus,
    Refund,
    RefundLeg,
    RefundStatus,
)
from marketplace.billing.postings import Purpose, account_of
from marketplace.billing.queries import cards as queries
from marketplace.billing.rules import OverRefund, PassedOn, largest_payout, legs_of_refund
from marketplace.kernel.access import SYSTEM
from tests.billing.cards.paying import Run, a_paid_booking, a_paid_document, looked_at
from tests.billing.cards.wire import check, flat
from tests.card_network import Cards

pytestmark = pytest.mark.django_db
SHAPES = Path(__file__).parent / "shapes"


@pytest.fixture
def passing_on(cards: Cards, settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Money is passed on; what was asked of the network, each request checked as it would be sent."""
    settings.STRIPE_CONNECT = True
    asked: list[tuple[str, Any]] = []

    def answer(path: str, kind: str) -> Callable[..., Done]:
        def send(params: Any, *, key: str) -> Done:
            rest = {name: value for name, value in params.items() if name != "transfer"}
            body = "&".join(flat(rest))
            check("post", "https://api.stripe.com" + path.format(**params), body)
            asked.append((kind, params))
            return Done(f"{kind}_{len(asked)}")

        return send

    monkeypatch.setattr(cards.gateway, "pay", answer("/v1/transfers", "tr"))
    monkeypatch.setattr(cards.gateway, "reverse", answer("/v1/transfers/{transfer}/reversals", "trr"))
    return asked


def with_account(payment: CardPayment, *, ready: bool = True) -> CardPayment:
    ConnectedAccount.objects.create(organisation=payment.payee, account_id="acct_shape", takes_payouts=ready)
    return payment


def test_while_the_switch_is_off_nothing_is_passed_on(cards: Cards, run_jobs: Run) -> None:
    payment = with_account(a_paid_document(cards, run_jobs))

    with pytest.raises(NoCards, match="STRIPE_CONNECT is off"):
        actions.pay_out(actor=SYSTEM, payment=payment)
    with pytest.raises(NoCards):
        actions.open_account(actor=SYSTEM, organisation=payment.payee)


def test_what_was_delivered_for_is_passed_on_once(
    cards: Cards, run_jobs: Run, passing_on: list[tuple[str, Any]]
) -> None:
    payment = with_account(a_paid_document(cards, run_jobs))

    payout = actions.pay_out(actor=SYSTEM, payment=payment)
    run_jobs()

    payout.refresh_from_db()
    [(_, params)] = passing_on
    assert (payout.status, payout.pence, payout.transfer_id) == (PayoutStatus.DONE, 42_000, "tr_1")
    assert params["source_transaction"] == payment.charge_id != ""
    assert account_of(payment.payee_id, Purpose.CARD_CLEARING).balance == 0
    assert account_of(payment.payee_id, Purpose.CASH).balance == -42_000
    with pytest.raises(PayoutBlocked, match="already"):
        actions.pay_out(actor=SYSTEM, payment=payment)


def test_money_held_for_a_visit_to_come_is_not_passed_on(
    cards: Cards, run_jobs: Run, passing_on: list[tuple[str, Any]]
) -> None:
    payment = with_account(a_paid_booking(cards, run_jobs))

    with pytest.raises(PayoutBlocked, match="earned"):
        actions.pay_out(actor=SYSTEM, payment=payment)
    assert passing_on == []


def test_an_objection_and_a_refund_on_its_way_block_it(
    cards: Cards, run_jobs: Run, passing_on: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = with_account(a_paid_document(cards, run_jobs))
    monkeypatch.setattr(cards.gateway, "get", _disputed(cards.gateway.get))
    looked_at(payment)
    with pytest.raises(PayoutBlocked, match="objected"):
        actions.pay_out(actor=SYSTEM, payment=payment)

    CardPayment.objects.update(disputed_at=None)
    Refund.objects.create(payment=payment, pence=1, reason="Open", effect="open")
    with pytest.raises(PayoutBlocked, match="refund"):
        actions.pay_out(actor=SYSTEM, payment=payment)


def _disputed(get: Callable[[str], Intent]) -> Callable[[str], Intent]:
    return lambda intent_id: Intent(**{**vars(get(intent_id)), "is_disputed": True})


def test_passed_on_money_is_fetched_back_before_it_is_given_back(
    cards: Cards, run_jobs: Run, passing_on: list[tuple[str, Any]]
) -> None:
    payment, refund = a_refund_after_passing_on(cards, run_jobs)

    run_jobs()

    refund.refresh_from_db()
    payment.refresh_from_db()
    assert [leg.leg.split(":")[0] for leg in refund.legs.all()] == ["reverse", "refund"]
    assert refund.status == RefundStatus.DONE and [kind for kind, _ in passing_on] == ["tr", "trr"]
    assert (payment.refunded_pence, payment.paid_out_pence) == (42_000, 0)
    assert Payout.objects.get().reversed_pence == 42_000
    assert account_of(payment.payee_id, Purpose.CARD_CLEARING).balance == 0
    assert account_of(payment.payee_id, Purpose.CASH).balance == 0


def test_where_it_can_not_be_fetched_back_nothing_is_given_back_and_it_is_listed(
    cards: Cards, run_jobs: Run, passing_on: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    payment, refund = a_refund_after_passing_on(cards, run_jobs)
    sent = len(cards.sent)

    def empty(params: Any, *, key: str) -> Done:
        return Done("trr_1", Outcome.FAILED, "The account is empty.")

    monkeypatch.setattr(cards.gateway, "reverse", empty)
    run_jobs()

    refund.refresh_from_db()
    statuses = [leg.status for leg in refund.legs.all()]
    assert refund.status == RefundStatus.STUCK and statuses == [LegStatus.REFUSED, LegStatus.WAITING]
    assert "/v1/refunds" not in [request.path for request in cards.sent[sent:]]
    assert [stuck.payment for stuck in queries.stuck_sagas()] == [payment]


def test_given_back_before_it_is_fetched_back_the_platforms_own_money_is_short(
    cards: Cards, run_jobs: Run, passing_on: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard-off twin of I12: the legs the other way round, and the account of the payee is empty."""
    legs = rules.legs_of_refund
    monkeypatch.setattr(rules, "legs_of_refund", lambda pence, **of: legs(pence, **of)[::-1])
    payment, refund = a_refund_after_passing_on(cards, run_jobs)

    def empty(params: Any, *, key: str) -> Done:
        return Done("trr_1", Outcome.FAILED, "The account is empty.")

    monkeypatch.setattr(cards.gateway, "reverse", empty)
    run_jobs()

    refund.refresh_from_db()
    assert refund.status == RefundStatus.STUCK
    assert [leg.status for leg in refund.legs.all()] == [LegStatus.DONE, LegStatus.REFUSED]
    assert with_the_network(payment) == -42_000


def with_the_network(payment: CardPayment) -> int:
    """What the ledger says lies with the network, refunds promised and not carried out included."""
    promised = RefundLeg.objects.filter(leg="refund").exclude(status=LegStatus.DONE)
    return sum(leg.pence for leg in promised) - account_of(payment.payee_id, Purpose.CARD_CLEARING).balance


# Two at once ----------------------------------------------------------------------------------------------------------


def earned_and_free(monkeypatch: pytest.MonkeyPatch, also: Callable[[], object] = lambda: None) -> None:
    """Money held, and so free to be given back, reads as earned to who passes it on."""

    def all_of_it(payment: CardPayment, today: Any) -> int:
        also()
        return payment.pence

    monkeypatch.setattr(queries, "earned_pence", all_of_it)


def left_us() -> int:
    """What was passed on less what is fetched back, and what is given back."""
    fetched = sum(RefundLeg.objects.filter(payout__isnull=False).values_list("pence", flat=True))
    passed_on = sum(Payout.objects.values_list("pence", flat=True))
    return passed_on - fetched + sum(Refund.objects.values_list("pence", flat=True))


def both_at_once(payment: CardPayment) -> list[str]:
    """Pass a payment on and give it back, in threads begun together; what came of each."""
    together, outcomes = threading.Barrier(2), []

    def run(verb: Callable[[], object]) -> None:
        try:
            together.wait(10)
            verb()
            outcomes.append("done")
        except Exception as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    verbs = [
        lambda: actions.pay_out(actor=SYSTEM, payment=payment),
        lambda: actions.request_refund(actor=SYSTEM, payment=payment, pence=42_000, reason="Now."),
    ]
    threads = [threading.Thread(target=run, args=[verb]) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(outcomes)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_passed_on_and_given_back_at_once_no_more_leaves_than_came_in(
    cards: Cards, run_jobs: Run, passing_on: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = with_account(a_paid_booking(cards, run_jobs))
    earned_and_free(monkeypatch)

    outcomes = both_at_once(payment)

    payment.refresh_from_db()
    assert "done" in outcomes and left_us() <= 42_000
    assert payment.refunded_pence + payment.paid_out_pence <= 42_000


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_without_lock_and_constraint_the_same_money_leaves_twice(
    cards: Cards, run_jobs: Run, passing_on: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard-off twin of I13: each reads what is left before the other writes."""
    payment = with_account(a_paid_booking(cards, run_jobs))
    both_have_read = threading.Barrier(2)
    earned_and_free(monkeypatch, also=lambda: both_have_read.wait(10))
    check_refund = rules.check_refund

    def check_and_wait(pence: int, **of: int) -> None:
        check_refund(pence, **of)
        both_have_read.wait(10)

    monkeypatch.setattr(rules, "check_refund", check_and_wait)
    for module in (paying_out, refunding):
        monkeypatch.setattr(module, "locked", lambda rows, **key: rows.get(**key))
    [guard] = [
        each for each in CardPayment._meta.constraints if each.name == "card_payouts_stay_within_what_is_left"
    ]
    with connection.schema_editor() as editor:
        editor.remove_constraint(CardPayment, guard)
    try:
        assert both_at_once(payment) == ["done", "done"]

        assert left_us() == 84_000
    finally:
        CardPayment.objects.update(paid_out_pence=0)
        with connection.schema_editor() as editor:
            editor.add_constraint(CardPayment, guard)


def a_refund_after_passing_on(cards: Cards, run_jobs: Run) -> tuple[CardPayment, Refund]:
    from marketplace.billing.actions import credit

    payment = with_account(a_paid_document(cards, run_jobs))
    actions.pay_out(actor=SYSTEM, payment=payment)
    run_jobs()
    assert payment.document
    credit(actor=SYSTEM, document=payment.document, reason="Not what was ordered")
    run_jobs()
    return payment, actions.request_refund(actor=SYSTEM, payment=payment, pence=42_000, reason="Credited")


def with_fee(payment: CardPayment, fee: int = 600) -> CardPayment:
    CardPayment.objects.filter(pk=payment.pk).update(fee_pence=fee)
    payment.refresh_from_db()
    return payment


@pytest.mark.parametrize("pence", [20_000, 41_700, 42_000])
def test_part_or_all_is_given_back_after_it_was_passed_on_less_the_networks_fee(
    cards: Cards, run_jobs: Run, passing_on: list[tuple[str, Any]], pence: int
) -> None:
    from marketplace.billing.actions import credit

    payment = with_fee(with_account(a_paid_document(cards, run_jobs)))
    assert actions.pay_out(actor=SYSTEM, payment=payment).pence == 41_400
    run_jobs()
    assert payment.document
    credit(actor=SYSTEM, document=payment.document, reason="Not what was ordered")
    run_jobs()

    refund = actions.request_refund(actor=SYSTEM, payment=payment, pence=pence, reason="Credited")
    run_jobs()

    refund.refresh_from_db()
    payment.refresh_from_db()
    fetched = min(pence, 41_400)
    assert refund.status == RefundStatus.DONE
    assert [leg.pence for leg in refund.legs.all()] == [fetched, pence]
    assert (payment.refunded_pence, payment.paid_out_pence) == (pence, 41_400 - fetched)


def test_nothing_is_passed_on_before_the_network_has_said_what_it_keeps(
    cards: Cards, run_jobs: Run, passing_on: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = with_account(a_paid_document(cards, run_jobs))
    monkeypatch.setattr(paying_out, "is_simulated", lambda: False)

    with pytest.raises(PayoutBlocked, match="what it keeps"):
        actions.pay_out(actor=SYSTEM, payment=payment)

    assert actions.pay_out(actor=SYSTEM, payment=with_fee(payment)).pence == 41_400


def test_the_fee_of_a_payment_is_asked_for_until_it_is_known(
    cards: Cards, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = a_paid_document(cards, run_jobs)
    CardPayment.objects.update(looked_at=None)
    get = cards.gateway.get
    monkeypatch.setattr(cards.gateway, "get", lambda of: Intent(**{**vars(get(of)), "fee_pence": 600}))
    monkeypatch.setattr(reconciling, "is_simulated", lambda: False)

    actions.reconcile()

    payment.refresh_from_db()
    assert payment.fee_pence == 600


def test_the_state_of_an_account_is_fetched_when_the_network_says_it_changed(
    cards: Cards, run_jobs: Run, passing_on: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = with_account(a_paid_document(cards, run_jobs), ready=False)
    monkeypatch.setattr(cards.gateway, "account", lambda _: PayeeAccount("acct_shape", True, ()))

    assert told("shape_account_updated", cards) == 200
    run_jobs()

    assert ConnectedAccount.objects.get().takes_payouts
    assert actions.pay_out(actor=SYSTEM, payment=payment).pence == 42_000


@pytest.mark.parametrize("shape", sorted(path.stem for path in SHAPES.glob("shape_*.json")))
def test_every_recorded_shape_is_read_and_of_somebody_else_left_alone(
    cards: Cards, run_jobs: Run, shape: str
) -> None:
    assert told(shape, cards) == 200
    run_jobs()

    assert cards.sent == []


def told(shape: str, cards: Cards) -> int:
    body = json.dumps(json.loads((SHAPES / f"{shape}.json").read_text(encoding="utf-8")))
    signature = stripe.WebhookSignature.generate_signature_header(body, cards.stand_in.webhook_secret)
    answer = Client().post(
        "/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": signature}
    )
    return answer.status_code


def test_never_more_is_passed_on_than_came_in_less_refunds_and_fee_nor_than_was_earned() -> None:
    assert largest_payout(paid=42_000, refunded=10_000, fee=600, earned=42_000) == 31_400
    assert largest_payout(paid=42_000, refunded=0, fee=600, earned=21_000) == 20_400
    assert largest_payout(paid=42_000, refunded=42_000, fee=600, earned=0) == 0


def test_a_refund_takes_what_is_with_the_network_first() -> None:
    legs = legs_of_refund(30_000, with_network=10_000, passed_on=[PassedOn(7, 32_000)])

    assert [(leg.payout, leg.pence) for leg in legs] == [(7, 20_000), (None, 30_000)]
    with pytest.raises(OverRefund):
        legs_of_refund(43_000, with_network=10_000, passed_on=[PassedOn(7, 32_000)])
