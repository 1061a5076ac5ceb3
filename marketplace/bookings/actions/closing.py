"""Calling off what a day holds: a person's days with everything on them, and the visits to schools that are closed.

Both lock the people concerned in the order of their keys, as holding does, so that nothing new comes into the diary meanwhile.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import IntegrityError
from django.utils import timezone

from marketplace.bookings import queries
from marketplace.bookings.actions.diaries import add_exception
from marketplace.bookings.actions.ending import end_confirmed
from marketplace.bookings.actions.steps import lock_people, move, must, needed
from marketplace.bookings.errors import ClosureInvalid, DiaryInvalid, WhoIsNotKnown
from marketplace.bookings.events import SchoolClosed, TurnedRemote
from marketplace.bookings.models import Booking, BookingStatus, SchoolClosure
from marketplace.catalogue.models import DeliveryMode, Practitioner
from marketplace.catalogue.tariffs import CancelledBy
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.db import action, constraint_of
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations.models import Area, Organisation

LONGEST_PERIOD_DAYS = 92
LONGEST_REASON = 120
UNFORESEEN_DAYS = 7
"""How many days ahead a school can know of snow or a broken boiler; what is known longer is cancelled or moved by its terms."""
SIDES = (CancelledBy.PROVIDER, CancelledBy.RELEASING_SCHOOL)
_BEFORE_CONFIRMED = {CancelledBy.PROVIDER: "decline", CancelledBy.RELEASING_SCHOOL: "refuse_release"}


@action
def cancel_days(
    *, actor: Actor, practitioner: Practitioner, first_day: date, last_day: date, by: str, reason: str
) -> list[Booking]:
    """Close a person's diary for some days and call off everything on them: visits, orders and holds; the bookings that ended.

    `by` is the side that does, `provider` or `releasing_school`: the schools pay nothing. All or nothing: raises `NotAllowed` where one of
    the bookings is not this side's to call off.
    """
    if by not in SIDES:
        raise WhoIsNotKnown("Say who cancels.", remedy=f"Give one of: {', '.join(SIDES)}.", field="by")
    if by not in queries.sides_over(actor, practitioner):
        raise NotAllowed(
            f"You can’t call off the visits of {practitioner}.",
            remedy="This is for a lead of the provider, or the releasing headteacher.",
        )
    why = _short(reason)
    if not 0 <= (last_day - first_day).days <= LONGEST_PERIOD_DAYS:
        raise DiaryInvalid(
            f"Choose up to {LONGEST_PERIOD_DAYS} days, the first before the last.", field="last_day"
        )
    lock_people([practitioner.pk])
    now = timezone.now()
    rows = list(
        queries.diary_bookings(practitioner, first_day, last_day, now=now).select_for_update(
            no_key=True, of=("self",)
        )
    )
    for row in rows:
        _call_off(row, CancelledBy(by), why, now, actor=actor)
    add_exception(actor=actor, practitioner=practitioner, first_day=first_day, last_day=last_day, reason=why)
    history.write(
        practitioner,
        verb="cancel_days",
        by=actor,
        note=f"{long_date(first_day)} to {long_date(last_day)}: {why} ({len(rows)} bookings)",
    )
    return rows


def _call_off(row: Booking, by: CancelledBy, reason: str, now: datetime, *, actor: Actor) -> None:
    if row.status == BookingStatus.CONFIRMED:
        verb = f"cancel_by_{by}"
        must(actor, row, verb)
        end_confirmed(row, verb, actor=actor, by=by, reason=reason, now=now)
    elif row.status == BookingStatus.HELD:
        move(row, "expire", actor=SYSTEM, note=reason)
    else:
        verb = _BEFORE_CONFIRMED[by]
        must(actor, row, verb)
        move(row, verb, actor=actor, note=reason, cancellation_reason=reason)


# Schools that are closed ------------------------------------------------------------------------------------------------


@action
def declare_closure(
    *, actor: Actor, place: Area | Organisation, day: date, reason: str, remote: Collection[str] = ()
) -> SchoolClosure:
    """Say that a school, or every school of an area, is closed on a day of the week to come: snow, flood, no heating.

    Visits to it are called off free of charge with this reason, those named in `remote` (references) turned remote instead where their
    offer allows it. From then on nobody can book a visit there for the day.
    """
    if not queries.may_declare(actor, place):
        raise NotAllowed(
            f"You can’t say that {place} is closed.",
            remedy="This is for the school’s headteacher or, for an area, its convenor.",
        )
    now, why = timezone.now(), _short(reason)
    must_be_closable(place, day)
    visits = queries.visits_on(place, day, now=now)
    lock_people(visits.values_list("practitioner", flat=True))
    rows = list(visits.select_for_update(no_key=True, of=("self",)))
    closure = _new_closure(actor, place, day, why)
    wanted = set(remote)
    for row in rows:
        if row.status == BookingStatus.HELD:
            move(row, "expire", actor=SYSTEM, note=f"The school is closed: {why}")
        elif row.reference in wanted:
            _turn_remote(row, closure, actor=actor)
        else:
            _close(row, why, actor=actor)
    history.write(
        closure, verb="declare", by=actor, note=f"{why}: {len(rows)} visits, {len(wanted)} of them remote"
    )
    events.publish(SchoolClosed(closure.pk))
    return closure


def must_be_closable(place: Area | Organisation, day: date) -> None:
    """Raise `ClosureInvalid` for a day that is over, that lies too far ahead to be unforeseen, or that was closed before."""
    today = local(timezone.now()).date()
    if day < today:
        raise ClosureInvalid("That day is over.", remedy="Choose today or a later day.", field="day")
    if day > today + timedelta(days=UNFORESEEN_DAYS):
        raise ClosureInvalid(
            f"That day is more than {UNFORESEEN_DAYS} days off, and this is for closures nobody could foresee.",
            remedy="Cancel or move the visits of that day instead, by their own terms.",
            field="day",
        )
    if SchoolClosure.objects.filter(**_owned_by(place), day=day).exists():
        raise _closed_already(place, day)


def _owned_by(place: Area | Organisation) -> dict[str, Area | Organisation]:
    return {"area": place} if isinstance(place, Area) else {"school": place}


def _closed_already(place: Area | Organisation, day: date) -> ClosureInvalid:
    return ClosureInvalid(
        f"{place} was said to be closed on {long_date(day)} already.",
        remedy="See the closures so far, or choose another day.",
        field="day",
    )


def _new_closure(actor: Actor, place: Area | Organisation, day: date, reason: str) -> SchoolClosure:
    try:
        return SchoolClosure.objects.create(
            **_owned_by(place), day=day, reason=reason, declared_by_id=actor.user_id
        )
    except IntegrityError as error:
        if constraint_of(error) not in ("an_area_closes_once_a_day", "a_school_closes_once_a_day"):
            raise
        raise _closed_already(place, day) from error


def _turn_remote(row: Booking, closure: SchoolClosure, *, actor: Actor) -> None:
    if not queries.can_be_remote(row):
        raise ClosureInvalid(
            f"{row.reference}: “{row.offer_version.title}” is given in person only.",
            remedy="Call that visit off instead.",
            field="remote",
        )
    row.mode = DeliveryMode.REMOTE
    row.during = (row.starts_at, row.ends_at)  # nobody travels
    row.save(update_fields=["mode", "during"])
    history.write(row, verb="turn_remote", by=actor, note=f"The school is closed: {closure.reason}")
    events.publish(TurnedRemote(row.pk, closure.pk))


def _close(row: Booking, reason: str, *, actor: Actor) -> None:
    must(actor, row, "close_for_the_day")
    move(
        row,
        "close_for_the_day",
        actor=actor,
        note=reason,
        cancellation_reason=reason,
        cancellation_charge_pence=0,
        cancellation_charge_half_days=0 if row.is_prepaid else None,
        cancellation_explanation="The school was closed: nothing to pay.",
    )


def _short(reason: str) -> str:
    why = needed(reason)
    if len(why) > LONGEST_REASON:
        raise ClosureInvalid(
            "That is too long.", remedy=f"Use {LONGEST_REASON} characters or fewer.", field="reason"
        )
    return why
