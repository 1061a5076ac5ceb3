"""Requests for support as the school that asks reads them.

Its own people and its trust's lead see a request and whom it asked. Responses they see once the request is closed, and only those
of them who belong to none of the providers that were asked.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from marketplace.brokerage import rules
from marketplace.brokerage.models import (
    InvitationStatus,
    RequestInvitation,
    RequestQuestion,
    RequestResponse,
    RequestStatus,
    SupportRequest,
)
from marketplace.brokerage.queries.needs import READERS
from marketplace.brokerage.rules import RequestTerms
from marketplace.buyback import queries as buyback
from marketplace.buyback.queries.ladders import ORDERERS
from marketplace.buyback.rules import Requirement, step_for
from marketplace.catalogue.models import Offer, OfferStatus
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import Membership, Organisation

READABLE = (RequestStatus.CLOSED, RequestStatus.AWARDED, RequestStatus.UNSUCCESSFUL)
"""States in which the school may read the responses."""

WITH_RESPONSE = (InvitationStatus.RESPONDED, InvitationStatus.CHOSEN, InvitationStatus.NOT_CHOSEN)
"""Where an invitation's response counts: one that was taken back does not."""

DECIDERS = ORDERERS
"""Who chooses among responses: those who may commit the school's money."""


def requests_visible_to(actor: Actor) -> QuerySet[SupportRequest]:
    """The requests of the schools the person works or answers for, newest first."""
    rows = SupportRequest.objects.scoped().select_related(
        "school__school", "school__area", "theme__parent", "need"
    )
    return rows if actor.is_system else rows.filter(school__in=actor.organisations(*READERS))


def request_for(actor: Actor, reference: str) -> SupportRequest:
    """One request by its reference; `NotFound` where there is none for this person."""
    found = requests_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def request_asking(actor: Actor, invitation: str) -> SupportRequest | None:
    """The request of the person's own school that sent this invitation, where it is one."""
    return requests_visible_to(actor).filter(invitations__reference=invitation).first()


def with_counts(rows: QuerySet[SupportRequest]) -> QuerySet[SupportRequest]:
    """The requests with how many were asked, responded and declined: `asked`, `responded`, `declined`."""
    return rows.annotate(
        asked=Count("invitations", distinct=True),
        responded=Count("invitations", filter=Q(invitations__status__in=WITH_RESPONSE), distinct=True),
        declined=Count("invitations", filter=Q(invitations__status=InvitationStatus.DECLINED), distinct=True),
    )


def may_change(actor: Actor, request: SupportRequest) -> bool:
    """Whether the person may write, send and withdraw the request."""
    return actor.holds(*SCHOOL_BUYERS, at=request.school_id)


def may_decide(actor: Actor, request: SupportRequest) -> bool:
    """Whether the person may choose among the responses, were it not for an interest."""
    return actor.holds(*DECIDERS, at=request.school_id)


def invitations_of(actor: Actor, request: SupportRequest) -> QuerySet[RequestInvitation]:
    """Whom a request the person sees was sent to, with who declined and why, and nothing of any response."""
    if not requests_visible_to(actor).filter(pk=request.pk).exists():
        raise NotFound
    return RequestInvitation.objects.scoped().filter(request=request).select_related("provider")


def questions_of(actor: Actor, request: SupportRequest) -> list["Asked"]:
    """The questions on a request the person sees, oldest first; nobody is told who asked."""
    if not requests_visible_to(actor).filter(pk=request.pk).exists():
        raise NotFound
    return asked_about(RequestQuestion.objects.scoped().filter(request=request))


def question_for(actor: Actor, request: SupportRequest, number: int) -> RequestQuestion:
    """One question on a request the person sees."""
    found = RequestQuestion.objects.scoped().filter(request=request, pk=number).first()
    if found is None or not requests_visible_to(actor).filter(pk=request.pk).exists():
        raise NotFound
    return found


def question_to_tell_of(number: int) -> RequestQuestion:
    """A question with its request, for the exchange's own messages. They name nobody who asked."""
    found: RequestQuestion = RequestQuestion.objects.scoped().select_related("request__school").get(pk=number)
    return found


@dataclass(frozen=True)
class Asked:
    """A question as everybody reads it. `is_own` is true for the provider that asked it, when it reads."""

    number: int
    text: str
    asked_on: date
    answer: str
    answered_on: date | None
    is_own: bool = False


def asked_about(rows: QuerySet[RequestQuestion], own: int | None = None) -> list[Asked]:
    """Questions without who asked; `own` is the invitation whose own questions are marked."""
    return [
        Asked(
            row.pk,
            row.text,
            local(row.asked_at).date(),
            row.answer,
            local(row.answered_at).date() if row.answered_at else None,
            own is not None and row.invitation_id == own,
        )
        for row in rows
    ]


def terms_of(request: SupportRequest) -> RequestTerms:
    """What a request says, as the rules look at it."""
    return RequestTerms(**{name: getattr(request, name) for name in RequestTerms.__dataclass_fields__})


# Responses -----------------------------------------------------------------------------------------------------------


def has_own_interest(actor: Actor, provider_id: int) -> bool:
    """Whether the person belongs to the provider, as one of its people or as lead of its trust, or declared an interest in it."""
    return bool(actor.roles.get(provider_id)) or organisations.has_interest(actor.user_id, provider_id)


def interests_in(actor: Actor, request: SupportRequest) -> list[Organisation]:
    """The providers asked that the person belongs to: who has any neither reads nor chooses."""
    asked = RequestInvitation.objects.scoped().filter(request=request).select_related("provider")
    own = actor.roles.keys() | organisations.organisations_of_interest(actor.user_id)
    return [each.provider for each in asked if each.provider_id in own]


def responses_to(actor: Actor, request: SupportRequest) -> list[RequestResponse]:
    """The responses that count, the lowest price first; none before the close, nor for somebody with an interest."""
    seen = requests_visible_to(actor).filter(pk=request.pk).first()
    if seen is None:
        raise NotFound
    if seen.status not in READABLE or interests_in(actor, seen):
        return []
    return list(counted_responses(seen))


def counted_responses(request: SupportRequest) -> QuerySet[RequestResponse]:
    """The responses that count, whoever asks: for actions that have authorised already."""
    return (
        RequestResponse.objects.scoped()
        .filter(invitation__request=request, invitation__status__in=WITH_RESPONSE)
        .select_related("invitation__provider", "invitation__request", "offer__current", "submitted_by")
        .prefetch_related("people")
        .order_by("price_pence", "pk")
    )


def requirement_of(request: SupportRequest) -> Requirement:
    """What the school's ladder wants of an order as large as the budget; of the largest there is where no budget is given."""
    ladder = buyback.ladder_of(request.school)
    most = max((step.from_pence for step in ladder.steps), default=0)
    return step_for(ladder, most if request.budget_pence is None else request.budget_pence)


def fewest_to_ask(request: SupportRequest) -> int:
    """How many providers the school has to ask, or else say why fewer."""
    return rules.fewest_to_ask(requirement_of(request).quotes_needed)


# Whom to ask ---------------------------------------------------------------------------------------------------------

ANSWERERS = frozenset({Role.PROVIDER_LEAD, Role.HEADTEACHER, Role.TRUST_LEAD})
"""Who answers requests for a provider: those who keep its offers."""


def askable_providers(request: SupportRequest) -> QuerySet[Organisation]:
    """Bodies that may be asked: with an offer on show and somebody here who can answer; not suspended, not the school itself."""
    offers = Offer.objects.filter(provider=OuterRef("pk"), status=OfferStatus.PUBLISHED)
    people = Membership.objects.filter(
        organisation=OuterRef("pk"), role__in=ANSWERERS, ended_at__isnull=True, user__is_active=True
    )
    return Organisation.objects.filter(Exists(offers), Exists(people), suspended_at__isnull=True).exclude(
        pk=request.school_id
    )


def providers_matching(request: SupportRequest, words: str, limit: int = 20) -> list[Organisation]:
    """Providers not asked yet whose name has the words: for a school that knows whom it wants to ask."""
    if len(words.strip()) < 2:
        return []
    chosen = RequestInvitation.objects.scoped().filter(request=request).values("provider")
    rows = askable_providers(request).filter(name__icontains=words.strip()).exclude(pk__in=chosen)
    return list(rows.order_by("name", "pk")[:limit])
