"""What moving a visit late cost is let go: asked for by the school and decided by a lead of the provider, or waived without being asked."""

from django.utils import timezone

from marketplace.bookings.actions import funding, paying
from marketplace.bookings.actions.steps import BookingRef, lock_booking, needed
from marketplace.bookings.errors import NothingToWaive
from marketplace.bookings.events import MoveChargeWaived, MoveWaiverAsked, MoveWaiverRefused
from marketplace.bookings.models import Booking, BookingMove, MoveWaiver, WaiverStatus
from marketplace.bookings.queries import scopes
from marketplace.bookings.queries import waiving as queries
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import long_date
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotAllowed, NotNow


@action
def ask_for_move_waiver(*, actor: Actor, booking: BookingRef, number: int, reason: str) -> MoveWaiver:
    """The school asks the provider to let the charge of the booking's move `number` go. It can ask once for a move."""
    row = lock_booking(actor, booking)
    if not queries.may_ask_waiver(actor, row):
        raise NotAllowed(
            "You can’t ask for this.",
            remedy="The headteacher, a budget holder or the trust’s lead asks for the school.",
        )
    move = _charged(row, number)
    if queries.move_waiver_of(move) is not None:
        raise NotNow("The school has asked already.", remedy="The answer is on the booking’s page.")
    asked = MoveWaiver.objects.create(move=move, reason=needed(reason), asked_by_id=actor.user_id)
    history.write(row, verb="ask_for_waiver", by=actor, note=f"{_words(move)}: {asked.reason}")
    events.publish(MoveWaiverAsked(asked.pk))
    return asked


@action
def waive_move_charge(*, actor: Actor, booking: BookingRef, number: int, reason: str) -> MoveWaiver:
    """A lead of the provider lets the charge of a move go, with the reason all concerned read. What was kept is given back, once.

    Raises `NothingToWaive` where there is no charge, or none any more, and `NotEnoughCredits` where credits it cost are spent.
    """
    row = lock_booking(actor, booking)
    if not scopes.may_waive(actor, row):
        raise NotAllowed("You can’t waive this charge.", remedy="This is for a lead of the provider.")
    move, why = _charged(row, number), needed(reason)
    paying.undo_charge_for_move(row, move, why, actor=actor)
    funding.undo_charge_for_move(row, move, actor=actor)
    waiver, _ = MoveWaiver.objects.update_or_create(
        move=move,
        defaults={
            "status": WaiverStatus.GRANTED,
            "decided_by_id": actor.user_id,
            "decided_at": timezone.now(),
            "decision_note": why,
        },
        create_defaults={
            "status": WaiverStatus.GRANTED,
            "reason": why,
            "decided_by_id": actor.user_id,
            "decided_at": timezone.now(),
            "decision_note": why,
        },
    )
    history.write(row, verb="waive_charge", by=actor, note=f"{_words(move)}: {why}")
    events.publish(MoveChargeWaived(waiver.pk))
    return waiver


@action
def decide_move_waiver(
    *, actor: Actor, booking: BookingRef, number: int, approve: bool, note: str = ""
) -> MoveWaiver:
    """A lead of the provider lets the charge of a move go, or says why not."""
    row = lock_booking(actor, booking)
    asked = queries.move_waiver_for(actor, row.reference, number)
    if asked.status != WaiverStatus.WAITING:
        raise NotNow("This has been decided.", remedy="Open the booking to see how.")
    if approve:
        reason = note.strip() or f"{queries.GRANTED_REASON}{asked.reason}"
        return waive_move_charge(actor=actor, booking=row, number=number, reason=reason)
    asked.status, asked.decision_note = WaiverStatus.REFUSED, needed(note)
    asked.decided_by_id, asked.decided_at = actor.user_id, timezone.now()
    asked.save(update_fields=["status", "decision_note", "decided_by", "decided_at"])
    history.write(row, verb="refuse_waiver", by=actor, note=f"{_words(asked.move)}: {asked.decision_note}")
    events.publish(MoveWaiverRefused(asked.pk))
    return asked


def _charged(booking: Booking, number: int) -> BookingMove:
    """The move with its charge, as long as that is owed."""
    move = queries.move_of(booking, number)
    waiver = queries.move_waiver_of(move)
    if not move.is_charged or (waiver is not None and waiver.status == WaiverStatus.GRANTED):
        raise NothingToWaive(
            "There is no charge to waive.", remedy="It was waived already, or the move was free of charge."
        )
    return move


def _words(move: BookingMove) -> str:
    return f"Moved from {long_date(move.from_day)} to {long_date(move.to_day)}"
