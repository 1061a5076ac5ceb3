"""What the network's answer to a call means: noted once, together with what follows from it.

The payment's row is locked first, then the call's: of two workers that carried the same call out, the second finds it noted.
"""

from django.utils import timezone
from procrastinate.contrib.django import app

from marketplace.billing.actions.cards import paying_out, refunding
from marketplace.billing.actions.cards.applying import apply_intent
from marketplace.billing.actions.cards.starting import begin_attempt, move
from marketplace.billing.gateways import Done, Intent, NeverArrived, Outcome, Refused
from marketplace.billing.models import (
    CallAction,
    CallStatus,
    CardPayment,
    CardPaymentStatus,
    GatewayCall,
    Payout,
    RefundLeg,
)
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.db import action

LOOK_AGAIN = "look_again_at_card_payment"


@action
def answered(*, call_id: int, answer: Intent | Done) -> None:
    """The network carried the call out."""
    payment, call = _locked(call_id)
    if call.status != CallStatus.PENDING:
        return
    if isinstance(answer, Intent):
        _intent_answered(payment, call, answer)
    elif call.action == CallAction.PAY_OUT:
        paying_out.payout_done(_payout(call), answer.id)
    else:
        note_leg(_leg(call), answer)
    _finish(call, CallStatus.DONE, object_id=answer.id)


@action
def refused(*, call_id: int, refused: Refused) -> None:
    """The network said no, for good."""
    payment, call = _locked(call_id)
    if call.status != CallStatus.PENDING:
        return
    _finish(call, CallStatus.REFUSED, error=refused.message)
    if call.action == CallAction.START:
        note = f"It could not be set up: {refused.message}"
        if payment.is_open:
            move(payment, "cancel", actor=SYSTEM, note=note, last_refusal=refused.message[:300])
    elif call.action == CallAction.CANCEL:
        _stays_as_it_is(payment)
    elif call.action == CallAction.PAY_OUT:
        paying_out.payout_refused(_payout(call), refused.message)
    elif isinstance(refused, NeverArrived):
        refunding.leg_again(_leg(call))
    else:
        refunding.leg_refused(_leg(call), refused.message)


def note_leg(leg: RefundLeg, done: Done) -> None:
    """A leg as the network has it: done, still on its way, or refused after all. The payment's row is locked."""
    if done.outcome == Outcome.SUCCEEDED:
        refunding.leg_done(leg, done.id)
    elif done.outcome == Outcome.FAILED:
        refunding.leg_refused(leg, done.error or "The network could not give the money back.")
    elif leg.object_id != done.id:
        leg.object_id = done.id
        leg.save(update_fields=["object_id"])


def _intent_answered(payment: CardPayment, call: GatewayCall, intent: Intent) -> None:
    is_for_another_card = call.action == CallAction.CANCEL and payment.status == CardPaymentStatus.STARTED
    if is_for_another_card and payment.attempt == call.attempt:
        payment.attempt += 1
        payment.intent_id, payment.last_refusal = None, ""
        payment.save(update_fields=["attempt", "intent_id", "last_refusal"])
        begin_attempt(payment)
    else:
        apply_intent(intent=intent)


def _stays_as_it_is(payment: CardPayment) -> None:
    """It was too late to give it up: see where it stands."""
    if payment.status == CardPaymentStatus.STARTED:
        move(payment, "set_up", actor=SYSTEM, note="The card network would not give the payment up.")
    app.configure_task(LOOK_AGAIN, queue="cards").defer(intent_id=payment.intent_id)


def _locked(call_id: int) -> tuple[CardPayment, GatewayCall]:
    call = GatewayCall.objects.get(pk=call_id)
    payment = CardPayment.objects.select_for_update(no_key=True).get(pk=_payment_id(call))
    return payment, GatewayCall.objects.select_for_update(no_key=True).get(pk=call_id)


def _payment_id(call: GatewayCall) -> int:
    if call.action in (CallAction.START, CallAction.CANCEL):
        return call.subject_id
    if call.action == CallAction.PAY_OUT:
        return _payout(call).payment_id
    return _leg(call).refund.payment_id


def _payout(call: GatewayCall) -> Payout:
    return Payout.objects.select_related("payment").get(pk=call.subject_id)


def _leg(call: GatewayCall) -> RefundLeg:
    return RefundLeg.objects.select_related("refund__payment", "payout").get(pk=call.subject_id)


def _finish(call: GatewayCall, status: CallStatus, *, object_id: str = "", error: str = "") -> None:
    call.status, call.object_id, call.error = status, object_id, error[:300]
    call.finished_at = timezone.now()
    call.save(update_fields=["status", "object_id", "error", "finished_at"])
