"""A decided request as quotes evidence: whom the school asked, what each answered, and which it chose and why.

With it an order passes the quotes threshold of the school's ladder.
"""

from marketplace.brokerage.models import (
    InvitationStatus,
    RequestInvitation,
    RequestResponse,
    SupportRequest,
)
from marketplace.brokerage.queries.requests import counted_responses
from marketplace.buyback import actions as buyback
from marketplace.buyback.models import AskedQuote, QuoteAnswer, QuotesEvidence
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local


def write_evidence(
    *,
    actor: Actor,
    request: SupportRequest,
    chosen: RequestResponse,
    reason: str,
    conflicts: str,
    reason_fewer_quotes: str,
    evidence: QuotesEvidence | None,
) -> QuotesEvidence:
    """Make the evidence of a request, or fill a draft the school began, and complete it. Raises `EvidenceIncomplete`."""
    draft = evidence or buyback.start_evidence(
        actor=actor, organisation=request.school, subject=request.title, need_pence=chosen.gross_pence
    )
    responses = {each.invitation_id: each for each in counted_responses(request)}
    for invitation in request.invitations.select_related("provider"):
        quote = _write_answer(actor, draft, invitation, responses.get(invitation.pk))
        if invitation.pk == chosen.invitation_id:
            buyback.choose_quote(actor=actor, quote=quote)
    buyback.describe_evidence(
        actor=actor,
        evidence=draft,
        subject=draft.subject,
        need_pence=max(draft.need_pence, chosen.gross_pence),
        reason_not_lowest=reason,
        reason_fewer_quotes=reason_fewer_quotes,
        conflicts=conflicts,
        minute_reference=draft.minute_reference,
    )
    return buyback.complete_evidence(actor=actor, evidence=draft)


def _write_answer(
    actor: Actor, evidence: QuotesEvidence, invitation: RequestInvitation, response: RequestResponse | None
) -> AskedQuote:
    assert invitation.invited_at is not None, "a request that was sent says when"
    quote = buyback.ask_supplier(
        actor=actor,
        evidence=evidence,
        supplier_name="",
        supplier=invitation.provider,
        asked_on=local(invitation.invited_at).date(),
    )
    answered_on = local(invitation.answered_at).date() if invitation.answered_at else None
    if response is not None:
        return buyback.record_answer(
            actor=actor,
            quote=quote,
            answer=QuoteAnswer.QUOTED,
            price_pence=response.price_pence,
            answered_on=answered_on,
            comment=f"Response {invitation.reference} to request {invitation.request.reference}",
        )
    declined = invitation.status == InvitationStatus.DECLINED
    return buyback.record_answer(
        actor=actor,
        quote=quote,
        answer=QuoteAnswer.DECLINED if declined else QuoteAnswer.NO_ANSWER,
        answered_on=answered_on if declined else None,
        comment=invitation.get_decline_reason_display() if declined else "",
    )
