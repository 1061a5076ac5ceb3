"""The end of the time to answer, and a request taken back."""

from collections import Counter
from datetime import datetime

from django.utils import timezone

from marketplace.brokerage import rules
from marketplace.brokerage.actions.requests.steps import lock_own
from marketplace.brokerage.errors import RequestInvalid
from marketplace.brokerage.events import RequestMoved
from marketplace.brokerage.models import (
    DeclineReason,
    InvitationStatus,
    RequestStatus,
    SupportRequest,
    UnmetCause,
    UnmetDemand,
)
from marketplace.brokerage.states import INVITATION, SUPPORT_REQUEST
from marketplace.kernel import events
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action

LONGEST_REASON = 2_000


def close_due_requests(*, now: datetime | None = None) -> int:
    """Close the open requests whose last day for responses has passed, each in a transaction of its own; how many."""
    day = local(now or timezone.now()).date()
    due = SupportRequest.objects.scoped().filter(status=RequestStatus.OPEN, responses_close_on__lt=day)
    return sum(_close_one(pk) for pk in due.order_by("pk").values_list("pk", flat=True))


@action
def _close_one(pk: int) -> bool:
    request = (
        SupportRequest.objects.scoped()
        .select_for_update(no_key=True)
        .filter(pk=pk, status=RequestStatus.OPEN)
        .first()
    )
    if request is None:  # another worker, or the school, was quicker
        return False
    _close(request)
    return True


def close_if_all_answered(request: SupportRequest) -> None:
    """Close a request at once where the school chose so and nobody's answer is missing. The request is locked."""
    waiting = request.invitations.filter(status=InvitationStatus.INVITED)
    if request.closes_when_all_answered and not waiting.exists():
        _close(request)


def _close(request: SupportRequest) -> None:
    """Close the locked request: with responses it waits for the school's choice, without it has come to nothing."""
    invitations = list(request.invitations.select_related("provider"))
    for each in invitations:
        if each.status == InvitationStatus.INVITED:
            INVITATION.move(each, "lapse", by=SYSTEM)
    counted = Counter(each.status for each in invitations)
    responded = counted[InvitationStatus.RESPONDED]
    cause = rules.unmet_cause(
        responded=responded, declined=counted[InvitationStatus.DECLINED], asked=len(invitations)
    )
    verb = "lapse" if cause else "close"
    SUPPORT_REQUEST.move(
        request,
        verb,
        by=SYSTEM,
        note=f"{responded} of {len(invitations)} responded",
        closed_at=timezone.now(),
    )
    if cause:
        reasons = Counter(
            DeclineReason(each.decline_reason).label for each in invitations if each.decline_reason
        )
        note = "; ".join(f"{label} ({number})" for label, number in reasons.most_common())
        log_unmet(request, UnmetCause(cause), note)
    events.publish(RequestMoved(request.pk, verb, request.status))


def log_unmet(request: SupportRequest, cause: UnmetCause, note: str = "") -> None:
    """Keep in the unmet-demand log that a request came to nothing, and why."""
    school = request.school.school
    UnmetDemand.objects.get_or_create(
        request=request,
        defaults={
            "area": school.area,
            "organisation": request.school,
            "cause": cause,
            "query": {"theme": [request.theme.code], "phase": [request.phase]},
            "note": note,
        },
    )


@action
def withdraw_request(*, actor: Actor, request: SupportRequest, reason: str) -> SupportRequest:
    """Take the request back, with the reason, which all that were asked are told. A draft is simply put away."""
    row = lock_own(actor, request, to="withdraw this request")
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise RequestInvalid(
            "Say why you withdraw the request.",
            remedy="A sentence or two: those who were asked read it.",
            field="reason",
        )
    SUPPORT_REQUEST.move(
        row,
        "withdraw",
        by=actor,
        note=reason.strip(),
        decision_reason=reason.strip(),
        decided_by_id=actor.user_id,
        decided_at=timezone.now(),
    )
    events.publish(RequestMoved(row.pk, "withdraw", RequestStatus.WITHDRAWN))
    return row
