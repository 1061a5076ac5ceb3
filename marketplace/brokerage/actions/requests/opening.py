"""Sending a request to those chosen, and asking one more while it is open."""

from django.utils import timezone

from marketplace.brokerage import queries, rules
from marketplace.brokerage.actions.requests.drafting import check_askable
from marketplace.brokerage.actions.requests.steps import lock_draft, lock_own, today
from marketplace.brokerage.errors import RequestInvalid
from marketplace.brokerage.events import ProviderInvited, RequestMoved
from marketplace.brokerage.models import InvitationStatus, RequestInvitation, RequestStatus, SupportRequest
from marketplace.brokerage.states import SUPPORT_REQUEST
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotNow
from marketplace.organisations.models import Organisation


@action
def open_request(*, actor: Actor, request: SupportRequest, fewer_reason: str = "") -> SupportRequest:
    """Send the request to those chosen.

    Raises `AskMore` where the school's ladder wants more providers asked and `fewer_reason` does not say why there are fewer,
    `RequestInvalid` where a day it names has passed since it was written.
    """
    row = lock_draft(actor, request)
    rules.check_terms(queries.terms_of(row), today=today())
    invitations = list(row.invitations.select_related("provider"))
    needed = queries.requirement_of(row)
    rules.check_asked(
        len(invitations),
        quotes_needed=needed.quotes_needed,
        from_pence=needed.from_pence,
        source=needed.source,
        budget_pence=row.budget_pence,
        reason=fewer_reason,
    )
    check_askable(row, [each.provider for each in invitations])
    now = timezone.now()
    SUPPORT_REQUEST.move(
        row,
        "open",
        by=actor,
        note=f"Sent to {len(invitations)}",
        opened_at=now,
        opened_by_id=actor.user_id,
        fewer_reason=fewer_reason.strip(),
    )
    row.invitations.update(invited_at=now)
    history.write_many(invitations, verb="invite", by=actor, after=InvitationStatus.INVITED)
    for each in invitations:
        events.publish(ProviderInvited(each.pk))
    events.publish(RequestMoved(row.pk, "open", RequestStatus.OPEN))
    return row


@action
def ask_another(*, actor: Actor, request: SupportRequest, provider: Organisation) -> RequestInvitation:
    """Ask one more provider while questions are still taken, so that all have time to use the answers."""
    row = lock_own(actor, request, to="ask another provider")
    if row.status != RequestStatus.OPEN:
        raise NotNow(
            "The request is not open.", remedy="Providers are chosen before it is sent, or while it is open."
        )
    rules.check_in_time(row.questions_close_on, today(), what="More providers")
    there = row.invitations.count()
    if there >= rules.MOST_ASKED:
        raise RequestInvalid(
            f"At most {rules.MOST_ASKED} providers are asked at once.",
            remedy="Wait for those asked.",
            field="providers",
        )
    check_askable(row, [provider])
    invitation, is_new = RequestInvitation.objects.scoped().get_or_create(
        request=row, provider=provider, defaults={"invited_at": timezone.now()}
    )
    if is_new:
        history.write(invitation, verb="invite", after=InvitationStatus.INVITED, by=actor)
        history.write(row, verb="ask", before=row.status, after=row.status, by=actor, note=str(provider))
        events.publish(ProviderInvited(invitation.pk))
    return invitation
