"""A school asks for the charge of a cancelled visit to be waived; a lead of the provider decides."""

from django.utils import timezone

from marketplace.bookings.actions.steps import BookingRef, lock_booking, needed
from marketplace.bookings.actions.waiving import waive_charge
from marketplace.bookings.errors import NothingToWaive
from marketplace.bookings.events import WaiverAsked, WaiverRefused
from marketplace.bookings.models import WaiverRequest, WaiverStatus
from marketplace.bookings.queries import waiving as queries
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotAllowed, NotNow


@action
def ask_for_waiver(*, actor: Actor, booking: BookingRef, reason: str) -> WaiverRequest:
    """The school asks the provider to let a charge go, with the reason. It can ask once for a booking."""
    row = lock_booking(actor, booking)
    if not queries.may_ask_waiver(actor, row):
        raise NotAllowed(
            "You can’t ask for this.",
            remedy="The headteacher, a budget holder or the trust’s lead asks for the school.",
        )
    if not row.is_charged:
        raise NothingToWaive(
            "There is no charge to waive.",
            remedy="It was waived already, or the booking was free to cancel.",
        )
    if queries.waiver_request_of(row) is not None:
        raise NotNow("The school has asked already.", remedy="The answer is on the booking’s page.")
    request = WaiverRequest.objects.create(booking=row, reason=needed(reason), asked_by_id=actor.user_id)
    history.write(row, verb="ask_for_waiver", by=actor, note=request.reason)
    events.publish(WaiverAsked(request.pk))
    return request


@action
def decide_waiver(*, actor: Actor, booking: BookingRef, approve: bool, note: str = "") -> WaiverRequest:
    """A lead of the provider lets the charge go, or says why not."""
    row = lock_booking(actor, booking)
    request = queries.waiver_request_for(actor, row.reference)
    if request.status != WaiverStatus.WAITING:
        raise NotNow("This has been decided.", remedy="Open the booking to see how.")
    if approve:
        waive_charge(
            actor=actor, booking=row, reason=note.strip() or f"{queries.GRANTED_REASON}{request.reason}"[:300]
        )
        request.refresh_from_db()
        return request
    request.status, request.decision_note = WaiverStatus.REFUSED, needed(note)
    request.decided_by_id, request.decided_at = actor.user_id, timezone.now()
    request.save(update_fields=["status", "decision_note", "decided_by", "decided_at"])
    history.write(row, verb="refuse_waiver", by=actor, note=request.decision_note)
    events.publish(WaiverRefused(request.pk))
    return request
