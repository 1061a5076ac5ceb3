"""What requests for support leave waiting for a person."""

from datetime import date

from marketplace.brokerage.models import InvitationStatus, RequestQuestion, RequestStatus
from marketplace.brokerage.queries.invitations import invitations_visible_to
from marketplace.brokerage.queries.requests import DECIDERS, requests_visible_to
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.days import format_days
from marketplace.kernel.work import WorkItem


def requests_awaiting(actor: Actor, today: date) -> list[WorkItem]:
    """Requests to answer, questions to answer and responses to choose from, for this person."""
    return [*_to_answer(actor, today), *_questions(actor, today), *_to_decide(actor)]


def _to_answer(actor: Actor, today: date) -> list[WorkItem]:
    waiting = invitations_visible_to(actor).filter(
        status=InvitationStatus.INVITED,
        request__status=RequestStatus.OPEN,
        request__responses_close_on__gte=today,
    )
    own = actor.organisations(*SCHOOL_BUYERS)
    return [
        WorkItem(
            verb="Answer a request for support",
            title=f"{each.request.school}: {each.request.title}",
            detail=f"{each.provider} is asked for {format_days(each.request.half_days)} on {each.request.theme}.",
            due_on=each.request.responses_close_on,
            url_name="requests:invitation",
            url_args=(each.reference,),
        )
        for each in waiting
        if each.request.school_id not in own
    ]


def _questions(actor: Actor, today: date) -> list[WorkItem]:
    asked = RequestQuestion.objects.scoped().filter(
        answered_at__isnull=True,
        request__status=RequestStatus.OPEN,
        request__school__in=actor.organisations(*SCHOOL_BUYERS),
    )
    return [
        WorkItem(
            verb="Answer a question",
            title=f"{each.request.title}: “{each.text[:80]}”",
            detail="All providers asked read the question and your answer.",
            due_on=each.request.questions_close_on,
            url_name="requests:answer",
            url_args=(each.request.reference, str(each.pk)),
        )
        for each in asked.select_related("request")
    ]


def _to_decide(actor: Actor) -> list[WorkItem]:
    closed = requests_visible_to(actor).filter(
        status=RequestStatus.CLOSED, school__in=actor.organisations(*DECIDERS)
    )
    return [
        WorkItem(
            verb="Choose a provider",
            title=f"{each.title} for {each.school}",
            detail="Responses have closed. Compare them and choose, or say that none is suitable.",
            due_on=each.first_day,
            url_name="requests:compare",
            url_args=(each.reference,),
        )
        for each in closed
    ]
