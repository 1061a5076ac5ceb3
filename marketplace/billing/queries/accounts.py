"""A buyer's account with a supplier, as both may see it: documents, payments and write-offs in order, with the balance after each."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Min, Q, Sum

from marketplace.billing.models import Allocation, AllocationKind, Document, Receipt, WriteOff, WriteOffStatus
from marketplace.billing.queries.collecting import on_account_balances, owing_documents
from marketplace.kernel.dates import local
from marketplace.organisations.models import Organisation


@dataclass(frozen=True)
class AccountLine:
    """One line: `pence` above zero is owed, below zero paid. `balance` is what is owed after it."""

    on: date
    text: str
    detail: str
    pence: int
    balance: int
    document: str = ""

    @property
    def paid(self) -> int:
        """What was paid, above zero."""
        return max(0, -self.pence)


@dataclass(frozen=True)
class BuyersAccount:
    """What stood before `start`, what has happened since, and what is owed now; below zero the supplier owes the buyer."""

    start: date
    opening: int
    lines: tuple[AccountLine, ...]
    open_documents: tuple[Document, ...]
    on_account: int

    @property
    def closing(self) -> int:
        """What is owed in all, less what lies on account."""
        return self.lines[-1].balance if self.lines else self.opening

    @property
    def credit(self) -> int:
        """What the supplier owes the buyer, above zero."""
        return max(0, -self.closing)


def buyers_account(supplier: Organisation, buyer: Organisation, start: date) -> BuyersAccount:
    """The account of a buyer with a supplier from `start` on, in six queries however long it is."""
    entries = sorted(
        [
            *_documents(supplier, buyer),
            *_payments(supplier, buyer),
            *_write_offs(supplier, buyer),
        ],
        key=lambda entry: (entry[0], entry[1]),
    )
    opening = sum(pence for on, _, _, _, pence, _ in entries if on < start)
    balance, lines = opening, []
    for on, _, text, detail, pence, document in entries:
        if on >= start:
            balance += pence
            lines.append(AccountLine(on, text, detail, pence, balance, document))
    still_open = owing_documents(Document.objects.filter(supplier=supplier, buyer=buyer)).order_by(
        "due_on", "pk"
    )
    held = on_account_balances([supplier.pk]).get((supplier.pk, buyer.pk), 0)
    return BuyersAccount(start, opening, tuple(lines), tuple(still_open), held)


_Entry = tuple[date, int, str, str, int, str]
"""Day, order within the day, words, detail, pence, reference of the document."""


def _documents(supplier: Organisation, buyer: Organisation) -> list[_Entry]:
    rows = Document.objects.filter(supplier=supplier, buyer=buyer).select_related(
        "series", "credits__series", "booking"
    )
    found = []
    for row in rows:
        detail = row.purchase_order_number or (row.booking.reference if row.booking else "")
        if row.credits:
            detail = f"For {row.credits.full_number}"
        words = f"{row.get_kind_display()} {row.full_number}"
        found.append((row.issued_on, 0, words, detail, row.gross_pence, row.reference))
    return found


def _payments(supplier: Organisation, buyer: Organisation) -> list[_Entry]:
    rows = Allocation.objects.filter(receipt__payee=supplier, buyer=buyer)
    sums: dict[int, dict[bool, int]] = defaultdict(dict)
    back_on: dict[int, date] = {}
    is_refund = Q(kind=AllocationKind.REFUND)
    for refund, where in ((False, ~is_refund), (True, is_refund)):
        grouped = (
            rows.filter(where).order_by().values("receipt").annotate(total=Sum("pence"), first=Min("on"))
        )
        for row in grouped:
            sums[row["receipt"]][refund] = row["total"]
            if refund:
                back_on[row["receipt"]] = row["first"]
    found = []
    for receipt in Receipt.objects.filter(pk__in=sums):
        back = sums[receipt.pk].get(True, 0)
        paid = sums[receipt.pk].get(False, 0) + back
        if paid:
            words = f"Payment by {receipt.get_method_display().lower()}, {receipt.reference}"
            found.append((receipt.received_on, 1, words, receipt.payer_reference, -paid, ""))
        if back:
            found.append((back_on[receipt.pk], 2, f"Paid back, {receipt.reference}", "", back, ""))
    return found


def _write_offs(supplier: Organisation, buyer: Organisation) -> list[_Entry]:
    rows = WriteOff.objects.filter(
        document__supplier=supplier, document__buyer=buyer, status=WriteOffStatus.APPROVED
    ).select_related("document__series")
    return [
        (
            local(row.decided_at).date(),
            3,
            f"Written off, {row.document.full_number}",
            "",
            -row.pence,
            row.document.reference,
        )
        for row in rows
        if row.decided_at
    ]
