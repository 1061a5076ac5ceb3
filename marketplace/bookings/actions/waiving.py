"""Charges that are not owed after all: waived by the provider, or because another school took the freed time."""

from django.db.models import F
from django.utils import timezone

from marketplace.bookings.actions import funding, paying
from marketplace.bookings.actions.steps import BookingRef, lock_booking, lock_practitioner, needed
from marketplace.bookings.errors import NothingToWaive
from marketplace.bookings.events import ChargeWaived
from marketplace.bookings.models import Booking, BookingStatus, WaiverRequest, WaiverStatus
from marketplace.bookings.queries import scopes
from marketplace.catalogue.tariffs import CancellationTariff
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotAllowed
from marketplace.kernel.transfers import NotEnough

LONGEST_REASON = 300


@action
def waive_charge(*, actor: Actor, booking: BookingRef, reason: str) -> Booking:
    """A lead of the provider lets a charge go, with the reason, which all concerned read. What was kept is given back, once."""
    row = lock_booking(actor, booking)
    if not scopes.may_waive(actor, row):
        raise NotAllowed("You can’t waive this charge.", remedy="This is for a lead of the provider.")
    if not row.is_charged:
        raise NothingToWaive(
            "There is no charge to waive.",
            remedy="It was waived already, or the booking was free to cancel.",
        )
    _waive(row, actor=actor, reason=needed(reason), charge_waived_by_id=actor.user_id)
    return row


@action
def waive_for_refill(*, booking: BookingRef) -> Booking | None:
    """Let the charge go of a cancelled visit whose time this confirmed booking of another school has taken.

    Only where that visit's tariff says so, only before its day, and once: one booking refills one freed time. Where the
    credits it cost have been spent since, the charge stands. Returns the visit whose charge is waived.
    """
    taken = scopes.visible_to(SYSTEM).filter(**_lookup(booking)).get()
    if taken.status != BookingStatus.CONFIRMED:
        return None
    lock_practitioner(taken.practitioner_id)
    for freed in _freed_by(taken):
        row = lock_booking(SYSTEM, freed)
        tariff = CancellationTariff.from_data(row.cancellation_tariff)
        if not row.is_charged or not tariff.waived_if_refilled:
            continue
        reason = "The time was taken by another school."
        try:
            _waive(row, actor=SYSTEM, reason=reason, refilled_by_id=taken.pk)
        except NotEnough:
            continue
        return row
    return None


def _freed_by(taken: Booking) -> list[Booking]:
    """Visits that were cancelled by their school before this one was booked, for a time this one takes up again."""
    if Booking.objects.scoped().filter(refilled_by=taken).exists():
        return []
    rows = Booking.objects.scoped().filter(
        practitioner=taken.practitioner_id,
        status=BookingStatus.CANCELLED_BY_BUYER,
        day=taken.day,
        half_days__lte=taken.half_days,
        starts_at__lt=taken.ends_at,
        ends_at__gt=taken.starts_at,
        refilled_by=None,
    )
    return list(rows.exclude(receiving_school=taken.receiving_school_id).order_by(F("starts_at"), "pk"))


def _waive(booking: Booking, *, actor: Actor, reason: str, **by: int | None) -> None:
    """The fields, what was kept, the answer to who asked, the history and the news, together. `charge_waived_by` or `refilled_by` says whose doing it was."""
    paying.undo_charge(booking, reason, actor=actor)
    funding.undo_charge(booking, actor=actor)
    booking.charge_waiver_reason = reason[:LONGEST_REASON]
    for name, value in by.items():
        setattr(booking, name, value)
    booking.save(update_fields=["charge_waiver_reason", *(name.removesuffix("_id") for name in by)])
    WaiverRequest.objects.filter(booking=booking, status=WaiverStatus.WAITING).update(
        status=WaiverStatus.GRANTED, decided_by=actor.user_id, decided_at=timezone.now(), decision_note=reason
    )
    history.write(booking, verb="waive_charge", by=actor, note=reason)
    events.publish(ChargeWaived(booking.pk))


def _lookup(booking: BookingRef) -> dict[str, object]:
    return {"reference": booking} if isinstance(booking, str) else {"pk": booking.pk}
