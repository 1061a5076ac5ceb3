"""Receipts and what is left of them; documents and what is left to pay on them."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, Case, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from marketplace.billing.models import (
    Allocation,
    AllocationKind,
    Document,
    DocumentKind,
    Receipt,
    WriteOff,
    WriteOffStatus,
)
from marketplace.billing.queries.books import books_visible_to
from marketplace.kernel.access import Actor
from marketplace.kernel.errors import NotFound

_ZERO = Value(0, output_field=BigIntegerField())


def _sum_of(rows: QuerySet, key: str, what: str) -> Coalesce:
    summed = rows.order_by().values(key).annotate(_sum=Sum(what)).values("_sum")
    return Coalesce(Subquery(summed, output_field=BigIntegerField()), _ZERO)


def with_outstanding(documents: QuerySet[Document]) -> QuerySet[Any]:
    """Annotate documents, in the one query, with `credited_pence` (below zero), `allocated_pence`, `written_off_pence` and
    `outstanding_pence`: what is still to be paid. A credit note has nothing outstanding of its own. Below zero means that more
    was paid than is owed."""
    annotated = documents.annotate(
        credited_pence=_sum_of(Document.objects.filter(credits=OuterRef("pk")), "credits", "gross_pence"),
        allocated_pence=_sum_of(Allocation.objects.filter(document=OuterRef("pk")), "document", "pence"),
        written_off_pence=_sum_of(
            WriteOff.objects.filter(document=OuterRef("pk"), status=WriteOffStatus.APPROVED),
            "document",
            "pence",
        ),
    )
    owed = F("gross_pence") + F("credited_pence") - F("allocated_pence") - F("written_off_pence")
    return annotated.annotate(
        outstanding_pence=Case(
            When(kind=DocumentKind.CREDIT_NOTE, then=_ZERO), default=owed, output_field=BigIntegerField()
        )
    )


def outstanding(document: Document) -> int:
    """Pence still to be paid on the document: its total, less credit notes, payments and what was written off."""
    return int(with_outstanding(Document.objects.filter(pk=document.pk)).get().outstanding_pence)


def outstanding_of(documents: Iterable[Document]) -> dict[int, int]:
    """Pence still to be paid, by primary key, for many documents in one query."""
    rows = with_outstanding(Document.objects.filter(pk__in=[document.pk for document in documents]))
    return dict(rows.values_list("pk", "outstanding_pence"))


def with_remainder(receipts: QuerySet[Receipt]) -> QuerySet[Any]:
    """Annotate receipts with `used_pence` (to documents), `on_account_pence`, `refunded_pence` and `unmatched_pence`."""
    used = Coalesce(Sum("allocations__pence"), _ZERO)

    def of(kind: str) -> Coalesce:
        return Coalesce(Sum("allocations__pence", filter=Q(allocations__kind=kind)), _ZERO)

    return receipts.annotate(
        used_pence=of(AllocationKind.DOCUMENT),
        on_account_pence=of(AllocationKind.ON_ACCOUNT),
        refunded_pence=of(AllocationKind.REFUND),
        unmatched_pence=F("pence") - used,
    )


def receipts_visible_to(actor: Actor) -> QuerySet[Receipt]:
    """Receipts in the books the person may read."""
    receipts = Receipt.objects.select_related("payee", "payer", "bank_line")
    return receipts if actor.is_system else receipts.filter(payee__in=books_visible_to(actor).order_by())


def receipt_for(actor: Actor, reference: str) -> Receipt:
    """One receipt with what is left of it; `NotFound` where there is none for this person."""
    receipt = with_remainder(receipts_visible_to(actor)).filter(reference=reference).first()
    if receipt is None:
        raise NotFound
    return receipt


def unmatched(receipt: Receipt) -> int:
    """Pence of the receipt that no allocation speaks of."""
    spoken_for = receipt.allocations.aggregate(pence=Coalesce(Sum("pence"), _ZERO))["pence"]
    return receipt.pence - int(spoken_for)


def on_account(receipt: Receipt, buyer_id: int) -> int:
    """Pence of the receipt that lie on account of the buyer."""
    rows = receipt.allocations.filter(kind=AllocationKind.ON_ACCOUNT, buyer=buyer_id)
    return int(rows.aggregate(pence=Coalesce(Sum("pence"), _ZERO))["pence"])


def on_document(receipt: Receipt, document: Document) -> int:
    """Pence of the receipt that lie on the document: what it paid, less what was taken back or released since."""
    rows = receipt.allocations.filter(document=document)
    return int(rows.aggregate(pence=Coalesce(Sum("pence"), _ZERO))["pence"])


def to_take_back(receipt: Receipt) -> list[Allocation]:
    """Allocations of the receipt that can be taken back: not done before, and all their money still lies where they put it."""
    rows = list(receipt.allocations.select_related("document__series", "buyer", "receipt__payee"))
    lies: Counter[tuple[str, int | None, int | None]] = Counter()
    for row in rows:
        lies[row.kind, row.document_id, row.buyer_id] += row.pence
    done = {row.reverses_id for row in rows}
    return [
        row
        for row in rows
        if row.kind != AllocationKind.REFUND
        and 0 < row.pence <= lies[row.kind, row.document_id, row.buyer_id]
        and row.pk not in done
    ]
