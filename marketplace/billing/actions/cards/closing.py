"""Closing a payment of which the network took another amount than was asked for: a person has dealt with it in the network's dashboard."""

from marketplace.billing.actions.cards.starting import move
from marketplace.billing.actions.receipts import must_keep_books
from marketplace.billing.models import CardPayment
from marketplace.billing.queries import cards as queries
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError


@action
def close_mismatched(*, actor: Actor, payment: CardPayment, note: str) -> CardPayment:
    """Say how a mismatched payment was dealt with; it booked nothing, so nothing is booked. Raises `NotAllowed`, `NotNow`."""
    payment = locked(queries.card_payments_visible_to(actor), pk=payment.pk)
    must_keep_books(actor, payment.payee)
    if not note.strip():
        raise DomainError(
            "Say how it was dealt with.",
            remedy="Give the date, and what was given back in the card network’s dashboard.",
            field="note",
        )
    move(payment, "close", actor=actor, note=note.strip())
    return payment
