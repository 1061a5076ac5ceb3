"""Sending committed calls: the worker's part. No transaction is open while the network is waited for."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from marketplace.billing import crash_points
from marketplace.billing.actions.cards import answers
from marketplace.billing.gateways import Done, Intent, NeverArrived, Refused
from marketplace.billing.models import CallAction, CallStatus, GatewayCall
from marketplace.billing.network import network
from marketplace.kernel.db import action

KEYS_ARE_KEPT = timedelta(hours=23)
"""The network forgets a key after a day: an older call is looked up by the marks on what it made."""


def carry_out(call_id: int) -> None:
    """Send a call under its key, and note what came of it. Raises `Unsettled` where nobody knows: to be run again."""
    crash_points.reached(crash_points.ASKED)
    call = _claim(call_id=call_id)
    if call is None:
        return
    crash_points.reached(crash_points.CLAIMED)
    try:
        answer = _send(call)
    except Refused as refused:
        answers.refused(call_id=call.pk, refused=refused)
    else:
        crash_points.reached(crash_points.ANSWERED)
        answers.answered(call_id=call.pk, answer=answer)
    crash_points.reached(crash_points.COMPLETED)


@action
def _claim(*, call_id: int) -> GatewayCall | None:
    """The call to be sent, with the moment it was first sent; nothing where its outcome is known."""
    call = GatewayCall.objects.select_for_update(no_key=True).get(pk=call_id)
    if call.status != CallStatus.PENDING:
        return None
    call.first_sent_at = call.first_sent_at or timezone.now()
    call.tries += 1
    call.save(update_fields=["first_sent_at", "tries"])
    return call


def _send(call: GatewayCall) -> Intent | Done:
    assert call.first_sent_at is not None
    if timezone.now() - call.first_sent_at > KEYS_ARE_KEPT:
        return _look_up(call)
    cards = network()
    send: dict[CallAction, Callable[..., Intent | Done]] = {
        CallAction.START: cards.start,
        CallAction.CANCEL: cards.cancel,
        CallAction.REFUND: cards.refund,
        CallAction.PAY_OUT: cards.pay,
        CallAction.REVERSE: cards.reverse,
    }
    return send[CallAction(call.action)](call.params, key=call.key)


def _look_up(call: GatewayCall) -> Intent | Done:
    """What an old call made. Giving a payment up twice does no harm, so that is simply sent again."""
    cards = network()
    if call.action == CallAction.CANCEL:
        return cards.cancel(call.params, key=f"{call.key}/again")
    assert call.first_sent_at is not None
    found = cards.find(call.action, call.params, since=call.first_sent_at - timedelta(hours=1))
    if found is None:
        raise NeverArrived("The network has no trace of it.", code="never_arrived")
    if call.action == CallAction.START:
        return cards.get(found)
    return cards.refund_of(found) if call.action == CallAction.REFUND else Done(found)
