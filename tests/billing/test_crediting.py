"""Credit notes in part and in full, VAT put right, charges waived: to the penny, and never more than was asked."""

import random
import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from unittest import mock

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from marketplace.billing import actions, numbers, queries, rules, verification
from marketplace.billing.actions import papers
from marketplace.billing.actions.papers import Paper
from marketplace.billing.errors import AlreadyCredited
from marketplace.billing.models import Document, DocumentKind, DocumentLine, NumberSeries
from marketplace.billing.postings import Posting, post
from marketplace.billing.rules import CreditTooLarge, Piece, credit_piece, share_of_postings
from marketplace.bookings.events import ChargeWaived
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.kernel import events, transfers
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.errors import DomainError, NotAllowed
from marketplace.kernel.money import round_half_up
from marketplace.kernel.supply import OverrideNeedsReason, ServiceKind, VatDecision
from marketplace.kernel.vat import VatTreatment
from marketplace.organisations.models import Organisation
from tests.builders import a_person, a_provider, a_school, actor_of, an_area
from tests.builders.billing import a_document

STANDARD = VatDecision(VatTreatment.STANDARD, 2000, "Taxable.")


# The rules


def a_piece(net: int, rate: int) -> Piece:
    """A line's amounts as papers work them out."""
    vat = VatDecision(VatTreatment.STANDARD, rate, "")
    return Piece(net, papers.vat_fields(vat, net)["vat_pence"])


@given(
    st.integers(1, 50_000_000),
    st.sampled_from([0, 500, 1500, 1750, 2000]),
    st.lists(st.integers(1, 10_000_000), max_size=8),
)
def test_however_a_line_is_credited_the_pieces_make_the_line(net: int, rate: int, asks: list[int]) -> None:
    line = a_piece(net, rate)
    pieces: list[Piece] = []

    for ask in [*asks, net]:
        left = net - sum(piece.net_pence for piece in pieces)
        if left:
            pieces.append(credit_piece(line, pieces, min(ask, left)))

    assert sum(piece.net_pence for piece in pieces) == line.net_pence
    assert sum(piece.vat_pence for piece in pieces) == line.vat_pence
    assert all(piece.vat_pence >= 0 for piece in pieces)


@given(st.integers(1, 1_000_000), st.integers(-5, 2_000_000))
def test_more_than_is_left_is_refused(net: int, ask: int) -> None:
    if 0 < ask <= net:
        assert credit_piece(Piece(net, 0), [], ask).net_pence == ask
    else:
        with pytest.raises(CreditTooLarge):
            credit_piece(Piece(net, 0), [], ask)


@given(st.integers(0, 1_000_000), st.integers(1, 1_000_000), st.lists(st.integers(1, 500_000), max_size=6))
def test_what_each_earned_goes_back_in_proportion_and_in_full_at_the_end(
    fee: int, share: int, asks: list[int]
) -> None:
    posted = {("payable", "organisation:1"): share, ("fee_income", ""): fee}
    taken = dict.fromkeys(posted, 0)
    left = fee + share

    for ask in [*asks, left]:
        ask = min(ask, left)
        if ask:
            for key, pence in share_of_postings(posted, taken, ask).items():
                taken[key] += pence
            left -= ask

    assert taken == posted


def half_up(net: int, rate: int) -> int:
    """The oracle of I15: VAT in Decimal, rounded half up (away from zero) to the penny."""
    return int((Decimal(net) * rate / 10_000).quantize(Decimal(1), ROUND_HALF_UP))


def random_documents(count: int) -> Iterator[list[tuple[int, int]]]:
    """So many documents, the same each time: the net pence and the rate of each line."""
    chance = random.Random(20261121)
    rates = [0, 0, 500, 2000, 2000, 1750]
    for _ in range(count):
        yield [(chance.randint(1, 9_000_000), chance.choice(rates)) for _ in range(chance.randint(1, 4))]


def test_a_hundred_thousand_random_documents_and_their_credit_notes_agree_with_decimal_arithmetic() -> None:
    """I15: what papers are made of, integer pence rounded once per line, against Decimal with half up."""
    for document in random_documents(100_000):
        lines = [a_piece(net, rate) for net, rate in document]
        total = rules.totals(lines)
        first = [credit_piece(line, [], max(1, line.net_pence // 3)) for line in lines]
        rest = [
            credit_piece(line, [piece], line.net_pence - piece.net_pence)
            for line, piece in zip(lines, first, strict=True)
            if line.net_pence > piece.net_pence
        ]

        net, vat = sum(net for net, _ in document), sum(half_up(net, rate) for net, rate in document)
        assert total == (net, vat, net + vat)
        assert rules.totals([*first, *rest]) == total


@pytest.mark.parametrize("rounding", ["once per document", "half to even"])
def test_rounded_otherwise_documents_would_differ_from_decimal_arithmetic(rounding: str) -> None:
    """The guard-off twins of I15: within a few documents each shows."""

    def otherwise(document: list[tuple[int, int]]) -> int:
        if rounding == "once per document":
            return round_half_up(sum(Fraction(net * rate, 10_000) for net, rate in document))
        return sum(round(Fraction(net * rate, 10_000)) for net, rate in document)

    assert any(
        otherwise(document) != sum(half_up(net, rate) for net, rate in document)
        for document in random_documents(5_000)
    )


def test_fifty_lines_of_241_67_at_twenty_per_cent() -> None:
    assert rules.totals([a_piece(24_167, 2000)] * 50) == (1_208_350, 241_650, 1_450_000)
    assert rules.totals([]) == (0, 0, 0)


# Documents

db = pytest.mark.django_db


def finance_of(document: Document) -> object:
    return actor_of(a_person(Role.FINANCE, at=document.supplier))


@db
def test_part_of_a_line_is_credited_and_then_the_rest_to_the_penny() -> None:
    document = a_document([24_167, 10_001])
    first, _ = document.lines.all()
    finance = finance_of(document)

    note = actions.credit(actor=finance, document=document, reason="Half of it.", amounts={first.pk: 10_000})
    rest = actions.credit(actor=finance, document=document, reason="The rest.")

    assert (note.net_pence, note.vat_pence) == (-10_000, -2_000)
    assert rest.net_pence == -(24_167 + 10_001 - 10_000)
    assert note.vat_pence + rest.vat_pence == -document.vat_pence
    assert queries.outstanding(document) == 0
    assert note.lines.get().credits_line == first and rest.lines.count() == 2
    with pytest.raises(AlreadyCredited):
        actions.credit(actor=finance, document=document, reason="Again.")
    assert verification.totals_and_lines() == verification.ledger_and_documents() == []
    assert transfers.disagreements() == []


@db
def test_a_credit_says_why_on_the_paper_and_asks_for_something() -> None:
    document = a_document([10_000])
    finance = finance_of(document)
    line = document.lines.get()

    with pytest.raises(CreditTooLarge):
        actions.credit(actor=finance, document=document, reason="Too much.", amounts={line.pk: 10_001})
    with pytest.raises(CreditTooLarge):
        actions.credit(actor=finance, document=document, reason="Nothing.", amounts={})
    with pytest.raises(CreditTooLarge):
        actions.credit(actor=finance, document=document, reason="Not its line.", amounts={line.pk + 999: 1})
    note = actions.credit(actor=finance, document=document, reason="One penny.", amounts={line.pk: 1})

    assert note.note == "One penny." and (note.net_pence, note.vat_pence) == (-1, 0)


@db
def test_a_credit_asked_for_twice_under_one_effect_is_given_once() -> None:
    document = a_document([10_000])

    notes = {
        actions.credit(actor=SYSTEM, document=document, reason="Waived.", effect="booking:1:waived").pk
        for _ in range(2)
    }

    assert len(notes) == 1


@db
def test_vat_put_right_credits_the_document_and_issues_it_again_with_the_reason() -> None:
    document = a_document([35_000])
    finance = finance_of(document)

    note, again = actions.override_vat(
        actor=finance,
        document=document,
        treatment="exempt_education",
        reason="Vocational training by an eligible body.",
    )

    assert note.gross_pence == -42_000
    assert (again.net_pence, again.vat_pence, again.replaces) == (35_000, 0, document)
    [line] = again.lines.all()
    assert line.vat_treatment == "exempt_education" and "Vocational training" in line.vat_reason
    assert "Vocational training" in again.note and "Vocational training" in note.note
    assert again.parties == document.parties and again.purchase_order_number == document.purchase_order_number
    assert queries.outstanding(document) == 0 and queries.outstanding(again) == 35_000
    assert verification.ledger_and_documents() == []


@db
def test_vat_is_put_right_by_the_suppliers_finance_with_a_reason_and_into_another_treatment() -> None:
    document = a_document([35_000])
    finance = finance_of(document)
    buyer = actor_of(a_person(Role.BUDGET_HOLDER, at=document.buyer))

    with pytest.raises(OverrideNeedsReason):
        actions.override_vat(actor=finance, document=document, treatment="zero", reason=" ")
    with pytest.raises(DomainError, match="already"):
        actions.override_vat(actor=finance, document=document, treatment="standard", reason="Why not.")
    with pytest.raises(NotAllowed):
        actions.override_vat(actor=buyer, document=document, treatment="zero", reason="We like it.")


@db
def test_a_journal_can_not_be_put_under_vat() -> None:
    area = an_area()
    document = a_document([35_000], supplier=a_provider(area), buyer=a_school(area).organisation)

    with pytest.raises(DomainError, match="can’t carry VAT"):
        actions.override_vat(
            actor=finance_of(document), document=document, treatment="standard", reason="It is."
        )


@db
def test_a_waived_cancellation_charge_is_credited_once(run_jobs: Callable[[], list[str]]) -> None:
    from tests.billing.test_documents import a_delivered_booking

    booking = a_delivered_booking()
    rows = Booking.objects.scoped().filter(pk=booking.pk)
    rows.update(status=BookingStatus.CANCELLED_BY_BUYER, cancellation_charge_pence=17_500)
    booking.refresh_from_db()
    document = actions.issue_for_cancellation(actor=SYSTEM, booking=booking)
    assert document is not None
    rows.update(charge_waived_by=a_person(), charge_waiver_reason="Snow.")

    for _ in range(2):
        events.publish(ChargeWaived(booking.pk))
    run_jobs()

    [note] = document.credit_notes.all()
    assert note.gross_pence == -document.gross_pence and note.note == "Snow."
    booking.refresh_from_db()
    assert actions.issue_for_cancellation(actor=SYSTEM, booking=booking) is None


@db
@pytest.mark.parametrize("before", ["vat put right", "credited by hand"])
def test_a_waived_charge_is_credited_on_the_paper_that_stands_for_it_now(
    before: str, run_jobs: Callable[[], list[str]]
) -> None:
    from tests.billing.test_documents import a_delivered_booking

    booking = a_delivered_booking()
    rows = Booking.objects.scoped().filter(pk=booking.pk)
    rows.update(status=BookingStatus.CANCELLED_BY_BUYER, cancellation_charge_pence=17_500)
    booking.refresh_from_db()
    document = actions.issue_for_cancellation(actor=SYSTEM, booking=booking)
    assert document is not None
    if before == "vat put right":
        _, document = actions.override_vat(
            actor=SYSTEM, document=document, treatment="zero", reason="Told by HMRC."
        )
    else:
        actions.credit(actor=SYSTEM, document=document, reason="Kindness.")
    rows.update(charge_waived_by=a_person(), charge_waiver_reason="Snow.")

    for _ in range(2):
        events.publish(ChargeWaived(booking.pk))
    run_jobs()

    assert document.credit_notes.count() == 1 and queries.outstanding(document) == 0


@db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_document SET note = 'changed'",
        "DELETE FROM billing_documentline",
        "DELETE FROM billing_document",
        "TRUNCATE billing_documentline CASCADE",
        "UPDATE kernel_transfer SET amount = 1",
    ],
)
def test_the_database_refuses_to_change_what_was_issued(statement: str) -> None:
    a_document([10_000])
    connection.check_constraints()

    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


# Many at once


def _at_once(work: Callable[[int], None], threads: int) -> list[str]:
    errors: list[str] = []
    barrier = threading.Barrier(threads)

    def run(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        except Exception as error:
            errors.append(type(error).__name__)
        finally:
            connection.close()

    workers = [threading.Thread(target=run, args=(n,)) for n in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return errors


def _credited(document: Document) -> int:
    return -sum(note.net_pence for note in document.credit_notes.all())


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_many_crediting_one_document_never_credit_more_than_it_asks() -> None:
    document = a_document([10_000])
    finance, line = finance_of(document), document.lines.get()

    errors = _at_once(
        lambda n: (
            actions.credit(actor=finance, document=document, reason="Mine.", amounts={line.pk: 3_000})
            and None
        ),
        12,
    )

    assert _credited(document) == 9_000
    assert errors == ["CreditTooLarge"] * 9
    assert verification.numbers_without_gaps() == verification.ledger_and_documents() == []


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_without_the_documents_lock_more_is_credited_than_was_asked() -> None:
    """The guard-off twin: all read what is left before any of them writes."""
    from marketplace.billing.actions import crediting

    document = a_document([10_000])
    finance, line = finance_of(document), document.lines.get()
    read, all_read = crediting.queries.lines_left, threading.Barrier(6, timeout=20)

    def read_together(of: Document) -> object:
        found = read(of)
        all_read.wait()
        return found

    with (
        mock.patch.object(crediting, "locked", lambda rows, **key: rows.get(**key)),
        mock.patch.object(crediting.queries, "lines_left", read_together),
    ):
        _at_once(
            lambda n: (
                actions.credit(
                    actor=finance,
                    document=document,
                    reason="Mine.",
                    amounts={line.pk: 6_000},
                    effect=f"twin:{n}",
                )
                and None
            ),
            6,
        )

    assert _credited(document) > 10_000


class Interrupted(Exception):
    """What stands for anything that goes wrong after a number was taken."""


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_hundred_documents_of_eight_threads_with_rollbacks_are_numbered_without_gaps() -> None:
    area = an_area()
    supplier, buyer = a_provider(area), a_school(area, academy=True).organisation

    errors = _at_once(lambda n: _issue_many(n, supplier, buyer, each=36), 8)

    found = sorted(Document.objects.filter(supplier=supplier).values_list("number", flat=True))
    assert errors == []
    assert len(found) >= 200 and found == list(range(1, len(found) + 1))
    assert verification.numbers_without_gaps() == verification.ledger_and_documents() == []


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_with_the_highest_number_plus_one_the_numbers_go_wrong() -> None:
    """The guard-off twin: MAX + 1 gives two papers one number, and the constraint refuses them."""
    area = an_area()
    supplier, buyer = a_provider(area), a_school(area, academy=True).organisation
    series, _ = numbers.next_number(supplier, DocumentKind.INVOICE, date(2026, 11, 2))
    both_read = threading.Barrier(8, timeout=20)

    def unguarded(*_: object) -> tuple[NumberSeries, int]:
        highest = Document.objects.filter(series=series).count()
        both_read.wait()
        return series, highest + 1

    with mock.patch.object(numbers, "next_number", unguarded):
        errors = _at_once(lambda n: _issue_many(n, supplier, buyer, each=1, interrupted=False), 8)

    assert errors == ["IntegrityError"] * 7


def _issue_many(
    worker: int, supplier: Organisation, buyer: Organisation, each: int, *, interrupted: bool = True
) -> None:
    for n in range(each):
        try:
            with transaction.atomic():
                _issue(supplier, buyer, f"load:{worker}:{n}")
                if interrupted and (worker + n) % 10 < 3:
                    raise Interrupted
        except Interrupted:
            pass


def _issue(supplier: Organisation, buyer: Organisation, effect: str) -> Document:
    line = DocumentLine(
        description="A day",
        net_pence=24_167,
        **papers.vat_fields(STANDARD, 24_167),
        cfr_code="E27",
    )
    paper = Paper(
        kind=DocumentKind.INVOICE,
        supplier=supplier,
        buyer=buyer,
        route="invoice",
        lines=[line],
        effect=effect,
    )
    document = papers.write(SYSTEM, paper)
    post(actor=SYSTEM, document=document, postings=[Posting("income", "", document.gross_pence)])
    return document


def test_the_codes_of_a_line_follow_its_service() -> None:
    on = date(2026, 11, 2)
    assert rules.cfr_code_for_service(ServiceKind.COURSE, on).code == "E09"
