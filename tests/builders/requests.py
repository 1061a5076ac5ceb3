"""Requests for support. Written as rows, so that a test can start in any state."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from marketplace.brokerage import actions
from marketplace.brokerage.models import (
    InvitationStatus,
    RequestInvitation,
    RequestResponse,
    RequestStatus,
    SupportRequest,
)
from marketplace.brokerage.rules import RequestTerms, ResponseTerms
from marketplace.catalogue.models import Practitioner, Theme
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import local
from marketplace.organisations.models import Organisation, OrganisationKind, Phase, School
from tests.builders.brokerage import a_level_2_theme
from tests.builders.catalogue import an_offer
from tests.builders.organisations import a_person, a_school, actor_of, an_organisation

__all__ = [
    "a_request",
    "a_response",
    "an_asked_provider",
    "an_awarded_request",
    "an_invitation_to_answer",
    "lead_of_provider",
    "request_terms",
    "response_terms",
]


def _day(ahead: int) -> date:
    return local(timezone.now()).date() + timedelta(days=ahead)


def request_terms(**changes: Any) -> RequestTerms:
    """Six days on reading, questions for ten days, responses for twenty, no budget."""
    defaults: dict[str, Any] = {
        "title": "Early reading",
        "wanted": "Somebody to work with our reading leads.",
        "outcomes": "All staff teach phonics the same way.",
        "half_days": 12,
        "first_day": _day(30),
        "last_day": _day(120),
        "questions_close_on": _day(10),
        "responses_close_on": _day(20),
    }
    return RequestTerms(**defaults | changes)


def response_terms(**changes: Any) -> ResponseTerms:
    """Six days for £2,400 before VAT."""
    defaults: dict[str, Any] = {
        "half_days": 12,
        "first_day": _day(35),
        "last_day": _day(100),
        "price_pence": 240_000,
        "approach": "We come every second Tuesday.",
        "other_people": "Rowan Alder",
    }
    return ResponseTerms(**defaults | changes)


def an_asked_provider(area: Any = None, *, theme: Theme | None = None, **fields: Any) -> Organisation:
    """A provider that can be asked: it has an offer on show and a lead."""
    provider = an_organisation(OrganisationKind.INDEPENDENT, area=area, **fields)
    an_offer(provider, themes=[theme] if theme else None)
    a_person(Role.PROVIDER_LEAD, at=provider)
    return provider


def lead_of_provider(provider: Organisation) -> Actor:
    """A lead of the provider."""
    membership = provider.memberships.filter(role=Role.PROVIDER_LEAD).first()
    return actor_of(membership.user if membership else a_person(Role.PROVIDER_LEAD, at=provider))


def a_request(
    school: School | None = None,
    *,
    status: str = RequestStatus.OPEN,
    asked: int = 3,
    providers: list[Organisation] | None = None,
    theme: Theme | None = None,
    **fields: Any,
) -> SupportRequest:
    """An open request to three providers (draft, closed or withdrawn if told), none of which has answered."""
    school = school or a_school()
    theme = theme or a_level_2_theme()
    now = timezone.now()
    terms = request_terms()
    sent = status != RequestStatus.DRAFT
    defaults: dict[str, Any] = {
        **{name: getattr(terms, name) for name in RequestTerms.__dataclass_fields__},
        "phase": Phase.PRIMARY,
        "opened_at": now if sent else None,
        "closed_at": now if status == RequestStatus.CLOSED else None,
    }
    request: SupportRequest = SupportRequest.objects.scoped().create(
        school=school.organisation, theme=theme, status=status, **defaults | fields
    )
    if providers is None:
        providers = [an_asked_provider(school.area, theme=theme) for _ in range(asked)]
    for provider in providers:
        RequestInvitation.objects.scoped().create(
            request=request, provider=provider, invited_at=now if sent else None
        )
    return request


def an_invitation_to_answer(
    provider: Organisation | None = None, **fields: Any
) -> tuple[RequestInvitation, Actor]:
    """An invitation to an open request, and a lead of the provider that got it."""
    request = a_request(providers=[provider] if provider else None, asked=1, **fields)
    invitation = request.invitations.select_related("provider", "request").get()
    return invitation, lead_of_provider(invitation.provider)


def a_response(invitation: RequestInvitation, **fields: Any) -> RequestResponse:
    """A response of £2,400 before VAT to an invitation whose request is open."""
    terms = response_terms()
    defaults: dict[str, Any] = {
        **{name: getattr(terms, name) for name in ResponseTerms.__dataclass_fields__},
        "submitted_at": timezone.now(),
    }
    response: RequestResponse = RequestResponse.objects.scoped().create(
        invitation=invitation, **defaults | fields
    )
    invitation.status = InvitationStatus.RESPONDED
    invitation.answered_at = response.submitted_at
    invitation.save()
    return response


def an_awarded_request(
    school: School, provider: Organisation, *, people: Iterable[Practitioner] = (), **response: Any
) -> SupportRequest:
    """A request that only this provider was asked, answered and was chosen in, with the `people` its response names."""
    request = a_request(school, providers=[provider], fewer_reason="Nobody else does this")
    invitation = request.invitations.get()
    a_response(invitation, **response).people.set(people)
    request.status, request.closed_at = RequestStatus.CLOSED, timezone.now()
    request.save()
    return actions.award_request(
        actor=actor_of(a_person(Role.HEADTEACHER, at=school)),
        request=request,
        chosen=invitation,
        losses={},
        conflicts="None",
    )
