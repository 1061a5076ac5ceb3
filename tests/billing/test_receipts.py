"""Money that comes in: never more allocated than it holds or is owed, taken back by a row the other way."""

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.billing import actions, queries
from marketplace.billing.errors import MoreThanOutstanding, MoreThanReceived
from marketplace.billing.models import Allocation, Receipt
from marketplace.billing.queries.receipts import on_account
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.kernel.models import Account
from marketplace.kernel.money import pounds
from tests.builders import a_debt, a_person, a_receipt, actor_of, an_area, an_organisation

pytestmark = pytest.mark.django_db


def balances(owner_id: int) -> dict[str, int]:
    """What lies where in the books of an organisation, accounts with nothing left out."""
    rows = Account.objects.filter(ledger="money", owner_id=owner_id).exclude(balance=0)
    return {row.purpose: row.balance for row in rows}


def test_money_that_pays_a_document_leaves_nothing_outstanding() -> None:
    document = a_debt(42_000)

    receipt = a_receipt(
        42_000, payee=document.supplier, payer=document.buyer, allocations=[(document, 42_000)]
    )

    assert queries.outstanding(document) == 0
    assert queries.receipt_for(SYSTEM, receipt.reference).unmatched_pence == 0
    assert balances(document.supplier_id) == {"income": 42_000, "cash": -42_000}


def test_a_receipt_is_recorded_once_however_often_the_job_runs() -> None:
    document = a_debt(42_000)
    once = {
        "payee": document.supplier,
        "payer": document.buyer,
        "allocations": [(document, 100)],
        "effect": "x",
    }

    assert a_receipt(100, **once) == a_receipt(100, **once)
    assert queries.outstanding(document) == 41_900


def test_what_is_paid_too_much_stays_on_account_and_pays_the_next_document() -> None:
    document = a_debt(30_000)
    receipt = a_receipt(
        42_000, payee=document.supplier, payer=document.buyer, allocations=[(document, 42_000)]
    )
    assert balances(document.supplier_id) == {"income": 30_000, "cash": -42_000, "on_account": 12_000}

    following = a_debt(20_000, supplier=document.supplier, buyer=document.buyer)
    actions.allocate(actor=SYSTEM, receipt=receipt, document=following, pence=12_000)

    assert queries.outstanding(following) == 8_000
    assert "on_account" not in balances(document.supplier_id)


def test_money_nobody_knows_stays_in_suspense_until_it_is_matched() -> None:
    document = a_debt(42_000)
    receipt = a_receipt(42_000, payee=document.supplier)
    assert balances(document.supplier_id)["suspense"] == 42_000

    actions.allocate(actor=SYSTEM, receipt=receipt, document=document, pence=42_000)

    assert "suspense" not in balances(document.supplier_id)


def test_part_payments_add_up() -> None:
    document = a_debt(42_000)
    for pence in (10_000, 20_000):
        receipt = a_receipt(pence, payee=document.supplier)
        actions.allocate(actor=SYSTEM, receipt=receipt, document=document, pence=pence)

    assert queries.outstanding(document) == 12_000


def test_no_more_is_allocated_than_is_owed_or_held() -> None:
    document = a_debt(42_000)
    small, large = a_receipt(1_000, payee=document.supplier), a_receipt(90_000, payee=document.supplier)

    with pytest.raises(MoreThanReceived, match="only £10"):
        actions.allocate(actor=SYSTEM, receipt=small, document=document, pence=1_001)
    with pytest.raises(MoreThanOutstanding, match="Only £420"):
        actions.allocate(actor=SYSTEM, receipt=large, document=document, pence=42_001)
    with pytest.raises(DomainError, match="above zero"):
        actions.allocate(actor=SYSTEM, receipt=large, document=document, pence=0)


def test_an_allocation_taken_back_puts_everything_where_it_was() -> None:
    document = a_debt(42_000)
    receipt = a_receipt(42_000, payee=document.supplier)
    row = actions.allocate(actor=SYSTEM, receipt=receipt, document=document, pence=42_000)

    back = actions.unallocate(actor=SYSTEM, allocation=row, reason="Another school’s payment.")

    assert back.pence == -42_000 and back.reverses == row
    assert queries.outstanding(document) == 42_000
    assert balances(document.supplier_id)["suspense"] == 42_000
    assert actions.unallocate(actor=SYSTEM, allocation=row, reason="Again.") == back


@pytest.mark.parametrize("credited", [42_000, 10_000])
def test_what_a_credit_note_put_on_account_is_not_taken_back_a_second_time(credited: int) -> None:
    document = a_debt(42_000)
    receipt = a_receipt(42_000, payee=document.supplier)
    row = actions.allocate(actor=SYSTEM, receipt=receipt, document=document, pence=42_000)
    assert queries.to_take_back(receipt) == [row]
    line = document.lines.get()
    actions.credit(actor=SYSTEM, document=document, reason="Not all.", amounts={line.pk: credited})
    actions.release_overpaid(actor=SYSTEM, document=document)

    with pytest.raises(MoreThanReceived, match=f"Only {pounds(42_000 - credited)} of .* still lies on"):
        actions.unallocate(actor=SYSTEM, allocation=row, reason="Another school’s payment.")

    assert queries.outstanding(document) == 0 and on_account(receipt, document.buyer_id) == credited
    assert row not in queries.to_take_back(receipt)


def test_money_on_account_can_be_paid_back_but_not_twice() -> None:
    document = a_debt(30_000)
    receipt = a_receipt(
        42_000, payee=document.supplier, payer=document.buyer, allocations=[(document, 30_000)]
    )

    actions.pay_back(
        actor=SYSTEM, receipt=receipt, pence=12_000, reason="They asked for it.", buyer=document.buyer
    )

    assert balances(document.supplier_id) == {"income": 30_000, "cash": -30_000}
    with pytest.raises(MoreThanReceived):
        actions.pay_back(actor=SYSTEM, receipt=receipt, pence=1, reason="Again.", buyer=document.buyer)


def test_what_was_paid_on_a_credited_document_goes_on_account() -> None:
    document = a_debt(42_000)
    a_receipt(42_000, payee=document.supplier, payer=document.buyer, allocations=[(document, 42_000)])
    actions.credit(actor=SYSTEM, document=document, reason="Never happened.")
    assert queries.outstanding(document) == -42_000

    assert actions.release_overpaid(actor=SYSTEM, document=document) == 42_000
    assert actions.release_overpaid(actor=SYSTEM, document=document) == 0

    assert queries.outstanding(document) == 0
    assert balances(document.supplier_id) == {"cash": -42_000, "on_account": 42_000}


def test_only_the_payees_people_record_and_allocate() -> None:
    document = a_debt(42_000)
    receipt = a_receipt(42_000, payee=document.supplier)
    buyer = actor_of(a_person(Role.FINANCE, at=document.buyer))
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=document.supplier))

    with pytest.raises(NotFound):
        actions.allocate(actor=buyer, receipt=receipt, document=document, pence=1)
    with pytest.raises(NotAllowed):
        a_receipt(1, payee=document.supplier, actor=buyer)
    actions.allocate(actor=lead, receipt=receipt, document=document, pence=1)


def test_area_finance_keeps_the_authoritys_own_books_and_only_reads_others() -> None:
    area = an_area()
    finance = actor_of(a_person(Role.FINANCE, at=an_organisation("local_authority", area=area)))
    company = an_organisation("school_company", area=area)

    a_receipt(1, payee=an_organisation("la_service", area=area), actor=finance)
    assert queries.receipt_for(finance, a_receipt(1, payee=company).reference)
    with pytest.raises(NotAllowed):
        a_receipt(1, payee=company, actor=finance)


@pytest.mark.parametrize("model", [Receipt, Allocation])
def test_receipts_and_allocations_can_not_be_changed(model: type) -> None:
    document = a_debt(42_000)
    a_receipt(1, payee=document.supplier, payer=document.buyer, allocations=[(document, 1)])
    connection.check_constraints()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model.objects.update(pence=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.all().delete()
