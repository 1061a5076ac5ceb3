"""Claims for cover: a releasing school says what cover cost it, inside its share; the broker agrees or not."""

from django.utils import timezone

from marketplace.billing import rules
from marketplace.billing.events import ClaimMoved
from marketplace.billing.models import BackfillClaim, CoverKind, StatementLine
from marketplace.billing.queries import settlement as queries
from marketplace.billing.rules import CfrPurpose
from marketplace.billing.states import CLAIM
from marketplace.bookings.models import Booking
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotAllowed, NotNow

PURPOSE = {CoverKind.SUPPLY: CfrPurpose.SUPPLY_TEACHER, CoverKind.AGENCY: CfrPurpose.AGENCY_SUPPLY}


@action
def claim_backfill(
    *, actor: Actor, booking: Booking, pence: int, cover: str, note: str = ""
) -> BackfillClaim:
    """Claim what cover cost for a delivered booking, in pence before VAT.

    The claim says how much of the school's share pays for cover: nothing is paid on top of it. Raises `BackfillTooLarge`, and `NotNow`
    where there is a claim already or the share stands on a statement.
    """
    booking = locked(Booking.objects.scoped(), pk=booking.pk)
    actor.must_hold(
        *queries.RELEASING_READERS, at=booking.releasing_organisation_id, to="claim cover for this booking"
    )
    if not queries.claimable_bookings(actor).filter(pk=booking.pk).exists():
        raise NotNow(
            f"Cover can’t be claimed for {booking.reference}.",
            remedy="It must be delivered, not claimed for already, and not on a statement yet.",
        )
    if pence <= 0:
        raise DomainError("A claim is more than nothing.", remedy="Enter what cover cost.", field="amount")
    rules.check_backfill(pence, booking.price["shares"]["releasing_school"])
    claim = BackfillClaim.objects.create(
        booking=booking,
        cover=cover,
        cfr_code=rules.cfr_code(PURPOSE[CoverKind(cover)], booking.day).code,
        pence=pence,
        note=note.strip()[:300],
        claimed_by_id=actor.user_id,
    )
    history.write(claim, verb="claim", after=claim.status, by=actor, note=note.strip())
    events.publish(ClaimMoved(claim.pk, "claim"))
    return claim


@action
def accept_backfill(*, actor: Actor, claim: BackfillClaim) -> BackfillClaim:
    """Agree to a claim: it is shown on the statement, out of the school's share. Raises `NotNow` where its day stands on one already."""
    return _decide(actor, claim, "accept", "")


@action
def refuse_backfill(*, actor: Actor, claim: BackfillClaim, reason: str) -> BackfillClaim:
    """Refuse a claim, with the reason; the school may claim again."""
    if not reason.strip():
        raise DomainError("Say why you refuse it.", remedy="The school sees the reason.", field="reason")
    return _decide(actor, claim, "refuse", reason.strip())


@action
def withdraw_backfill(*, actor: Actor, claim: BackfillClaim) -> BackfillClaim:
    """Take back a claim that nobody decided on."""
    claim = locked(queries.claims_visible_to(actor), pk=claim.pk)
    actor.must_hold(
        *queries.RELEASING_READERS, at=claim.booking.releasing_organisation_id, to="withdraw this claim"
    )
    CLAIM.move(claim, "withdraw", by=actor)
    return claim


def _decide(actor: Actor, claim: BackfillClaim, verb: str, reason: str) -> BackfillClaim:
    claim = locked(queries.claims_visible_to(actor), pk=claim.pk)
    if not queries.may_settle(actor, claim.booking.provider):
        raise NotAllowed(
            "You can’t decide on this claim.", remedy="Ask the broker’s lead or finance officer."
        )
    if verb == "accept":
        _check_can_be_shown(claim)
    CLAIM.move(
        claim,
        verb,
        by=actor,
        note=reason,
        decided_by_id=actor.user_id,
        decided_at=timezone.now(),
        decision_reason=reason[:300],
    )
    events.publish(ClaimMoved(claim.pk, verb))
    return claim


def _check_can_be_shown(claim: BackfillClaim) -> None:
    line = (
        StatementLine.objects.filter(booking=claim.booking_id, is_live=True)
        .select_related("statement")
        .first()
    )
    if line is not None:
        raise NotNow(
            f"{claim.booking.reference} stands on statement {line.statement} already, which does not show this claim.",
            remedy="Withdraw that statement first and make it again. If it is paid, refuse the claim and say so.",
        )
