"""Objections: a card's holder asks their own bank for the money back, and the bank decides. A person says here what it decided.

The card network takes disputed money from us by itself. While an objection is open nothing of the payment is passed on or given back. Won, all
is as before. Lost, the money is gone: it is booked as a refund that gives nothing back (the bank has done that) and only fetches what was passed
on; what was neither held nor on account of the payer has paid a document that stays as it is, and is lost to the payee.
"""

from django.utils import timezone

from marketplace.billing.actions.cards.refunding import CLEARING, begin_legs, legs_of, take_out_of_the_books
from marketplace.billing.actions.receipts import must_keep_books
from marketplace.billing.events import CardObjectionMoved
from marketplace.billing.models import CardPayment, PayoutStatus, Refund
from marketplace.billing.postings import Entry, Purpose, book
from marketplace.billing.queries import cards as queries
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotNow


@action
def win_objection(*, actor: Actor, payment: CardPayment, note: str, charge_pence: int = 0) -> CardPayment:
    """The bank decided for the payee: the payment may be passed on and given back again. `charge_pence` is what the network charged for it."""
    payment = _objected_to(actor, payment, note)
    _settle(actor, payment, charge_pence)
    history.write(payment, verb="objection_won", by=actor, note=note.strip())
    events.publish(CardObjectionMoved(payment.pk, "win"))
    return payment


@action
def lose_objection(
    *, actor: Actor, payment: CardPayment, pence: int, note: str, charge_pence: int = 0
) -> Refund:
    """The bank took `pence` back: fetch what of it was passed on, and book the loss. Raises `OverRefund`, `NotNow`, `NotAllowed`."""
    payment = _objected_to(actor, payment, note)
    if payment.payouts.filter(status=PayoutStatus.ASKED).exists():
        raise NotNow(
            "Money of this payment is on its way to the payee.", remedy="Try again when that is at its end."
        )
    legs = [leg for leg in legs_of(payment, pence) if leg.payout]
    _settle(actor, payment, charge_pence)
    refund = Refund.objects.create(
        payment=payment,
        pence=pence,
        reason=note.strip()[:300],
        asked_by_id=actor.user_id,
        effect=f"objection:{payment.pk}:{payment.refunds.count() + 1}",
        is_objection=True,
    )
    if lost := take_out_of_the_books(actor, refund):
        _book(actor, payment, Purpose.BAD_DEBT, lost, "lost to an objection", f"refund:{refund.pk}:lost")
    begin_legs(actor, refund, legs, verb="objection_lost")
    events.publish(CardObjectionMoved(payment.pk, "lose"))
    return refund


def _objected_to(actor: Actor, payment: CardPayment, note: str) -> CardPayment:
    row: CardPayment = locked(queries.card_payments_visible_to(actor), pk=payment.pk)
    must_keep_books(actor, row.payee)
    if not row.disputed_at:
        raise NotNow("No objection to this payment is open.", remedy="Open it again to see where it stands.")
    if not note.strip():
        raise DomainError(
            "Say what the bank decided.",
            remedy="Give the date and the words of the card network.",
            field="note",
        )
    return row


def _settle(actor: Actor, payment: CardPayment, charge_pence: int) -> None:
    if charge_pence:
        at = f"{payment.disputed_at:%Y%m%d%H%M%S}"
        effect = f"card:{payment.pk}:objection:{at}"
        _book(actor, payment, Purpose.COST_OF_DELIVERY, charge_pence, "charge for an objection", effect)
    payment.disputed_at = None
    payment.save(update_fields=["disputed_at"])


def _book(actor: Actor, payment: CardPayment, source: Purpose, pence: int, what: str, effect: str) -> None:
    entry = Entry((source, ""), CLEARING, pence, f"Card payment {payment.reference}: {what}", effect)
    book(actor=actor, owner_id=payment.payee_id, entries=[entry], on=local(timezone.now()).date())
