"""Who sees a concern about a deployment, and who may do what with it: need to know, and nobody else."""

from django.db.models import F, Q, QuerySet

from marketplace.brokerage.models import ConcernStatus, Deployment, DeploymentConcern, Listener
from marketplace.brokerage.queries.deployments import (
    RECEIVING_HEADS,
    convenes,
    deployments_visible_to,
    is_broker,
    released_by,
)
from marketplace.brokerage.rules.deployments import Capacity
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound


def concerns_visible_to(actor: Actor) -> QuerySet[DeploymentConcern]:
    """Need to know: the person who raised it and the heads and leads of their side, those it was raised with, the convenors."""
    rows = DeploymentConcern.objects.scoped().select_related(
        "deployment__receiving_school__school",
        "deployment__provider",
        "deployment__practitioner",
        "deployment__releasing_organisation",
        "deployment__broker",
        "raised_by",
        "answered_by",
    )
    if actor.is_system:
        return rows
    if actor.user_id is None:
        return rows.none()
    own = Q(raised_by=actor.user_id)
    receiving = Q(
        side=Capacity.RECEIVING_HEAD, deployment__receiving_school__in=actor.organisations(*RECEIVING_HEADS)
    )
    releasing = Q(side=Capacity.RELEASING_HEAD) & released_by(actor, "deployment__")
    provider_leads = Q(deployment__provider__in=actor.organisations(Role.PROVIDER_LEAD))
    providing = provider_leads & Q(side=Capacity.BROKER)
    heard = provider_leads & Q(listener=Listener.BROKER)
    brokered = heard & Q(deployment__broker=F("deployment__provider"))
    convened = Q(deployment__receiving_school__school__area__in=actor.in_area(Role.CONVENOR))
    visible = deployments_visible_to(actor).values("pk")
    return rows.filter(own | receiving | releasing | providing | brokered | convened, deployment__in=visible)


def concern_for(actor: Actor, deployment: Deployment, number: int) -> DeploymentConcern:
    """One concern about a deployment; `NotFound` where there is none for this person."""
    row = concerns_visible_to(actor).filter(deployment=deployment, number=number).first()
    if row is None:
        raise NotFound
    return row


def hears(actor: Actor, concern: DeploymentConcern) -> bool:
    """Whether the person answers this concern: whom it was raised with, and convenors always."""
    deployment = concern.deployment
    by_broker = concern.listener == Listener.BROKER and is_broker(actor, deployment)
    return by_broker or convenes(actor, deployment)


def concern_verbs_for(actor: Actor, concern: DeploymentConcern) -> frozenset[str]:
    """What the person can do with a concern now."""
    hearing = hears(actor, concern)
    found = set()
    if hearing and concern.status == ConcernStatus.OPEN:
        found.add("answer")
    if hearing and concern.status == ConcernStatus.ANSWERED:
        found.add("close")
    if concern.raised_by_id == actor.user_id and concern.status != ConcernStatus.OPEN:
        found.add("reopen")
    return frozenset(found)


def who_sees_concern(deployment: Deployment, side: str, listener: str) -> list[str]:
    """Those who can read a concern, in words, for the page on which it is written."""
    sides = {
        Capacity.RECEIVING_HEAD: f"the headteacher of {deployment.receiving_school}",
        Capacity.RELEASING_HEAD: f"the head or lead of {deployment.releasing_organisation} who releases {deployment.practitioner}",
        Capacity.BROKER: f"the leads of {deployment.provider}",
    }
    who = ["you"]
    if side in sides:
        who.append(sides[Capacity(side)])
    by_provider = deployment.broker_id == deployment.provider_id
    if listener == Listener.BROKER and by_provider:
        who.append(f"the leads of {deployment.provider}, who broker this deployment")
    who.append(f"the convenors of {deployment.receiving_school.school.area}")
    return list(dict.fromkeys(who))
