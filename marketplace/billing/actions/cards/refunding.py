"""Giving card money back: a saga of legs, each a call of its own, so that a process may die between any two of them (I12).

In the books the money leaves when the refund is asked for, under the payment's row lock: what is promised back can't be spent or passed on
meanwhile. A leg the network refuses leaves the refund stuck, and finance decides.
"""

from collections.abc import Sequence

from django.utils import timezone

from marketplace.billing import rules
from marketplace.billing.actions.cards.asking import ask, marks
from marketplace.billing.actions.receipts import pay_back, release_overpaid
from marketplace.billing.errors import NothingToRefund
from marketplace.billing.events import CardRefundMoved
from marketplace.billing.models import (
    CallAction,
    CardPayment,
    CardPaymentStatus,
    LegStatus,
    Payout,
    PayoutStatus,
    Refund,
    RefundLeg,
    RefundStatus,
)
from marketplace.billing.postings import Entry, Purpose, book
from marketplace.billing.queries import cards as queries
from marketplace.billing.queries.receipts import on_account
from marketplace.billing.rules import Leg, PassedOn
from marketplace.billing.states import REFUND
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotAllowed, NotNow
from marketplace.kernel.money import pounds

CLEARING = (Purpose.CARD_CLEARING, "")
CASH = (Purpose.CASH, "")


@action
def request_refund(*, actor: Actor, payment: CardPayment, pence: int, reason: str) -> Refund:
    """Give `pence` of a card payment back to the card. Money that paid a document is free once a credit note says so.

    Raises `OverRefund`, `NothingToRefund`, `NotAllowed`.
    """
    payment = locked(queries.card_payments_visible_to(actor), pk=payment.pk)
    if not queries.may_refund(actor, payment):
        raise NotAllowed(
            "You can’t give this money back.",
            remedy="Ask a lead or finance officer of the organisation that was paid.",
        )
    if not reason.strip():
        raise DomainError("Say why you give the money back.", remedy="The reason is kept.", field="reason")
    number = payment.refunds.count() + 1
    return begin_refund(
        actor=actor,
        payment=payment,
        pence=pence,
        reason=reason.strip(),
        effect=f"refund:{payment.pk}:{number}",
    )


def begin_refund(*, actor: Actor, payment: CardPayment, pence: int, reason: str, effect: str) -> Refund:
    """Promise the money back and start the first leg. The payment's row is locked; belongs inside an action."""
    if begun := Refund.objects.filter(effect=effect).first():
        return begun
    if payment.status != CardPaymentStatus.PAID:
        raise NotNow("Nothing was paid.", remedy="Only a paid card payment is given back.")
    if payment.disputed_at:
        raise NotNow(
            "The card’s holder objected to this payment at their bank.",
            remedy="Settle the objection first: the bank may take the money back itself.",
        )
    legs = legs_of(payment, pence)
    refund = Refund.objects.create(
        payment=payment, pence=pence, reason=reason[:300], asked_by_id=actor.user_id, effect=effect
    )
    if short := take_out_of_the_books(actor, refund):
        raise NothingToRefund(
            f"{pounds(short)} of this is needed to pay a document.",
            remedy="Credit the document first: then what was paid beyond it can be given back.",
            field="amount",
        )
    begin_legs(actor, refund, legs, verb="refund")
    return refund


def legs_of(payment: CardPayment, pence: int) -> tuple[Leg, ...]:
    """The steps of giving `pence` back, in order. Raises `OverRefund`."""
    rules.check_refund(pence, paid=payment.pence, refunded=payment.refunded_pence)
    return rules.legs_of_refund(
        pence,
        with_network=payment.left_pence - payment.paid_out_pence - payment.fee_pence,
        passed_on=_passed_on(payment),
        fee=payment.fee_pence,
    )


def begin_legs(actor: Actor, refund: Refund, legs: Sequence[Leg], *, verb: str) -> None:
    """Promise the money and send the first leg; a refund without legs is done. The payment's row is locked."""
    payment = refund.payment
    for position, leg in enumerate(legs, start=1):
        name = f"reverse:{leg.payout}" if leg.payout else "refund"
        RefundLeg.objects.create(
            refund=refund, position=position, leg=name, payout_id=leg.payout, pence=leg.pence
        )
    payment.refunded_pence += refund.pence
    payment.paid_out_pence -= sum(leg.pence for leg in legs if leg.payout)
    payment.save(update_fields=["refunded_pence", "paid_out_pence"])
    history.write(refund, verb="ask", after=refund.status, by=actor, note=refund.reason)
    history.write(payment, verb=verb, by=actor, note=f"{pounds(refund.pence)}: {refund.reason}")
    events.publish(CardRefundMoved(refund.pk, refund.status))
    advance(refund)


def advance(refund: Refund) -> None:
    """Send the first leg that is not done, or finish. The payment's row is locked."""
    legs = list(refund.legs.order_by("position"))
    leg = next((each for each in legs if each.status != LegStatus.DONE), None)
    if leg is None:
        REFUND.move(refund, "complete", by=SYSTEM, done_at=timezone.now())
        events.publish(CardRefundMoved(refund.pk, refund.status))
    elif leg.status == LegStatus.WAITING:
        _send(refund, leg)


def leg_done(leg: RefundLeg, object_id: str) -> None:
    """Note that the network has carried a leg out, and go on. The payment's row is locked."""
    if leg.status == LegStatus.DONE:
        return
    leg.status, leg.object_id, leg.error = LegStatus.DONE, object_id, ""
    leg.save()
    if leg.payout is not None:
        leg.payout.reversed_pence += leg.pence
        leg.payout.save(update_fields=["reversed_pence"])
        entry = Entry(
            CLEARING,
            CASH,
            leg.pence,
            f"{leg.payout.reference} fetched back for {leg.refund.reference}",
            f"leg:{leg.pk}",
        )
        _book(SYSTEM, leg.refund, entry)
    advance(leg.refund)


def leg_refused(leg: RefundLeg, error: str) -> None:
    """Note that the network will not carry a leg out: somebody has to look. The payment's row is locked."""
    leg.status, leg.error = LegStatus.REFUSED, error[:300]
    leg.save()
    if leg.refund.status == RefundStatus.OPEN:
        REFUND.move(leg.refund, "get_stuck", by=SYSTEM, note=error)
        events.publish(CardRefundMoved(leg.refund.pk, leg.refund.status))


def leg_bounced(leg: RefundLeg, error: str) -> None:
    """Money that had been given back came back to us: somebody has to look. The payment's row is locked."""
    leg.status, leg.error = LegStatus.REFUSED, error[:300]
    leg.save()
    REFUND.move(leg.refund, "bounce", by=SYSTEM, note=error, done_at=None)
    events.publish(CardRefundMoved(leg.refund.pk, leg.refund.status))


def leg_again(leg: RefundLeg) -> None:
    """Send a leg as a new attempt, under a new key: only after a definite no. The payment's row is locked."""
    leg.attempt += 1
    leg.status, leg.object_id = LegStatus.WAITING, ""
    leg.save()
    _send(leg.refund, leg)


@action
def try_refund_again(*, actor: Actor, refund: Refund) -> Refund:
    """Send the refused leg of a stuck refund once more."""
    refund = _stuck(actor, refund)
    REFUND.move(refund, "try_again", by=actor)
    for leg in refund.legs.filter(status=LegStatus.REFUSED):
        leg_again(leg)
    return refund


@action
def refund_by_bank(*, actor: Actor, refund: Refund, note: str) -> Refund:
    """The network will not move the money, so it was sent by bank transfer: the books say so, and the refund is done."""
    refund = _stuck(actor, refund)
    if not note.strip():
        raise DomainError(
            "Say how the money was sent.", remedy="Give the date and the bank’s reference.", field="note"
        )
    REFUND.move(refund, "pay_by_bank", by=actor, note=note.strip(), done_at=timezone.now())
    words = f"{refund.reference} sent by bank transfer"
    entry = Entry(CLEARING, CASH, _sent_by_bank(refund), words, f"refund:{refund.pk}:by_bank")
    _book(actor, refund, entry)
    events.publish(CardRefundMoved(refund.pk, refund.status))
    return refund


def _sent_by_bank(refund: Refund) -> int:
    """Pence a bank transfer stands for: the whole refund, or of a lost objection what could not be fetched from the payee."""
    if not refund.is_objection:
        return refund.pence
    return sum(leg.pence for leg in refund.legs.exclude(status=LegStatus.DONE))


def _stuck(actor: Actor, refund: Refund) -> Refund:
    payment = locked(queries.card_payments_visible_to(actor), pk=refund.payment_id)
    if not queries.may_refund(actor, payment):
        raise NotAllowed(
            "This is for the payee’s finance.", remedy="Ask a lead or finance officer of the payee."
        )
    row: Refund = locked(Refund.objects.select_related("payment"), pk=refund.pk)
    return row


def _passed_on(payment: CardPayment) -> list[PassedOn]:
    rows = payment.payouts.filter(status=PayoutStatus.DONE).order_by("pk")
    return [PassedOn(row.pk, row.pence - _coming_back(row)) for row in rows]


def _coming_back(payout: Payout) -> int:
    return sum(payout.legs.values_list("pence", flat=True))


def take_out_of_the_books(actor: Actor, refund: Refund) -> int:
    """Held money first, then what lies on account of the payer; what was paid beyond a credited document is put there before.

    Notes the credit note it stands on, where there is one, and comes back with the pence that were not free.
    """
    payment, wanted = refund.payment, refund.pence
    held = min(wanted, queries.held_pence(payment))
    if held:
        source = (Purpose.HELD, queries.held_detail(payment))
        words = f"{refund.reference}: given back of {payment.reference}"
        _book(actor, refund, Entry(source, CLEARING, held, words, f"refund:{refund.pk}:held"))
        wanted -= held
    for document in queries.documents_paid_by(payment) if wanted else ():
        refund.credit_note = document.credit_notes.order_by("-pk").first() or refund.credit_note
        release_overpaid(actor=actor, document=document)
    for receipt in queries.receipts_of(payment) if wanted else ():
        if pence := min(wanted, on_account(receipt, payment.payer_id)):
            pay_back(
                actor=actor,
                receipt=receipt,
                pence=pence,
                buyer=payment.payer,
                reason=f"{refund.reference}: {refund.reason}"[:200],
                effect=f"refund:{refund.pk}:{receipt.pk}",
            )
            wanted -= pence
    refund.save(update_fields=["credit_note"])
    return wanted


def _book(actor: Actor, refund: Refund, entry: Entry) -> None:
    book(actor=actor, owner_id=refund.payment.payee_id, entries=[entry], on=local(timezone.now()).date())


def _send(refund: Refund, leg: RefundLeg) -> None:
    metadata = marks(refund=refund.reference, leg=leg.leg, attempt=leg.attempt)
    if leg.payout is not None:
        kind, params = CallAction.REVERSE, {"transfer": leg.payout.transfer_id, "amount": leg.pence}
    else:
        kind, params = CallAction.REFUND, {"payment_intent": refund.payment.intent_id, "amount": leg.pence}
    ask(
        action=kind,
        model="refundleg",
        subject_id=leg.pk,
        attempt=leg.attempt,
        params={**params, "metadata": metadata},
    )
    leg.status = LegStatus.SENT
    leg.save()
