"""Conversations about deployments: between the receiving school, the provider, the releasing organisation, the practitioner and the broker.

A convenor who only oversees a deployment reads no more than its page; one whose authority brokers it takes part.
"""

from collections.abc import Sequence

from django.db.models import F, Q
from django.urls import reverse

from marketplace.bookings.queries.scopes import OTHER_RELEASERS, RELEASERS_OF_SCHOOLS
from marketplace.brokerage import queries as brokerage
from marketplace.brokerage.models import Deployment, DeploymentStatus
from marketplace.brokerage.queries.deployments import released_by
from marketplace.kernel.access import SCHOOL_BUYERS, SYSTEM, Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.notifications.conversations.sides import Place, Side, Standing, merged
from marketplace.notifications.models import Conversation
from marketplace.organisations.models import OrganisationKind

OVER = frozenset({DeploymentStatus.WITHDRAWN, DeploymentStatus.DECLINED})
LEADS = frozenset({Role.PROVIDER_LEAD})


class DeploymentConversations:
    """The entry of deployments."""

    label = "Deployment"

    def find(self, actor: Actor, reference: str, key: str) -> Place:
        deployment = brokerage.deployment_for(actor, reference)
        if not any(side.includes(actor) for side in _sides(deployment)):
            raise NotFound
        return Place(deployment.pk)

    def readable(self, actor: Actor) -> Q:
        party = (
            Q(receiving_school__in=actor.organisations(*SCHOOL_BUYERS))
            | Q(provider__in=actor.organisations(*LEADS))
            | released_by(actor)
            | Q(practitioner__user=actor.user_id)
            | (~Q(broker=F("provider")) & Q(broker__in=actor.organisations(Role.CONVENOR)))
        )
        visible = brokerage.deployments_visible_to(actor).order_by().filter(party)
        return Q(subject_id__in=visible.values("pk"))

    def standing(self, conversations: Sequence[Conversation]) -> dict[int, Standing]:
        found = brokerage.deployments_visible_to(SYSTEM).in_bulk([each.subject_id for each in conversations])
        return {
            each.pk: _standing(found[each.subject_id]) for each in conversations if each.subject_id in found
        }


def _standing(deployment: Deployment) -> Standing:
    over = deployment.status in OVER
    return Standing(
        title=f"Deployment of {deployment.practitioner} at {deployment.receiving_school}",
        path=reverse("deployments:deployment", args=[deployment.reference]),
        sides=_sides(deployment),
        closed="The deployment came to nothing." if over else "",
    )


def _sides(deployment: Deployment) -> tuple[Side, ...]:
    releasing = deployment.releasing_organisation
    is_school = releasing.kind == OrganisationKind.SCHOOL
    person = deployment.practitioner.user_id
    sides = [
        Side(deployment.receiving_school_id, str(deployment.receiving_school), SCHOOL_BUYERS),
        Side(deployment.provider_id, str(deployment.provider), LEADS),
        Side(
            releasing.pk,
            str(releasing),
            RELEASERS_OF_SCHOOLS if is_school else OTHER_RELEASERS,
            frozenset({person}) if person else frozenset(),
        ),
    ]
    if deployment.broker_id != deployment.provider_id:
        sides.append(Side(deployment.broker_id, str(deployment.broker), frozenset({Role.CONVENOR})))
    return merged(sides)
