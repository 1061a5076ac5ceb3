"""What requests for support add to the world: one in each state a verb needs, and what the provider was asked."""

from typing import Any

from django.utils import timezone

from marketplace.brokerage.models import RequestStatus, SupportRequest
from marketplace.kernel.access import Role
from tests.builders import a_person, a_request, a_response, an_asked_provider, request_terms, response_terms


def lay_out(world: Any) -> None:
    """A draft, an open and a closed request of the buying school, all to the world's provider and two others."""
    school, provider = world.scene.school, world.scene.provider
    others = [an_asked_provider(world.area) for _ in range(2)]
    asked = {"providers": [provider, *others], "theme": world.theme}
    world.request_draft = a_request(school, status=RequestStatus.DRAFT, **asked)
    world.request_open = a_request(school, **asked)
    world.request_closed = a_request(school, **asked)
    for invitation in world.request_closed.invitations.all():
        a_response(invitation)
    SupportRequest._rows.filter(pk=world.request_closed.pk).update(
        status=RequestStatus.CLOSED, closed_at=timezone.now()
    )
    world.request_invitation = world.request_open.invitations.get(provider=provider)
    world.request_question = world.request_invitation.questions.create(
        request=world.request_open, text="How many classes?", asked_at=timezone.now()
    )
    world.request_chosen, *world.request_losers = world.request_closed.invitations.all()
    world.another_provider = an_asked_provider(world.area)
    world.silent_school = world.scene.school
    a_person(Role.HEADTEACHER, at=world.silent_school)


def _days(terms: Any, *names: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in names:
        day = getattr(terms, name)
        fields |= {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}
        fields[name] = day.isoformat()
    return fields


def _terms(world: Any) -> dict[str, Any]:
    terms = request_terms()
    days = ("first_day", "last_day", "questions_close_on", "responses_close_on")
    return {
        "title": terms.title,
        "wanted": terms.wanted,
        "outcomes": terms.outcomes,
        "days": "6",
        "half_days": 12,
        **_days(terms, *days),
    }


def _response(world: Any) -> dict[str, Any]:
    terms = response_terms()
    return {
        "other_people": terms.other_people,
        "days": "6",
        "half_days": 12,
        "price": "2400",
        "price_pence": 240_000,
        "approach": terms.approach,
        **_days(terms, "first_day", "last_day"),
    }


def _award(world: Any) -> dict[str, Any]:
    return {
        "invitation": world.request_chosen.reference,
        "interest": "none",
        "conflicts": "None",
        **{f"loss_{each.pk}": "fit" for each in world.request_losers},
        **{
            key: value
            for number, each in enumerate(world.request_losers)
            for key, value in {
                f"losses[{number}]invitation": each.reference,
                f"losses[{number}]reason": "fit",
            }.items()
        },
    }


INVITATION_PAGES = ("invitation", "ask", "respond", "decline")
CLOSED_PAGES = ("compare", "choose", "end")

VALUES: dict[str, Any] = {
    "requests reference": lambda w: w.request_draft.reference,
    **{f"requests:{name} reference": lambda w: w.request_invitation.reference for name in INVITATION_PAGES},
    **{f"requests:{name} reference": lambda w: w.request_closed.reference for name in CLOSED_PAGES},
    "requests:choose chosen": lambda w: w.request_chosen.reference,
    "requests:answer reference": lambda w: w.request_open.reference,
    "requests:answer number": lambda w: w.request_question.pk,
    "support reference": lambda w: w.request_draft.reference,
    "support-request-detail reference": lambda w: w.request_open.reference,
    "support-request-answer reference": lambda w: w.request_open.reference,
    **{
        f"support-request-{name} reference": lambda w: w.request_closed.reference
        for name in ("responses", "award", "end")
    },
    "request reference": lambda w: w.request_invitation.reference,
}

BODIES: dict[str, Any] = {
    "requests:new": _terms,
    "requests:change": _terms,
    "requests:providers": lambda w: {"providers": [w.another_provider.reference]},
    "requests:answer": lambda w: {"text": "Fourteen."},
    "requests:ask": lambda w: {"text": "How many classes?"},
    "requests:respond": _response,
    "requests:decline": lambda w: {"reason": "dates"},
    "requests:choose": lambda w: _award(w) | {"evidence": ""},
    "requests:end": lambda w: {"reason": "None fits", "loss": "fit"},
    "requests:remind": lambda w: {"urn": w.silent_school.urn},
    "support-request-list": lambda w: _terms(w) | {"need": ""},
    "support-request-providers": lambda w: {"providers": [w.another_provider.reference]},
    "support-request-answer": lambda w: {"number": w.request_question.pk, "text": "Fourteen."},
    "support-request-award": _award,
    "support-request-end": lambda w: {"reason": "None fits", "loss": "fit"},
    "request-invitation-ask": lambda w: {"text": "How many classes?"},
    "request-invitation-respond": _response,
    "request-invitation-decline": lambda w: {"reason": "dates"},
}
