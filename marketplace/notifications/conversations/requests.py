"""Conversations about requests for support: the school with one provider that was asked, each apart from the others.

While a request is open its school and providers do not write to each other in private: what one is told all are told, by questions
and answers. From the close on they may, about the response. The subject is the invitation, so each provider has a conversation of
its own; who belongs to a provider that was asked, or declared an interest in one, takes no part for the school.
"""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from marketplace.brokerage import queries as brokerage
from marketplace.brokerage.models import InvitationStatus, RequestInvitation, RequestStatus
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.errors import NotFound
from marketplace.notifications.conversations.sides import Place, Side, Standing
from marketplace.notifications.models import Conversation
from marketplace.organisations.queries import tied

ANSWERED = (InvitationStatus.RESPONDED, InvitationStatus.CHOSEN, InvitationStatus.NOT_CHOSEN)
CLOSED = (RequestStatus.CLOSED, RequestStatus.AWARDED, RequestStatus.UNSUCCESSFUL)


class RequestConversations:
    """The entry of requests for support, by the reference of the invitation."""

    label = "Request for support"

    def find(self, actor: Actor, reference: str, key: str) -> Place:
        invitation = _readable(actor).filter(reference=reference).first()
        if invitation is None:
            raise NotFound
        return Place(invitation.pk)

    def readable(self, actor: Actor) -> Q:
        return Q(subject_id__in=_readable(actor).values("pk"))

    def standing(self, conversations: Sequence[Conversation]) -> dict[int, Standing]:
        found = _answered().in_bulk([each.subject_id for each in conversations])
        return {
            each.pk: _standing(found[each.subject_id]) for each in conversations if each.subject_id in found
        }


def _answered() -> QuerySet[RequestInvitation]:
    """Invitations with a response to a request that is closed, which is when there is something to write about."""
    rows: QuerySet[RequestInvitation] = RequestInvitation.objects.scoped()
    return rows.filter(status__in=ANSWERED, request__status__in=CLOSED).select_related(
        "provider", "request__school"
    )


def _readable(actor: Actor) -> QuerySet[RequestInvitation]:
    own = RequestInvitation.objects.scoped().filter(
        Q(provider__in=set(actor.roles)) | tied(actor.user_id, "provider"), request=OuterRef("request")
    )
    asked_of_own = brokerage.requests_visible_to(actor).filter(school__in=actor.organisations(*SCHOOL_BUYERS))
    for_school = Q(request__in=asked_of_own.order_by().values("pk")) & ~Exists(own)
    for_provider = Q(provider__in=actor.organisations(*brokerage.ANSWERERS))
    return _answered().filter(for_school | for_provider).distinct()


def _standing(invitation: RequestInvitation) -> Standing:
    request = invitation.request
    return Standing(
        title=f"{request.title}: {request.school} with {invitation.provider}",
        path=reverse("requests:invitation", args=[invitation.reference]),
        sides=(
            Side(request.school_id, str(request.school), SCHOOL_BUYERS),
            Side(invitation.provider_id, str(invitation.provider), brokerage.ANSWERERS),
        ),
    )
