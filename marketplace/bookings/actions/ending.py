"""How a confirmed visit ends: delivered and evaluated, called off, or nobody came.

What a cancellation costs is worked out from the tariff the booking kept, in the same statement that moves it: of two people who
cancel at once one is told, and the charge is written once (I7).
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from marketplace.bookings import queries
from marketplace.bookings.actions.steps import BookingRef, lock_booking, move, must, needed
from marketplace.bookings.errors import NoLongerPossible, NotYet, WhoIsNotKnown
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.catalogue.tariffs import CancelledBy
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import clock_words, local, long_date
from marketplace.kernel.db import action

CANCELLERS = (CancelledBy.BUYER, CancelledBy.PROVIDER, CancelledBy.RELEASING_SCHOOL)
ABSENT = {"buyer": CancelledBy.NO_SHOW_BUYER, "provider": CancelledBy.NO_SHOW_PROVIDER}


@action
def cancel_booking(*, actor: Actor, booking: BookingRef, by: str, reason: str) -> Booking:
    """Call a confirmed visit off before it begins. `by` is the side that does: `buyer`, `provider` or `releasing_school`.

    The charge is what `queries.cancellation_quote` shows. Raises `NoLongerPossible` once the session has begun.
    """
    if by not in CANCELLERS:
        raise WhoIsNotKnown("Say who cancels.", remedy=f"Give one of: {', '.join(CANCELLERS)}.", field="by")
    row = lock_booking(actor, booking)
    verb = f"cancel_by_{by}"
    must(actor, row, verb)
    now = timezone.now()
    if row.starts_at <= now:
        raise NoLongerPossible(
            f"The session of {long_date(row.day)} has begun and can no longer be cancelled.",
            remedy="Record the visit, or record that it did not take place.",
        )
    end_confirmed(row, verb, actor=actor, by=CancelledBy(by), reason=reason, now=now)
    return row


@action
def record_no_show(*, actor: Actor, booking: BookingRef, absent: str, reason: str) -> Booking:
    """Record that a visit did not take place: the school was not ready (`absent="buyer"`) or nobody came (`"provider"`).

    Each side records the other's absence, from the start of the session on.
    """
    if absent not in ABSENT:
        raise WhoIsNotKnown("Say who was not there.", remedy="Give buyer or provider.", field="absent")
    row = lock_booking(actor, booking)
    verb = f"no_show_{absent}"
    must(actor, row, verb)
    now = timezone.now()
    if now < row.starts_at:
        raise _not_yet(row)
    end_confirmed(row, verb, actor=actor, by=ABSENT[absent], reason=reason, now=now)
    return row


def end_confirmed(
    booking: Booking, verb: str, *, actor: Actor, by: CancelledBy, reason: str, now: datetime
) -> None:
    """End a locked booking with what its tariff says."""
    reason = needed(reason)
    outcome = queries.cancellation_quote(booking, by=by, now=now)
    move(
        booking,
        verb,
        actor=actor,
        note=f"{reason}\n{outcome.explanation}",
        cancellation_charge_pence=outcome.charge_pence,
        cancellation_charge_half_days=outcome.kept_half_days if booking.is_prepaid else None,
        cancellation_explanation=outcome.explanation,
        cancellation_reason=reason,
    )


@action
def mark_delivered(*, actor: Actor, booking: BookingRef) -> Booking:
    """The visit took place: called when its record is written. Raises `NotYet` before the session is over."""
    row = lock_booking(actor, booking)
    must(actor, row, "deliver")
    now = timezone.now()
    if now < row.ends_at:
        raise _not_yet(row)
    move(row, "deliver", actor=actor, delivered_at=now)
    return row


@action
def mark_evaluated(*, actor: Actor, booking: BookingRef) -> Booking:
    """The receiving head judged what changed: called when the evaluation is written."""
    row = lock_booking(actor, booking)
    must(actor, row, "evaluate")
    move(row, "evaluate", actor=actor)
    return row


def complete_unevaluated(*, now: datetime | None = None) -> int:
    """Close visits nobody evaluated within `EVALUATION_DAYS` of delivery; how many."""
    before = (now or timezone.now()) - timedelta(days=settings.EVALUATION_DAYS)
    rows = Booking.objects.scoped().filter(status=BookingStatus.DELIVERED, delivered_at__lt=before)
    pks = list(rows.values_list("pk", flat=True))
    return sum(_complete(pk=pk) for pk in pks)


@action
def _complete(*, pk: int) -> bool:
    row = (
        Booking.objects.scoped()
        .select_for_update(no_key=True, skip_locked=True)
        .filter(pk=pk, status=BookingStatus.DELIVERED)
        .first()
    )
    if row is None:
        return False
    move(row, "complete", actor=SYSTEM, note="Closed without an evaluation of this visit alone")
    return True


def _not_yet(booking: Booking) -> NotYet:
    ends = local(booking.ends_at)
    return NotYet(
        f"The session is on {long_date(booking.day)} from {clock_words(local(booking.starts_at).time())} to {clock_words(ends.time())}.",
        remedy="Record it afterwards.",
    )
