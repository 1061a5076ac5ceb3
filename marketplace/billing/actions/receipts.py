"""Verbs of money that came in: record it, allocate it to documents, take an allocation back, pay money back.

In the books a receipt goes from the bank (or the card network, or the authority's ledger) to *receipts not yet matched*, and each
allocation from there to what it pays: one row, one movement. Rows are added under the lock of the receipt, then of the document, so
that of two people spending the same pound one is refused.
"""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from marketplace.billing import postings
from marketplace.billing.errors import MoreThanOutstanding, MoreThanReceived
from marketplace.billing.models import (
    Allocation,
    AllocationKind,
    BankLine,
    Document,
    DocumentKind,
    Receipt,
    ReceiptMethod,
)
from marketplace.billing.postings import Entry, Purpose
from marketplace.billing.queries import books
from marketplace.billing.queries import receipts as queries
from marketplace.billing.rules.days import check_day
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotAllowed
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Organisation

PLACES = {
    ReceiptMethod.BACS: Purpose.CASH,
    ReceiptMethod.CHEQUE: Purpose.CASH,
    ReceiptMethod.CARD: Purpose.CARD_CLEARING,
    ReceiptMethod.JOURNAL: Purpose.JOURNAL_CLEARING,
}
"""Where money of each kind comes to lie."""

SUSPENSE = (Purpose.SUSPENSE, "")


@action
def record_receipt(
    *,
    actor: Actor,
    payee: Organisation,
    payer: Organisation | None,
    pence: int,
    method: str,
    received_on: date,
    reference: str,
    allocations: Sequence[tuple[Document, int]] = (),
    effect: str,
    source: tuple[Purpose, str] | None = None,
    bank_line: BankLine | None = None,
) -> Receipt:
    """Record money received by `payee`, once per `effect`, and allocate it to documents, oldest first.

    Each document gets at most what is outstanding on it, so money that is really there is never refused: what is left stays on account
    of `payer`, or unmatched where nobody knows who paid. `source` names the account the money comes out of where it isn't the one of
    its method (card money held until delivery, say). Raises `NotAllowed`, `MoreThanReceived`.
    """
    must_keep_books(actor, payee)
    if pence <= 0:
        raise DomainError(
            "A receipt is more than nothing.", remedy="Enter the amount that came in.", field="amount"
        )
    if actor.user_id is not None and bank_line is None:
        check_day(received_on, today=local(timezone.now()).date(), field="received_on")
    if sum(wanted for _, wanted in allocations) > pence:
        raise MoreThanReceived(
            f"Only {pounds(pence)} came in.", remedy="Allocate no more than that.", field="amount"
        )
    receipt, is_new = Receipt.objects.get_or_create(
        effect=effect,
        defaults={
            "payee": payee,
            "payer": payer,
            "pence": pence,
            "method": method,
            "received_on": received_on,
            "payer_reference": reference[:300],
            "bank_line": bank_line,
            "recorded_by_id": actor.user_id,
        },
    )
    if not is_new:
        return receipt
    receipt = locked(Receipt.objects.all(), pk=receipt.pk)
    wishes = [
        (lock_document(document), wanted)
        for document, wanted in sorted(allocations, key=lambda wish: wish[0].pk)
    ]
    history.write(receipt, verb="record", by=actor)
    _book(actor, receipt, source or _place(receipt), SUSPENSE, pence, f"receipt:{receipt.pk}")
    _spread(actor, receipt, payer, wishes)
    return receipt


@action
def allocate(
    *, actor: Actor, receipt: Receipt, document: Document, pence: int, reason: str = ""
) -> Allocation:
    """Use `pence` of a receipt to pay a document: first what is unmatched, then what lies on account of the document's buyer.

    Raises `MoreThanReceived` when the receipt does not hold that much, `MoreThanOutstanding` when the document does not need it.
    """
    receipt = _locked(actor, receipt)
    document = lock_document(document)
    _check_pair(receipt, document, pence)
    owed = queries.outstanding(document)
    if pence > owed:
        raise MoreThanOutstanding(
            f"Only {pounds(max(owed, 0))} is outstanding on {document.full_number}.",
            remedy="Allocate no more than that; the rest stays with the receipt.",
            field="amount",
        )
    short = pence - queries.unmatched(receipt)
    if short > 0:
        _take_from_account(actor, receipt, document.buyer_id, short, f"For {document.full_number}")
    row = _add(actor, receipt, AllocationKind.DOCUMENT, document.buyer_id, pence, document, reason)
    history.write(document, verb="allocate", by=actor, note=f"{pounds(pence)} of {receipt.reference}")
    return row


@action
def put_on_account(
    *, actor: Actor, receipt: Receipt, buyer: Organisation, pence: int, reason: str = ""
) -> Allocation:
    """Keep `pence` of a receipt on account of a buyer, for its next documents. Raises `MoreThanReceived`."""
    receipt = _locked(actor, receipt)
    _check_held(receipt, pence, queries.unmatched(receipt))
    return _add(actor, receipt, AllocationKind.ON_ACCOUNT, buyer.pk, pence, None, reason)


@action
def unallocate(*, actor: Actor, allocation: Allocation, reason: str, to_account: bool = False) -> Allocation:
    """Take an allocation back by a row that reverses it; the money is unmatched again, or on account where `to_account` is set.

    Taken back once, however often it is asked for. Raises `MoreThanReceived` when on-account money was meanwhile used, or when the
    document was credited and the money, or part of it, put on account.
    """
    receipt = _locked(actor, allocation.receipt)
    if not reason.strip():
        raise DomainError("Say why you take this back.", remedy="The reason is kept.", field="reason")
    if already := Allocation.objects.filter(reverses=allocation).first():
        return already
    if allocation.kind == AllocationKind.REFUND or allocation.pence < 0:
        raise NotAllowed(
            "This entry can’t be taken back.", remedy="Record the money again if it came in again."
        )
    if allocation.kind == AllocationKind.ON_ACCOUNT:
        _check_held(receipt, allocation.pence, queries.on_account(receipt, allocation.buyer_id or 0))
    if allocation.document:
        lock_document(allocation.document)
        _check_lies_there(receipt, allocation.document, allocation.pence)
        history.write(allocation.document, verb="unallocate", by=actor, note=reason.strip())
    row = _add(
        actor,
        receipt,
        allocation.kind,
        allocation.buyer_id,
        -allocation.pence,
        allocation.document,
        reason.strip(),
        reverses=allocation,
    )
    if to_account and allocation.document:
        _add(actor, receipt, AllocationKind.ON_ACCOUNT, allocation.buyer_id, allocation.pence, None, reason)
    return row


@action
def pay_back(
    *,
    actor: Actor,
    receipt: Receipt,
    pence: int,
    reason: str,
    buyer: Organisation | None = None,
    effect: str = "",
) -> Allocation:
    """Record that `pence` of a receipt went back to the payer: from the buyer's account, or where `buyer` is None from what was never matched.

    The money itself is sent by the bank or the card network; `effect` makes the record happen once. Raises `MoreThanReceived`.
    """
    receipt = _locked(actor, receipt)
    if effect and (already := Allocation.objects.filter(effect=effect).first()):
        return already
    if not reason.strip():
        raise DomainError("Say why the money goes back.", remedy="The reason is kept.", field="reason")
    if buyer is None:
        _check_held(receipt, pence, queries.unmatched(receipt))
    else:
        _check_held(receipt, pence, queries.on_account(receipt, buyer.pk))
        _take_from_account(actor, receipt, buyer.pk, pence, reason)
    return _add(
        actor,
        receipt,
        AllocationKind.REFUND,
        buyer.pk if buyer else None,
        pence,
        None,
        reason.strip(),
        effect=effect,
    )


@action
def release_overpaid(*, actor: Actor, document: Document) -> int:
    """Put what was paid on a document beyond what is still owed (after a credit note) on account of its buyer; pence moved.

    The latest payments are released first.
    """
    rows = document.allocations.filter(pence__gt=0).select_related("receipt").order_by("-pk")
    receipts = sorted({row.receipt_id for row in rows})
    held = {
        r.pk: r for r in Receipt.objects.select_for_update(no_key=True).filter(pk__in=receipts).order_by("pk")
    }
    document = lock_document(document)
    moved = 0
    for receipt_id in dict.fromkeys(row.receipt_id for row in rows):
        surplus = -queries.outstanding(document)
        here = sum(document.allocations.filter(receipt=receipt_id).values_list("pence", flat=True))
        if (pence := min(surplus, here)) > 0:
            receipt, why = held[receipt_id], f"{document.full_number} was credited"
            _add(actor, receipt, AllocationKind.DOCUMENT, document.buyer_id, -pence, document, why)
            _add(actor, receipt, AllocationKind.ON_ACCOUNT, document.buyer_id, pence, None, why)
            moved += pence
    return moved


def must_keep_books(actor: Actor, organisation: Organisation) -> None:
    """Raise `NotAllowed` unless the person may record money for the organisation."""
    if not books.may_keep_books(actor, organisation):
        raise NotAllowed(
            f"You can’t record money for {organisation.name}.", remedy="Ask its lead or finance officer."
        )


def lock_document(document: Document) -> Document:
    """The document, locked: what is outstanding on it stays so until the transaction ends."""
    return locked(Document.objects.select_related("series", "supplier", "buyer"), pk=document.pk)  # type: ignore[no-any-return]


def _locked(actor: Actor, receipt: Receipt) -> Receipt:
    receipt = locked(queries.receipts_visible_to(actor), pk=receipt.pk)
    must_keep_books(actor, receipt.payee)
    return receipt


def _spread(
    actor: Actor, receipt: Receipt, payer: Organisation | None, wishes: Sequence[tuple[Document, int]]
) -> None:
    left = receipt.pence
    for document, wanted in wishes:
        pence = min(wanted, queries.outstanding(document), left)
        if pence > 0:
            _check_pair(receipt, document, pence)
            _add(actor, receipt, AllocationKind.DOCUMENT, document.buyer_id, pence, document, "")
            history.write(document, verb="allocate", by=actor, note=f"{pounds(pence)} of {receipt.reference}")
            left -= pence
    if left and payer:
        _add(actor, receipt, AllocationKind.ON_ACCOUNT, payer.pk, left, None, "")


def _check_pair(receipt: Receipt, document: Document, pence: int) -> None:
    if document.supplier_id != receipt.payee_id or document.kind == DocumentKind.CREDIT_NOTE:
        raise DomainError(
            f"{document.full_number} can’t be paid from this receipt.",
            remedy=f"Choose an invoice or journal of {receipt.payee.name}.",
            field="document",
        )
    if pence <= 0:
        raise DomainError("Nothing would be allocated.", remedy="Enter an amount above zero.", field="amount")


def _check_held(receipt: Receipt, wanted: int, held: int) -> None:
    if wanted <= 0:
        raise DomainError("Nothing would be moved.", remedy="Enter an amount above zero.", field="amount")
    if wanted > held:
        raise MoreThanReceived(
            f"{receipt.reference} holds only {pounds(held)} that can be used for this.",
            remedy="Choose a smaller amount.",
            field="amount",
        )


def _check_lies_there(receipt: Receipt, document: Document, wanted: int) -> None:
    held = queries.on_document(receipt, document)
    if wanted > held:
        raise MoreThanReceived(
            f"Only {pounds(held)} of {receipt.reference} still lies on {document.full_number}: it was credited.",
            remedy="The rest lies on account of the buyer. Use it for another document, or record that it went back.",
        )


def _take_from_account(actor: Actor, receipt: Receipt, buyer_id: int, pence: int, reason: str) -> None:
    held = queries.on_account(receipt, buyer_id)
    if pence > held:
        raise MoreThanReceived(
            f"{receipt.reference} holds only {pounds(queries.unmatched(receipt) + held)} that can be used for this.",
            remedy="Allocate no more than that.",
            field="amount",
        )
    _add(actor, receipt, AllocationKind.ON_ACCOUNT, buyer_id, -pence, None, reason)


def _add(
    actor: Actor,
    receipt: Receipt,
    kind: str,
    buyer_id: int | None,
    pence: int,
    document: Document | None,
    reason: str,
    *,
    reverses: Allocation | None = None,
    effect: str = "",
) -> Allocation:
    """One row of what became of the receipt, and its movement in the books. The receipt's lock is held."""
    row = Allocation.objects.create(
        receipt=receipt,
        kind=kind,
        document=document,
        buyer_id=buyer_id,
        pence=pence,
        reverses=reverses,
        reason=reason[:200],
        on=local(timezone.now()).date(),
        by_id=actor.user_id,
        effect=effect or _next_effect(receipt),
    )
    target = {
        AllocationKind.DOCUMENT: (Purpose.RECEIVABLE, f"buyer:{buyer_id}"),
        AllocationKind.ON_ACCOUNT: (Purpose.ON_ACCOUNT, f"buyer:{buyer_id}"),
        AllocationKind.REFUND: _place(receipt),
    }[AllocationKind(kind)]
    pair = (SUSPENSE, target) if pence > 0 else (target, SUSPENSE)
    _book(actor, receipt, *pair, abs(pence), f"allocation:{row.pk}")
    return row


def _next_effect(receipt: Receipt) -> str:
    """Numbered under the receipt's lock."""
    return f"receipt:{receipt.pk}:{receipt.allocations.count() + 1}"


def _place(receipt: Receipt) -> tuple[Purpose, str]:
    purpose = PLACES[ReceiptMethod(receipt.method)]
    return purpose, f"area:{receipt.payee.area_id}" if purpose == Purpose.JOURNAL_CLEARING else ""


def _book(
    actor: Actor,
    receipt: Receipt,
    source: tuple[Purpose, str],
    target: tuple[Purpose, str],
    pence: int,
    effect: str,
) -> None:
    postings.book(
        actor=actor,
        owner_id=receipt.payee_id,
        entries=[Entry(source, target, pence, f"Receipt {receipt.reference}", effect)],
        on=local(timezone.now()).date(),
    )
