"""From a hold to a confirmed visit: order, approve, release, or say no.

Verbs that may end in a confirmed visit lock the practitioner's row before the booking's, as holding does: the days agreed with
the headteacher and the employer's assurance are looked at in the transaction that confirms (I19).
"""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from marketplace.bookings import queries, rules
from marketplace.bookings.actions.steps import (
    LONGEST_NOTE,
    LONGEST_PURCHASE_ORDER_NUMBER,
    BookingRef,
    lock_booking,
    lock_person_and_booking,
    move,
    must,
    needed,
    trimmed,
)
from marketplace.bookings.errors import (
    AssuranceMissing,
    BeyondAgreedDays,
    HoldExpired,
    NoLongerPossible,
    NotBookable,
    NotYourDecision,
)
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.buyback import queries as buyback
from marketplace.buyback.rules import needs_second_person
from marketplace.catalogue.models import EmployerAssurance
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import academic_year, local, long_date
from marketplace.kernel.days import format_days
from marketplace.kernel.db import action
from marketplace.kernel.money import pounds
from marketplace.organisations.models import OrganisationKind


@action
def order_booking(
    *, actor: Actor, booking: BookingRef, purchase_order_number: str = "", focus: str = ""
) -> Booking:
    """Turn a hold into an order; the person ordering is then the one who requested it.

    A budget holder's order below the threshold is approved at once, and where nobody has to release the person it is confirmed
    at once. Raises `HoldExpired` when the time to decide has run out.
    """
    row = lock_person_and_booking(actor, booking)
    now = timezone.now()
    _must_still_be_held(row, now)
    must(actor, row, "order")
    move(
        row,
        "order",
        actor=actor,
        requested_by_id=actor.user_id or row.requested_by_id,
        purchase_order_number=trimmed(
            purchase_order_number, LONGEST_PURCHASE_ORDER_NUMBER, "purchase_order_number"
        ),
        focus=trimmed(focus, LONGEST_NOTE, "focus") or row.focus,
    )
    if buyback.may_approve(actor, row.receiving_school_id) and not _needs_another_person(actor, row):
        _approve(actor, row, now, note="Below the threshold: approved with the order")
    return row


@action
def approve_booking(*, actor: Actor, booking: BookingRef, note: str = "") -> Booking:
    """Commit the school's money. At or above the threshold nobody approves what they ordered themselves."""
    row = lock_person_and_booking(actor, booking)
    must(actor, row, "approve")
    now = timezone.now()
    _must_be_to_come(row, now, "approved")
    if _needs_another_person(actor, row):
        raise NotYourDecision(
            f"You ordered this yourself, and orders of {pounds(buyback.threshold_for(row.receiving_school))} or more"
            " (VAT included) need a second person.",
            remedy="Ask another budget holder of the school, or the trust’s lead.",
        )
    _approve(actor, row, now, note=note)
    return row


@action
def refuse_approval(*, actor: Actor, booking: BookingRef, reason: str) -> Booking:
    """Say no to an order, with the reason, which the person who ordered sees."""
    row = lock_booking(actor, booking)
    must(actor, row, "refuse_approval")
    move(row, "refuse_approval", actor=actor, note=needed(reason))
    return row


@action
def consent_to_release(
    *, actor: Actor, booking: BookingRef, note: str = "", beyond_agreed: bool = False
) -> Booking:
    """The releasing headteacher (or, where the employer is no school, its lead) lets the person go: the visit is confirmed.

    Raises `AssuranceMissing` when the employer's assurance does not cover the day, and `BeyondAgreedDays` when the year's agreed
    days would be exceeded and that was not said, with a note.
    """
    row = lock_person_and_booking(actor, booking)
    must(actor, row, "consent")
    now = timezone.now()
    _must_be_to_come(row, now, "released")
    _check_load(row, beyond_agreed=beyond_agreed and bool(note.strip()))
    _check_can_be_confirmed(row)
    move(row, "consent", actor=actor, note=note, released_by_id=actor.user_id, released_at=now)
    return row


@action
def refuse_release(*, actor: Actor, booking: BookingRef, reason: str) -> Booking:
    """The releasing organisation keeps the person, with the reason, which the school and the provider see."""
    row = lock_booking(actor, booking)
    must(actor, row, "refuse_release")
    move(row, "refuse_release", actor=actor, note=needed(reason), cancellation_reason=needed(reason))
    return row


@action
def decline_booking(*, actor: Actor, booking: BookingRef, reason: str) -> Booking:
    """The provider says no before the visit is confirmed, with the reason."""
    row = lock_booking(actor, booking)
    must(actor, row, "decline")
    move(row, "decline", actor=actor, note=needed(reason), cancellation_reason=needed(reason))
    return row


@action
def withdraw_booking(*, actor: Actor, booking: BookingRef, reason: str = "") -> Booking:
    """The school takes a hold or an order back before it is confirmed, free of charge."""
    row = lock_booking(actor, booking)
    must(actor, row, "withdraw")
    move(
        row, "withdraw", actor=actor, note=reason, cancellation_reason=trimmed(reason, LONGEST_NOTE, "reason")
    )
    return row


# Steps --------------------------------------------------------------------------------------------------------------


def _must_still_be_held(booking: Booking, now: datetime) -> None:
    lapsed = booking.status == BookingStatus.HELD and booking.hold_expires_at <= now
    if lapsed or booking.status == BookingStatus.EXPIRED:
        raise HoldExpired(
            f"The time was held for you until {local(booking.hold_expires_at):%H:%M} and is free for others again.",
            remedy="Choose a time once more.",
        )


def _needs_another_person(actor: Actor, booking: Booking) -> bool:
    return booking.requested_by_id == actor.user_id and needs_second_person(
        booking.gross_pence, buyback.threshold_for(booking.receiving_school)
    )


def _approve(actor: Actor, booking: Booking, now: datetime, *, note: str) -> None:
    move(booking, "approve", actor=actor, note=note, approved_by_id=actor.user_id, approved_at=now)
    if _is_released_automatically(booking) and not _obstacles(booking):
        move(booking, "release", actor=SYSTEM, note=f"{booking.practitioner} works for the provider itself")


def _is_released_automatically(booking: Booking) -> bool:
    return rules.release_is_automatic(
        provider_id=booking.provider_id,
        releasing_id=booking.releasing_organisation_id,
        releasing_is_school=booking.releasing_organisation.kind == OrganisationKind.SCHOOL,
    )


def _must_be_to_come(booking: Booking, now: datetime, done: str) -> None:
    if booking.starts_at <= now:
        raise NoLongerPossible(
            f"The session was on {long_date(booking.day)} and can no longer be {done}.",
            remedy="Book another day.",
        )


def _check_can_be_confirmed(booking: Booking) -> None:
    for obstacle in _obstacles(booking):
        raise obstacle


def _obstacles(booking: Booking) -> Iterable[NotBookable | AssuranceMissing]:
    """What keeps a visit from being confirmed. Read while the practitioner's row is locked."""
    person, on = booking.practitioner, booking.day
    suspended = booking.provider.suspended_at or booking.releasing_organisation.suspended_at
    found: list[NotBookable | AssuranceMissing] = []
    if suspended or not person.is_active:
        found.append(
            NotBookable(
                f"{person} takes no bookings at present.", remedy="Ask the provider for another person."
            )
        )
    if not is_assured(booking):
        found.append(
            AssuranceMissing(
                f"{booking.releasing_organisation} has not confirmed its checks on {person} for {long_date(on)}.",
                remedy="Confirm them as the employer first (no certificate numbers), then consent.",
            )
        )
    return found


def is_assured(booking: Booking) -> bool:
    """Whether the employer's assurance covers the day of the visit (I19).

    Its row stays locked until the visit is confirmed: an employer who takes the word back does so before or after, never between.
    """
    held = EmployerAssurance.objects.select_for_update(no_key=True).filter(
        practitioner=booking.practitioner_id,
        withdrawn_at__isnull=True,
        valid_from__lte=booking.day,
        valid_to__gte=booking.day,
    )
    return held.order_by("pk").first() is not None


def _check_load(booking: Booking, *, beyond_agreed: bool) -> None:
    load = queries.load_of(booking.practitioner, academic_year(booking.day), without=booking)
    if booking.half_days > load.left and not beyond_agreed:
        raise BeyondAgreedDays(
            f"Of the {format_days(load.agreed)} agreed for {academic_year(booking.day)}, {format_days(load.left)} are left"
            f" and this booking takes {format_days(booking.half_days)}.",
            remedy="Tick that you agree to more days and write a note, or refuse.",
            field="beyond_agreed",
        )
