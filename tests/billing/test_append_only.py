"""What was sent, taken in, exported or applied is never changed: the database refuses, whoever asks (I5)."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, models, transaction

from marketplace.billing.models import (
    AppliedEffect,
    BankLine,
    BankStatement,
    JournalEntry,
    JournalRun,
    NetworkBalance,
    Reminder,
)
from tests.billing.test_journals import Borough
from tests.builders import a_debt

pytestmark = pytest.mark.django_db

CHANGES = {
    Reminder: "days_overdue = 0",
    BankLine: "pence = 1",
    JournalRun: "count = 0",
    JournalEntry: "position = 9",
    AppliedEffect: "effect = 'another'",
    NetworkBalance: "ledger_pence = 0",
}


@pytest.fixture
def one_of_each() -> None:
    """A row in each of the tables."""
    debt = a_debt(5_000)
    Reminder.objects.create(document=debt, level="first", outstanding_pence=5_000, days_overdue=8)
    statement = BankStatement.objects.create(
        payee=debt.supplier, file_name="november.csv", sha256="0" * 64, layout="Date,Amount"
    )
    BankLine.objects.create(
        statement=statement,
        payee=debt.supplier,
        line=1,
        received_on=date(2026, 11, 2),
        pence=5_000,
        fingerprint="1" * 64,
    )
    borough = Borough()
    borough.a_journal()
    borough.run()
    AppliedEffect.objects.create(object_id="pi_1", effect="paid")
    NetworkBalance.objects.create(day=date(2026, 11, 2), network_pence=1, ledger_pence=1)
    connection.check_constraints()


def change(model: type[models.Model], how: str) -> int:
    table = model._meta.db_table
    statement = f"UPDATE {table} SET {CHANGES[model]}" if how == "change" else f"DELETE FROM {table}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("how", ["change", "delete"])
@pytest.mark.parametrize("model", CHANGES)
def test_a_row_stays_as_it_was_written(model: type[models.Model], how: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        change(model, how)


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("model", CHANGES)
def test_without_its_trigger_a_row_can_be_changed(model: type[models.Model]) -> None:
    """The guard-off twin, rolled back with the test."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")

    assert change(model, "change") == 1
