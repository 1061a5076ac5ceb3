"""How a deployment rests or ends before its time: withdrawn, paused, resumed, stopped."""

from django.utils import timezone

from marketplace.brokerage.actions.deployments.steps import lock_deployment, move, must, needed
from marketplace.brokerage.models import Deployment
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action


@action
def withdraw_deployment(*, actor: Actor, deployment: Deployment, reason: str) -> Deployment:
    """The school takes the agreement back before it is in force."""
    row = lock_deployment(actor, deployment)
    must(actor, row, "withdraw")
    why = needed(reason, "reason", "Say why you withdraw it.")
    move(row, "withdraw", actor=actor, note=why, reason=why)
    return row


@action
def pause_deployment(*, actor: Actor, deployment: Deployment, reason: str) -> Deployment:
    """Let it rest: it can only be read until somebody resumes it. Visits already booked stand unless they are cancelled."""
    row = lock_deployment(actor, deployment)
    must(actor, row, "pause")
    why = needed(reason, "reason", "Say why it rests.")
    move(row, "pause", actor=actor, note=why, reason=why)
    return row


@action
def resume_deployment(*, actor: Actor, deployment: Deployment) -> Deployment:
    """Go on where it was paused."""
    row = lock_deployment(actor, deployment)
    must(actor, row, "resume")
    move(row, "resume", actor=actor, reason="")
    return row


@action
def stop_deployment(*, actor: Actor, deployment: Deployment, reason: str) -> Deployment:
    """End it for good without an evaluation. Days not booked are free again; visits already booked stand unless they are cancelled."""
    row = lock_deployment(actor, deployment)
    must(actor, row, "stop")
    why = needed(reason, "reason", "Say why it ends here.")
    move(row, "stop", actor=actor, note=why, reason=why, ended_at=timezone.now())
    return row
