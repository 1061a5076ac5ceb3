"""Looking at how a commission goes, and ending it."""

from datetime import date

from django.utils import timezone

from marketplace.buyback import actions as funding
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action
from marketplace.kernel.money import pounds
from marketplace.partnership import queries, rules
from marketplace.partnership.actions.steps import lock_commission, move, must_be_in, today
from marketplace.partnership.errors import CommissionInvalid
from marketplace.partnership.models import Commission, CommissionReview, CommissionStatus, Rag
from marketplace.partnership.queries.commissions import funding_effect


@action
def review_commission(
    *,
    actor: Actor,
    commission: Commission,
    reviewed_on: date,
    rag: str,
    findings: str,
    next_steps: str,
    next_review_on: date | None = None,
) -> CommissionReview:
    """Record a progress review. Without a day for the next one nobody is reminded again."""
    row = lock_commission(actor, commission, to="review this commission")
    must_be_in(row, CommissionStatus.ACTIVE, to="review it")
    if rag not in Rag.values:
        raise CommissionInvalid("Say how it goes.", remedy="Choose red, amber or green.", field="rag")
    rules.check_review(reviewed_on=reviewed_on, next_review_on=next_review_on, today=today())
    made = CommissionReview.objects.create(
        commission=row,
        reviewed_on=reviewed_on,
        rag=rag,
        findings=rules.needed(findings, "findings", "Say what you saw."),
        next_steps=rules.needed(next_steps, "next_steps", "Say what comes next."),
        next_review_on=next_review_on,
        written_by_id=actor.user_id,
        written_by_name=actor.name,
    )
    row.next_review_on = next_review_on
    row.save(update_fields=["next_review_on"])
    history.write(row, verb="review", before=row.status, after=row.status, by=actor, note=Rag(rag).label)
    return made


@action
def exit_commission(
    *, actor: Actor, commission: Commission, reason: str, evidence: str, ended_on: date
) -> Commission:
    """End the support, with what shows that it can end. What is set aside and was not used goes back to the funding stream."""
    row = lock_commission(actor, commission, to="end this commission")
    began = local(row.started_at).date() if row.started_at else ended_on
    rules.check_exit(reason=reason, evidence=evidence, ended_on=ended_on, started_on=began, today=today())
    left = queries.set_aside(row)
    move(
        row,
        "exit",
        actor=actor,
        note=f"{pounds(left)} given back",
        ended_at=timezone.now(),
        ended_on=ended_on,
        end_reason=reason.strip(),
        end_evidence=evidence.strip(),
        next_review_on=None,
    )
    if row.funding_stream is not None and left:
        funding.release_funding(
            actor=actor,
            stream=row.funding_stream,
            pence=left,
            effect=f"{funding_effect(row)}release",
            reason=f"Not used: {row.reference}",
        )
    return row
