"""What each unmatched receipt may be for."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.billing.models import Document, DocumentKind, Receipt
from marketplace.billing.queries.receipts import with_outstanding, with_remainder
from marketplace.billing.rules import matching
from marketplace.billing.rules.matching import Open, Paid, Proposal

PAYABLE = (DocumentKind.INVOICE, DocumentKind.JOURNAL, DocumentKind.SELF_BILL)
"""Kinds of document that money is received for."""

LIKELY = 60


@dataclass(frozen=True)
class Matched:
    """A proposal with the documents it names, and whether all of it can be confirmed without looking twice."""

    proposal: Proposal
    shares: tuple[tuple[Document, int], ...]

    @property
    def value(self) -> str:
        """What a form sends to choose it: `DOC-1=4200;DOC-2=100`."""
        return ";".join(f"{document.reference}={pence}" for document, pence in self.shares)

    @property
    def is_likely(self) -> bool:
        """Whether it is chosen already where a person is asked."""
        return self.proposal.score >= LIKELY

    @property
    def confidence(self) -> str:
        """How sure it is, in a word."""
        if self.proposal.is_exact:
            return "Exact"
        return "Likely" if self.is_likely else "Possible"


def open_documents(payees: Iterable[int]) -> list[Document]:
    """Documents of these payees with something outstanding, oldest due first, annotated by `with_outstanding`."""
    rows = with_outstanding(
        Document.objects.filter(supplier__in=payees, kind__in=PAYABLE).select_related(
            "series", "buyer", "supplier", "booking", "agreement"
        )
    )
    return list(rows.filter(outstanding_pence__gt=0).order_by("due_on", "pk"))


def unmatched_receipts(payees: Iterable[int]) -> list[Receipt]:
    """Receipts of these payees with money nobody has matched, oldest first."""
    rows = with_remainder(
        Receipt.objects.filter(payee__in=payees).select_related("payee", "payer", "bank_line")
    )
    return list(rows.filter(unmatched_pence__gt=0).order_by("received_on", "pk"))


def proposals_for(receipts: Iterable[Receipt]) -> list[tuple[Receipt, list[Matched]]]:
    """Each receipt (annotated by `with_remainder`) with what it may be for, in three queries however many there are.

    A document that an exact proposal of an earlier receipt pays whole is not proposed as exact again.
    """
    receipts = list(receipts)
    by_payee: dict[int, list[Document]] = defaultdict(list)
    for document in open_documents({receipt.payee_id for receipt in receipts}):
        by_payee[document.supplier_id].append(document)
    values = {payee: [as_open(document) for document in rows] for payee, rows in by_payee.items()}
    by_key = {document.pk: document for rows in by_payee.values() for document in rows}
    taken: set[int] = set()
    found = []
    for receipt in receipts:
        open_ones = [each for each in values.get(receipt.payee_id, []) if each.key not in taken]
        proposed = matching.proposals(as_paid(receipt), open_ones)
        taken |= {share.key for each in proposed if each.is_exact for share in each.shares}
        found.append((receipt, [_matched(each, by_key) for each in proposed]))
    return found


def as_open(document: Document) -> Open:
    """A document as the matching rules see it."""
    references = [document.reference]
    if document.agreement:
        references.append(document.agreement.reference)
    if document.booking:
        references.append(document.booking.reference)
    return Open(
        key=document.pk,
        number=document.full_number,
        buyer=document.buyer_id,
        buyer_name=document.buyer.name,
        outstanding=document.outstanding_pence,  # type: ignore[attr-defined]
        due_on=document.due_on,
        references=tuple(references),
        purchase_order=document.purchase_order_number,
    )


def as_paid(receipt: Receipt) -> Paid:
    """A receipt as the matching rules see it: what of it is unmatched."""
    payer = receipt.bank_line.payer_name if receipt.bank_line else ""
    if receipt.payer:
        payer = f"{payer} {receipt.payer.name}"
    return Paid(receipt.unmatched_pence, receipt.payer_reference, payer.strip())  # type: ignore[attr-defined]


def _matched(proposal: Proposal, by_key: dict[int, Document]) -> Matched:
    return Matched(proposal, tuple((by_key[share.key], share.pence) for share in proposal.shares))
