"""Who hears of requests for support, and of needs not confirmed. `tasks.py` imports this, so that its subscribers and jobs are there.

Providers are told only what is theirs: never who else was asked, who asked a question, what anybody else answered, or a budget
that is kept from them.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from marketplace.brokerage import queries as brokerage
from marketplace.brokerage.events import (
    InvitationAnswered,
    NeedsNudged,
    ProviderInvited,
    QuestionAnswered,
    QuestionAsked,
    RequestMoved,
)
from marketplace.brokerage.models import (
    InvitationStatus,
    NeedsNudge,
    NeedsReturn,
    RequestInvitation,
    RequestStatus,
    SupportRequest,
)
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import local
from marketplace.kernel.events import subscribe
from marketplace.notifications import live
from marketplace.notifications import request_messages as messages
from marketplace.notifications.actions import tell
from marketplace.notifications.live import Audience
from marketplace.notifications.people import holders
from marketplace.notifications.rules import Recipient

DAYS_BEFORE_THE_CLOSE = 2
WAITING = (InvitationStatus.INVITED,)
STILL_IN = (InvitationStatus.INVITED, InvitationStatus.RESPONDED)
RESPONDED = (InvitationStatus.RESPONDED, InvitationStatus.CHOSEN, InvitationStatus.NOT_CHOSEN)


@subscribe(ProviderInvited)
def tell_of_invitation(event: ProviderInvited) -> None:
    """A provider's leads are asked to answer."""
    invitation = brokerage.invitations_visible_to(SYSTEM).get(pk=event.invitation_id)
    if invitation.request.status == RequestStatus.OPEN:
        tell(
            to=leads(invitation),
            message=messages.invited(invitation),
            effect=f"invitation:{invitation.pk}:invited",
        )


@subscribe(QuestionAsked)
def tell_of_question(event: QuestionAsked) -> None:
    """Those who sent the request are asked to answer; they are not told who asked."""
    question = brokerage.question_to_tell_of(event.question_id)
    tell(
        to=senders(question.request),
        message=messages.question_asked(question),
        effect=f"question:{question.pk}:asked",
    )


@subscribe(QuestionAnswered)
def tell_of_answer(event: QuestionAnswered) -> None:
    """All that were asked and have not declined can read the question and its answer."""
    question = brokerage.question_to_tell_of(event.question_id)
    for invitation in _invitations(question.request, STILL_IN):
        tell(
            to=leads(invitation),
            message=messages.question_answered(question, invitation),
            effect=f"question:{question.pk}:answered:{invitation.pk}",
        )


@subscribe(InvitationAnswered)
def tell_of_decline(event: InvitationAnswered) -> None:
    """Those who sent the request hear of a decline, so that they can ask another. Of a response they hear when the request closes."""
    invitation = brokerage.invitations_visible_to(SYSTEM).get(pk=event.invitation_id)
    stands = (
        invitation.status == InvitationStatus.DECLINED and invitation.request.status == RequestStatus.OPEN
    )
    if event.verb == "decline" and stands:
        tell(
            to=senders(invitation.request),
            message=messages.declined(invitation),
            effect=f"invitation:{invitation.pk}:declined",
        )


@subscribe(RequestMoved)
def tell_of_request(event: RequestMoved) -> None:
    """The close goes to those who sent and those who decide; the outcome to all that were asked or that answered."""
    request = _request(event.request_id)
    if event.verb in ("close", "lapse"):
        to = list(dict.fromkeys(senders(request) + holders(request.school_id, brokerage.DECIDERS)))
        tell(to=to, message=messages.closed(request), effect=f"request:{request.pk}:{event.verb}")
    elif event.verb in ("award", "end"):
        for invitation in _invitations(request, RESPONDED):
            tell(
                to=leads(invitation),
                message=messages.decided(invitation),
                effect=f"invitation:{invitation.pk}:{event.verb}",
            )
    elif event.verb == "withdraw":
        for invitation in _invitations(request, (*STILL_IN, InvitationStatus.NO_ANSWER)):
            tell(
                to=leads(invitation),
                message=messages.withdrawn(invitation),
                effect=f"invitation:{invitation.pk}:withdraw",
            )


@subscribe(RequestMoved)
def show_request(event: RequestMoved) -> None:
    """Open pages of the school ask again."""
    request = _request(event.request_id)
    live.broadcast_all(
        "support_request", [Audience(organisation=request.school_id)], {"reference": request.reference}
    )


@app.periodic(cron="15 7 * * *")
@app.task(name="remind_of_requests", queue="notifications")
def remind_of_requests(timestamp: int) -> None:
    """Every morning: providers that have not answered a request which closes within two days."""
    today = local(timezone.now()).date()
    soon = brokerage.invitations_visible_to(SYSTEM).filter(
        status__in=WAITING,
        request__status=RequestStatus.OPEN,
        request__responses_close_on__range=(today, today + timedelta(days=DAYS_BEFORE_THE_CLOSE)),
    )
    for invitation in soon:
        tell(
            to=leads(invitation),
            message=messages.closing_soon(invitation),
            effect=f"invitation:{invitation.pk}:closing",
        )


@subscribe(NeedsNudged)
def tell_of_needs(event: NeedsNudged) -> None:
    """A school's headteachers are reminded, unless it has confirmed its needs meanwhile."""
    nudge = NeedsNudge.objects.select_related("school").get(pk=event.nudge_id)
    if NeedsReturn.objects.filter(school=nudge.school_id, academic_year=nudge.academic_year).exists():
        return
    tell(
        to=holders(nudge.school_id, {Role.HEADTEACHER}),
        message=messages.needs_wanted(nudge),
        effect=f"needs_nudge:{nudge.pk}",
    )


def leads(invitation: RequestInvitation) -> list[Recipient]:
    """A provider's leads; where it has none, those who keep its offers otherwise."""
    found = holders(invitation.provider_id, {Role.PROVIDER_LEAD})
    return found or holders(invitation.provider_id, brokerage.ANSWERERS)


def senders(request: SupportRequest) -> list[Recipient]:
    """Who wrote and who sent the request, and the school's headteacher."""
    people: Iterable[int | None] = (request.created_by_id, request.opened_by_id)
    own = [Recipient(pk, request.school_id) for pk in people if pk is not None]
    return list(dict.fromkeys(own + holders(request.school_id, {Role.HEADTEACHER})))


def _request(pk: int) -> SupportRequest:
    return brokerage.requests_visible_to(SYSTEM).get(pk=pk)


def _invitations(request: SupportRequest, statuses: Iterable[str]) -> Iterable[RequestInvitation]:
    return brokerage.invitations_visible_to(SYSTEM).filter(request=request, status__in=list(statuses))
