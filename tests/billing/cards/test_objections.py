"""A card's holder objects at their bank: finance hears of it, nothing moves meanwhile, and a person books what the bank decided."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.billing import verification
from marketplace.billing.actions import cards as actions
from marketplace.billing.actions import credit
from marketplace.billing.errors import PayoutBlocked
from marketplace.billing.gateways import Done, Event, Intent, Outcome
from marketplace.billing.models import CardPayment, PayoutStatus, Refund, RefundStatus
from marketplace.billing.postings import Purpose, account_of
from marketplace.billing.queries import cards as queries
from marketplace.billing.queries.desk import desk
from marketplace.billing.rules import OverRefund
from marketplace.bookings.models import BookingStatus
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotAllowed, NotNow
from marketplace.notifications.models import Notification
from tests.billing.cards.paying import Run, a_paid_booking, a_paid_document, looked_at
from tests.billing.cards.test_passing_on import passing_on, with_account
from tests.builders import a_person, actor_of
from tests.card_network import Cards

pytestmark = pytest.mark.django_db
__all__ = ["passing_on"]
Objected = Callable[[CardPayment], CardPayment]


@pytest.fixture
def objected(cards: Cards, run_jobs: Run, monkeypatch: pytest.MonkeyPatch) -> Objected:
    """Have the holder of a payment's card object, and the network tell us; it calls the charge disputed ever after."""

    def object_to(payment: CardPayment) -> CardPayment:
        get = cards.gateway.get
        monkeypatch.setattr(cards.gateway, "get", lambda of: Intent(**{**vars(get(of)), "is_disputed": True}))
        event = Event("evt_dp", "charge.dispute.created", str(payment.intent_id), timezone.now())
        actions.keep_event(event=event, source="webhook")
        run_jobs()
        payment.refresh_from_db()
        return payment

    return object_to


def books(payment: CardPayment) -> dict[Purpose, int]:
    of = (Purpose.CARD_CLEARING, Purpose.CASH, Purpose.BAD_DEBT, Purpose.COST_OF_DELIVERY)
    return {each: balance for each in of if (balance := account_of(payment.payee_id, each).balance)}


def all_agree() -> bool:
    found = [*verification.card_money(), *verification.card_states(), *verification.books_come_to_zero()]
    return found == transfers.disagreements() == []


def test_finance_of_the_payee_hears_of_an_objection_once_and_finds_it_on_the_desk(
    cards: Cards, run_jobs: Run, objected: Objected
) -> None:
    payment = a_paid_document(cards, run_jobs)
    finance = a_person(Role.FINANCE, at=payment.payee)

    objected(payment)
    looked_at(payment)
    run_jobs()

    [told] = Notification.objects.filter(user=finance, kind="card_needs_look")
    assert told.title.startswith("Objection to a card payment: £420.00")
    today = local(timezone.now()).date()
    [listed] = [each for each in desk(actor_of(finance), today) if each.key == "objections"]
    assert [(each.pence, each.url_args) for each in listed.entries] == [(42_000, (payment.reference,))]
    payer = actor_of(a_person(Role.BUDGET_HOLDER, at=payment.payer))
    assert "objections" not in {each.key for each in desk(payer, today)}


def test_won_nothing_is_lost_and_the_money_is_passed_on(
    cards: Cards, run_jobs: Run, passing_on: list[tuple[str, Any]], objected: Objected
) -> None:
    payment = objected(with_account(a_paid_document(cards, run_jobs)))
    with pytest.raises(PayoutBlocked, match="objected"):
        actions.pay_out(actor=SYSTEM, payment=payment)

    actions.win_objection(actor=SYSTEM, payment=payment, note="Won on 22 November", charge_pence=2_000)
    run_jobs()

    assert looked_at(payment).disputed_at is None, "the network goes on calling the charge disputed"
    assert books(payment) == {Purpose.CARD_CLEARING: -40_000, Purpose.COST_OF_DELIVERY: -2_000}
    assert actions.pay_out(actor=SYSTEM, payment=payment).pence == 42_000
    assert all_agree()


def test_lost_money_held_for_a_visit_is_gone_and_nobody_gives_it_back_again(
    cards: Cards, run_jobs: Run, objected: Objected
) -> None:
    payment = objected(a_paid_booking(cards, run_jobs))
    sent = len(cards.sent)

    refund = actions.lose_objection(actor=SYSTEM, payment=payment, pence=42_000, note="Lost")
    run_jobs()

    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.status, refund.legs.count(), payment.left_pence) == (RefundStatus.DONE, 0, 0)
    assert (queries.held_pence(payment), books(payment)) == (0, {})
    assert "/v1/refunds" not in [request.path for request in cards.sent[sent:]]
    assert payment.disputed_at is None and queries.objections(SYSTEM).count() == 0
    assert all_agree()


def test_lost_what_paid_a_document_is_bad_debt_and_the_document_stays_paid(
    cards: Cards, run_jobs: Run, objected: Objected
) -> None:
    payment = objected(a_paid_document(cards, run_jobs))
    assert payment.document

    actions.lose_objection(
        actor=SYSTEM, payment=payment, pence=30_000, note="Lost in part", charge_pence=2_000
    )

    payment.refresh_from_db()
    assert books(payment) == {
        Purpose.CARD_CLEARING: -10_000,
        Purpose.BAD_DEBT: -30_000,
        Purpose.COST_OF_DELIVERY: -2_000,
    }
    assert queries.outstanding(payment.document) == 0 and payment.left_pence == 12_000
    assert all_agree()


def test_lost_what_was_credited_comes_from_what_lies_on_account_first(
    cards: Cards, run_jobs: Run, objected: Objected
) -> None:
    payment = objected(a_paid_document(cards, run_jobs))
    assert payment.document
    credit(actor=SYSTEM, document=payment.document, reason="Not what was ordered")
    run_jobs()

    refund = actions.lose_objection(actor=SYSTEM, payment=payment, pence=42_000, note="Lost")

    assert refund.credit_note and books(payment) == {}
    assert all_agree()


def test_lost_what_was_passed_on_is_fetched_back_and_a_part_left_is_passed_on(
    cards: Cards, run_jobs: Run, passing_on: list[tuple[str, Any]], objected: Objected
) -> None:
    payment = with_account(a_paid_document(cards, run_jobs))
    payout = actions.pay_out(actor=SYSTEM, payment=payment)
    with pytest.raises(NotNow, match="on its way"):
        actions.lose_objection(actor=SYSTEM, payment=objected_now(payment), pence=30_000, note="Lost")
    run_jobs()
    payment.refresh_from_db()

    refund = actions.lose_objection(actor=SYSTEM, payment=payment, pence=30_000, note="Lost")
    run_jobs()

    refund.refresh_from_db()
    payout.refresh_from_db()
    payment.refresh_from_db()
    assert [kind for kind, _ in passing_on] == ["tr", "trr"]
    assert [leg.leg for leg in refund.legs.all()] == [f"reverse:{payout.pk}"]
    assert (refund.status, payout.status) == (RefundStatus.DONE, PayoutStatus.DONE)
    assert (payment.paid_out_pence, payment.refunded_pence, payout.reversed_pence) == (12_000, 30_000, 30_000)
    assert books(payment) == {Purpose.CASH: -12_000, Purpose.BAD_DEBT: -30_000}
    assert all_agree()


def objected_now(payment: CardPayment) -> CardPayment:
    CardPayment.objects.filter(pk=payment.pk).update(disputed_at=timezone.now())
    payment.refresh_from_db()
    return payment


def test_what_can_not_be_fetched_back_is_stuck_until_it_was_sent_by_bank(
    cards: Cards,
    run_jobs: Run,
    passing_on: list[tuple[str, Any]],
    objected: Objected,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    payment = with_account(a_paid_document(cards, run_jobs))
    finance = a_person(Role.FINANCE, at=payment.payee)
    actions.pay_out(actor=SYSTEM, payment=payment)
    run_jobs()
    objected(payment)
    empty = Done("trr_1", Outcome.FAILED, "The account is empty.")
    monkeypatch.setattr(cards.gateway, "reverse", lambda params, *, key: empty)

    refund = actions.lose_objection(actor=SYSTEM, payment=payment, pence=42_000, note="Lost")
    run_jobs()

    refund.refresh_from_db()
    [stuck] = queries.stuck_sagas()
    assert refund.status == RefundStatus.STUCK and "The account is empty." in stuck.what
    assert Notification.objects.filter(user=finance, title__startswith="Money missing").exists()
    actions.refund_by_bank(actor=SYSTEM, refund=refund, note="BACS 9")
    assert books(payment) == {Purpose.BAD_DEBT: -42_000} and all_agree()


def test_while_it_is_open_nothing_goes_back_and_once_won_what_was_due_does(
    cards: Cards, run_jobs: Run, objected: Objected
) -> None:
    payment = objected(a_paid_booking(cards, run_jobs))
    with pytest.raises(NotNow, match="objected"):
        actions.request_refund(actor=SYSTEM, payment=payment, pence=1, reason="Now")
    type(payment.booking)._base_manager.filter(pk=payment.booking_id).update(status=BookingStatus.WITHDRAWN)
    actions.settle_booking(booking_id=payment.booking_id)
    assert Refund.objects.count() == 0

    actions.win_objection(actor=SYSTEM, payment=payment, note="Won")
    run_jobs()

    assert [(each.pence, each.status) for each in Refund.objects.all()] == [(42_000, RefundStatus.DONE)]
    assert all_agree()


def test_only_who_keeps_the_payees_books_says_what_the_bank_decided_once_and_with_a_note(
    cards: Cards, run_jobs: Run, objected: Objected
) -> None:
    payment = a_paid_document(cards, run_jobs)
    payer = actor_of(a_person(Role.BUDGET_HOLDER, at=payment.payer))
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=payment.payee))
    with pytest.raises(NotNow, match="No objection"):
        actions.win_objection(actor=lead, payment=payment, note="Won")
    objected(payment)

    with pytest.raises(NotAllowed):
        actions.win_objection(actor=payer, payment=payment, note="Mine")
    with pytest.raises(DomainError, match="Say what the bank decided"):
        actions.win_objection(actor=lead, payment=payment, note=" ")
    with pytest.raises(OverRefund):
        actions.lose_objection(actor=lead, payment=payment, pence=42_001, note="Lost")
    actions.win_objection(actor=lead, payment=payment, note="Won")
    with pytest.raises(NotNow):
        actions.lose_objection(actor=lead, payment=payment, pence=1, note="Lost")


def test_the_page_of_an_objection(cards: Cards, run_jobs: Run, objected: Objected) -> None:
    payment = objected(a_paid_document(cards, run_jobs))
    client = Client()
    client.force_login(a_person(Role.FINANCE, at=payment.payee))
    address = reverse("cards:objection", args=[payment.reference])
    about = reverse("cards:payment", args=[payment.reference])
    assert address in client.get(about).content.decode()
    assert payment.reference in client.get(reverse("cards:attention")).content.decode()

    shown = client.post(address, {"outcome": "lost", "amount": "", "note": ""})
    assert shown.status_code == 422 and b"Enter the amount that was taken back" in shown.content
    assert client.post(address, {"outcome": "lost", "amount": "100", "note": "Lost"}).status_code == 302

    text = client.get(about).content.decode()
    assert "Taken back by the card’s bank" in text and address not in text
    assert client.get(address).status_code == 404
