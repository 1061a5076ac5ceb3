"""What stays on the finance desk can be taken off it: a payment of another amount by a note, a refused payout by a later one."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.billing import verification
from marketplace.billing.actions import cards as actions
from marketplace.billing.actions.cards.applying import apply_intent
from marketplace.billing.gateways import Intent, Refused
from marketplace.billing.models import CardPayment, CardPaymentStatus, Payout, PayoutStatus
from marketplace.billing.network import network
from marketplace.billing.queries import cards as queries
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.errors import DomainError, NotAllowed, NotNow
from tests.billing.cards.paying import Run, a_paid_document, set_up
from tests.billing.cards.test_passing_on import passing_on, with_account
from tests.builders import a_document_payment, a_person, actor_of
from tests.card_network import Cards

pytestmark = pytest.mark.django_db
__all__ = ["passing_on"]


def a_mismatched_payment(cards: Cards, run_jobs: Run) -> CardPayment:
    payment = set_up(a_document_payment(), run_jobs)
    cards.accept(payment)
    fetched = network().get(str(payment.intent_id))
    apply_intent(intent=Intent(**{**vars(fetched), "pence": payment.pence - 1}))
    payment.refresh_from_db()
    return payment


def test_a_payment_of_another_amount_is_closed_with_a_note_and_can_be_made_anew(
    cards: Cards, run_jobs: Run
) -> None:
    payment = a_mismatched_payment(cards, run_jobs)
    assert [stuck.payment for stuck in queries.stuck_sagas()] == [payment]
    client = Client()
    client.force_login(a_person(Role.FINANCE, at=payment.payee))
    address = reverse("cards:close", args=[payment.reference])
    about = reverse("cards:payment", args=[payment.reference])
    assert address in client.get(about).content.decode()

    assert client.post(address, {"note": ""}).status_code == 422
    assert client.post(address, {"note": "Given back on 22 November"}).status_code == 302

    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.CLOSED and queries.stuck_sagas() == []
    text = client.get(about).content.decode()
    assert "Given back on 22 November" in text and address not in text
    assert client.get(address).status_code == 404
    assert verification.card_states() == []
    assert payment.document and actions.start_document_payment(actor=SYSTEM, document=payment.document)


def test_only_finance_of_the_payee_closes_one_and_only_one_that_differs(cards: Cards, run_jobs: Run) -> None:
    payment = a_mismatched_payment(cards, run_jobs)
    payer = actor_of(a_person(Role.BUDGET_HOLDER, at=payment.payer))

    with pytest.raises(NotAllowed):
        actions.close_mismatched(actor=payer, payment=payment, note="Mine")
    with pytest.raises(DomainError, match="Say how"):
        actions.close_mismatched(actor=SYSTEM, payment=payment, note=" ")
    actions.close_mismatched(actor=SYSTEM, payment=payment, note="Given back")
    with pytest.raises(NotNow):
        actions.close_mismatched(actor=SYSTEM, payment=payment, note="Given back")


def test_a_refused_payout_is_listed_until_the_money_was_passed_on_after_all(
    cards: Cards, run_jobs: Run, passing_on: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = with_account(a_paid_document(cards, run_jobs))
    pay = cards.gateway.pay

    def no(*_: Any, **__: Any) -> None:
        raise Refused("The account is closed.")

    monkeypatch.setattr(cards.gateway, "pay", no)
    refused = actions.pay_out(actor=SYSTEM, payment=payment)
    run_jobs()
    assert [stuck.payment for stuck in queries.stuck_sagas()] == [payment]

    monkeypatch.setattr(cards.gateway, "pay", pay)
    actions.pay_out(actor=SYSTEM, payment=payment)
    run_jobs()

    assert set(Payout.objects.values_list("status", flat=True)) == {PayoutStatus.DONE, PayoutStatus.REFUSED}
    assert queries.stuck_sagas() == []
    Payout.objects.exclude(pk=refused.pk).delete()
    assert len(queries.stuck_sagas()) == 1
    CardPayment.objects.update(refunded_pence=42_000, paid_out_pence=0)
    assert queries.stuck_sagas() == [], "nothing is left to be passed on"
