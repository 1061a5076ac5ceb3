"""What finance adds to the world: a debt with a question and a write-off, receipts of every state, a bank statement."""

from typing import Any

from marketplace.billing.actions import raise_dispute, read_statement, request_write_off
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.models import Account
from tests.builders.money import a_debt, a_receipt


def lay_out(world: Any) -> None:
    """The provider is owed by the school, and has one receipt that is matched and one that is not."""
    provider, school = world.scene.provider, world.scene.school.organisation
    world.debt = a_debt(supplier=provider, buyer=school)
    world.matched = a_receipt(100, payee=provider, payer=school, allocations=[(world.debt, 100)])
    world.unmatched = a_receipt(1_000_000, payee=provider)
    world.allocation = world.matched.allocations.get()
    world.dispute = raise_dispute(actor=SYSTEM, document=a_debt(supplier=provider, buyer=school), reason="x")
    waiting = a_debt(supplier=provider, buyer=school)
    world.write_off = request_write_off(actor=SYSTEM, document=waiting, pence=1, reason="x")
    world.bank_statement = read_statement(
        actor=SYSTEM, payee=provider, file_name="bank.csv", content=b"Date,Amount\n02/11/2026,5\n"
    )
    world.books_account = Account.objects.filter(owner_id=provider.pk, purpose="receivable").first()


VALUES: dict[str, Any] = {
    "finance reference": lambda w: w.unmatched.reference,
    "finance:chart reference": lambda w: w.scene.provider.reference,
    "finance:trial_balance reference": lambda w: w.scene.provider.reference,
    "finance:ledger_account reference": lambda w: w.scene.provider.reference,
    "finance:ledger_account account": lambda w: w.books_account.pk,
    "finance:statement reference": lambda w: w.bank_statement.reference,
    "finance:apply reference": lambda w: w.bank_statement.reference,
    "finance:discard reference": lambda w: w.bank_statement.reference,
    "finance:take_back reference": lambda w: w.matched.reference,
    "finance:take_back allocation": lambda w: w.allocation.pk,
    "finance:getting_paid reference": lambda w: w.scene.provider.reference,
    "finance:write_off reference": lambda w: w.write_off.reference,
    "finance:answer pk": lambda w: w.dispute.pk,
    "finance:request_write_off reference": lambda w: w.debt.reference,
    "finance:question reference": lambda w: w.debt.reference,
    "finance supplier": lambda w: w.scene.provider.reference,
    "finance buyer": lambda w: w.scene.school.organisation.reference,
    "receipt reference": lambda w: w.matched.reference,
    "books reference": lambda w: w.scene.provider.reference,
}

BODIES: dict[str, Any] = {
    "finance:match": lambda w: {"choice": f"{w.debt.reference}=1"},
    "finance:allocate": lambda w: {"document": w.debt.reference, "amount": "0.01"},
    "finance:on_account": lambda w: {"buyer": w.scene.school.organisation.reference, "amount": "0.01"},
    "finance:pay_back": lambda w: {"amount": "0.01"},
    "finance:take_back": lambda w: {"keep": "unmatched"},
    "finance:request_write_off": lambda w: {"amount": "0.01"},
    "finance:write_off": lambda w: {"verb": "refuse"},
    "finance:record": lambda w: {
        "payee": w.scene.provider.reference,
        "amount": "1",
        "method": "cheque",
        "received_on": "2026-11-02",
    },
    "finance:getting_paid": lambda w: {"first_days": 7, "second_days": 21, "final_days": 35},
    "finance:reminders": lambda w: {"document": w.debt.reference},
}
