"""The double-entry engine."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.kernel import audit, history, transfers
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.models import Account, Transfer
from marketplace.kernel.transfers import Movement, NotEnough
from marketplace.kernel.verification import verify

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 2)


def accounts() -> tuple[Account, Account]:
    granted = transfers.account(
        ledger="entitlement", purpose="granted", unit="half_days", may_go_negative=True
    )
    available = transfers.account(ledger="entitlement", purpose="available", unit="half_days", owner_id=7)
    return granted, available


def test_a_transfer_takes_from_one_account_and_gives_to_the_other() -> None:
    granted, available = accounts()

    transfers.move(by=SYSTEM, movements=[Movement(granted, available, 12, "Package", "grant:1")], on=TODAY)

    granted.refresh_from_db()
    available.refresh_from_db()
    assert (granted.balance, available.balance) == (-12, 12)


def test_the_same_effect_moves_once() -> None:
    granted, available = accounts()
    grant = Movement(granted, available, 12, "Package", "grant:1")

    transfers.move(by=SYSTEM, movements=[grant], on=TODAY)
    again = transfers.move(by=SYSTEM, movements=[grant], on=TODAY)

    available.refresh_from_db()
    assert again == [] and available.balance == 12


def test_more_than_there_is_cannot_be_taken_and_nothing_moves() -> None:
    granted, available = accounts()
    transfers.move(by=SYSTEM, movements=[Movement(granted, available, 4, "Package", "grant:1")], on=TODAY)

    with pytest.raises(NotEnough), transaction.atomic():
        transfers.move(by=SYSTEM, movements=[Movement(available, granted, 5, "Use", "use:1")], on=TODAY)

    available.refresh_from_db()
    assert available.balance == 4 and Transfer.objects.count() == 1


def test_a_reversal_restores_both_balances() -> None:
    granted, available = accounts()
    [grant] = transfers.move(
        by=SYSTEM, movements=[Movement(granted, available, 4, "Package", "grant:1")], on=TODAY
    )

    transfers.reverse(by=SYSTEM, transfer=grant, reason="Mistake", on=TODAY)
    transfers.reverse(by=SYSTEM, transfer=grant, reason="Mistake, told twice", on=TODAY)

    available.refresh_from_db()
    assert available.balance == 0


def test_a_tampered_balance_is_found_by_the_replay() -> None:
    granted, available = accounts()
    transfers.move(by=SYSTEM, movements=[Movement(granted, available, 4, "Package", "grant:1")], on=TODAY)
    assert transfers.disagreements() == []

    Account.objects.filter(pk=available.pk).update(balance=5)

    [sentence] = transfers.disagreements()
    assert "balance is 5" in sentence and "make 4" in sentence


# One unit (I4) -------------------------------------------------------------------------------------------------------


def two_units() -> tuple[Account, Account]:
    granted, _ = accounts()
    return granted, transfers.account(ledger="money", purpose="cash", unit="pence", owner_id=7)


def a_mixed_row(unit: str = "half_days") -> Transfer:
    """Written past the engine, as a program would that does not know it."""
    days, pence = two_units()
    return Transfer.objects.create(
        source=days, target=pence, amount=4, unit=unit, reason="Mixed", effect="mixed:1", on=TODAY
    )


def test_a_movement_between_units_is_refused_and_nothing_moves() -> None:
    days, pence = two_units()

    with pytest.raises(ValueError, match="one unit"):
        transfers.move(by=SYSTEM, movements=[Movement(days, pence, 4, "Mixed", "mixed:1")], on=TODAY)

    assert not Transfer.objects.exists() and transfers.disagreements() == []


@pytest.mark.parametrize("unit", ["half_days", "pence", "credits"])
def test_the_database_refuses_a_transfer_between_units(unit: str) -> None:
    with pytest.raises(IntegrityError, match="unit of both"), transaction.atomic():
        a_mixed_row(unit)


def test_without_the_trigger_a_transfer_between_units_stands_and_verify_tells() -> None:
    """The guard-off twin."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")

    a_mixed_row()

    assert transfers.mixed_units() == ["Transfer mixed:1: half_days from half_days to pence."]
    told = {verdict.rule: verdict.disagreements for verdict in verify()}
    assert told["Every transfer is in the unit of both its accounts (I4)"]


# Append-only (I5) ----------------------------------------------------------------------------------------------------

APPEND_ONLY = ("kernel_transfer", "kernel_historyentry", "kernel_auditentry")
ONE_COLUMN = {
    "kernel_transfer": "amount = amount + 1",
    "kernel_historyentry": "after = 'x'",
    "kernel_auditentry": "what = 'x'",
}


def a_row_of_each() -> Account:
    """A transfer, a line of history and an audit entry; the account that was moved to."""
    granted, available = accounts()
    [moved] = transfers.move(
        by=SYSTEM, movements=[Movement(granted, available, 4, "Package", "grant:1")], on=TODAY
    )
    history.write(moved, verb="make", by=SYSTEM, after="made")
    audit.record(by=SYSTEM, what="a protected record")
    connection.check_constraints()  # PostgreSQL refuses to truncate a table whose checks still wait
    return available


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_to_change_what_was_written(table: str, statement: str) -> None:
    a_row_of_each()

    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table, ONE_COLUMN[table]))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_without_the_trigger_what_was_written_changes_and_the_replay_tells(table: str) -> None:
    """The guard-off twin: the rows change, and where a balance hangs on them the replay sees it."""
    a_row_of_each()

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"UPDATE {table} SET {ONE_COLUMN[table]}")
        changed = cursor.rowcount
        found = transfers.disagreements()
        cursor.execute(f"DELETE FROM {table}")
        gone = cursor.rowcount

    assert changed == gone == 1
    assert bool(found) is (table == "kernel_transfer")
