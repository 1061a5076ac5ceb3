"""Bank statements taken in once, reminders sent once, disputes that pause them, write-offs of two people."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from unittest import mock

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from marketplace.billing import actions, nightly, queries, verification
from marketplace.billing.actions import collecting as collecting_actions
from marketplace.billing.actions import receipts as receipt_actions
from marketplace.billing.errors import MoreThanOutstanding, StatementKnown
from marketplace.billing.models import (
    Allocation,
    BankLine,
    BankStatement,
    Document,
    Receipt,
    Reminder,
    WriteOff,
)
from marketplace.billing.queries import accounts, collecting, ledgers, matching
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotAllowed, NotNow
from marketplace.kernel.models import Account
from marketplace.notifications.models import Notification
from marketplace.organisations.models import Organisation
from tests.builders import a_debt, a_person, a_provider, a_receipt, actor_of, an_area, an_organisation

pytestmark = pytest.mark.django_db


def today() -> date:
    return local(timezone.now()).date()


def a_statement(payee: Organisation, *rows: str) -> BankStatement:
    text = "Date,Name,Reference,Amount\n" + "\n".join(rows)
    return actions.read_statement(actor=SYSTEM, payee=payee, file_name="bank.csv", content=text.encode())


def all_agrees() -> None:
    checks = (
        verification.ledger_and_documents,
        verification.on_account,
        verification.suspense,
        verification.receipts_and_allocations,
        verification.allocations_below_zero,
        verification.bank_lines_and_receipts,
        verification.books_come_to_zero,
        verification.movements_stay_in_their_books,
    )
    assert [sentence for check in checks for sentence in check()] == []


# Bank statements


def test_overlapping_statements_add_only_what_is_new() -> None:
    payee = a_provider()
    first = a_statement(payee, "20/11/2026,Oak,A,10.00", "20/11/2026,Oak,A,10.00")
    assert actions.apply_statement(actor=SYSTEM, statement=first) == 2

    second = a_statement(
        payee, "20/11/2026,Oak,A,10.00", "20/11/2026,Oak,A,10.00", "21/11/2026,Elm,B,5", "21/11/2026,Bank,,-1"
    )
    assert (second.added, second.known, second.money_out) == (1, 2, 1)
    assert actions.apply_statement(actor=SYSTEM, statement=second) == 1

    assert Receipt.objects.count() == BankLine.objects.count() == 3
    all_agrees()


def test_two_overlapping_previews_taken_in_one_after_the_other_count_each_line_once() -> None:
    payee = a_provider()
    first = a_statement(payee, "20/11/2026,Oak,A,10.00")
    second = a_statement(payee, "20/11/2026,Oak,A,10.00", "21/11/2026,Elm,B,5")

    assert actions.apply_statement(actor=SYSTEM, statement=first) == 1
    assert actions.apply_statement(actor=SYSTEM, statement=second) == 1


def test_the_same_file_is_refused_until_the_first_is_set_aside() -> None:
    payee = a_provider()
    first = a_statement(payee, "20/11/2026,Oak,A,10.00")
    with pytest.raises(StatementKnown, match=first.reference):
        a_statement(payee, "20/11/2026,Oak,A,10.00")

    actions.discard_statement(actor=SYSTEM, statement=first)

    assert a_statement(payee, "20/11/2026,Oak,A,10.00").added == 1
    with pytest.raises(NotNow):
        actions.apply_statement(actor=SYSTEM, statement=first)


def test_a_bank_file_of_another_encoding_is_read() -> None:
    text = "Date,Name,Amount\n20/11/2026,Ysgol Tŷ £,£10.00\n".replace("ŷ", "y").encode("cp1252")
    statement = actions.read_statement(actor=SYSTEM, payee=a_provider(), file_name="x.csv", content=text)
    assert statement.total_pence == 1_000


def test_exact_matches_are_confirmed_together_and_only_as_they_were_seen() -> None:
    payee = a_provider(an_area())
    one, two = a_debt(1_000, supplier=payee), a_debt(2_000, supplier=payee)
    actions.apply_statement(
        actor=SYSTEM,
        statement=a_statement(
            payee, f"20/11/2026,,{one.full_number},10", f"20/11/2026,,{two.full_number.lower()},20"
        ),
    )
    proposed = matching.proposals_for(matching.unmatched_receipts([payee.pk]))
    chosen = [(receipt.reference, each[0].value) for receipt, each in proposed]
    a_receipt(1, payee=payee, payer=one.buyer, allocations=[(one, 1)])

    assert actions.confirm_exact(actor=SYSTEM, payee=payee, chosen=chosen) == 1

    assert (queries.outstanding(one), queries.outstanding(two)) == (999, 0)
    all_agrees()


def test_two_payments_quoting_the_same_document_are_not_both_exact() -> None:
    payee = a_provider(an_area())
    document = a_debt(1_000, supplier=payee)
    for _ in range(2):
        a_receipt(1_000, payee=payee, reference=document.full_number)

    proposed = matching.proposals_for(matching.unmatched_receipts([payee.pk]))

    assert [bool(each and each[0].proposal.is_exact) for _, each in proposed] == [True, False]


# Reminders and disputes


def test_each_level_is_sent_once_to_those_who_pay(run_jobs: Callable[[], list[str]]) -> None:
    document = a_debt(due_on=today() - timedelta(days=7))
    holder = a_person(Role.BUDGET_HOLDER, at=document.buyer)

    assert actions.send_due_reminders() == 1
    assert actions.send_due_reminders() == 0
    run_jobs()
    assert Notification.objects.filter(user=holder, kind="payment_overdue").count() == 1

    assert actions.send_due_reminders(today() + timedelta(days=14)) == 1
    assert actions.send_due_reminders(today() + timedelta(days=28)) == 1
    assert [r.level for r in Reminder.objects.all()] == ["first", "second", "final"]
    assert actions.send_due_reminders(today() + timedelta(days=90)) == 0


def test_nothing_paid_disputed_or_not_due_is_reminded_of() -> None:
    late = today() - timedelta(days=30)
    paid, disputed, fresh = a_debt(due_on=late), a_debt(due_on=late), a_debt()
    a_receipt(42_000, payee=paid.supplier, payer=paid.buyer, allocations=[(paid, 42_000)])
    dispute = actions.raise_dispute(actor=SYSTEM, document=disputed, reason="Nobody came.")

    assert actions.send_due_reminders() == 0

    actions.settle_dispute(actor=SYSTEM, dispute=dispute, answer="They did.")
    assert actions.send_due_reminders() == 1
    assert not fresh.reminders.exists()


def test_one_reminder_that_fails_keeps_no_other_from_being_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    late = today() - timedelta(days=7)
    broken, sound = a_debt(due_on=late), a_debt(due_on=late)
    real = collecting_actions.lock_document

    def fails(document: Document) -> Document:
        assert document != broken
        return real(document)

    monkeypatch.setattr(collecting_actions, "lock_document", fails)

    assert actions.send_due_reminders() == 1
    assert sound.reminders.exists() and not broken.reminders.exists()


def test_a_suppliers_own_days_count_and_its_reminders_can_wait_for_a_person() -> None:
    document = a_debt(due_on=today() - timedelta(days=4))
    days = {"first_days": 3, "second_days": 6, "final_days": 9}
    actions.set_reminder_policy(actor=SYSTEM, supplier=document.supplier, sends_itself=False, **days)

    assert actions.send_due_reminders() == 0
    reminder = actions.send_reminder(actor=SYSTEM, document=document)
    assert reminder is not None and reminder.level == "first"


def test_only_the_buyer_questions_and_only_the_supplier_answers() -> None:
    document = a_debt()
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=document.supplier))
    holder = actor_of(a_person(Role.BUDGET_HOLDER, at=document.buyer))
    with pytest.raises(NotAllowed):
        actions.raise_dispute(actor=lead, document=document, reason="x")
    dispute = actions.raise_dispute(actor=holder, document=document, reason="x")
    with pytest.raises(NotNow):
        actions.raise_dispute(actor=holder, document=document, reason="again")
    with pytest.raises(NotAllowed):
        actions.settle_dispute(actor=holder, dispute=dispute, answer="x")


# Write-offs


def test_a_write_off_is_approved_by_another_person_and_undone_by_a_reversal() -> None:
    document = a_debt(42_000)
    asks = actor_of(a_person(Role.FINANCE, at=document.supplier))
    decides = actor_of(a_person(Role.PROVIDER_LEAD, at=document.supplier))
    row = actions.request_write_off(actor=asks, document=document, pence=42_000, reason="Wound up.")
    assert queries.outstanding(document) == 42_000
    with pytest.raises(NotAllowed):
        actions.approve_write_off(actor=asks, write_off=row)

    actions.approve_write_off(actor=decides, write_off=row)
    assert queries.outstanding(document) == 0
    assert Account.objects.get(purpose="bad_debt").balance == -42_000
    all_agrees()

    row.refresh_from_db()
    actions.undo_write_off(actor=asks, write_off=row, reason="They paid.")
    assert queries.outstanding(document) == 42_000
    assert Account.objects.get(purpose="bad_debt").balance == 0
    all_agrees()


def test_the_database_itself_refuses_one_person_for_both() -> None:
    document = a_debt()
    person = a_person(Role.FINANCE, at=document.supplier)
    row = actions.request_write_off(actor=actor_of(person), document=document, pence=1, reason="x")
    with pytest.raises(IntegrityError, match="another_person"), transaction.atomic():
        WriteOff.objects.filter(pk=row.pk).update(status="approved", decided_by=person)


def test_a_debt_paid_meanwhile_is_not_written_off() -> None:
    document = a_debt(42_000)
    row = actions.request_write_off(actor=SYSTEM, document=document, pence=42_000, reason="x")
    a_receipt(1, payee=document.supplier, payer=document.buyer, allocations=[(document, 1)])
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=document.supplier))

    with pytest.raises(MoreThanOutstanding):
        actions.approve_write_off(actor=lead, write_off=row)
    with pytest.raises(NotNow):
        actions.request_write_off(actor=SYSTEM, document=document, pence=1, reason="y")
    actions.refuse_write_off(actor=lead, write_off=row, reason="They pay.")
    with pytest.raises(DomainError, match="Say why"):
        actions.request_write_off(actor=SYSTEM, document=document, pence=1, reason=" ")


def test_the_headteacher_of_a_supplying_school_may_decide() -> None:
    document = a_debt(supplier=an_organisation("school_company", area=an_area()))
    row = actions.request_write_off(actor=SYSTEM, document=document, pence=1, reason="x")
    head = actor_of(a_person(Role.HEADTEACHER, at=document.supplier))
    assert collecting.write_off_for(head, row.reference)
    actions.approve_write_off(actor=head, write_off=row)


# Accounts and ledgers


def test_a_statement_of_account_ends_at_what_is_outstanding_less_what_is_on_account() -> None:
    document = a_debt(42_000)
    receipt = a_receipt(
        50_000, payee=document.supplier, payer=document.buyer, allocations=[(document, 30_000)]
    )
    actions.pay_back(actor=SYSTEM, receipt=receipt, pence=5_000, reason="Asked.", buyer=document.buyer)

    account = accounts.buyers_account(document.supplier, document.buyer, today() - timedelta(days=365))

    assert account.on_account == 15_000
    assert account.closing == queries.outstanding(document) - account.on_account == -3_000
    assert sorted(line.pence for line in account.lines) == [-50_000, 5_000, 42_000]
    later = accounts.buyers_account(document.supplier, document.buyer, today() + timedelta(days=1))
    assert (later.opening, later.lines) == (-3_000, ())


def test_every_movement_leads_to_what_stands_behind_it() -> None:
    document = a_debt(42_000)
    a_receipt(42_000, payee=document.supplier, payer=document.buyer, allocations=[(document, 42_000)])
    account = Account.objects.get(owner_id=document.supplier_id, purpose="receivable")

    rows = list(ledgers.movements_of(account))
    found = ledgers.behind(rows)

    assert [row.balance for row in rows] == [-42_000, 0]  # type: ignore[attr-defined]
    assert {found[row.pk].kind for row in rows} == {"document", "receipt"}


def test_a_trial_balance_of_a_later_period_begins_where_the_one_before_ended() -> None:
    document = a_debt(42_000)
    a_receipt(10_000, payee=document.supplier, payer=document.buyer, allocations=[(document, 10_000)])

    until = ledgers.trial_balance(document.supplier, date(2020, 1, 1), today())
    after = ledgers.trial_balance(document.supplier, today() + timedelta(days=1), today() + timedelta(days=9))

    assert until.difference == after.difference == until.opening == after.opening == 0
    assert [row.closing for row in until.rows] == [row.opening for row in after.rows]
    assert after.debits == after.credits == 0


# Verification


def test_what_does_not_agree_is_found_and_kept_for_the_desk() -> None:
    document = a_debt(42_000)
    a_receipt(10_000, payee=document.supplier, payer=document.buyer, allocations=[(document, 10_000)])
    all_agrees()

    Account.objects.filter(owner_id=document.supplier_id, purpose="receivable").update(balance=-1)

    assert document.supplier.reference in verification.ledger_and_documents()[0]
    assert document.supplier.reference in verification.books_come_to_zero()[0]
    check = nightly.check_ledgers()
    assert any(document.supplier.reference in each["sentence"] for each in check.findings)


# Races


def _allocate_at_once(threads: int) -> list[str]:
    """Thirty-two people spend the same receipt on the same document, a pound each; the outcomes come back."""
    document = a_debt(1_000)
    receipt = a_receipt(1_600, payee=document.supplier)
    outcomes: list[str] = []
    barrier = threading.Barrier(threads)

    def spend() -> None:
        barrier.wait()
        try:
            actions.allocate(actor=SYSTEM, receipt=receipt, document=document, pence=100)
            outcomes.append("done")
        except (DomainError, IntegrityError) as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    workers = [threading.Thread(target=spend) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return outcomes


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_of_many_people_spending_one_receipt_no_more_succeed_than_is_owed() -> None:
    outcomes = _allocate_at_once(32)

    assert outcomes.count("done") == 10
    assert sum(Allocation.objects.values_list("pence", flat=True)) == 1_000
    assert queries.outstanding(Document.objects.get()) == 0
    all_agrees()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_without_the_locks_more_is_allocated_than_is_owed() -> None:
    """The guard-off twin: everybody reads what is outstanding before anybody has written."""
    both_read = threading.Barrier(32, timeout=30)
    real = receipt_actions.queries.outstanding
    count = iter(range(10_000))

    def read_together(document: Document) -> int:
        owed = real(document)
        both_read.wait()
        return owed

    def numbered(receipt: Receipt) -> str:
        return f"unguarded:{receipt.pk}:{next(count)}"

    with (
        mock.patch.object(receipt_actions, "_locked", lambda actor, receipt: receipt),
        mock.patch.object(receipt_actions, "lock_document", lambda document: document),
        mock.patch.object(receipt_actions.queries, "outstanding", read_together),
        mock.patch.object(receipt_actions, "_next_effect", numbered),
    ):
        outcomes = _allocate_at_once(32)

    assert outcomes.count("done") > 10
    assert queries.outstanding(Document.objects.get()) < 0
