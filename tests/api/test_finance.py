"""The API of receipts, debts and ledgers."""

from typing import Any

import pytest
from django.test import Client

from marketplace.kernel.access import Role
from tests.builders import a_debt, a_person, a_receipt

pytestmark = pytest.mark.django_db


def test_a_finance_system_reads_receipts_accounts_trial_balance_and_debts() -> None:
    document = a_debt(42_000)
    receipt = a_receipt(
        50_000, payee=document.supplier, payer=document.buyer, allocations=[(document, 30_000)]
    )
    client = Client()
    client.force_login(a_person(Role.FINANCE, at=document.supplier))
    books = f"/api/books/{document.supplier.reference}/"

    def read(path: str) -> Any:
        answer = client.get(path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    found = read(f"/api/receipts/{receipt.reference}/")
    assert (found["pence"], found["on_account_pence"], found["unmatched_pence"]) == (50_000, 20_000, 0)
    assert len(found["allocations"]) == 2
    assert read("/api/receipts/?unmatched=true")["results"] == []
    accounts = read(books + "accounts/")
    assert sum(row["balance_pence"] for row in accounts) == 0
    balance = read(books + "trial-balance/?from=2026-04-01&to=2027-03-31")
    assert balance["difference_pence"] == 0 and balance["debits_pence"] == 62_000
    [debtor] = read(books + "aged-debt/")
    assert (debtor["not_due_pence"], debtor["on_account_pence"]) == (12_000, 20_000)
    for query in ("from=x", "from=2027-01-01&to=2026-01-01"):
        assert client.get(f"{books}trial-balance/?{query}").status_code == 400


def test_the_books_of_others_are_not_there() -> None:
    document = a_debt(42_000)
    receipt = a_receipt(1, payee=document.supplier)
    client = Client()
    client.force_login(a_person(Role.FINANCE, at=document.buyer))

    assert client.get(f"/api/receipts/{receipt.reference}/").status_code == 404
    for part in ("", "accounts/", "trial-balance/", "aged-debt/"):
        assert client.get(f"/api/books/{document.supplier.reference}/{part}").status_code == 404
