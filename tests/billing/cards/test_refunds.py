"""Giving card money back: never more than came in, leg by leg, out of the books when promised, stuck where the network says no (I12)."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from marketplace.billing import actions as billing
from marketplace.billing import verification
from marketplace.billing.actions import cards as actions
from marketplace.billing.errors import NothingToRefund
from marketplace.billing.gateways import Done, Event, Outcome, Refused, Unsettled
from marketplace.billing.models import (
    CardPayment,
    GatewayCall,
    LegStatus,
    Refund,
    RefundLeg,
    RefundStatus,
)
from marketplace.billing.postings import Purpose, account_of
from marketplace.billing.queries import cards as queries
from marketplace.billing.rules import OverRefund
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.errors import DomainError, NotAllowed
from marketplace.notifications.models import Notification
from tests.billing.cards.paying import Run, a_paid_booking, a_paid_document
from tests.builders import a_person, actor_of
from tests.card_network import Cards

pytestmark = pytest.mark.django_db


def give_back(payment: CardPayment, pence: int, reason: str = "Paid twice") -> Refund:
    return actions.request_refund(actor=SYSTEM, payment=payment, pence=pence, reason=reason)


def clearing(payment: CardPayment) -> int:
    return account_of(payment.payee_id, Purpose.CARD_CLEARING).balance


def test_held_money_is_given_back_in_parts_up_to_the_whole(cards: Cards, run_jobs: Run) -> None:
    payment = a_paid_booking(cards, run_jobs)

    give_back(payment, 30_000)
    with pytest.raises(OverRefund, match=r"£120.00"):
        give_back(payment, 12_001)
    give_back(payment, 12_000)
    run_jobs()

    payment.refresh_from_db()
    assert [refund.status for refund in Refund.objects.all()] == [RefundStatus.DONE] * 2
    assert (payment.refunded_pence, queries.held_pence(payment), clearing(payment)) == (42_000, 0, 0)
    assert transfers.disagreements() == []


def test_what_is_promised_back_has_left_the_books_before_the_network_was_asked(
    cards: Cards, run_jobs: Run
) -> None:
    payment = a_paid_booking(cards, run_jobs)
    sent = len(cards.sent)

    refund = give_back(payment, 42_000)

    assert len(cards.sent) == sent and refund.status == RefundStatus.OPEN
    assert queries.held_pence(payment) == 0


def test_what_paid_a_document_is_free_only_once_a_credit_note_says_so(cards: Cards, run_jobs: Run) -> None:
    payment = a_paid_document(cards, run_jobs)
    assert payment.document
    assert queries.free_to_refund(payment) == 0
    with pytest.raises(NothingToRefund, match=r"£210.00"):
        give_back(payment, 21_000)

    [line] = payment.document.lines.all()
    note = billing.credit(
        actor=SYSTEM, document=payment.document, reason="Half a day only", amounts={line.pk: 17_500}
    )
    run_jobs()
    assert queries.free_to_refund(payment) == 21_000
    refund = give_back(payment, 21_000)
    run_jobs()

    refund.refresh_from_db()
    assert (refund.status, refund.credit_note) == (RefundStatus.DONE, note)
    assert clearing(payment) == -21_000
    assert account_of(payment.payee_id, Purpose.ON_ACCOUNT, f"buyer:{payment.payer_id}").balance == 0
    assert account_of(payment.payee_id, Purpose.RECEIVABLE, f"buyer:{payment.payer_id}").balance == 0


def test_a_refund_that_is_refused_changes_nothing(cards: Cards, run_jobs: Run) -> None:
    payment = a_paid_document(cards, run_jobs)
    before = list(queries.receipts_of(payment).values_list("allocations__pence", flat=True))

    with pytest.raises(NothingToRefund):
        give_back(payment, 100)

    payment.refresh_from_db()
    assert payment.refunded_pence == 0 and not Refund.objects.exists()
    assert list(queries.receipts_of(payment).values_list("allocations__pence", flat=True)) == before


def test_the_database_itself_refuses_more_than_came_in(cards: Cards, run_jobs: Run) -> None:
    payment = a_paid_booking(cards, run_jobs)

    for change in ({"refunded_pence": 42_001}, {"refunded_pence": 1, "paid_out_pence": 42_000}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CardPayment.objects.filter(pk=payment.pk).update(**change)


def test_a_leg_the_network_refuses_leaves_the_refund_stuck_until_somebody_decides(
    cards: Cards, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = a_paid_booking(cards, run_jobs)

    def no(params: Any, *, key: str) -> Done:
        raise Refused("The charge is too old.")

    with monkeypatch.context() as patch:
        patch.setattr(cards.gateway, "refund", no)
        refund = give_back(payment, 42_000)
        run_jobs()
    refund.refresh_from_db()
    assert refund.status == RefundStatus.STUCK
    [stuck] = queries.stuck_sagas()
    assert "The charge is too old." in stuck.what

    actions.try_refund_again(actor=SYSTEM, refund=refund)
    run_jobs()
    refund.refresh_from_db()
    assert refund.status == RefundStatus.DONE and queries.stuck_sagas() == []
    assert [call.key[-1] for call in GatewayCall.objects.filter(action="refund")] == ["1", "2"]


def test_a_stuck_refund_can_be_sent_by_bank(
    cards: Cards, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = a_paid_booking(cards, run_jobs)
    monkeypatch.setattr(
        cards.gateway, "refund", lambda *_, **__: Done("re_1", Outcome.FAILED, "expired_card")
    )
    refund = give_back(payment, 42_000)
    run_jobs()

    actions.refund_by_bank(actor=SYSTEM, refund=refund, note="21 November, ref 778")

    refund.refresh_from_db()
    assert refund.status == RefundStatus.DONE
    assert (clearing(payment), account_of(payment.payee_id, Purpose.CASH).balance) == (-42_000, 42_000)


def test_a_refund_on_its_way_is_asked_about_until_it_ends(
    cards: Cards, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = a_paid_booking(cards, run_jobs)
    monkeypatch.setattr(cards.gateway, "refund", lambda *_, **__: Done("re_slow", Outcome.PENDING))
    monkeypatch.setattr(cards.gateway, "refund_of", lambda _: Done("re_slow", Outcome.PENDING))
    refund = give_back(payment, 42_000)
    run_jobs()
    actions.reconcile()
    refund.refresh_from_db()
    assert refund.status == RefundStatus.OPEN and RefundLeg.objects.get().status == LegStatus.SENT

    monkeypatch.setattr(cards.gateway, "refund_of", lambda _: Done("re_slow"))
    actions.reconcile()

    refund.refresh_from_db()
    assert refund.status == RefundStatus.DONE


def test_when_nobody_knows_the_same_key_is_sent_again(
    cards: Cards, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = a_paid_booking(cards, run_jobs)
    real, keys = cards.gateway.refund, []

    def lost_after_it_was_done(params: Any, *, key: str) -> Done:
        keys.append(key)
        done = real(params, key=key)
        if len(keys) == 1:
            raise Unsettled("the connection broke")
        return done

    monkeypatch.setattr(cards.gateway, "refund", lost_after_it_was_done)
    refund = give_back(payment, 42_000)
    [call] = GatewayCall.objects.filter(action="refund")
    with pytest.raises(Unsettled):
        actions.carry_out(call.pk)
    actions.carry_out(call.pk)
    actions.carry_out(call.pk)

    refund.refresh_from_db()
    assert keys == [call.key, call.key] and refund.status == RefundStatus.DONE
    assert given_back_by_network(cards, payment) == 42_000


def given_back_by_network(cards: Cards, payment: CardPayment) -> int:
    rows = cards.gateway._v1.refunds.list({"payment_intent": str(payment.intent_id)}).auto_paging_iter()
    return sum(row.amount for row in rows)


@pytest.mark.parametrize("made_it", [True, False])
def test_a_call_older_than_a_day_is_looked_up_by_its_marks(
    cards: Cards, run_jobs: Run, monkeypatch: pytest.MonkeyPatch, made_it: bool
) -> None:
    payment = a_paid_booking(cards, run_jobs)
    real = cards.gateway.refund

    def no_answer(params: Any, *, key: str) -> Done:
        if made_it:
            real(params, key=key)
        raise Unsettled("no answer")

    refund = give_back(payment, 42_000)
    [call] = GatewayCall.objects.filter(action="refund")
    with monkeypatch.context() as patch:
        patch.setattr(cards.gateway, "refund", no_answer)
        with pytest.raises(Unsettled):
            actions.carry_out(call.pk)
    GatewayCall.objects.filter(pk=call.pk).update(first_sent_at=timezone.now() - timedelta(hours=25))

    actions.carry_out(call.pk)
    run_jobs()

    refund.refresh_from_db()
    attempts = GatewayCall.objects.filter(action="refund").count()
    assert (refund.status, attempts) == (RefundStatus.DONE, 1 if made_it else 2)
    assert given_back_by_network(cards, payment) == 42_000


def test_money_that_comes_back_after_it_was_given_back_is_stuck_and_sent_by_bank(
    cards: Cards, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recorded shape of a failed refund, on a refund of ours that had succeeded."""
    payment = a_paid_booking(cards, run_jobs)
    refund = actions.request_refund(actor=SYSTEM, payment=payment, pence=10_000, reason="Half")
    run_jobs()
    leg = refund.legs.get()
    assert leg.status == LegStatus.DONE
    finance = a_person("finance", at=payment.payee)
    failed = Done(leg.object_id, Outcome.FAILED, "expired_or_canceled_card")
    monkeypatch.setattr(cards.gateway, "refund_of", lambda _: failed)

    for number in range(2):
        event = Event(f"evt_{number}", "refund.failed", leg.object_id, timezone.now())
        actions.keep_event(event=event, source="webhook")
    run_jobs()

    refund.refresh_from_db()
    assert (refund.status, refund.done_at) == (RefundStatus.STUCK, None)
    assert [each.payment for each in queries.stuck_sagas()] == [payment]
    assert Notification.objects.filter(user=finance, kind="card_needs_look").exists()
    actions.refund_by_bank(actor=SYSTEM, refund=refund, note="BACS 7")
    assert Refund.objects.get().status == RefundStatus.DONE
    assert verification.card_states() == verification.card_money() == []


def test_only_who_keeps_the_payees_books_gives_money_back(cards: Cards, run_jobs: Run) -> None:
    payment = a_paid_booking(cards, run_jobs)
    payer = actor_of(a_person(Role.BUDGET_HOLDER, at=payment.payer))
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=payment.payee))

    with pytest.raises(NotAllowed):
        actions.request_refund(actor=payer, payment=payment, pence=1, reason="Mine")
    with pytest.raises(DomainError, match="Say why"):
        actions.request_refund(actor=lead, payment=payment, pence=1, reason=" ")
    assert actions.request_refund(actor=lead, payment=payment, pence=1, reason="Agreed").pence == 1


# Two at once ------------------------------------------------------------------------------------------------------------

AT_ONCE = 8


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_of_many_who_refund_at_once_no_more_is_given_back_than_came_in(cards: Cards, run_jobs: Run) -> None:
    payment = a_paid_booking(cards, run_jobs)

    outcomes = at_once(lambda: give_back(payment, 10_000))

    payment.refresh_from_db()
    assert payment.refunded_pence == 40_000 == sum(Refund.objects.values_list("pence", flat=True))
    assert sorted(outcomes) == ["OverRefund"] * (AT_ONCE - 4) + ["done"] * 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_without_the_lock_more_is_promised_than_came_in(cards: Cards, run_jobs: Run) -> None:
    """The guard-off twin: each reads what is left, then promises."""
    payment = a_paid_booking(cards, run_jobs)
    all_have_read = threading.Barrier(AT_ONCE)

    def promise() -> None:
        row = CardPayment.objects.get(pk=payment.pk)
        promised = sum(row.refunds.values_list("pence", flat=True))
        all_have_read.wait(10)
        if promised + 10_000 <= row.pence:
            n = threading.get_ident()
            Refund.objects.create(payment=row, pence=10_000, reason="Race", effect=f"race:{n}")

    at_once(promise)

    assert sum(Refund.objects.values_list("pence", flat=True)) > payment.pence


def at_once(do: Callable[[], object]) -> list[str]:
    """Do it in threads of their own, all begun together; what came of each."""
    together, outcomes = threading.Barrier(AT_ONCE), []

    def one() -> None:
        try:
            together.wait(10)
            do()
            outcomes.append("done")
        except Exception as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes
