"""Journal runs: each paper exported once, balanced, the same bytes each time; and the year-end note."""

import csv
import hashlib
import io
import threading
import zipfile
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from marketplace.billing import actions, queries, rules, verification
from marketplace.billing.actions import papers
from marketplace.billing.errors import NotGivenBack, NothingToExport
from marketplace.billing.journal_files import csv_of, workbook_of
from marketplace.billing.models import (
    Document,
    DocumentKind,
    JournalEntry,
    JournalRun,
    Receipt,
    SettlementStatement,
    SettlementStatus,
)
from marketplace.billing.rules import journals as journal_rules
from marketplace.billing.rules.journals import JournalLine, JournalUnbalanced, Side
from marketplace.buyback.models import AgreementYear
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.kernel.dates import ACADEMIC, Period
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.kernel.models import Account
from marketplace.organisations.models import Area, Organisation, OrganisationKind
from tests.billing.test_settlement import Brokered
from tests.builders import a_person, a_provider, a_school, actor_of, an_area, an_organisation
from tests.builders.billing import a_document
from tests.builders.buyback import an_agreement

OAK, COUNCIL = Side("12345", "Oak Primary", "900001"), Side("70000", "The council", "")
db = pytest.mark.django_db


def a_line(net: int, **fields: object) -> JournalLine:
    defaults: dict[str, object] = {
        "buyer": OAK,
        "supplier": COUNCIL,
        "cfr_code": "E27",
        "income_code": "I08",
        "net_pence": net,
        "vat_pence": 0,
        "reference": "JNL1-2627-00001",
        "issued_on": date(2026, 11, 2),
        "narrative": "A day",
    }
    return JournalLine(**defaults | fields)  # type: ignore[arg-type]


# The file


def test_a_ledgers_periods_begin_in_april() -> None:
    assert journal_rules.period_name(date(2026, 4, 1)) == "2026-27/01"
    assert journal_rules.period_name(date(2026, 11, 1)) == "2026-27/08"
    assert journal_rules.period_name(date(2027, 3, 1)) == "2026-27/12"


def test_the_buyer_is_debited_and_the_suppliers_income_credited_and_a_credit_note_turns_it_round() -> None:
    paid, received, back, given = journal_rules.journal_rows([a_line(35_000), a_line(-5_000)], "2026-27/08")

    assert (paid.centre, paid.code, paid.debit, paid.credit) == ("12345", "E27", 35_000, 0)
    assert (received.centre, received.code, received.debit, received.credit) == ("70000", "I08", 0, 35_000)
    assert (back.code, back.debit, back.credit) == ("E27", 0, 5_000)
    assert (given.code, given.debit, given.credit) == ("I08", 5_000, 0)


@given(st.lists(st.integers(-1_000_000, 1_000_000), max_size=30))
def test_a_journal_balances_to_the_penny(nets: list[int]) -> None:
    rows = journal_rules.journal_rows([a_line(net) for net in nets], "2026-27/08")
    control = journal_rules.control_of(rows)

    assert control.debit_pence == control.credit_pence == sum(abs(net) for net in nets)
    assert control.rows == 2 * len(nets)


def test_vat_in_a_journal_is_refused() -> None:
    with pytest.raises(JournalUnbalanced):
        journal_rules.journal_rows([a_line(100, vat_pence=20)], "2026-27/08")


def test_text_that_a_spreadsheet_would_run_is_made_harmless_and_the_workbook_keeps_types() -> None:
    rows = journal_rules.journal_rows([a_line(35_001, narrative="=cmd|' /C calc'!A0")], "2026-27/08")

    text = csv_of(rows).decode("utf-8-sig")
    assert ",'=cmd" in text and "350.01" in text
    with zipfile.ZipFile(io.BytesIO(workbook_of(rows, "Run"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<v>350.01</v>" in sheet and "<f>" not in sheet


# Runs


class Borough:
    """A local authority with its finance officer, its service and a school it maintains."""

    def __init__(self) -> None:
        self.area: Area = an_area()
        self.authority = an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=self.area)
        self.service = a_provider(self.area)
        self.school = a_school(self.area)
        self.finance: Actor = actor_of(a_person(Role.FINANCE, at=self.authority))

    def a_journal(self, *nets: int) -> Document:
        return a_document(nets or (35_000,), supplier=self.service, buyer=self.school.organisation)

    def run(self) -> JournalRun:
        return actions.run_journals(actor=self.finance, area=self.area, month=papers.today())


def balance(owner: Organisation, purpose: str) -> int:
    return sum(a.balance for a in Account.objects.filter(ledger="money", owner_id=owner.pk, purpose=purpose))


@db
def test_a_run_takes_each_journal_once_and_settles_it_in_the_suppliers_books() -> None:
    borough = Borough()
    first, second = borough.a_journal(35_000, 1_001), borough.a_journal(20_000)

    run = borough.run()

    assert (run.count, run.debit_pence, run.credit_pence) == (2, 56_001, 56_001)
    assert queries.outstanding(first) == queries.outstanding(second) == 0
    assert balance(borough.service, "receivable") == 0
    assert balance(borough.service, "journal_clearing") == -56_001
    with pytest.raises(NothingToExport):
        borough.run()
    with pytest.raises(IntegrityError), transaction.atomic():
        JournalEntry.objects.create(run=run, document=first, position=9, buyer_centre="", supplier_centre="")
    assert transfers.disagreements() == verification.ledger_and_documents() == []


@db
def test_a_credit_of_money_that_has_gone_elsewhere_keeps_the_run_from_being_made() -> None:
    borough = Borough()
    first, _ = borough.a_journal(20_000), borough.run()
    actions.credit(actor=SYSTEM, document=first, reason="Never happened.")
    receipt = Receipt.objects.get()
    actions.release_overpaid(actor=SYSTEM, document=first)
    actions.pay_back(
        actor=SYSTEM, receipt=receipt, pence=5_000, reason="By hand.", buyer=borough.school.organisation
    )

    with pytest.raises(NotGivenBack, match=r"£50\.00 credited on"):
        borough.run()

    assert JournalRun.objects.count() == 1


TAMPERED = {
    "UPDATE billing_journalrun SET debit_pence = 1, credit_pence = 1": "35000 pence",
    "UPDATE billing_journalrun SET count = 2": "1 papers",
    "UPDATE billing_journalrun SET sha256 = 'x'": "its file",
    "UPDATE billing_journalentry SET buyer_centre = 'elsewhere'": "its file",
}


@db
@pytest.mark.parametrize("statement", TAMPERED)
def test_a_run_that_was_changed_is_noticed(statement: str) -> None:
    borough = Borough()
    borough.a_journal()
    borough.run()
    assert verification.statements_and_runs() == verification.journal_clearing_and_runs() == []
    connection.check_constraints()

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT")

    assert any(TAMPERED[statement] in said for said in verification.statements_and_runs())


@db
def test_a_run_that_is_not_in_the_ledger_is_noticed() -> None:
    borough = Borough()
    borough.a_journal()
    borough.run()

    Account.objects.filter(purpose="journal_clearing").update(balance=-1)

    [said] = verification.journal_clearing_and_runs()
    assert "35000 pence" in said and "ledger 1" in said


@db
def test_a_statement_in_a_run_leaves_the_brokers_books_in_agreement() -> None:
    scene = Brokered(same_authority=True)
    scene.a_day()
    statement = scene.a_statement()
    actions.run_journals(actor=SYSTEM, area=scene.area, month=papers.today())
    assert verification.journal_clearing_and_runs() == verification.statements_and_runs() == []

    SettlementStatement.objects.filter(pk=statement.pk).update(net_pence=1, status="to_pay")

    assert any("1 pence" in said for said in verification.statements_and_runs())
    assert any("to_pay" in said for said in verification.settlement_statuses())


@db
def test_the_file_of_a_run_is_the_same_each_time_though_the_world_moves_on() -> None:
    borough = Borough()
    actions.set_cost_centre(actor=borough.finance, organisation=borough.service, code="70000")
    borough.a_journal()
    run = borough.run()
    before = csv_of(queries.rows_of(run))

    actions.set_cost_centre(actor=borough.finance, organisation=borough.service, code="99999")
    Organisation.objects.filter(pk=borough.school.pk).update(name="Another name")
    after = csv_of(queries.rows_of(JournalRun.objects.get()))

    assert before == after and hashlib.sha256(after).hexdigest() == run.sha256
    *rows, control = list(csv.reader(io.StringIO(after.decode("utf-8-sig"))))[1:]
    assert [row[1] for row in rows] == [f"URN {borough.school.urn}", "70000"]
    assert control[6] == control[7] == "350.00" and control[9] == "1 papers"


@db
def test_a_journal_credited_before_its_run_goes_over_with_its_credit_note_and_moves_nothing() -> None:
    borough = Borough()
    document = borough.a_journal()
    actions.credit(actor=borough.finance, document=document, reason="Wrong school.")

    run = borough.run()

    assert run.count == 2
    assert balance(borough.service, "journal_clearing") == 0


@db
def test_a_journal_credited_after_its_run_is_given_back_in_the_next() -> None:
    borough = Borough()
    document = borough.a_journal(35_000)
    borough.run()
    line = document.lines.get()
    actions.credit(
        actor=borough.finance, document=document, reason="A day too many.", amounts={line.pk: 10_000}
    )

    run = borough.run()

    assert (run.number, run.count, run.debit_pence) == (2, 1, 10_000)
    assert queries.outstanding(document) == 0
    assert balance(borough.service, "journal_clearing") == -25_000
    assert balance(borough.service, "on_account") == 0
    assert transfers.disagreements() == []


@db
def test_self_billing_between_maintained_schools_goes_into_the_run_and_pays_the_statement() -> None:
    scene = Brokered(same_authority=True)
    scene.a_day()
    statement = scene.a_statement()
    authority = an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=scene.area)
    finance = actor_of(a_person(Role.FINANCE, at=authority))

    run = actions.run_journals(actor=finance, area=scene.area, month=papers.today())

    statement.refresh_from_db()
    assert run.count == 1 and statement.status == SettlementStatus.PAID
    assert balance(scene.broker, "payable") == 0 and balance(scene.broker, "journal_clearing") == 29_750
    assert balance(scene.releasing, "receivable") == 0
    assert balance(scene.releasing, "journal_clearing") == -29_750
    assert transfers.disagreements() == verification.ledger_and_documents() == []


@db
def test_a_disputed_statement_that_is_withdrawn_goes_over_with_its_credit_note_and_moves_nothing() -> None:
    scene = Brokered(same_authority=True)
    scene.a_day()
    statement = actions.dispute_statement(
        actor=scene.head, statement=scene.a_statement(), reason="Half a day."
    )
    with pytest.raises(NothingToExport):
        actions.run_journals(actor=SYSTEM, area=scene.area, month=papers.today())

    statement = actions.withdraw_statement(
        actor=scene.finance, statement=statement, reason="It was half a day."
    )
    run = actions.run_journals(actor=SYSTEM, area=scene.area, month=papers.today())

    assert (run.count, run.debit_pence) == (2, 2 * 29_750)
    assert statement.disputed_at is None and statement.status == SettlementStatus.WITHDRAWN
    assert balance(scene.releasing, "journal_clearing") == balance(scene.releasing, "on_account") == 0
    assert transfers.disagreements() == verification.ledger_and_documents() == []


@db
def test_a_journal_with_vat_stays_out_and_is_listed_and_holds_no_other_up() -> None:
    borough = Borough()
    sound = borough.a_journal()
    fault = a_document(
        (10_000,),
        supplier=borough.service,
        buyer=a_school(borough.area, academy=True).organisation,
        kind=DocumentKind.JOURNAL,
        route="journal",
    )
    assert list(queries.journals_with_vat(borough.area)) == [fault]

    run = borough.run()

    assert [entry.document for entry in run.entries.all()] == [sound]
    actions.credit(actor=SYSTEM, document=fault, reason="By invoice.")
    assert not queries.journals_with_vat(borough.area)
    with pytest.raises(NothingToExport):
        borough.run()


@db
def test_invoices_and_other_areas_stay_out_of_the_run() -> None:
    borough, elsewhere = Borough(), Borough()
    a_document(supplier=borough.service)
    elsewhere.a_journal()

    with pytest.raises(NothingToExport):
        borough.run()


@db
def test_only_the_areas_finance_runs_journals_and_none_of_months_to_come() -> None:
    borough = Borough()
    document = borough.a_journal()
    lead = actor_of(a_person(Role.FINANCE, at=borough.service))

    with pytest.raises(NotAllowed):
        actions.run_journals(actor=lead, area=borough.area, month=papers.today())
    with pytest.raises(DomainError, match="has not begun"):
        actions.run_journals(
            actor=borough.finance, area=borough.area, month=date(papers.today().year + 1, 12, 1)
        )
    run = borough.run()
    with pytest.raises(NotFound):
        queries.journal_run_for(lead, run.reference)
    assert queries.journal_run_for(borough.finance, run.reference).entries.get().document == document


@db
def test_a_run_can_not_be_changed() -> None:
    borough = Borough()
    borough.a_journal()
    borough.run()
    connection.check_constraints()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        JournalRun.objects.update(sha256="")


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_eight_runs_at_once_export_each_journal_once() -> None:
    borough = Borough()
    for _ in range(3):
        borough.a_journal()
    errors: list[str] = []
    barrier = threading.Barrier(8)

    def run() -> None:
        barrier.wait()
        try:
            borough.run()
        except Exception as error:
            errors.append(type(error).__name__)
        finally:
            connection.close()

    workers = [threading.Thread(target=run) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert errors == ["NothingToExport"] * 7
    assert JournalEntry.objects.count() == 3
    assert balance(borough.service, "journal_clearing") == -105_000


# The year's end


@given(st.integers(-10_000_000, 10_000_000), st.integers(1, 24), st.integers(0, 30))
def test_a_year_end_shares_an_amount_without_losing_a_penny(net: int, length: int, start: int) -> None:
    first = date(2025 + (start // 12), start % 12 + 1, 1)
    after = first.month - 1 + length
    last = date.fromordinal(date(first.year + after // 12, after % 12 + 1, 1).toordinal() - 1)

    share = rules.share_at(net, Period(first, last), date(2027, 3, 31))

    assert share.before_pence + share.after_pence == net
    assert 0 <= share.months_after <= share.months == length


def test_five_of_twelve_months_lie_after_31_march() -> None:
    share = rules.share_at(120_000, Period(date(2026, 9, 1), date(2027, 8, 31)), date(2027, 3, 31))

    assert (share.months, share.months_after, share.after_pence) == (12, 5, 50_000)


def test_books_close_on_two_days_a_year() -> None:
    assert rules.next_year_ends(date(2026, 11, 21)) == [
        date(2027, 3, 31),
        date(2026, 8, 31),
        date(2026, 3, 31),
        date(2025, 8, 31),
    ]
    with pytest.raises(rules.NotAYearEnd):
        rules.check_year_end(date(2026, 12, 31))


def amounts(reader: Actor, of: Organisation, on: date) -> dict[str, int]:
    note = queries.year_end_note(reader, of.reference, on)
    return {section.kind: section.pence for section in note.sections if section.pence}


@pytest.fixture
def paper_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "today", lambda: date(2026, 9, 1))


@db
@pytest.mark.usefixtures("paper_day")
def test_what_is_invoiced_in_advance_is_a_prepayment_here_and_deferred_income_there() -> None:
    area = an_area()
    agreement = an_agreement(
        school=a_school(area, academy=True),
        seller=a_provider(area),
        calendar=ACADEMIC,
        starts_on=date(2026, 9, 1),
    )
    year: AgreementYear = agreement.contract_years.get()
    first, second = actions.plan_instalments(actor=SYSTEM, year=year)
    actions.issue_instalment(actor=SYSTEM, instalment=first)
    actions.issue_instalment(actor=SYSTEM, instalment=second)  # asked for in advance
    seller = actor_of(a_person(Role.FINANCE, at=agreement.seller))
    buyer = actor_of(a_person(Role.BUDGET_HOLDER, at=agreement.buyer))

    assert amounts(seller, agreement.seller, date(2027, 3, 31)) == {"deferred_income": 50_000}
    assert amounts(buyer, agreement.buyer, date(2027, 3, 31)) == {"prepayment": 50_000}
    assert amounts(buyer, agreement.buyer, date(2027, 8, 31)) == {}


@db
@pytest.mark.usefixtures("paper_day")
def test_what_ran_and_was_not_invoiced_is_accrued_on_both_sides() -> None:
    area = an_area()
    agreement = an_agreement(
        school=a_school(area, academy=True),
        seller=a_provider(area),
        calendar=ACADEMIC,
        starts_on=date(2026, 9, 1),
    )
    actions.plan_instalments(actor=SYSTEM, year=agreement.contract_years.get())
    seller = actor_of(a_person(Role.FINANCE, at=agreement.seller))
    buyer = actor_of(a_person(Role.BUDGET_HOLDER, at=agreement.buyer))

    assert amounts(seller, agreement.seller, date(2027, 3, 31)) == {"accrued_income": 70_000}
    assert amounts(buyer, agreement.buyer, date(2027, 3, 31)) == {"accrued_expense": 70_000}


@db
def test_a_day_delivered_and_not_invoiced_is_accrued_and_its_share_once_it_is_owed() -> None:
    scene = Brokered()
    booking = scene.a_day(issue=False)
    on = date(2027, 3, 31)
    buyer = actor_of(a_person(Role.BUDGET_HOLDER, at=scene.buyer))
    assert amounts(scene.finance, scene.broker, on) == {"accrued_income": 35_000}
    assert amounts(buyer, scene.buyer.organisation, on) == {"accrued_expense": 35_000}

    actions.issue_for_delivery(actor=SYSTEM, booking=booking)

    assert amounts(scene.finance, scene.broker, on) == {}
    assert amounts(scene.head, scene.releasing, on) == {"accrued_income": 29_750}
    scene.signs()
    scene.a_statement()
    assert amounts(scene.head, scene.releasing, on) == {}


@db
def test_a_note_is_read_by_the_organisation_and_its_areas_finance_only() -> None:
    borough, elsewhere = Borough(), Borough()
    on = date(2027, 3, 31)
    staff = actor_of(a_person(Role.STAFF, at=borough.school))

    assert queries.year_end_note(borough.finance, borough.school.organisation.reference, on)
    for other in (staff, elsewhere.finance):
        with pytest.raises(NotFound):
            queries.year_end_note(other, borough.school.organisation.reference, on)
