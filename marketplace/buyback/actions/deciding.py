"""From an order to an agreement: the terms accepted, the money approved; or not."""

from django.utils import timezone

from marketplace.buyback.actions.agreement_steps import (
    LONGEST_CAPACITY,
    LONGEST_NAME,
    LONGEST_REASON,
    AgreementRef,
    ReasonNeeded,
    lock_agreement,
    move,
    must,
    must_move,
    needed,
    today,
    trimmed,
)
from marketplace.buyback.actions.checking import check_evidence
from marketplace.buyback.actions.paying import commit_for
from marketplace.buyback.actions.renewing import link_renewal, unlink_renewal
from marketplace.buyback.actions.running import activate_agreement
from marketplace.buyback.events import AgreementApprovalBarred
from marketplace.buyback.models import AgreementStatus, ServiceAgreement
from marketplace.buyback.queries import agreements as queries
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import long_date
from marketplace.kernel.db import action
from marketplace.kernel.errors import DomainError, NotNow
from marketplace.kernel.money import pounds
from marketplace.organisations import queries as organisations
from marketplace.organisations.errors import InterestInTheWay


class TermsNotAccepted(DomainError):
    """Nobody with authority has accepted the terms yet."""

    code = "terms_not_accepted"
    status = 409


class SecondPersonNeeded(DomainError):
    """Another person has to take this decision."""

    code = "not_your_decision"
    status = 403


class TooLateToApprove(DomainError):
    """The time the agreement was for is over."""

    code = "too_late"
    status = 409


@action
def accept_terms(*, actor: Actor, agreement: AgreementRef, name: str, capacity: str) -> ServiceAgreement:
    """Accept the terms of an order in one's own name, as somebody with authority to commit the school (domain 1.4).

    For an order that a member of staff placed. Raises `ReasonNeeded` without name or capacity, `NotNow` where they are accepted.
    """
    row = lock_agreement(actor, agreement)
    must(actor, row, "accept")
    if row.status != AgreementStatus.AWAITING_APPROVAL or row.accepted_at is not None:
        raise NotNow(
            "The terms of this agreement don’t wait for acceptance.",
            remedy="Open it again to see where it stands.",
        )
    for field, text in (("name", name), ("capacity", capacity)):
        if not text.strip():
            raise ReasonNeeded(
                f"The {field} is missing.",
                remedy="Write your name and your position, for example “Headteacher”.",
                field=field,
            )
    row.accepted_by_id = actor.user_id
    row.accepted_name = trimmed(name, LONGEST_NAME, "name")
    row.accepted_capacity = trimmed(capacity, LONGEST_CAPACITY, "capacity")
    row.accepted_at = timezone.now()
    row.save(update_fields=["accepted_by", "accepted_name", "accepted_capacity", "accepted_at"])
    note = f"{row.terms}, accepted by {row.accepted_name}, {row.accepted_capacity}"
    history.write(row, verb="terms_accepted", by=actor, note=note)
    return row


def approve_agreement(
    *, actor: Actor, agreement: AgreementRef, note: str = "", minute_reference: str = ""
) -> ServiceAgreement:
    """Commit the school's money to an agreement, as the person its approval ladder names.

    One that should have begun already begins at once. Raises `SecondPersonNeeded` (I8), `TermsNotAccepted`, `EvidenceMissing`,
    `NotEnough` where the funding stream it is paid from can't bear it, and `InterestInTheWay` for whoever has declared an interest in
    the seller: that is kept in the agreement's history.
    """
    try:
        return _approved(actor, agreement, note=note, minute_reference=minute_reference)
    except InterestInTheWay:
        note_interest(actor=actor, agreement=agreement)
        raise


@action
def note_interest(*, actor: Actor, agreement: AgreementRef) -> None:
    """Keep on record that the person, who may approve the school's orders, can't approve this one for an interest of theirs."""
    row = lock_agreement(actor, agreement)
    assert actor.user_id is not None  # the exchange itself declares no interest
    note = f"{actor.name} has declared an interest in the seller and can’t approve this order. Somebody else has to."
    history.write(row, verb="interest_noted", by=actor, note=note)
    events.publish(AgreementApprovalBarred(row.pk, actor.user_id))


@action
def _approved(actor: Actor, agreement: AgreementRef, *, note: str, minute_reference: str) -> ServiceAgreement:
    row = lock_agreement(actor, agreement)
    must_move(actor, row, "approve")
    value, on = queries.order_value(row), today()
    if queries.needs_another_person(actor, row):
        raise SecondPersonNeeded(
            f"You ordered this yourself, and an order of {pounds(value)} (VAT included) needs a second person.",
            remedy=f"Ask {queries.requirement_of(row).approver.label.lower()}.",
        )
    organisations.check_no_interest(
        actor,
        row.seller,
        decision="approve this agreement",
        remedy=f"Somebody else has to: it can be approved by {queries.requirement_of(row).approver.in_full}.",
    )
    if row.accepted_at is None:
        raise TermsNotAccepted(
            "Nobody with authority has accepted the seller’s terms.",
            remedy="Ask the headteacher or a budget holder of the school to accept them first.",
        )
    if row.ends_on < on:
        raise TooLateToApprove(
            f"The agreement would have ended on {long_date(row.ends_on)}.",
            remedy="Refuse it, and order for the coming year.",
        )
    minute = minute_reference.strip() or row.minute_reference
    check_evidence(row.buyer, value, row.quotes_evidence, minute, supplier=row.seller)
    commit_for(actor, row)
    move(
        row,
        "approve",
        actor=actor,
        note="\n".join(
            filter(None, [trimmed(note, LONGEST_REASON, "note"), queries.requirement_of(row).words])
        ),
        approved_by_id=actor.user_id,
        approved_at=timezone.now(),
        minute_reference=trimmed(minute, 80, "minute_reference"),
    )
    link_renewal(row)
    if row.starts_on <= on:
        activate_agreement(actor=actor, agreement=row)
    return row


@action
def refuse_agreement(*, actor: Actor, agreement: AgreementRef, reason: str) -> ServiceAgreement:
    """Say no to an order, with the reason, which the person who ordered sees."""
    row = lock_agreement(actor, agreement)
    must_move(actor, row, "refuse_approval")
    move(row, "refuse_approval", actor=actor, note=needed(reason), end_reason=needed(reason))
    unlink_renewal(row)
    return row


@action
def withdraw_agreement(*, actor: Actor, agreement: AgreementRef, reason: str = "") -> ServiceAgreement:
    """Take an order back before it is approved, free of charge."""
    row = lock_agreement(actor, agreement)
    must_move(actor, row, "withdraw")
    why = trimmed(reason, LONGEST_REASON, "reason")
    move(row, "withdraw", actor=actor, note=why, end_reason=why)
    unlink_renewal(row)
    return row
