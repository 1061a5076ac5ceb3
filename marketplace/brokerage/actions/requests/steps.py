"""What the verbs of requests share. Lock order: request → invitation → the rest, so that a close and a response meet at one row."""

from datetime import date

from django.utils import timezone

from marketplace.brokerage import queries
from marketplace.brokerage.models import RequestInvitation, RequestStatus, SupportRequest
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import locked
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow


def today() -> date:
    """The local day."""
    return local(timezone.now()).date()


def lock_own(actor: Actor, request: SupportRequest, *, to: str) -> SupportRequest:
    """The request, locked, for somebody who may write it. `to` completes the sentence “You can’t …”."""
    row: SupportRequest = locked(queries.requests_visible_to(actor), pk=request.pk)
    actor.must_hold(*SCHOOL_BUYERS, at=row.school_id, to=to)
    return row


def lock_draft(actor: Actor, request: SupportRequest) -> SupportRequest:
    """The request, locked, while it can still be written."""
    row = lock_own(actor, request, to="change this request")
    if row.status != RequestStatus.DRAFT:
        raise NotNow(
            "This request was sent, so what it says stays as it is.",
            remedy="Withdraw it with a reason and send another, if it has to say something else.",
        )
    return row


def lock_invitation(actor: Actor, invitation: RequestInvitation, *, to: str) -> RequestInvitation:
    """The invitation and its request, both locked, for somebody who speaks for the provider. The request is open."""
    seen = queries.invitations_visible_to(actor).filter(pk=invitation.pk).first()
    if seen is None:
        raise NotFound
    request: SupportRequest = locked(SupportRequest.objects.scoped(), pk=seen.request_id)
    row: RequestInvitation = locked(queries.invitations_visible_to(actor), pk=invitation.pk)
    if not queries.may_answer(actor, row):
        raise NotAllowed(
            f"You can’t {to}: you buy for {row.request.school}.",
            remedy=f"Somebody of {row.provider} who does not work for that school has to.",
        )
    if request.status != RequestStatus.OPEN:
        raise NotNow(
            f"The request is {queries.brief_of(row).status_label.lower()}, so you can’t {to}.",
            remedy="What you answered before stays readable on its page.",
        )
    row.request = request
    return row
