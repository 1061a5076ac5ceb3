"""Putting a document right: credit it, in whole or in part, or issue it again under another VAT treatment."""

from collections.abc import Mapping
from typing import NamedTuple

from marketplace.billing import postings, rules
from marketplace.billing.actions import papers
from marketplace.billing.actions.papers import Paper
from marketplace.billing.actions.streams import give_back
from marketplace.billing.errors import AlreadyCredited
from marketplace.billing.models import Document, DocumentKind, DocumentLine
from marketplace.billing.postings import Entry, Posting, Purpose
from marketplace.billing.queries import crediting as queries
from marketplace.billing.queries.documents import documents_visible_to
from marketplace.billing.rules import CreditTooLarge, Piece
from marketplace.kernel import history, supply
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotAllowed
from marketplace.kernel.models import Account, Ledger, Transfer
from marketplace.kernel.vat import VatTreatment

Shares = dict[tuple[str, str], int]
COST = (Purpose.COST_OF_DELIVERY, "")
EARNED = (Purpose.INCOME, Purpose.FEE_INCOME, Purpose.PAYABLE, Purpose.COST_OF_DELIVERY)
"""Whom a document's net price goes to. What was borne for a paper that was issued again goes back to the broker's cost of delivery."""
BORNE = ":borne"


class _Credit(NamedTuple):
    """A credit note on paper, and what of the net price each account gives back."""

    note: Document
    shares: Shares


@action
def credit(
    *,
    actor: Actor,
    document: Document,
    reason: str,
    amounts: Mapping[int, int] | None = None,
    effect: str = "",
) -> Document:
    """Issue a credit note for all that is left of a document or, with `amounts` (line id → net pence), for parts of its lines.

    VAT follows the net amount, and the pieces of a line always make the line to the penny. What a releasing organisation was owed
    goes back in proportion; where it was paid out already, the broker bears it. A funding stream that pays gets back what it
    spent. `effect` makes the credit happen once. Raises
    `NotAllowed`, `AlreadyCredited`, `CreditTooLarge`.
    """
    document = locked(documents_visible_to(actor), pk=document.pk)
    if effect and (issued := Document.objects.filter(effect=effect).first()):
        return issued
    _check_may_credit(actor, document)
    if not reason.strip():
        raise DomainError(
            "Say why you credit this document.", remedy="The reason is kept in its history.", field="reason"
        )
    made = _write_note(actor, document, reason.strip(), amounts, effect)
    _post_note(actor, made)
    give_back(actor, document, made.note)
    return made.note


@action
def credit_self_bill(*, actor: Actor, document: Document, reason: str) -> Document:
    """Credit a self-billing invoice in full, because its statement is withdrawn. The caller has shown that the actor may."""
    document = locked(Document.objects.filter(kind=DocumentKind.SELF_BILL), pk=document.pk)
    made = _write_note(actor, document, reason, None, "")
    _post_note(actor, made)
    return made.note


@action
def override_vat(
    *, actor: Actor, document: Document, treatment: str, reason: str
) -> tuple[Document, Document]:
    """Credit what is left of a document and issue it again, all lines under another VAT treatment; both papers say why.

    Comes back with the credit note and the new document. Raises `NotAllowed`, `AlreadyCredited`, `OverrideNeedsReason`.
    """
    document = locked(documents_visible_to(actor), pk=document.pk)
    _check_may_credit(actor, document)
    vat = supply.override_vat(VatTreatment(treatment), reason=reason, on=papers.today())
    left = [each for each in queries.lines_left(document) if each.left.net_pence]
    if left and all(each.line.vat_treatment == treatment for each in left):
        raise DomainError(
            "The document has this treatment already.", remedy="Choose another one.", field="treatment"
        )
    if document.kind == DocumentKind.JOURNAL and vat.basis_points:
        raise DomainError(
            "A journal inside one local authority can’t carry VAT.",
            remedy="Credit it, and send an invoice instead.",
            field="treatment",
        )
    made = _write_note(actor, document, f"VAT put right: {reason.strip()}", None, "")
    lines = [
        papers.a_copy(each.line, net_pence=each.left.net_pence, **papers.vat_fields(vat, each.left.net_pence))
        for each in left
    ]
    again = papers.write(
        actor,
        Paper(
            kind=DocumentKind(document.kind),
            supplier=document.supplier,
            buyer=document.buyer,
            route=document.route,
            lines=lines,
            effect=f"document:{document.pk}:again",
            booking=document.booking,
            place_order=document.place_order,
            agreement=document.agreement,
            replaces=document,
            purchase_order_number=document.purchase_order_number,
            note=f"In place of {document.full_number}. VAT: {reason.strip()}",
            parties=document.parties,
        ),
    )
    given_back = _post_note(actor, made)
    earned = [Posting(purpose, detail, pence) for (purpose, detail), pence in given_back.items()]
    postings.post(actor=actor, document=again, postings=[*earned, Posting("vat", "", again.vat_pence)])
    return made.note, again


def _write_note(
    actor: Actor, document: Document, reason: str, amounts: Mapping[int, int] | None, effect: str
) -> _Credit:
    lines = _lines_of_note(document, amounts)
    number = document.credit_notes.count() + 1
    note = papers.write(
        actor,
        Paper(
            kind=DocumentKind.CREDIT_NOTE,
            supplier=document.supplier,
            buyer=document.buyer,
            route=document.route,
            lines=lines,
            effect=effect or f"document:{document.pk}:credited" + (f":{number}" if number > 1 else ""),
            booking=document.booking,
            place_order=document.place_order,
            agreement=document.agreement,
            credits=document,
            purchase_order_number=document.purchase_order_number,
            note=reason,
            parties=document.parties,
        ),
    )
    history.write(document, verb="credit", by=actor, note=f"{note.full_number}: {reason}")
    posted, taken = _posted(document), _taken(document, note)
    return _Credit(note, rules.share_of_postings(posted, taken, -note.net_pence))


def _check_may_credit(actor: Actor, document: Document) -> None:
    if not queries.may_credit(actor, document):
        raise NotAllowed(
            "You can’t credit this document.", remedy="Ask a lead or finance officer of the supplier."
        )
    if document.kind == DocumentKind.CREDIT_NOTE:
        raise NotAllowed("A credit note can’t be credited.", remedy="Issue a new document instead.")
    if document.kind == DocumentKind.SELF_BILL:
        raise NotAllowed(
            "A self-billing invoice is taken back with its settlement statement.",
            remedy="Withdraw the statement: that credits it.",
        )


def _lines_of_note(document: Document, amounts: Mapping[int, int] | None) -> list[DocumentLine]:
    left = queries.lines_left(document)
    if not any(each.left.net_pence for each in left):
        raise AlreadyCredited(
            "This document is credited already.", remedy="Open its credit notes to see what was put right."
        )
    if amounts is None:
        wanted = {each.line.pk: each.left.net_pence for each in left if each.left.net_pence}
    else:
        wanted = {line: pence for line, pence in amounts.items() if pence}
    if not wanted or set(wanted) - {each.line.pk for each in left}:
        raise CreditTooLarge(
            "Nothing of this document would be credited.", remedy="Enter an amount for one of its lines."
        )
    return [
        _credit_line(
            each.line,
            rules.credit_piece(
                Piece(each.line.net_pence, each.line.vat_pence), each.credited, wanted[each.line.pk]
            ),
        )
        for each in left
        if each.line.pk in wanted
    ]


def _credit_line(line: DocumentLine, piece: Piece) -> DocumentLine:
    return papers.a_copy(
        line,
        description=f"Credit: {line.description}"[:300],
        net_pence=-piece.net_pence,
        vat_pence=-piece.vat_pence,
        credits_line=line,
    )


def _post_note(actor: Actor, made: _Credit) -> Shares:
    """Give the receivable back what each account earned. What a payable no longer holds was paid out: the broker bears it.

    Comes back with what each account really gave, what was borne as given by the cost of delivery.
    """
    note = made.note
    given: Shares = {}
    for (purpose, detail), pence in made.shares.items():
        held = pence
        if purpose == Purpose.PAYABLE:
            held = min(pence, _held(note.supplier_id, purpose, detail))
            _bear(actor, note, detail, pence - held)
            given[COST] = given.get(COST, 0) + pence - held
        postings.post(actor=actor, document=note, postings=[Posting(purpose, detail, -held)])
        given[purpose, detail] = given.get((purpose, detail), 0) + held
    postings.post(actor=actor, document=note, postings=[Posting("vat", "", note.vat_pence)])
    return {key: pence for key, pence in given.items() if pence}


def _held(owner_id: int, purpose: str, detail: str) -> int:
    """What the account holds, locked until the transaction ends, so that a payout meanwhile waits."""
    rows = Account.objects.select_for_update(no_key=True).filter(
        ledger=Ledger.MONEY, owner_id=owner_id, purpose=purpose, detail=detail, unit=postings.UNIT
    )
    account = rows.first()
    return max(0, account.balance) if account else 0


def _bear(actor: Actor, note: Document, payable: str, pence: int) -> None:
    if pence:
        entry = Entry(
            COST,
            (Purpose.RECEIVABLE, f"buyer:{note.buyer_id}"),
            pence,
            f"Credited after it was paid out: {note.full_number}",
            f"document:{note.pk}:{payable}{BORNE}",
        )
        postings.book(actor=actor, owner_id=note.supplier_id, entries=[entry], on=note.issued_on)


def _posted(document: Document) -> Shares:
    """What the document gave each account of its net price, by purpose and detail."""
    written = Transfer.objects.filter(effect__startswith=f"document:{document.pk}:").select_related("target")
    return {
        (transfer.target.purpose, transfer.target.detail): transfer.amount
        for transfer in written
        if transfer.target.purpose in EARNED
    }


def _taken(document: Document, note: Document) -> Shares:
    """What earlier credit notes took back from each of those accounts; what the broker bore counts for the payable it was borne for."""
    earlier = [
        f"document:{pk}:" for pk in document.credit_notes.exclude(pk=note.pk).values_list("pk", flat=True)
    ]
    taken: Shares = {}
    for prefix in earlier:
        for transfer in Transfer.objects.filter(effect__startswith=prefix).select_related("source"):
            key = (transfer.source.purpose, transfer.source.detail)
            if transfer.effect.endswith(BORNE):
                key = (Purpose.PAYABLE, transfer.effect.removeprefix(prefix).removesuffix(BORNE))
            if key[0] in EARNED:
                taken[key] = taken.get(key, 0) + transfer.amount
    return taken
