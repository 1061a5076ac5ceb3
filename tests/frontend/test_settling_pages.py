"""The pages of documents, settlement, claims for cover, journals and the year's end, without script; the same totals everywhere."""

import csv
import io
import re
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.billing import actions, queries
from marketplace.billing.actions import papers
from marketplace.billing.models import BackfillClaim, BankDetails, Document, JournalRun, SettlementStatement
from marketplace.kernel.access import Actor, Role
from marketplace.notifications.models import Notification
from marketplace.organisations.models import User
from tests.billing.settling import Brokered
from tests.billing.test_journals import Borough
from tests.builders import a_person, a_school, actor_of
from tests.builders.billing import a_document

pytestmark = pytest.mark.django_db


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:600]
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8-sig")


def fill(client: Client, path: str, expect: int = 302, **typed: Any) -> str:
    answer = client.post(path, typed)
    assert answer.status_code == expect, answer.content[:2000]
    return answer.content.decode()


def typed_day(name: str, day: Any) -> dict[str, int]:
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


# The same totals everywhere


def unpacked(pdf: bytes) -> bytes:
    """The PDF with its packed streams laid open."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    opened = [pdf]
    for stream in streams:
        with suppress(zlib.error):
            opened.append(zlib.decompressobj().decompress(stream))
    return b"".join(opened)


def test_fifty_lines_of_241_67_at_20_per_cent_make_the_same_total_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = a_document([24_167] * 50)
    finance = signed_in(actor_of(a_person(Role.FINANCE, at=document.supplier)))

    on_page = page(finance, reverse("billing:document", args=[document.reference]))
    rows = list(csv.DictReader(io.StringIO(page(finance, reverse("billing:documents") + "?format=csv"))))
    api = finance.get(reverse("document-detail", args=[document.reference])).json()
    pdf = finance.get(reverse("billing:pdf", args=[document.reference]))

    assert "£12,083.50" in on_page and "£2,416.50" in on_page and "£14,500.00" in on_page
    assert (rows[0]["Net"], rows[0]["VAT"], rows[0]["Total"]) == ("12083.50", "2416.50", "14500.00")
    assert (api["net_pence"], api["vat_pence"], api["gross_pence"]) == (1_208_350, 241_650, 1_450_000)
    assert api["outstanding_pence"] == 1_450_000
    assert sum(line["net_pence"] + line["vat_pence"] for line in api["lines"]) == 1_450_000
    assert pdf.status_code == 200 and pdf["Content-Type"] == "application/pdf"
    assert b"pdfuaid" in unpacked(pdf.content)
    monkeypatch.setattr("frontend.pdf.pdf_is_available", lambda: False)  # the page that is printed
    printed = page(finance, reverse("billing:pdf", args=[document.reference]))
    assert "£12,083.50" in printed and "£2,416.50" in printed and "£14,500.00" in printed


@pytest.mark.parametrize("is_known", [True, False])
def test_an_invoice_says_where_the_money_goes(is_known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    document = a_document([10_000])
    finance = actor_of(a_person(Role.FINANCE, at=document.supplier))
    if is_known:
        BankDetails.objects.create(
            supplier=document.supplier,
            account_name="Calder Learning",
            sort_code="20-00-00",
            account_number="55779911",
        )
    monkeypatch.setattr("frontend.pdf.pdf_is_available", lambda: False)

    for name in ("billing:document", "billing:pdf"):
        text = page(signed_in(finance), reverse(name, args=[document.reference]))
        assert ("sort code 20-00-00, account number 55779911" in text) == is_known
        assert ("use the one you know" in text) != is_known


def test_fifty_lines_of_241_67_make_the_same_total_in_the_journal() -> None:
    borough = Borough()
    borough.a_journal(*[24_167] * 50)
    finance = signed_in(borough.finance)

    fill(
        finance,
        reverse("settling:journals"),
        area=borough.area.code,
        month=papers.today().replace(day=1).isoformat(),
    )
    run = JournalRun.objects.get()
    text = page(finance, reverse("settling:journal_file", args=[run.reference, "csv"]))
    again = page(finance, reverse("settling:journal_file", args=[run.reference, "csv"]))
    book = finance.get(reverse("settling:journal_file", args=[run.reference, "xlsx"]))

    *rows, control = list(csv.reader(io.StringIO(text)))[1:]
    assert len(rows) == 100 and (control[6], control[7]) == ("12083.50", "12083.50")
    assert text == again and book.content.startswith(b"PK")
    assert "£12,083.50" in page(finance, reverse("settling:journal_run", args=[run.reference]))
    api = finance.get(reverse("journal-run-list")).json()["results"][0]
    assert (api["debit_pence"], api["credit_pence"], api["count"]) == (1_208_350, 1_208_350, 1)


def test_a_journal_that_carries_vat_is_named_beside_what_waits() -> None:
    borough = Borough()
    academy = a_school(borough.area, academy=True).organisation
    fault = a_document([10_000], supplier=borough.service, buyer=academy, kind="journal", route="journal")

    text = page(signed_in(borough.finance), reverse("settling:journals"))

    assert "Left out because of VAT" in text and fault.full_number in text and "£120.00" in text
    page(signed_in(borough.finance), reverse("billing:document", args=[fault.reference]))


# Documents


def test_part_of_a_document_is_credited_line_by_line_and_nothing_typed_is_lost() -> None:
    document = a_document([10_000, 20_000])
    first = document.lines.first()
    assert first is not None
    finance = signed_in(actor_of(a_person(Role.FINANCE, at=document.supplier)))
    address = reverse("billing:credit", args=[document.reference])

    refused = fill(finance, address, 422, scope="part", reason="Only half.", **{f"line_{first.pk}": "100.01"})
    assert "Enter £100.00 or less" in refused and "Only half." in refused
    assert "at least one line" in fill(finance, address, 422, scope="part", reason="Half.")
    fill(finance, address, scope="part", reason="Only half.", **{f"line_{first.pk}": "50"})

    note = document.credit_notes.get()
    assert note.net_pence == -5_000
    shown = page(finance, reverse("billing:document", args=[document.reference]))
    assert note.full_number in shown and "£300.00 of £360.00" in shown


def test_vat_is_put_right_with_a_reason_on_both_papers() -> None:
    document = a_document([35_000])
    finance = signed_in(actor_of(a_person(Role.FINANCE, at=document.supplier)))
    address = reverse("settling:vat", args=[document.reference])
    assert "Standard-rated, 20%" in page(finance, address)

    fill(finance, address, treatment="zero", reason="A printed handbook.")

    again = Document.objects.get(replaces=document)
    assert "A printed handbook." in page(finance, reverse("billing:document", args=[again.reference]))
    assert again.full_number in page(finance, reverse("billing:document", args=[document.reference]))
    page(finance, address, 404)


def test_the_buyer_sees_a_document_and_can_neither_credit_it_nor_change_its_vat() -> None:
    document = a_document([35_000])
    buyer = signed_in(actor_of(a_person(Role.BUDGET_HOLDER, at=document.buyer)))

    shown = page(buyer, reverse("billing:document", args=[document.reference]))

    assert "Credit this document" not in shown and "Still to pay" in shown
    page(buyer, reverse("settling:vat", args=[document.reference]), 404)


# Settlement


def test_a_statement_is_made_invoiced_and_paid_and_both_sides_see_it(
    run_jobs: Callable[[], list[str]],
) -> None:
    scene = Brokered()
    scene.a_day()
    broker, head = signed_in(scene.finance), signed_in(scene.head)
    assert scene.releasing.name in page(broker, reverse("settling:statements"))
    new = reverse("settling:new_statement", args=[scene.broker.reference, scene.releasing.reference])
    assert "£297.50" in page(broker, new)

    fill(broker, new, **typed_day("up_to", papers.today()))
    statement = SettlementStatement.objects.get()
    address = reverse("settling:statement", args=[statement.reference])
    seen = page(head, address)
    assert "£350.00" in seen and "£52.50" in seen and "£297.50" in seen
    fill(
        head,
        reverse("settling:step", args=[statement.reference, "invoice"]),
        number="OAK-12",
        vat="59.50",
        **typed_day("dated", papers.today()),
    )
    fill(
        broker,
        reverse("settling:step", args=[statement.reference, "pay"]),
        payment_reference="BACS 7",
        **typed_day("paid_on", papers.today()),
    )

    assert "BACS 7" in page(head, address)
    assert "297.50" in page(head, address + "?format=csv")
    assert head.get(reverse("settling:statement_pdf", args=[statement.reference])).status_code == 200
    api = head.get(reverse("settlement-statement-detail", args=[statement.reference])).json()
    assert (api["status"], api["gross_pence"]) == ("paid", 35_700)
    run_jobs()
    told = Notification.objects.filter(user=scene.head.user_id).values_list("title", flat=True)
    assert any("Settlement paid" in title for title in told)


def test_a_step_that_is_refused_says_why_and_keeps_what_was_typed() -> None:
    scene = Brokered()
    scene.a_day()
    statement = scene.a_statement()
    head = signed_in(scene.head)

    refused = fill(
        head,
        reverse("settling:step", args=[statement.reference, "invoice"]),
        422,
        number="OAK-12",
        vat="60.00",
        **typed_day("dated", papers.today()),
    )

    assert "between nothing and £59.50" in refused and "OAK-12" in refused


def test_a_claim_for_cover_is_made_by_the_school_and_accepted_by_the_broker() -> None:
    scene = Brokered()
    booking = scene.a_day()
    head, broker = signed_in(scene.head), signed_in(scene.finance)
    assert booking.reference in page(head, reverse("settling:claims"))

    address = reverse("settling:claim", args=[booking.reference])
    assert "does not fit" in fill(head, address, 422, amount="300", cover="supply")
    fill(head, address, amount="180", cover="agency")
    claim = BackfillClaim.objects.get()
    decide = reverse("settling:decide", args=[claim.reference])
    assert "Accept the claim" not in page(head, decide)
    assert "Accept the claim" in page(broker, decide)
    fill(broker, decide, verb="accept")

    claim.refresh_from_db()
    assert (claim.status, claim.cfr_code) == ("accepted", "E26")


def test_a_self_billing_invoice_says_on_its_page_whose_tax_it_shows() -> None:
    scene = Brokered()
    scene.a_day()
    scene.signs()
    document = scene.a_statement().document
    assert document

    text = (
        signed_in(scene.finance).get(reverse("billing:document", args=[document.reference])).content.decode()
    )

    assert "Self-billing: made by the customer. The VAT shown is your output tax due to HMRC." in text


def test_self_billing_is_signed_and_ended_on_its_page() -> None:
    scene = Brokered()
    scene.a_day()
    head = signed_in(scene.head)
    address = reverse("settling:self_billing")
    today = papers.today()
    typed = {
        "supplier": scene.releasing.reference,
        "broker": scene.broker.reference,
        "signed_name": "Ada Head",
        "signed_capacity": "Headteacher",
        **typed_day("starts_on", today),
    }

    assert "up to twelve months" in fill(
        head, address, 422, **typed, **typed_day("ends_on", today + timedelta(days=400))
    )
    fill(head, address, **typed, **typed_day("ends_on", today + timedelta(days=300)))
    agreement = queries.self_billing_visible_to(scene.head).get()
    assert "Ada Head" in page(signed_in(scene.finance), address)
    fill(head, reverse("settling:end_self_billing", args=[agreement.reference]))

    agreement.refresh_from_db()
    assert agreement.ended_on == today


# Journals and the year's end


def test_cost_centres_are_set_by_the_areas_finance_only() -> None:
    borough = Borough()
    address = reverse("settling:cost_centres", args=[borough.area.code])
    finance = signed_in(borough.finance)

    fill(finance, address, organisation=borough.school.organisation.reference, code="12345")

    assert 'value="12345"' in page(finance, address)
    page(signed_in(actor_of(a_person(Role.FINANCE, at=borough.service))), address, 404)
    page(signed_in(actor_of(a_person(Role.STAFF, at=borough.school))), reverse("settling:journals"), 404)


def test_the_year_end_note_is_a_page_a_csv_and_a_pdf() -> None:
    scene = Brokered()
    booking = scene.a_day(issue=False)
    finance = signed_in(scene.finance)
    address = reverse("settling:year_end")
    asked = f"{address}?organisation={scene.broker.reference}&on=2027-03-31"

    shown = page(finance, asked)

    assert booking.reference in shown and "£350.00" in shown and "not invoiced by 31 March 2027" in shown
    assert "350.00" in page(finance, asked + "&format=csv")
    assert finance.get(asked + "&format=pdf")["Content-Type"] == "application/pdf"
    other = a_school().organisation
    page(finance, f"{address}?organisation={other.reference}&on=2027-03-31", 422)


def test_lists_cost_the_same_however_long_they_are(django_assert_max_num_queries: Any) -> None:
    scene = Brokered()
    borough = Borough()
    for _ in range(6):
        borough.a_journal()
        scene.a_day()
        statement = scene.a_statement()
    actions.run_journals(actor=borough.finance, area=borough.area, month=papers.today())
    broker, finance = signed_in(scene.finance), signed_in(borough.finance)

    for client, address in (
        (broker, reverse("billing:documents")),
        (broker, reverse("settling:statements")),
        (broker, reverse("settling:statement", args=[statement.reference])),
        (broker, reverse("settling:claims")),
        (finance, reverse("settling:journals")),
        (finance, reverse("settling:journal_run", args=[JournalRun.objects.get().reference])),
        (finance, reverse("settling:cost_centres", args=[borough.area.code])),
        (broker, reverse("settling:year_end") + f"?organisation={scene.broker.reference}&on=2027-03-31"),
    ):
        with django_assert_max_num_queries(26):
            page(client, address)
