"""Concerns about a deployment: raised by any party at any time, answered and closed by whom they were raised with.

The deployment's own history says nothing of them: only the concern's does, which those who need to know can read.
"""

from django.db.models import Max
from django.utils import timezone

from marketplace.brokerage import queries
from marketplace.brokerage.actions.deployments.steps import lock_deployment, must, needed, signer
from marketplace.brokerage.deployment_states import CONCERN
from marketplace.brokerage.errors import NeedInvalid
from marketplace.brokerage.events import ConcernMoved
from marketplace.brokerage.models import ConcernStatus, Deployment, DeploymentConcern, Listener
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed


@action
def raise_concern(
    *, actor: Actor, deployment: Deployment, text: str, listener: str = Listener.BROKER
) -> DeploymentConcern:
    """Tell the broker, or the convenors only, what worries you. Possible at any time, paused and ended deployments included."""
    row = lock_deployment(actor, deployment)
    must(actor, row, "raise_concern")
    if listener not in Listener.values:
        raise NeedInvalid("Say who is to hear it.", field="listener")
    side, words = queries.spoken_as(actor, row)
    last = DeploymentConcern.objects.scoped().filter(deployment=row).aggregate(n=Max("number"))["n"] or 0
    concern: DeploymentConcern = DeploymentConcern.objects.scoped().create(
        deployment=row,
        number=last + 1,
        listener=listener,
        side=side,
        raised_by=signer(actor),
        raised_as=words,
        text=needed(text, "text", "Say what worries you."),
    )
    history.write(concern, verb="raise", after=ConcernStatus.OPEN, by=actor)
    events.publish(ConcernMoved(concern.pk, "raise"))
    return concern


@action
def answer_concern(*, actor: Actor, concern: DeploymentConcern, answer: str) -> DeploymentConcern:
    """Say what is done about it."""
    row = _locked(actor, concern, "answer")
    said = needed(answer, "answer", "Say what is done about it.")
    CONCERN.move(
        row,
        "answer",
        by=actor,
        note=said,
        answer=said,
        answered_by_id=signer(actor).pk,
        answered_at=timezone.now(),
    )
    events.publish(ConcernMoved(row.pk, "answer"))
    return row


@action
def close_concern(*, actor: Actor, concern: DeploymentConcern) -> DeploymentConcern:
    """Nothing more is to be done. Whoever raised it can open it again."""
    row = _locked(actor, concern, "close")
    CONCERN.move(row, "close", by=actor)
    events.publish(ConcernMoved(row.pk, "close"))
    return row


@action
def reopen_concern(*, actor: Actor, concern: DeploymentConcern, reason: str) -> DeploymentConcern:
    """The answer does not settle it: the history keeps the answer and says why."""
    row = _locked(actor, concern, "reopen")
    why = needed(reason, "reason", "Say what is still open.")
    CONCERN.move(row, "reopen", by=actor, note=why, answer="", answered_by_id=None, answered_at=None)
    events.publish(ConcernMoved(row.pk, "reopen"))
    return row


def _locked(actor: Actor, concern: DeploymentConcern, verb: str) -> DeploymentConcern:
    row: DeploymentConcern = locked(queries.concerns_visible_to(actor), pk=concern.pk)
    CONCERN.target(row.status, verb)
    if verb not in queries.concern_verbs_for(actor, row):
        raise NotAllowed(
            f"You can’t {verb} this concern.",
            remedy="Whom it was raised with answers it; who raised it can open it again.",
        )
    return row
