"""The pages of finance, without script: desk, ledgers, receipts, bank statements, debts."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from marketplace.billing import actions, queries
from marketplace.billing.actions import cards as cards_actions
from marketplace.billing.actions import papers
from marketplace.billing.models import (
    BankStatement,
    CardPayment,
    CoverKind,
    NightlyCheck,
    Receipt,
    Refund,
    Reminder,
    SettlementStatement,
    WriteOff,
)
from marketplace.billing.queries.desk import desk
from marketplace.billing.queries.ledgers import behind
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import local
from marketplace.kernel.models import Account, Transfer
from marketplace.organisations.models import Organisation, User
from tests.billing.cards.paying import Run, a_paid_booking
from tests.billing.settling import Brokered
from tests.billing.test_journals import Borough
from tests.builders import (
    a_debt,
    a_person,
    a_provider,
    a_receipt,
    a_school,
    actor_of,
    an_area,
    an_organisation,
)
from tests.card_network import Cards

pytestmark = pytest.mark.django_db


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(client: Client, name: str, *args: Any, status: int = 200, query: str = "") -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == status, answer.content[:800]
    return b"".join(answer).decode() if answer.streaming else answer.content.decode()


@pytest.fixture
def supplier() -> Organisation:
    return a_provider(an_area(), name="Learning Service")


@pytest.fixture
def lead(supplier: Organisation) -> Client:
    return signed_in(a_person(Role.PROVIDER_LEAD, at=supplier))


def test_a_desk_where_nothing_waits_says_so(lead: Client) -> None:
    assert "Nothing waits for you" in page(lead, "finance:desk")


def test_the_desk_lists_what_waits_with_a_sentence_and_a_link(
    supplier: Organisation, lead: Client, django_assert_max_num_queries: Any
) -> None:
    overdue = a_debt(5_000, supplier=supplier, due_on=local(timezone.now()).date() - timedelta(days=8))
    receipt = a_receipt(9_900, payee=supplier, reference="WHO KNOWS")
    a_receipt(1_000, payee=supplier, payer=overdue.buyer)
    actions.request_write_off(actor=SYSTEM, document=overdue, pence=5_000, reason="Wound up.")
    actions.raise_dispute(actor=SYSTEM, document=a_debt(100, supplier=supplier), reason="Nobody came.")
    finding = {"rule": "Books", "sentence": f"Books of X ({supplier.reference}): 1 pence"}
    NightlyCheck.objects.create(rules=3, findings=[finding, {"rule": "Books", "sentence": "Other books"}])

    with django_assert_max_num_queries(45):
        text = page(lead, "finance:desk")

    assert reverse("finance:receipt", args=[receipt.reference]) in text and "WHO KNOWS" in text
    for title in (
        "Receipts not matched (1)",
        "Write-offs to approve (1)",
        "Reminders to send (1)",
        "Money on account (1)",
        "Questions of buyers (1)",
        "The books disagree (1)",
    ):
        assert title in text
    assert "Other books" not in text


def test_what_one_may_only_read_of_other_books_is_not_on_ones_desk() -> None:
    supplier = an_organisation("school_company", area=an_area())
    overdue = a_debt(5_000, supplier=supplier, due_on=local(timezone.now()).date() - timedelta(days=8))
    a_receipt(9_900, payee=supplier, reference="WHO KNOWS")
    actions.request_write_off(actor=SYSTEM, document=overdue, pence=5_000, reason="Wound up.")
    authority = an_organisation("local_authority", area=supplier.area)
    oversees = a_person(Role.FINANCE, at=authority)

    assert {each.key for each in desk(actor_of(oversees), papers.today())} <= {"findings", "jobs", "journals"}
    assert supplier.reference in page(signed_in(oversees), "finance:books")


def test_my_work_counts_what_waits_on_the_desk(
    supplier: Organisation, lead: Client, django_assert_max_num_queries: Any
) -> None:
    for reference in ("WHO KNOWS", "NOBODY"):
        a_receipt(9_900, payee=supplier, reference=reference)
    a_receipt(1_000, payee=supplier, payer=a_debt(100, supplier=supplier).buyer)

    with django_assert_max_num_queries(62):
        text = lead.get("/").content.decode()

    assert "Receipts not matched: 2" in text and reverse("finance:matching") in text
    assert "Money on account" not in text


def test_the_desk_lists_what_settlement_waits_for() -> None:
    scene = Brokered()
    for _ in range(2):
        scene.a_day()
        scene.a_statement()
    disputed = SettlementStatement.objects.earliest("pk")
    actions.dispute_statement(actor=scene.head, statement=disputed, reason="It was half a day.")
    claimed = scene.a_day()
    cover = CoverKind.values[0]
    actions.claim_backfill(actor=scene.head, booking=claimed, pence=9_000, cover=cover)

    sections = {each.key: each for each in desk(scene.finance, papers.today())}

    assert sections["disputed_statements"].entries[0].detail == "It was half a day."
    assert sections["awaiting_invoice"].count == 1 and "statements" not in sections
    assert claimed.reference in sections["claims"].entries[0].text
    client = Client()
    client.force_login(User.objects.get(pk=scene.finance.user_id))
    text = page(client, "finance:desk")
    for title in ("Settlement statements in dispute (1)", "Claims for cover to decide (1)"):
        assert title in text


def test_the_desk_lists_stuck_and_long_held_card_money_and_statements_to_pay(
    cards: Cards, run_jobs: Run
) -> None:
    held = a_paid_booking(cards, run_jobs)
    finance = actor_of(a_person(Role.FINANCE, at=held.payee))
    CardPayment.objects.update(paid_at=timezone.now() - timedelta(days=61))
    refund = cards_actions.request_refund(actor=SYSTEM, payment=held, pence=1_000, reason="Half")
    Refund.objects.filter(pk=refund.pk).update(status="stuck")
    scene = Brokered()
    scene.a_day()
    scene.signs()
    statement = scene.a_statement()

    sections = {each.key: each for each in desk(finance, papers.today())}
    [to_pay] = [each for each in desk(scene.finance, papers.today()) if each.key == "statements"]

    assert refund.reference in sections["stuck"].entries[0].detail
    assert sections["held"].entries[0].pence == 41_000 and "61 days" in sections["held"].entries[0].detail
    assert to_pay.entries[0].url_args == (statement.reference,)


def test_the_desk_tells_the_areas_finance_of_failed_jobs_about_money_and_of_journals_not_run() -> None:
    borough = Borough()
    borough.a_journal()
    ids = [
        app.configure_task(name, queue=queue).defer(timestamp=0)
        for name, queue in (("bill_what_was_missed", "billing"), ("issue_due_instalments", "elsewhere"))
    ]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = ANY(%s)", [ids])
    next_month = (papers.today().replace(day=1) + timedelta(days=32)).replace(day=1)

    sections = {each.key: each for each in desk(borough.finance, next_month)}

    [job] = sections["jobs"].entries
    assert job.text == "Bill what was missed"
    assert "1 paper up to" in sections["journals"].entries[0].text
    assert "journals" not in {each.key for each in desk(borough.finance, papers.today())}


def test_the_desk_and_the_books_are_closed_to_others(supplier: Organisation) -> None:
    document = a_debt(supplier=supplier)
    buyer = signed_in(a_person(Role.BUDGET_HOLDER, at=document.buyer))

    page(buyer, "finance:desk", status=404)
    page(buyer, "finance:books", status=404)
    page(buyer, "finance:chart", supplier.reference, status=404)
    page(buyer, "finance:receipts", status=404)
    page(buyer, "finance:aged_debt", status=404)


def test_ledgers_drill_down_from_the_organisation_to_the_document(
    supplier: Organisation, lead: Client
) -> None:
    document = a_debt(42_000, supplier=supplier)
    a_receipt(42_000, payee=supplier, payer=document.buyer, allocations=[(document, 40_000)])
    owed = Account.objects.get(owner_id=supplier.pk, purpose="receivable")

    assert supplier.name in page(lead, "finance:books")
    assert reverse("finance:ledger_account", args=[supplier.reference, owed.pk]) in page(
        lead, "finance:chart", supplier.reference
    )
    text = page(lead, "finance:ledger_account", supplier.reference, owed.pk)
    assert document.full_number in text and "−£20.00" in text
    csv = page(lead, "finance:ledger_account", supplier.reference, owed.pk, query="?format=csv")
    assert "-420.00" in csv and "'-" not in csv


def test_every_movement_of_settlement_and_cards_leads_to_what_is_behind_it(
    cards: Cards, run_jobs: Run
) -> None:
    scene = Brokered()
    booking = scene.a_day(route="entitlement")
    scene.signs()
    statement = scene.a_statement()
    actions.pay_statement(actor=scene.finance, statement=statement, paid_on=papers.today())
    payment = a_paid_booking(cards, run_jobs)
    cards_actions.request_refund(actor=SYSTEM, payment=payment, pence=1_000, reason="Half")

    movements = Transfer.objects.filter(source__ledger="money")
    found = behind(movements)

    assert set(found) == {each.pk for each in movements}
    assert {(each.kind, each.reference) for each in found.values()} >= {
        ("booking", booking.reference),
        ("statement", statement.reference),
        ("card", payment.reference),
    }
    lead = signed_in(User.objects.get(pk=scene.finance.user_id))
    account = Account.objects.get(owner_id=scene.broker.pk, purpose="payable")
    text = page(lead, "finance:ledger_account", scene.broker.reference, account.pk)
    assert reverse("settling:statement", args=[statement.reference]) in text
    assert reverse("bookings:booking", args=[booking.reference]) in text


def test_an_account_of_other_books_is_not_there(supplier: Organisation, lead: Client) -> None:
    other = a_debt(100)
    account = Account.objects.get(owner_id=other.supplier_id, purpose="receivable")

    page(lead, "finance:ledger_account", supplier.reference, account.pk, status=404)
    page(lead, "finance:chart", other.supplier.reference, status=404)


def test_the_trial_balance_comes_to_zero_and_shows_it(supplier: Organisation, lead: Client) -> None:
    document = a_debt(42_000, supplier=supplier)
    a_receipt(10_000, payee=supplier, payer=document.buyer, allocations=[(document, 10_000)])

    text = page(lead, "finance:trial_balance", supplier.reference)
    assert "Comes to zero" in text and "£320.00" in text
    accounts = re.findall(rf'href="{reverse("finance:chart", args=[supplier.reference])}#(\w+)"', text)
    chart = page(lead, "finance:chart", supplier.reference)
    assert accounts and all(f'id="{each}"' in chart for each in accounts)
    csv = page(lead, "finance:trial_balance", supplier.reference, query="?format=csv")
    assert csv.splitlines()[-1] == "Total,0.00,620.00,620.00,420.00,420.00"
    page(lead, "finance:trial_balance", supplier.reference, query="?start=2026-31-31", status=422)


def test_a_bank_statement_is_previewed_taken_in_and_matched(supplier: Organisation, lead: Client) -> None:
    document = a_debt(42_000, supplier=supplier)
    today = local(timezone.now()).date()
    text = f"Date,Description,Paid in,Paid out\n{today:%d/%m/%Y},ROWAN {document.full_number},420.00,\n{today:%d/%m/%Y},FEES,,3\nx,y,1,\n"
    upload = SimpleUploadedFile("bank.csv", text.encode())

    answer = lead.post(reverse("finance:upload"), {"payee": supplier.reference, "file": upload})
    statement = BankStatement.objects.get()
    assert answer.url == reverse("finance:statement", args=[statement.reference])
    preview = page(lead, "finance:statement", statement.reference)
    assert "Nothing has been taken in yet" in preview and "is not a date" in preview
    assert not Receipt.objects.exists()

    lead.post(reverse("finance:apply", args=[statement.reference]))
    receipt = Receipt.objects.get()
    matching = page(lead, "finance:matching")
    assert "Exact (1, £420.00)" in matching
    lead.post(reverse("finance:confirm_exact"), {"match": f"{receipt.reference}|{document.reference}=42000"})

    assert queries.outstanding(document) == 0
    assert "Everything that came in is matched" in page(lead, "finance:matching")


def test_what_came_in_beyond_the_document_is_told_to_lie_on_account(
    supplier: Organisation, lead: Client
) -> None:
    document = a_debt(42_000, supplier=supplier)
    receipt = a_receipt(45_000, payee=supplier)

    answer = lead.post(
        reverse("finance:match", args=[receipt.reference]),
        {"choice": f"{document.reference}=42000"},
        follow=True,
    )

    assert "£30.00 more came in, and lies on account of the buyer." in answer.content.decode()


def test_a_statement_that_can_not_be_read_is_refused_on_the_form(
    supplier: Organisation, lead: Client
) -> None:
    upload = SimpleUploadedFile("bank.csv", b"hello")
    answer = lead.post(reverse("finance:upload"), {"payee": supplier.reference, "file": upload})

    assert answer.status_code == 422 and "No row of headings" in answer.content.decode()


def test_a_suggestion_is_confirmed_by_a_person(supplier: Organisation, lead: Client) -> None:
    document = a_debt(42_000, supplier=supplier)
    receipt = a_receipt(42_000, payee=supplier, reference=f"BACS {document.buyer.name}")
    assert "is like" in page(lead, "finance:receipt", receipt.reference)

    answer = lead.post(
        reverse("finance:match", args=[receipt.reference]), {"choice": f"{document.reference}=42000"}
    )

    assert answer.status_code == 302 and queries.outstanding(document) == 0


@pytest.mark.parametrize("choice", ["", "x", "DOC-1=", "DOC-1=x", "=5", "DOC-1=99999999999999"])
def test_a_choice_that_is_none_is_refused_in_words(supplier: Organisation, lead: Client, choice: str) -> None:
    receipt = a_receipt(42_000, payee=supplier)
    answer = lead.post(reverse("finance:match", args=[receipt.reference]), {"choice": choice})
    assert answer.status_code in (302, 404)


def test_a_receipt_is_recorded_by_hand_once_though_the_form_is_sent_twice(
    supplier: Organisation, lead: Client
) -> None:
    document = a_debt(42_000, supplier=supplier)
    form = {
        "payee": supplier.reference,
        "payer": document.buyer.reference,
        "amount": "420",
        "method": "cheque",
        "received_on": "2026-11-02",
        "reference": "000123",
        "key": "a-key",
    }
    assert "Record a receipt" in page(lead, "finance:record")
    for _ in range(2):
        lead.post(reverse("finance:record"), form)

    receipt = Receipt.objects.get()
    assert queries.receipt_for(SYSTEM, receipt.reference).on_account_pence == 42_000  # type: ignore[attr-defined]
    refused = lead.post(reverse("finance:record"), form | {"amount": "x", "key": "b"})
    assert refused.status_code == 422 and "000123" in refused.content.decode()


def test_money_is_allocated_taken_back_kept_and_paid_back_by_pages(
    supplier: Organisation, lead: Client
) -> None:
    document = a_debt(30_000, supplier=supplier)
    receipt = a_receipt(42_000, payee=supplier)

    def post(name: str, *args: Any, query: str = "", **fields: str) -> int:
        return lead.post(
            reverse(f"finance:{name}", args=[receipt.reference, *args]) + query, fields
        ).status_code

    assert "£420.00 is not matched" in page(lead, "finance:allocate", receipt.reference)
    assert post("allocate", document=document.reference, amount="301") == 422
    assert post("allocate", document=document.reference, amount="300") == 302
    row = receipt.allocations.get()
    page(lead, "finance:take_back", receipt.reference, row.pk)
    assert "Take back<" in page(lead, "finance:receipt", receipt.reference)
    assert post("take_back", row.pk, reason="Not theirs", keep="account") == 302
    assert post("take_back", row.pk, reason="Again", keep="account") == 404
    assert post("on_account", buyer=document.buyer.reference, amount="120") == 302
    page(lead, "finance:on_account", receipt.reference)
    page(lead, "finance:pay_back", receipt.reference, query=f"?buyer={document.buyer.reference}")
    assert post("pay_back", query=f"?buyer={document.buyer.reference}", amount="420", reason="Closed") == 302
    assert "Paid back to" in page(lead, "finance:receipt", receipt.reference)


def test_the_list_of_receipts_filters_sorts_and_downloads(
    supplier: Organisation, lead: Client, django_assert_max_num_queries: Any
) -> None:
    for pence in range(100, 2_600, 100):
        a_receipt(pence, payee=supplier, reference=f"PAID {pence}")

    with django_assert_max_num_queries(25):
        text = page(lead, "finance:receipts")
    assert "Showing <strong>1</strong>" in text or "of 25" in text or "25" in text
    assert "PAID 2500" in page(lead, "finance:receipts", query="?q=PAID+2500&state=unmatched&sort=-amount")
    assert "PAID 100" in page(lead, "finance:receipts", query="?format=csv")


def test_aged_debt_shows_buyers_by_age_and_downloads(
    supplier: Organisation, lead: Client, django_assert_max_num_queries: Any
) -> None:
    today = local(timezone.now()).date()
    buyer = a_school(supplier.area, academy=True, name="Rowan Academy")
    for days, pence in ((-5, 100), (10, 1_000), (40, 2_000), (70, 3_000), (100, 4_000)):
        a_debt(pence, supplier=supplier, buyer=buyer, due_on=today - timedelta(days=days))

    with django_assert_max_num_queries(25):
        text = page(lead, "finance:aged_debt")
    assert "Rowan Academy" in text and "£101.00" in text
    csv = page(lead, "finance:aged_debt", query="?format=csv")
    assert "Learning Service,Rowan Academy,5,1.00,10.00,20.00,30.00,40.00,101.00,0.00" in csv
    xlsx = lead.get(reverse("finance:aged_debt") + "?format=xlsx")
    assert xlsx.content[:2] == b"PK"


def test_a_buyer_sees_what_it_owes_and_its_statement_of_account(
    supplier: Organisation, django_assert_max_num_queries: Any
) -> None:
    document = a_debt(42_000, supplier=supplier)
    a_receipt(10_000, payee=supplier, payer=document.buyer, allocations=[(document, 10_000)])
    actions.set_bank_details(
        actor=SYSTEM,
        supplier=supplier,
        account_name="Learning Service",
        sort_code="123456",
        account_number="12345678",
    )
    buyer = signed_in(a_person(Role.BUDGET_HOLDER, at=document.buyer))
    pair = (supplier.reference, document.buyer.reference)

    with django_assert_max_num_queries(25):
        text = page(buyer, "finance:owed")
    assert document.full_number in text and "£320.00" in text
    account = page(buyer, "finance:account", *pair)
    assert "12-34-56" in account and "£320.00" in account
    assert "320.00" in page(buyer, "finance:account", *pair, query="?format=csv")
    pdf = buyer.get(reverse("finance:account_pdf", args=pair))
    assert pdf.content[:4] == b"%PDF"
    stranger = signed_in(a_person(Role.BUDGET_HOLDER, at=a_school(supplier.area)))
    page(stranger, "finance:account", *pair, status=404)


def test_a_seller_without_bills_is_led_to_what_is_owed_to_it(lead: Client) -> None:
    answer = lead.get(reverse("finance:owed"))
    assert answer.status_code == 302 and answer.url == reverse("finance:aged_debt")


def test_reminders_are_sent_from_the_list(supplier: Organisation, lead: Client) -> None:
    document = a_debt(supplier=supplier, due_on=local(timezone.now()).date() - timedelta(days=8))
    assert document.full_number in page(lead, "finance:reminders")

    lead.post(reverse("finance:reminders"), {"document": document.reference})

    assert Reminder.objects.get().level == "first"
    assert "No reminder is due" in page(lead, "finance:reminders")


def test_the_longest_overdue_are_shown_first_where_more_are_due_than_a_page_holds(
    supplier: Organisation, lead: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontend.views.billing.collecting.DUE_SHOWN", 1)
    today = local(timezone.now()).date()
    newer, older = (a_debt(supplier=supplier, due_on=today - timedelta(days=days)) for days in (8, 9))

    text = page(lead, "finance:reminders")

    assert older.full_number in text and newer.full_number not in text
    assert "2 are due: here are the 1 longest overdue" in text


def test_bank_account_and_reminders_are_set_on_one_page(supplier: Organisation, lead: Client) -> None:
    form = {
        "account_name": "Learning Service",
        "sort_code": "12 34 56",
        "account_number": "1234567",
        "first_days": "5",
        "second_days": "10",
        "final_days": "20",
    }
    path = reverse("finance:getting_paid", args=[supplier.reference])
    page(lead, "finance:getting_paid", supplier.reference)
    assert lead.post(path, form).status_code == 422
    assert lead.post(path, form | {"account_number": "12345678"}).status_code == 302
    assert lead.post(path, form | {"account_number": "12345678", "second_days": "5"}).status_code == 422


def test_a_buyer_questions_a_document_and_the_supplier_answers(supplier: Organisation, lead: Client) -> None:
    document = a_debt(supplier=supplier)
    buyer = signed_in(a_person(Role.BUDGET_HOLDER, at=document.buyer))
    page(buyer, "finance:question", document.reference)
    page(lead, "finance:question", document.reference, status=404)
    address = reverse("finance:question", args=[document.reference])
    assert address in page(buyer, "billing:document", document.reference)
    assert address not in page(lead, "billing:document", document.reference)

    buyer.post(reverse("finance:question", args=[document.reference]), {"reason": "Nobody came."})

    dispute = document.disputes.get()
    assert address not in page(buyer, "billing:document", document.reference), "it is questioned already"
    assert "Nobody came." in page(lead, "finance:answer", dispute.pk)
    page(buyer, "finance:answer", dispute.pk, status=404)
    lead.post(reverse("finance:answer", args=[dispute.pk]), {"reason": "They did."})
    dispute.refresh_from_db()
    assert dispute.status == "settled"


def test_a_write_off_needs_another_person_on_the_pages_too(supplier: Organisation, lead: Client) -> None:
    document = a_debt(42_000, supplier=supplier)
    page(lead, "finance:request_write_off", document.reference)
    lead.post(
        reverse("finance:request_write_off", args=[document.reference]), {"amount": "420", "reason": "Gone."}
    )
    row = WriteOff.objects.get()
    path = reverse("finance:write_off", args=[row.reference])

    assert "Somebody else with authority" in page(lead, "finance:write_off", row.reference)
    assert lead.post(path, {"verb": "approve"}).status_code == 403
    other = signed_in(a_person(Role.FINANCE, at=supplier))
    assert other.post(path, {"verb": "refuse", "reason": " "}).status_code == 422
    assert other.post(path, {"verb": "approve"}).status_code == 302
    assert queries.outstanding(document) == 0
    assert row.reference in page(other, "finance:write_offs")
    assert other.post(path, {"verb": "undo", "reason": "They paid."}).status_code == 302
    assert queries.outstanding(document) == 42_000


def test_area_finance_sees_the_books_of_its_area(supplier: Organisation) -> None:
    authority = an_organisation("local_authority", area=supplier.area)
    finance = signed_in(a_person(Role.FINANCE, at=authority))
    a_debt(supplier=supplier)

    assert supplier.name in page(finance, "finance:books")
    assert "Trial balance" in page(finance, "finance:trial_balance", supplier.reference)
