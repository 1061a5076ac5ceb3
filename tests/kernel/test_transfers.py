"""The double-entry engine."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.models import Account, Transfer
from marketplace.kernel.transfers import Movement, NotEnough

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


@pytest.mark.parametrize(
    "statement",
    ["UPDATE kernel_transfer SET amount = 1", "DELETE FROM kernel_transfer", "TRUNCATE kernel_transfer"],
)
def test_the_database_refuses_to_change_a_transfer(statement: str) -> None:
    granted, available = accounts()
    transfers.move(by=SYSTEM, movements=[Movement(granted, available, 4, "Package", "grant:1")], on=TODAY)

    connection.check_constraints()  # PostgreSQL refuses to truncate a table whose checks still wait

    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
