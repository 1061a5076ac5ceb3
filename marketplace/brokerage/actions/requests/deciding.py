"""Choosing among the responses, or saying that none is suitable."""

from collections.abc import Mapping

from django.utils import timezone

from marketplace.brokerage import queries, rules
from marketplace.brokerage.actions.requests.closing import LONGEST_REASON, log_unmet
from marketplace.brokerage.actions.requests.interests import check_no_interest
from marketplace.brokerage.actions.requests.quotes import write_evidence
from marketplace.brokerage.actions.requests.steps import lock_own
from marketplace.brokerage.errors import RequestInvalid, SelectionIncomplete
from marketplace.brokerage.events import RequestMoved, SupportRequestAwarded
from marketplace.brokerage.models import (
    InvitationStatus,
    LossReason,
    RequestInvitation,
    RequestResponse,
    RequestStatus,
    SupportRequest,
    UnmetCause,
)
from marketplace.brokerage.states import INVITATION, SUPPORT_REQUEST
from marketplace.buyback.models import QuotesEvidence
from marketplace.kernel import events
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotFound


@action
def award_request(
    *,
    actor: Actor,
    request: SupportRequest,
    chosen: RequestInvitation,
    losses: Mapping[int, str],
    conflicts: str,
    reason: str = "",
    reason_fewer_quotes: str = "",
    evidence: QuotesEvidence | None = None,
) -> SupportRequest:
    """Choose a response, write the quotes evidence, and tell everybody who responded.

    `losses` says for each other response, by its invitation's id, why it was not chosen (a `LossReason`). `conflicts` declares who
    has an interest, or that nobody has. `evidence` is evidence the school began gathering, to be filled; new one is made without.
    Raises `HasInterest`, `SelectionIncomplete` where a reason is missing, and `EvidenceIncomplete` with what the ladder still wants.
    """
    row = lock_own(actor, request, to="choose a provider for this school")
    responses = _responses_to_decide(actor, row, "award")
    pick = next((each for each in responses if each.invitation_id == chosen.pk), None)
    if pick is None:
        raise NotFound
    others = [each for each in responses if each is not pick]
    rules.check_reason(pick.price_pence, [each.price_pence for each in others], reason)
    _check_length(reason)
    if not conflicts.strip():
        raise SelectionIncomplete(
            "Conflicts of interest are not declared.",
            remedy="Say that nobody who decides has one, or who has and what was done about it.",
            field="conflicts",
        )
    written = write_evidence(
        actor=actor,
        request=row,
        chosen=pick,
        reason=reason,
        conflicts=conflicts,
        reason_fewer_quotes=reason_fewer_quotes or row.fewer_reason,
        evidence=evidence,
    )
    INVITATION.move(pick.invitation, "choose", by=actor)
    _pass_over(actor, others, losses)
    SUPPORT_REQUEST.move(
        row,
        "award",
        by=actor,
        note=f"{pick.invitation.provider}. {reason.strip()}".strip(),
        chosen_id=pick.invitation_id,
        evidence_id=written.pk,
        decision_reason=reason.strip(),
        decided_by_id=actor.user_id,
        decided_at=timezone.now(),
    )
    events.publish(RequestMoved(row.pk, "award", RequestStatus.AWARDED))
    events.publish(SupportRequestAwarded(row.pk))
    return row


@action
def end_request(*, actor: Actor, request: SupportRequest, reason: str, loss: str) -> SupportRequest:
    """Choose nobody, with the reason. `loss` (a `LossReason`) is what those who responded are told.

    What was asked for in vain goes into the unmet-demand log.
    """
    row = lock_own(actor, request, to="end this request")
    responses = _responses_to_decide(actor, row, "end")
    if not reason.strip():
        raise SelectionIncomplete(
            "Say why none is suitable.", remedy="The reason is kept with the request.", field="reason"
        )
    _check_length(reason)
    _pass_over(actor, responses, {each.invitation_id: loss for each in responses})
    SUPPORT_REQUEST.move(
        row,
        "end",
        by=actor,
        note=reason.strip(),
        decision_reason=reason.strip(),
        decided_by_id=actor.user_id,
        decided_at=timezone.now(),
    )
    log_unmet(row, UnmetCause.NONE_SUITABLE)
    events.publish(RequestMoved(row.pk, "end", RequestStatus.UNSUCCESSFUL))
    return row


def _responses_to_decide(actor: Actor, row: SupportRequest, verb: str) -> list[RequestResponse]:
    """The responses of a closed request, for somebody who may decide and has no interest in any of those who gave them."""
    actor.must_hold(*queries.DECIDERS, at=row.school_id, to="decide this request")
    SUPPORT_REQUEST.target(row.status, verb)
    responses = list(queries.counted_responses(row))
    for each in responses:
        check_no_interest(actor, each.invitation.provider)
    return responses


def _pass_over(actor: Actor, responses: list[RequestResponse], losses: Mapping[int, str]) -> None:
    for each in responses:
        loss = losses.get(each.invitation_id, "")
        if loss not in LossReason.values:
            raise SelectionIncomplete(
                f"Say why {each.invitation.provider} was not chosen.",
                remedy="They are told the reason you choose, and nothing else.",
                field=f"loss_{each.invitation_id}",
            )
        assert each.invitation.status == InvitationStatus.RESPONDED
        INVITATION.move(each.invitation, "pass_over", by=actor, loss_reason=loss)


def _check_length(reason: str) -> None:
    if len(reason) > LONGEST_REASON:
        raise RequestInvalid(
            "That is too long.", remedy=f"Use {LONGEST_REASON:,} characters or fewer.", field="reason"
        )
