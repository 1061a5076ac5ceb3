"""What a credit note gives back to the funding stream that paid: a stream spends no more than its papers still ask for."""

from typing import NamedTuple

from django.db.models import Sum

from marketplace.billing.models import Document
from marketplace.bookings.actions.courses.money import funding_effect as effect_of_order
from marketplace.bookings.actions.funding import funding_effect as effect_of_booking
from marketplace.buyback.actions import refund_beyond
from marketplace.buyback.actions.paying import funding_effect as effect_of_agreement
from marketplace.buyback.models import FundingStream, ServiceAgreement
from marketplace.kernel.access import Actor
from marketplace.kernel.db import locked


class Paid(NamedTuple):
    """A stream, how the effects of what it spent begin, and what is still billed for that, in pence before VAT."""

    stream: FundingStream | None
    prefix: str
    billed: int


def give_back(actor: Actor, document: Document, note: Document) -> None:
    """Give back what the note credits and the stream spent; nothing where it came back before, with the charge or the agreement."""
    paid = _paid(document)
    if paid is not None and paid.stream is not None:
        refund_beyond(
            actor=actor,
            stream=paid.stream,
            prefix=paid.prefix,
            owed=paid.billed,
            effect=f"document:{note.pk}",
            reason=f"Credited: {document.full_number}",
        )


def _paid(document: Document) -> Paid | None:
    if document.agreement_id is not None:
        agreement = locked(
            ServiceAgreement.objects.scoped().select_related("funding_stream"), pk=document.agreement_id
        )
        billed = agreement.documents.aggregate(pence=Sum("net_pence"))["pence"]
        return Paid(agreement.funding_stream, effect_of_agreement(agreement), billed)
    left = document.net_pence + document.credit_notes.aggregate(pence=Sum("net_pence"))["pence"]
    if document.booking is not None:
        prefix = effect_of_booking(document.booking, move=_move_of(document))
        return Paid(document.booking.funding_stream, prefix, left)
    if document.place_order is not None:
        return Paid(document.place_order.funding_stream, effect_of_order(document.place_order), left)
    return None


def _move_of(document: Document) -> int | None:
    """The late move that a document of a booking charges for, though it may have been issued again since."""
    while document.replaces is not None:
        document = document.replaces
    _, _, move = document.effect.partition(":moved:")
    return int(move) if move else None
