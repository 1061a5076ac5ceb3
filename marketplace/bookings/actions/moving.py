"""Moving a booking to another time, as one act: the old time is freed and the new one taken, or nothing changes.

A confirmed visit that is moved late is charged what its tariff would charge for cancelling it now, on top of the visit itself, whose price
stays as it was promised. On another day the releasing headteacher is asked again; on the same day nobody is.
"""

from datetime import date, datetime

from django.db import IntegrityError
from django.utils import timezone

from marketplace.bookings import queries, rules
from marketplace.bookings.actions import funding, paying
from marketplace.bookings.actions.deciding import release_where_automatic
from marketplace.bookings.actions.holding import Taken, slot_taken, sweep_and_find_own
from marketplace.bookings.actions.steps import BookingRef, lock_person_and_booking, must, needed
from marketplace.bookings.actions.wishes import check_diary, check_open
from marketplace.bookings.errors import NoLongerPossible, NotMovable
from marketplace.bookings.events import BookingMoved, BookingRescheduled
from marketplace.bookings.models import Booking, BookingMove, BookingStatus, session_words
from marketplace.bookings.states import BOOKING
from marketplace.catalogue.models import DeliveryMode
from marketplace.kernel import events
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import long_date
from marketplace.kernel.db import action


def reschedule_booking(*, actor: Actor, booking: BookingRef, day: date, session: str, reason: str) -> Booking:
    """Move an order or a confirmed visit to another free time of the same person and length; its charge is `queries.moving_quote`'s.

    Raises `SlotTaken` with the next free times when somebody was quicker, `NotAvailable` where the diary is closed, `NotMovable` where the
    length differs, or what the visit belongs to or is paid by does not reach the new day. The booking then stays as it was.
    """
    try:
        return _reschedule(actor=actor, booking=booking, day=day, session=session, reason=reason)
    except (Taken, IntegrityError) as error:
        row = queries.booking_for(actor, booking if isinstance(booking, str) else booking.reference)
        remote = row.mode == DeliveryMode.REMOTE
        raise slot_taken(
            error, row.practitioner, session, day, row.receiving_school, remote=remote
        ) from error


@action
def _reschedule(*, actor: Actor, booking: BookingRef, day: date, session: str, reason: str) -> Booking:
    row = lock_person_and_booking(actor, booking)
    verb = "retime" if day == row.day else "reschedule"
    must(actor, row, verb)
    why, now = needed(reason), timezone.now()
    _check(row, day, session, now)
    taken = _free_time(actor, row, day, session, now)
    outcome = queries.moving_quote(row, now=now)
    moments = rules.moments_of(day, session)
    move = BookingMove.objects.create(
        booking=row,
        from_day=row.day,
        from_session=row.session,
        from_starts_at=row.starts_at,
        to_day=day,
        to_session=session,
        to_starts_at=moments.starts_at,
        reason=why,
        charge_pence=outcome.charge_pence if outcome else 0,
        charge_half_days=outcome.kept_half_days if outcome and row.is_prepaid else 0,
        explanation=outcome.explanation[:300] if outcome else "",
        moved_by_id=actor.user_id,
    )
    before = str(row.status)
    also = {} if verb == "retime" else {"released_by_id": None, "released_at": None}
    BOOKING.move(
        row,
        verb,
        by=actor,
        note=_note(move),
        day=day,
        session=session,
        starts_at=moments.starts_at,
        ends_at=moments.ends_at,
        during=tuple(taken),
        **also,
    )
    paying.charge_for_move(row, move, actor=actor)
    funding.charge_for_move(row, move, actor=actor)
    events.publish(BookingMoved(row.pk, verb, before, str(row.status)))
    events.publish(BookingRescheduled(move.pk, before))
    if before == BookingStatus.CONFIRMED and row.status == BookingStatus.AWAITING_RELEASE:
        release_where_automatic(row)
    return row


def _check(row: Booking, day: date, session: str, now: datetime) -> None:
    if row.starts_at <= now:
        raise NoLongerPossible(
            f"The session of {long_date(row.day)} has begun and can no longer be moved.",
            remedy="Record the visit, or that it did not take place.",
        )
    if not rules.is_session(session) or rules.times_of(session).half_days != row.half_days:
        raise NotMovable(
            "A visit keeps its length when it is moved.",
            remedy="Choose a session that counts for as much. For another length, cancel it and book anew.",
            field="session",
        )
    if (day, session) == (row.day, row.session):
        raise NotMovable("That is when it is already.", remedy="Choose another time.", field="session")
    if queries.open_hand_over(row) is not None:
        raise NotMovable(
            "The visit is on offer to another school for the day it is on.",
            remedy="Take that offer back first.",
        )
    if why_not := queries.why_not_moved_to(row, day):
        raise NotMovable(why_not, remedy="Choose another day, or cancel and book anew.", field="session")
    if why_not := queries.why_not_paid_on(row, day):
        raise NotMovable(why_not, remedy="Choose a day it reaches, or cancel and book anew.", field="session")


def _free_time(actor: Actor, row: Booking, day: date, session: str, now: datetime) -> rules.Moments:
    """The new time with the journey after it. Raises where the diary is closed or somebody else has it."""
    person, remote = row.practitioner, row.mode == DeliveryMode.REMOTE
    check_open(row.receiving_school, day, remote=remote)
    diary = queries.facts_of([person], day, day, now=now, with_bookings=False)[person.pk]
    taken = diary.with_travel(rules.moments_of(day, session), remote=remote)
    check_diary(diary, day, session, now, remote=remote)
    own = sweep_and_find_own(actor, person, row.receiving_school_id, session, taken, now, but=row)
    if own is not None:
        raise NotMovable(
            "You hold that time for another booking.", remedy="Order it or let it go first.", field="session"
        )
    return taken


def _note(move: BookingMove) -> str:
    """From when to when, why, and what was charged."""
    old = f"{long_date(move.from_day)}, {session_words(move.from_session).lower()}"
    new = f"{long_date(move.to_day)}, {session_words(move.to_session).lower()}"
    return "\n".join(filter(None, [f"From {old} to {new}: {move.reason}", move.explanation]))
