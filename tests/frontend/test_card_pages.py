"""The pages of card payments, without script: begin, the simulated network, where a payment stands, refunds, what waits for finance."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.billing.actions import cards as actions
from marketplace.billing.models import CardPayment, CardPaymentStatus, Refund
from marketplace.kernel.access import SYSTEM, Role
from marketplace.organisations.models import User
from tests.billing.cards.paying import a_paid_booking, a_paid_document, looked_at, set_up
from tests.builders import a_booking_by_invoice, a_booking_payment, a_document_payment, a_person, an_invoice
from tests.card_network import Cards

pytestmark = pytest.mark.django_db
Run = Callable[[], list[str]]


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def payer_of(payment: CardPayment) -> Client:
    return signed_in(a_person(Role.BUDGET_HOLDER, at=payment.payer))


def finance_of(payment: CardPayment) -> Client:
    return signed_in(a_person(Role.FINANCE, at=payment.payee))


def page(client: Client, name: str, *args: Any, status: int = 200, query: str = "") -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == status, answer.content[:800]
    return b"".join(answer).decode() if answer.streaming else answer.content.decode()


def post(client: Client, name: str, *args: Any, status: int = 302, **fields: Any) -> Any:
    answer = client.post(reverse(name, args=args), fields)
    assert answer.status_code == status, answer.content[:800]
    return answer


def test_an_invoice_is_paid_page_by_page(cards: Cards, run_jobs: Run) -> None:
    document = an_invoice()
    client = signed_in(a_person(Role.BUDGET_HOLDER, at=document.buyer))
    assert reverse("cards:pay_document", args=[document.reference]) in page(
        client, "billing:document", document.reference
    )
    assert "£420.00" in page(client, "cards:pay_document", document.reference)
    post(client, "cards:pay_document", document.reference)
    payment = CardPayment.objects.get()
    assert "looks again by itself" in page(client, "cards:payment", payment.reference)

    run_jobs()
    assert "Enter the card" in page(client, "cards:payment", payment.reference)
    assert "No money is moved" in page(client, "cards:simulated", payment.reference)
    assert (
        "Choose what the card does"
        in post(client, "cards:simulated", payment.reference, status=422).content.decode()
    )
    post(client, "cards:simulated", payment.reference, outcome="accept")
    assert "Waiting for the card" in page(client, "cards:payment", payment.reference, query="?back=1")
    looked_at(payment)

    assert "Nothing: the document is paid." in page(client, "cards:payment", payment.reference)
    assert "Pay by card" not in page(client, "billing:document", document.reference)


def test_the_bank_is_answered_and_a_declined_card_followed_by_another(cards: Cards, run_jobs: Run) -> None:
    payment = set_up(a_booking_payment(), run_jobs)
    client = payer_of(payment)
    post(client, "cards:simulated", payment.reference, outcome="check")
    assert "Your bank asks" in page(client, "cards:simulated", payment.reference)
    post(client, "cards:simulated", payment.reference, outcome="failed")
    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.DECLINED

    assert "Try another card" in page(client, "cards:payment", payment.reference)
    post(client, "cards:another_card", payment.reference)
    set_up(payment, run_jobs)
    post(client, "cards:simulated", payment.reference, outcome="check")
    post(client, "cards:simulated", payment.reference, outcome="passed")
    looked_at(payment)

    assert "£420.00 is held until the visit has taken place" in page(
        client, "cards:payment", payment.reference
    )


def test_a_booking_offers_the_card_to_those_who_pay(cards: Cards) -> None:
    booking = a_booking_by_invoice()
    address = reverse("cards:pay_booking", args=[booking.reference])
    holder = signed_in(a_person(Role.BUDGET_HOLDER, at=booking.receiving_school))
    staff = signed_in(a_person(Role.STAFF, at=booking.receiving_school))

    assert address in page(holder, "bookings:booking", booking.reference)
    assert address not in page(staff, "bookings:booking", booking.reference)
    assert "held until the visit has taken place" in page(holder, "cards:pay_booking", booking.reference)
    assert "pays by card" in page(staff, "cards:pay_booking", booking.reference)
    post(staff, "cards:pay_booking", booking.reference, status=403)


def test_the_payer_gives_up(cards: Cards, run_jobs: Run) -> None:
    payment = set_up(a_document_payment(), run_jobs)

    post(payer_of(payment), "cards:give_up", payment.reference)

    assert set_up(payment, run_jobs).status == CardPaymentStatus.CANCELLED


def test_with_real_keys_the_networks_own_field_is_shown_and_only_there_its_script_allowed(
    cards: Cards, run_jobs: Run, settings: Any
) -> None:
    payment = set_up(a_document_payment(), run_jobs)
    client = payer_of(payment)
    settings.STRIPE_API_BASE, settings.STRIPE_PUBLISHABLE_KEY = "", "pk_test_1"

    answer = client.get(reverse("cards:pay", args=[payment.reference]))
    elsewhere = client.get(reverse("cards:payment", args=[payment.reference]))

    assert 'data-key="pk_test_1"' in answer.content.decode() and "_secret_" in answer.content.decode()
    assert "https://js.stripe.com" in answer["Content-Security-Policy"]
    assert "stripe" not in elsewhere["Content-Security-Policy"]
    assert "needs JavaScript" in answer.content.decode()
    page(client, "cards:simulated", payment.reference, status=404)


def test_finance_gives_money_back_and_the_school_sees_it(cards: Cards, run_jobs: Run) -> None:
    payment = a_paid_booking(cards, run_jobs)
    finance, payer = finance_of(payment), payer_of(payment)

    assert "£420.00" in page(finance, "cards:refund", payment.reference)
    wrong = post(finance, "cards:refund", payment.reference, amount="500", reason="Half", status=422)
    assert "Enter £420.00 or less" in wrong.content.decode() and 'value="500"' in wrong.content.decode()
    post(finance, "cards:refund", payment.reference, amount="120", reason="Half a day only")
    run_jobs()

    assert Refund.objects.get().pence == 12_000
    assert "Half a day only" in page(payer, "cards:payment", payment.reference)
    page(payer, "cards:refund", payment.reference, status=404)


def test_of_a_paid_document_the_credit_note_comes_first(cards: Cards, run_jobs: Run) -> None:
    payment = a_paid_document(cards, run_jobs)
    assert payment.document

    shown = page(finance_of(payment), "cards:refund", payment.reference)

    assert "credit the document first" in shown
    assert reverse("billing:credit", args=[payment.document.reference]) in shown


def test_a_stuck_refund_is_sent_again_or_by_bank(
    cards: Cards, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from marketplace.billing.gateways import Refused

    payment = a_paid_booking(cards, run_jobs)
    finance = finance_of(payment)

    def no(*_: Any, **__: Any) -> None:
        raise Refused("Too old.")

    monkeypatch.setattr(cards.gateway, "refund", no)
    refund = actions.request_refund(actor=SYSTEM, payment=payment, pence=42_000, reason="Ended")
    run_jobs()
    assert "Too old." in page(finance, "cards:attention")
    post(finance, "cards:refund_again", refund.reference)
    run_jobs()
    post(finance, "cards:refund_by_bank", refund.reference, note="", status=422)
    post(finance, "cards:refund_by_bank", refund.reference, note="22 November, ref 9")

    refund.refresh_from_db()
    assert refund.status == "done"


def test_the_list_says_what_happens_next_in_few_queries(
    cards: Cards, run_jobs: Run, django_assert_max_num_queries: Any
) -> None:
    payment = a_paid_booking(cards, run_jobs)
    client = finance_of(payment)
    page(client, "cards:list")

    with django_assert_max_num_queries(16):
        shown = page(client, "cards:list", query="?sort=-amount&status=paid")
    assert "£420.00 is held until the visit has taken place" in shown
    assert "No card payments" in page(client, "cards:list", query="?status=cancelled")
    assert payment.reference in page(client, "cards:list", query="?format=csv")


def test_held_money_and_the_switch_of_passing_on_have_their_pages(
    cards: Cards, run_jobs: Run, settings: Any
) -> None:
    payment = a_paid_booking(cards, run_jobs)
    finance = finance_of(payment)

    assert payment.reference in page(finance, "cards:attention")
    assert "switched off" in page(finance, "cards:payouts")
    settings.STRIPE_CONNECT = True
    assert "Open an account" in page(finance, "cards:payouts")
    page(payer_of(payment), "cards:attention", status=404)


def test_the_api_lists_card_payments_of_ones_own(cards: Cards, run_jobs: Run) -> None:
    payment = a_paid_booking(cards, run_jobs)

    [row] = payer_of(payment).get("/api/card-payments/?status=paid").json()["results"]
    stranger = signed_in(a_person(Role.BUDGET_HOLDER, at=an_invoice().buyer))

    assert (row["reference"], row["pence"], row["status"]) == (payment.reference, 42_000, "paid")
    assert stranger.get(f"/api/card-payments/{payment.reference}/").status_code == 404
