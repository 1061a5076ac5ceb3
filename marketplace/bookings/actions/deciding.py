"""From a hold to a confirmed visit: order, approve, release, or say no.

Verbs that may end in a confirmed visit lock the practitioner's row before the booking's, as holding does: the days agreed with
the headteacher and the employer's assurance are looked at in the transaction that confirms (I19).
"""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from marketplace.bookings import queries, rules
from marketplace.bookings.actions import paying
from marketplace.bookings.actions.steps import (
    LONGEST_MINUTE_REFERENCE,
    LONGEST_NOTE,
    LONGEST_PURCHASE_ORDER_NUMBER,
    BookingRef,
    lock_booking,
    lock_person_and_booking,
    move,
    must,
    must_stand_alone,
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
from marketplace.bookings.events import ApprovalBarred
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.buyback import queries as buyback
from marketplace.buyback.actions import check_minute, check_quotes
from marketplace.buyback.models import Entitlement, QuotesEvidence
from marketplace.buyback.rules import Requirement
from marketplace.catalogue.models import EmployerAssurance
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import academic_year, clock_words, local, long_date
from marketplace.kernel.days import format_days
from marketplace.kernel.db import action
from marketplace.kernel.money import pounds
from marketplace.organisations import queries as organisations
from marketplace.organisations.errors import InterestInTheWay
from marketplace.organisations.models import OrganisationKind


@action
def order_booking(
    *,
    actor: Actor,
    booking: BookingRef,
    purchase_order_number: str = "",
    focus: str = "",
    evidence: QuotesEvidence | None = None,
    minute_reference: str = "",
    pay_by: str = "",
    entitlement: Entitlement | None = None,
) -> Booking:
    """Turn a hold into an order; the person ordering is then the one who requested it.

    Where the ladder lets the person ordering approve, it is approved at once, and where nobody has to release the person it is
    confirmed at once. Raises `HoldExpired` when the time to decide has run out, and `EvidenceMissing` where the ladder asks for
    quotes and there are none. `pay_by` is a value of `PaymentRoute` where the school pays from a package (`entitlement`) or in
    credits; raises `NothingLeft`, `DoesNotFit` or `NotEnoughCredits` where that can't be.
    """
    row = lock_person_and_booking(actor, booking)
    now = timezone.now()
    must_still_be_held(row, now)
    must(actor, row, "order")
    must_stand_alone(row)
    chosen = paying.choose(row, pay_by, entitlement)
    queries.with_ladders([row])  # read once for all that follows
    needed_now = queries.requirement_of(row)
    check_quotes(
        row.receiving_school, needed_now, evidence, gross_pence=row.committed_pence, supplier=row.provider
    )
    move(
        row,
        "order",
        actor=actor,
        requested_by_id=actor.user_id or row.requested_by_id,
        purchase_order_number=trimmed(
            purchase_order_number, LONGEST_PURCHASE_ORDER_NUMBER, "purchase_order_number"
        ),
        focus=trimmed(focus, LONGEST_NOTE, "focus") or row.focus,
        quotes_evidence_id=evidence.pk if evidence else None,
        minute_reference=trimmed(minute_reference, LONGEST_MINUTE_REFERENCE, "minute_reference"),
        **chosen,
    )
    if buyback.may_approve_under(actor, row.receiving_school_id, needed_now, row.requested_by_id):
        if queries.has_interest_in(actor, row):
            _note_interest(actor, row)
        else:
            approve_row(actor, row, now, note="Approved with the order")
    return row


def approve_booking(
    *, actor: Actor, booking: BookingRef, note: str = "", minute_reference: str = ""
) -> Booking:
    """Commit the school's money. Above the ladder's first step nobody approves what they ordered themselves (I8).

    Raises `EvidenceMissing` where the ladder asks for a minute and neither the order, its evidence nor this names one, and
    `InterestInTheWay` for whoever has declared an interest in those who are paid: that is kept in the booking's history.
    """
    try:
        return _approved(actor, booking, note=note, minute_reference=minute_reference)
    except InterestInTheWay:
        note_interest(actor=actor, booking=booking)
        raise


@action
def note_interest(*, actor: Actor, booking: BookingRef) -> None:
    """Keep on record that the person, who may approve the school's orders, was turned away from this one by an interest of theirs."""
    _note_interest(actor, lock_booking(actor, booking))


@action
def _approved(actor: Actor, booking: BookingRef, *, note: str, minute_reference: str) -> Booking:
    row = lock_person_and_booking(actor, booking)
    must(actor, row, "approve")
    must_stand_alone(row)
    now = timezone.now()
    must_be_to_come(row, now, "approved")
    requirement = queries.requirement_of(row)
    refuse_own_approval(actor, row, requirement)
    refuse_approval_with_interest(actor, row, requirement)
    approve_row(actor, row, now, note=note, minute_reference=minute_reference)
    return row


def refuse_own_approval(actor: Actor, booking: Booking, requirement: Requirement) -> None:
    """Raise `NotYourDecision` where the ladder wants a second person and this is the first."""
    if buyback.is_own_order(actor, requirement, booking.requested_by_id):
        raise NotYourDecision(
            f"You ordered this yourself, and orders of {pounds(requirement.from_pence)} or more (VAT included) need a second"
            f" person (ladder of {requirement.source}).",
            remedy=f"It has to be approved by {requirement.approver.in_full}.",
        )


def refuse_approval_with_interest(actor: Actor, booking: Booking, requirement: Requirement) -> None:
    """Raise `InterestInTheWay` where the person has declared an interest in those who are paid."""
    if queries.has_interest_in(actor, booking):
        raise organisations.interest_in_the_way(
            booking.provider,
            booking.releasing_organisation,
            decision="approve this order",
            remedy=f"Somebody else has to: it can be approved by {requirement.approver.in_full}.",
        )


@action
def refuse_approval(*, actor: Actor, booking: BookingRef, reason: str) -> Booking:
    """Say no to an order, with the reason, which the person who ordered sees."""
    row = lock_booking(actor, booking)
    must(actor, row, "refuse_approval")
    must_stand_alone(row)
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
    consent_to_row(actor, row, timezone.now(), note=note, beyond_agreed=beyond_agreed)
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
    must_stand_alone(row)
    move(
        row, "withdraw", actor=actor, note=reason, cancellation_reason=trimmed(reason, LONGEST_NOTE, "reason")
    )
    return row


def _note_interest(actor: Actor, booking: Booking) -> None:
    """A line of history, and word to the others who may approve."""
    assert actor.user_id is not None  # the exchange itself declares no interest
    history.write(
        booking,
        verb="interest_noted",
        by=actor,
        note=f"{actor.name} has declared an interest in those who are paid and can’t approve this order. Somebody else has to.",
    )
    events.publish(ApprovalBarred(booking.pk, actor.user_id))


# Steps --------------------------------------------------------------------------------------------------------------


def consent_to_row(
    actor: Actor, row: Booking, now: datetime, *, note: str = "", beyond_agreed: bool = False
) -> None:
    """Let the person of a locked booking go. Their row is locked too."""
    must(actor, row, "consent")
    must_be_to_come(row, now, "released")
    _check_load(row, beyond_agreed=beyond_agreed and bool(note.strip()))
    _check_can_be_confirmed(row)
    move(row, "consent", actor=actor, note=note, released_by_id=actor.user_id, released_at=now)


def must_still_be_held(booking: Booking, now: datetime) -> None:
    lapsed = booking.status == BookingStatus.HELD and booking.hold_expires_at <= now
    if lapsed or booking.status == BookingStatus.EXPIRED:
        raise HoldExpired(
            f"The time was held for you until {clock_words(local(booking.hold_expires_at).time())} and is free for others again.",
            remedy="Choose a time once more.",
        )


def approve_row(
    actor: Actor, booking: Booking, now: datetime, *, note: str, minute_reference: str = ""
) -> None:
    """Approve under the ladder as it stands now, which the history keeps (I8)."""
    minute = (
        trimmed(minute_reference, LONGEST_MINUTE_REFERENCE, "minute_reference") or booking.minute_reference
    )
    requirement = queries.requirement_of(booking)
    check_minute(requirement, booking.quotes_evidence, minute)
    move(
        booking,
        "approve",
        actor=actor,
        note="\n".join(filter(None, [note.strip(), requirement.words])),
        approved_by_id=actor.user_id,
        approved_at=now,
        minute_reference=minute,
    )
    release_where_automatic(booking)


def release_where_automatic(booking: Booking) -> None:
    """Confirm an approved visit at once where nobody need be asked to let the person go and nothing stands in the way."""
    if _is_released_automatically(booking) and not _obstacles(booking):
        move(booking, "release", actor=SYSTEM, note=f"{booking.practitioner} works for the provider itself")


def _is_released_automatically(booking: Booking) -> bool:
    return rules.release_is_automatic(
        provider_id=booking.provider_id,
        releasing_id=booking.releasing_organisation_id,
        releasing_is_school=booking.releasing_organisation.kind == OrganisationKind.SCHOOL,
    )


def must_be_to_come(booking: Booking, now: datetime, done: str) -> None:
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
