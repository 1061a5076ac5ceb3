"""Who hears of card payments. `tasks.py` imports this, so that its subscribers are there for the worker."""

from django.urls import reverse

from marketplace.billing.events import CardMoneyHeld, CardObjectionMoved, CardPaymentMoved, CardRefundMoved
from marketplace.billing.models import CardPayment, CardPaymentStatus, Refund, RefundStatus
from marketplace.billing.queries.cards import held_pence
from marketplace.kernel.events import subscribe
from marketplace.kernel.money import pounds
from marketplace.notifications.actions import tell
from marketplace.notifications.people import PAID, PAYERS, holders
from marketplace.notifications.rules import Kind, Message, Recipient

PAYMENTS = CardPayment.objects.select_related("payee", "payer", "document__series", "booking")


@subscribe(CardPaymentMoved)
def tell_of_card_payment(event: CardPaymentMoved) -> None:
    """Tell both sides of what was paid, who began of what was declined, and finance of what needs a look."""
    payment = PAYMENTS.get(pk=event.payment_id)
    for to, message in _of_payment(payment, event.after):
        tell(to=to, message=message, effect=f"card:{payment.pk}:{event.after}:{payment.attempt}")


def _of_payment(payment: CardPayment, after: str) -> list[tuple[list[Recipient], Message]]:
    what = f"{pounds(payment.pence)} for {_subject(payment)}"
    if after == CardPaymentStatus.PAID:
        held = " It is held until the visit has taken place." if payment.booking_id else ""
        body = f"{payment.payer} paid {what} to {payment.payee} by card.{held}"
        return [
            (
                _payers(payment) + _payees(payment),
                _message(payment, Kind.CARD_PAID, f"Paid by card: {what}", body),
            )
        ]
    if after == CardPaymentStatus.DECLINED:
        body = f"The bank said: {payment.last_refusal or 'no'}\n\nTry another card, or pay by bank transfer."
        return [(_starter(payment), _message(payment, Kind.CARD_DECLINED, f"Card declined: {what}", body))]
    if after == CardPaymentStatus.MISMATCHED:
        body = "The card network took another amount than was asked for. Nothing is marked as paid."
        return [
            (
                _payees(payment),
                _message(payment, Kind.CARD_NEEDS_LOOK, f"Look at a card payment: {what}", body),
            )
        ]
    return []


@subscribe(CardRefundMoved)
def tell_of_refund(event: CardRefundMoved) -> None:
    """Tell the payer when money has gone back, and finance when it could not. What a bank took back is told as an objection."""
    refund = Refund.objects.select_related("payment").get(pk=event.refund_id)
    payment = PAYMENTS.get(pk=refund.payment_id)
    what = f"{pounds(refund.pence)} for {_subject(payment)}"
    if refund.is_objection and event.after == RefundStatus.STUCK:
        body = "The card network could not fetch back what was passed on. Try again, or send it by bank transfer."
        to, kind, title = _payees(payment), Kind.CARD_NEEDS_LOOK, f"Money missing after an objection: {what}"
    elif refund.is_objection:
        return
    elif event.after == RefundStatus.DONE:
        body = f"{payment.payee} has given {what} back. Banks take up to ten days to show it.\n\nReason: {refund.reason}"
        to, kind, title = _payers(payment), Kind.CARD_REFUNDED, f"Given back: {what}"
    elif event.after == RefundStatus.STUCK:
        body = "The card network would not give the money back. Send it again, or by bank transfer."
        to, kind, title = _payees(payment), Kind.CARD_NEEDS_LOOK, f"Refund stuck: {what}"
    else:
        return
    tell(to=to, message=_message(payment, kind, title, body), effect=f"refund:{refund.pk}:{event.after}")


OBJECTION_WORDS = {
    "raise": (
        Kind.CARD_NEEDS_LOOK,
        "Objection to a card payment",
        "The card’s holder objected at their bank. Answer it in the card network’s dashboard in time. Until you say here what the bank decided, nothing of the payment is passed on or given back.",
    ),
    "win": (
        Kind.CARD_PAID,
        "Objection won",
        "The bank decided for you: the money stays, and can be passed on again.",
    ),
    "lose": (
        Kind.CARD_REFUNDED,
        "Objection lost",
        "The bank decided for the card’s holder and took money back. It is in your books.",
    ),
}


@subscribe(CardObjectionMoved)
def tell_of_objection(event: CardObjectionMoved) -> None:
    """Tell the payee's finance that a card's holder objected at their bank, and how that ended."""
    payment = PAYMENTS.get(pk=event.payment_id)
    kind, title, body = OBJECTION_WORDS[event.verb]
    message = _message(payment, kind, f"{title}: {pounds(payment.pence)} for {_subject(payment)}", body)
    tell(to=_payees(payment), message=message, effect=f"card:{payment.pk}:objection:{event.verb}")


@subscribe(CardMoneyHeld)
def tell_of_held_money(event: CardMoneyHeld) -> None:
    """Tell the payee's finance once when money has been held for long, and again when somebody has to decide."""
    payment = PAYMENTS.get(pk=event.payment_id)
    pence = held_pence(payment)
    if not pence:
        return
    body = "A card network lets money be held for about 90 days. Record the visit if it has taken place, or give the money back."
    message = _message(
        payment, Kind.CARD_NEEDS_LOOK, f"Held for long: {pounds(pence)} for {_subject(payment)}", body
    )
    tell(to=_payees(payment), message=message, effect=f"card:{payment.pk}:held:{event.state}")


def _subject(payment: CardPayment) -> str:
    if payment.document:
        return str(payment.document)
    assert payment.booking is not None
    return f"booking {payment.booking.reference}"


def _message(payment: CardPayment, kind: Kind, title: str, body: str) -> Message:
    return Message(kind, title, body, reverse("cards:payment", args=[payment.reference]))


def _payers(payment: CardPayment) -> list[Recipient]:
    return holders(payment.payer_id, PAYERS)


def _payees(payment: CardPayment) -> list[Recipient]:
    return holders(payment.payee_id, PAID)


def _starter(payment: CardPayment) -> list[Recipient]:
    return [Recipient(payment.started_by_id, payment.payer_id)] if payment.started_by_id else []
