"""Requests for support as a provider that was asked reads them.

Its leads see the brief, the questions and answers, and their own response for good. They never learn who else was asked, what
anybody else answered, who asked a question, or a budget that is kept from them: what is not theirs is not in what these functions
return.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from marketplace.brokerage import rules
from marketplace.brokerage.models import (
    InvitationStatus,
    RequestInvitation,
    RequestQuestion,
    RequestResponse,
    RequestStatus,
)
from marketplace.brokerage.queries.requests import ANSWERERS, Asked, asked_about
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Offer, OfferStatus, Practitioner
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.errors import NotFound

TO_ANSWER = (InvitationStatus.INVITED, InvitationStatus.RESPONDED, InvitationStatus.DECLINED)


@dataclass(frozen=True)
class Brief:
    """What a provider is told of a request. `budget_pence` (VAT included) is `None` where there is none, or it is kept from providers."""

    reference: str
    title: str
    school: str
    theme: str
    phase: str
    wanted: str
    outcomes: str
    half_days: int
    first_day: date
    last_day: date
    remote_ok: bool
    budget_pence: int | None
    questions_close_on: date
    responses_close_on: date
    closes_when_all_answered: bool
    status: str
    status_label: str
    end_reason: str


def invitations_visible_to(actor: Actor) -> QuerySet[RequestInvitation]:
    """What the person's providers were asked, the latest first; nothing that is still a draft."""
    rows = RequestInvitation.objects.scoped().filter(invited_at__isnull=False)
    rows = rows.select_related("provider", "request__school", "request__theme").order_by("-invited_at", "-pk")
    return rows if actor.is_system else rows.filter(provider__in=actor.organisations(*ANSWERERS))


def invitation_for(actor: Actor, reference: str) -> RequestInvitation:
    """One invitation by its reference; `NotFound` where there is none for this person."""
    found = invitations_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def brief_of(invitation: RequestInvitation) -> Brief:
    """The request as the provider of this invitation, which the caller may see, is told of it."""
    request = invitation.request
    withdrawn = request.status == RequestStatus.WITHDRAWN
    return Brief(
        reference=request.reference,
        title=request.title,
        school=str(request.school),
        theme=str(request.theme),
        phase=request.get_phase_display(),
        wanted=request.wanted,
        outcomes=request.outcomes,
        half_days=request.half_days,
        first_day=request.first_day,
        last_day=request.last_day,
        remote_ok=request.remote_ok,
        budget_pence=request.budget_pence if request.budget_shown else None,
        questions_close_on=request.questions_close_on,
        responses_close_on=request.responses_close_on,
        closes_when_all_answered=request.closes_when_all_answered,
        status=request.status,
        status_label=_status_for_provider(request.status),
        end_reason=request.decision_reason if withdrawn else "",
    )


def _status_for_provider(status: str) -> str:
    return {
        RequestStatus.CLOSED: "Closed: the school is deciding",
        RequestStatus.AWARDED: "Decided",
        RequestStatus.UNSUCCESSFUL: "Ended without a choice",
    }.get(RequestStatus(status), RequestStatus(status).label)


def questions_for(invitation: RequestInvitation) -> list[Asked]:
    """All questions on the request and the answers there are; the provider's own are marked, nobody else's are named."""
    rows = RequestQuestion.objects.scoped().filter(request=invitation.request_id)
    return asked_about(rows, own=invitation.pk)


def own_response(invitation: RequestInvitation) -> RequestResponse | None:
    """The provider's own response, readable for good."""
    return (
        RequestResponse.objects.scoped()
        .filter(invitation=invitation)
        .select_related("offer__current", "submitted_by")
        .prefetch_related("people")
        .first()
    )


def may_answer(actor: Actor, invitation: RequestInvitation) -> bool:
    """Whether the person may speak for the provider: its leads, unless they buy for the school that asks."""
    return actor.holds(*ANSWERERS, at=invitation.provider_id) and (
        actor.is_system or not actor.holds(*SCHOOL_BUYERS, at=invitation.request.school_id)
    )


def can_still_ask(invitation: RequestInvitation, today: date) -> bool:
    """Whether questions are taken."""
    request = invitation.request
    return request.status == RequestStatus.OPEN and not rules.is_over(request.questions_close_on, today)


def can_still_answer(invitation: RequestInvitation, today: date) -> bool:
    """Whether a response or a decline is taken."""
    request = invitation.request
    return (
        request.status == RequestStatus.OPEN
        and invitation.status in TO_ANSWER
        and not rules.is_over(request.responses_close_on, today)
    )


def people_to_propose(invitation: RequestInvitation) -> QuerySet[Practitioner]:
    """The practitioners the provider may propose."""
    return catalogue.people_of(invitation.provider).order_by("name", "pk")


def offers_to_book_by(invitation: RequestInvitation) -> QuerySet[Offer]:
    """The provider's published offers, through one of which the support could be booked: not those sold by the place."""
    return (
        Offer.objects.filter(provider=invitation.provider_id, status=OfferStatus.PUBLISHED)
        .exclude(catalogue.SOLD_BY_THE_PLACE)
        .select_related("current__support_type")
        .order_by("current__title", "pk")
    )
