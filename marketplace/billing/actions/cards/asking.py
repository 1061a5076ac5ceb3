"""Asking the network for something that could move money: the call, its key and its exact parameters are committed first."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from procrastinate.contrib.django import app

from marketplace.billing.models import CallAction, GatewayCall
from marketplace.billing.network import environment

JOB = "carry_out_card_call"


def marks(**of: object) -> dict[str, str]:
    """The marks an object carries, by which we know it for ours."""
    return {"exchange": environment(), **{name: str(value) for name, value in of.items()}}


def ask(
    *, action: CallAction, model: str, subject_id: int, attempt: int, params: Mapping[str, Any]
) -> GatewayCall:
    """Commit a call and have a worker send it. Asked twice, it is the same call. Belongs inside an action."""
    if not connection.in_atomic_block:
        raise RuntimeError("a call is committed with what asks for it")
    call, is_new = GatewayCall.objects.get_or_create(
        action=action,
        subject_id=subject_id,
        attempt=attempt,
        defaults={
            "key": f"{environment()}/{model}/{subject_id}/{action.value}/{attempt}",
            "params": dict(params),
        },
    )
    if is_new:
        enqueue(call.pk)
    return call


def enqueue(call_id: int) -> None:
    """Put the sending of a call into the queue, in the current transaction."""
    app.configure_task(JOB, queue="cards").defer(call_id=call_id)
