"""Payments by the hundred: the rows that recording a receipt for whole documents leaves, without asking what is owed each time.

What a payment leaves is what `billing.actions.record_receipt` leaves, which the tests hold it to.
"""

from collections.abc import Sequence
from datetime import date

from marketplace.billing import postings
from marketplace.billing.actions.receipts import PLACES, SUSPENSE
from marketplace.billing.models import Allocation, AllocationKind, Document, Receipt, ReceiptMethod
from marketplace.billing.postings import Entry, Purpose
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.money import pounds


def pay_whole(*, actor: Actor, documents: Sequence[Document], on: date, effect: str) -> Receipt:
    """One transfer to the bank that pays each of these documents of one supplier and buyer whole. Nothing may have been paid on them."""
    first = documents[0]
    receipt = Receipt.objects.create(
        payee=first.supplier,
        payer=first.buyer,
        pence=sum(document.gross_pence for document in documents),
        method=ReceiptMethod.BACS,
        received_on=on,
        payer_reference=reference_of(documents),
        recorded_by_id=actor.user_id,
        effect=effect,
    )
    history.write(receipt, verb="record", by=actor)
    allocations = Allocation.objects.bulk_create(
        Allocation(
            receipt=receipt,
            kind=AllocationKind.DOCUMENT,
            document=document,
            buyer_id=document.buyer_id,
            pence=document.gross_pence,
            on=on,
            by_id=actor.user_id,
            effect=f"receipt:{receipt.pk}:{number}",
        )
        for number, document in enumerate(documents, start=1)
    )
    said, debt = f"Receipt {receipt.reference}", (Purpose.RECEIVABLE, f"buyer:{first.buyer_id}")
    bank = (PLACES[ReceiptMethod.BACS], "")
    entries = [Entry(bank, SUSPENSE, receipt.pence, said, f"receipt:{receipt.pk}")]
    for row, document in zip(allocations, documents, strict=True):
        entries.append(Entry(SUSPENSE, debt, row.pence, said, f"allocation:{row.pk}"))
        note = f"{pounds(row.pence)} of {receipt.reference}"
        history.write(document, verb="allocate", by=actor, note=note)
    postings.book(actor=actor, owner_id=first.supplier_id, entries=entries, on=on)
    return receipt


def reference_of(documents: Sequence[Document]) -> str:
    """What schools write with a transfer: the numbers of the papers it is for, as far as the bank has room."""
    return " ".join(document.full_number for document in documents)[:140]
