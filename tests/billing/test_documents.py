"""Documents: issued once by the promised route, numbered without gaps, mirrored by credit notes, agreeing with the ledger."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.billing import actions, numbers, queries, verification
from marketplace.billing.actions import papers
from marketplace.billing.errors import AlreadyCredited
from marketplace.billing.models import Document, DocumentKind, NumberSeries
from marketplace.bookings.events import BookingMoved
from marketplace.bookings.models import Booking, BookingStatus, PaymentRoute
from marketplace.kernel import events
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.kernel.models import Account
from marketplace.kernel.supply import LegalStatus
from marketplace.organisations.models import Organisation, OrganisationKind
from tests.builders import (
    a_booking,
    a_booking_day,
    a_person,
    a_practitioner,
    a_provider,
    a_school,
    actor_of,
    an_area,
    an_offer,
    an_organisation,
)

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 2)


def a_delivered_booking(**fields: object) -> Booking:
    """£350 for a day, the provider being the local authority and the buyer an academy: by invoice, standard-rated."""
    area = an_area()
    person = a_practitioner()
    offer = an_offer(a_provider(area), practitioners=[person])
    defaults = {"school": a_school(area, academy=True), "offer": offer, "practitioner": person}
    return a_booking(status=BookingStatus.DELIVERED, **{**defaults, **fields})


def balances() -> dict[str, int]:
    return {account.purpose: account.balance for account in Account.objects.filter(ledger="money")}


def test_an_invoice_says_what_vat_was_charged_and_why() -> None:
    document = actions.issue_for_delivery(actor=SYSTEM, booking=a_delivered_booking())

    [line] = document.lines.all()
    assert document.kind == DocumentKind.INVOICE and document.due_on is not None
    assert (document.net_pence, document.vat_pence, document.gross_pence) == (35_000, 7_000, 42_000)
    assert line.cfr_code == "E27" and line.income_code == "I08"
    assert line.vat_label == "Standard-rated, 20%" and "taxable service" in line.vat_reason


def test_a_maintained_school_buying_from_its_own_authority_gets_a_journal_without_vat() -> None:
    area = an_area()
    person = a_practitioner()
    booking = a_delivered_booking(
        school=a_school(area),
        offer=an_offer(a_provider(area), practitioners=[person]),
        practitioner=person,
        route=PaymentRoute.JOURNAL,
    )

    document = actions.issue_for_delivery(actor=SYSTEM, booking=booking)

    assert document.kind == DocumentKind.JOURNAL and document.due_on is None
    assert (document.vat_pence, document.gross_pence) == (0, 35_000)
    assert document.lines.get().vat_treatment == "outside_scope"


def test_a_school_that_became_an_academy_since_it_ordered_gets_an_invoice_and_the_journal_runs() -> None:
    area = an_area()
    authority = an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=area)
    service = a_provider(area)
    person = a_practitioner()
    ordered = {
        "offer": an_offer(service, practitioners=[person]),
        "practitioner": person,
        "route": PaymentRoute.JOURNAL,
    }
    converted, maintained = a_school(area), a_school(area)
    bookings = [
        a_delivered_booking(school=school, day=a_booking_day(days_ahead=-days), **ordered)
        for days, school in ((7, converted), (5, maintained))
    ]
    Organisation.objects.filter(pk=converted.pk).update(legal_status=LegalStatus.ACADEMY)

    invoice, journal = (
        actions.issue_for_delivery(actor=SYSTEM, booking=Booking.objects.scoped().get(pk=each.pk))
        for each in bookings
    )

    assert (invoice.kind, invoice.route, invoice.vat_pence) == (DocumentKind.INVOICE, "invoice", 7_000)
    assert "has changed its status since" in invoice.note and invoice.due_on is not None
    assert (journal.kind, journal.vat_pence, journal.note) == (DocumentKind.JOURNAL, 0, "")
    finance = actor_of(a_person(Role.FINANCE, at=authority))
    run = actions.run_journals(actor=finance, area=area, month=papers.today())
    assert [entry.document for entry in run.entries.all()] == [journal]


def test_the_same_delivery_is_billed_once_however_often_the_job_runs(
    run_jobs: Callable[[], list[str]],
) -> None:
    booking = a_delivered_booking()

    for _ in range(3):
        events.publish(BookingMoved(booking.pk, "deliver", "confirmed", "delivered"))
    run_jobs()

    assert Document.objects.filter(booking=booking).count() == 1
    assert verification.ledger_and_documents() == []


def test_the_releasing_school_and_the_broker_get_their_shares_in_the_ledger() -> None:
    price = {
        "total_pence": 35_000,
        "lines": [],
        "shares": {"buyer": 35_000, "releasing_school": 29_750, "broker": 5_250},
    }

    actions.issue_for_delivery(actor=SYSTEM, booking=a_delivered_booking(price=price))

    assert balances() == {"receivable": -42_000, "payable": 29_750, "fee_income": 5_250, "vat": 7_000}


def test_a_provider_sending_its_own_person_earns_the_whole_price() -> None:
    hub = an_organisation(OrganisationKind.TEACHING_SCHOOL_HUB, area=an_area())
    person = a_practitioner(hub)
    booking = a_delivered_booking(offer=an_offer(hub, practitioners=[person]), practitioner=person)

    actions.issue_for_delivery(actor=SYSTEM, booking=booking)

    assert balances() == {"receivable": -42_000, "income": 35_000, "vat": 7_000}


def test_a_late_cancellation_is_billed_by_the_charge_of_its_tariff() -> None:
    booking = a_delivered_booking()
    Booking.objects.scoped().filter(pk=booking.pk).update(
        status=BookingStatus.CANCELLED_BY_BUYER, cancellation_charge_pence=17_500
    )
    booking.refresh_from_db()

    document = actions.issue_for_cancellation(actor=SYSTEM, booking=booking)

    assert document is not None and document.net_pence == 17_500
    assert "Late cancellation" in document.lines.get().description


def test_a_free_cancellation_makes_no_document() -> None:
    booking = a_booking(status=BookingStatus.CANCELLED_BY_BUYER)

    assert actions.issue_for_cancellation(actor=SYSTEM, booking=booking) is None


def test_a_flat_charge_is_billed_in_money_though_the_session_came_from_a_package() -> None:
    booking = a_booking(
        status=BookingStatus.CANCELLED_BY_BUYER,
        route=PaymentRoute.ENTITLEMENT,
        cancellation_charge_pence=11_000,
        cancellation_charge_half_days=0,
    )
    document = actions.issue_for_cancellation(actor=SYSTEM, booking=booking)
    assert document is not None
    assert (document.kind, document.net_pence) == (DocumentKind.INVOICE, 11_000)


def test_a_credit_note_mirrors_the_document_and_clears_the_ledger() -> None:
    document = actions.issue_for_delivery(actor=SYSTEM, booking=a_delivered_booking())
    finance = actor_of(a_person(Role.FINANCE, at=document.supplier))

    note = actions.credit(actor=finance, document=document, reason="Wrong school.")

    assert (note.net_pence, note.vat_pence, note.gross_pence) == (-35_000, -7_000, -42_000)
    assert set(balances().values()) == {0}
    assert verification.totals_and_lines() == verification.ledger_and_documents() == []
    with pytest.raises(AlreadyCredited):
        actions.credit(actor=finance, document=document, reason="Again.")


def test_a_credit_needs_a_reason_and_the_suppliers_people() -> None:
    document = actions.issue_for_delivery(actor=SYSTEM, booking=a_delivered_booking())
    buyer = actor_of(a_person(Role.BUDGET_HOLDER, at=document.buyer))

    with pytest.raises(NotAllowed):
        actions.credit(actor=buyer, document=document, reason="We do not like it.")
    with pytest.raises(DomainError, match="Say why"):
        actions.credit(
            actor=actor_of(a_person(Role.FINANCE, at=document.supplier)), document=document, reason=" "
        )


def test_documents_are_seen_by_buyer_supplier_and_area_finance_only() -> None:
    document = actions.issue_for_delivery(actor=SYSTEM, booking=a_delivered_booking())
    area = document.supplier.area
    authority = an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=area)
    readers = [
        a_person(Role.BUDGET_HOLDER, at=document.buyer),
        a_person(Role.PROVIDER_LEAD, at=document.supplier),
        a_person(Role.FINANCE, at=authority),
    ]
    others = [
        a_person(Role.STAFF, at=document.buyer),
        a_person(Role.BUDGET_HOLDER, at=a_school(area)),
        a_person(Role.BOARD_MEMBER, at=authority),
    ]

    for person in readers:
        assert queries.document_for(actor_of(person), document.reference) == document
    for person in others:
        with pytest.raises(NotFound):
            queries.document_for(actor_of(person), document.reference)


def test_an_issued_document_can_not_be_changed() -> None:
    document = actions.issue_for_delivery(actor=SYSTEM, booking=a_delivered_booking())
    connection.check_constraints()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(net_pence=1, gross_pence=7_001)


def test_a_gap_in_the_numbers_is_found() -> None:
    actions.issue_for_delivery(actor=SYSTEM, booking=a_delivered_booking())
    assert verification.numbers_without_gaps() == []

    NumberSeries.objects.update(last_number=7)

    [sentence] = verification.numbers_without_gaps()
    assert "counter at 7" in sentence


class Interrupted(Exception):
    """What stands for anything that goes wrong after a number was taken."""


def _take_numbers(
    supplier_pk: int, threads: int, each: int, take: Callable[..., tuple[object, int]]
) -> list[int]:
    """Take numbers in many threads at once, every third one rolled back; the numbers that stayed come back."""
    kept: list[int] = []
    barrier = threading.Barrier(threads)

    def work(worker: int) -> None:
        supplier = Organisation.objects.get(pk=supplier_pk)
        barrier.wait()
        try:
            for n in range(each):
                with suppress(Interrupted):
                    with transaction.atomic():
                        _, number = take(supplier, DocumentKind.INVOICE, NOVEMBER)
                        if (worker + n) % 3 == 0:
                            raise Interrupted
                    kept.append(number)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sorted(kept)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_numbers_run_without_gaps_under_contention_and_rollbacks() -> None:
    supplier = a_provider()
    numbers.next_number(supplier, DocumentKind.INVOICE, NOVEMBER)

    kept = _take_numbers(supplier.pk, threads=8, each=12, take=numbers.next_number)

    assert kept == list(range(2, len(kept) + 2))


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_without_the_counters_lock_the_numbers_go_wrong() -> None:
    """The guard-off twin: reading the highest number and adding one gives the same number twice."""
    supplier = a_provider()
    series, _ = numbers.next_number(supplier, DocumentKind.INVOICE, NOVEMBER)
    both_read = threading.Barrier(8, timeout=10)

    def unguarded(*_: object) -> tuple[object, int]:
        read = NumberSeries.objects.get(pk=series.pk).last_number
        both_read.wait()
        NumberSeries.objects.filter(pk=series.pk).update(last_number=read + 1)
        return series, read + 1

    kept = _take_numbers(supplier.pk, threads=8, each=1, take=unguarded)

    assert len(set(kept)) < len(kept)
