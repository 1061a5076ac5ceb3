"""Editing when people can be booked.

Every edit locks the rows of the practitioners it touches, as booking does, and is refused when it would leave a booking still to
come outside what is then open (I2): the bookings in the way are named, to be cancelled first.
"""

from collections.abc import Iterable
from datetime import date, time
from itertools import pairwise
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from marketplace.bookings import queries, rules
from marketplace.bookings.actions.steps import LONGEST_LABEL, trimmed
from marketplace.bookings.errors import BookingsInTheWay, DiaryInvalid
from marketplace.bookings.models import (
    LIVE,
    Blackout,
    Booking,
    BookingStatus,
    Diary,
    DiaryException,
    TermDate,
    WeeklyPattern,
)
from marketplace.bookings.rules import Visited
from marketplace.catalogue.models import DeliveryMode, Practitioner
from marketplace.kernel import history
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import Period, long_date
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed, NotFound
from marketplace.organisations.models import Area, Organisation

MAX_NOTICE_DAYS = 90
MAX_TRAVEL_MINUTES = 180
MAX_STRETCHES = 20
LONGEST_TERM_NAME = 60


class TermStretch(NamedTuple):
    """A term: its name, first and last day."""

    name: str
    first_day: date
    last_day: date


class PatternStretch(NamedTuple):
    """A stretch of one weekday (0 is Monday) in local time, from and until a day where given."""

    weekday: int
    starts: time
    ends: time
    valid_from: date | None = None
    valid_to: date | None = None


@action
def set_weekly_pattern(
    *, actor: Actor, practitioner: Practitioner, stretches: Iterable[PatternStretch]
) -> list[WeeklyPattern]:
    """Replace the weekly pattern. Stretches of a day that touch or overlap count as one."""
    person = _own_diary(actor, practitioner)
    wanted = sorted(stretches, key=lambda s: (s.weekday, s.starts))
    _check_stretches(wanted)
    person.weekly_patterns.all().delete()
    written = WeeklyPattern.objects.bulk_create(
        WeeklyPattern(practitioner=person, **stretch._asdict()) for stretch in wanted
    )
    _refuse_to_strand_bookings([person])
    history.write(person, verb="set_weekly_pattern", by=actor, note="; ".join(str(s) for s in written))
    return written


@action
def change_diary(
    *,
    actor: Actor,
    practitioner: Practitioner,
    minimum_notice_days: int,
    travel_minutes: int,
    term_time_only: bool,
) -> Diary:
    """Set notice in calendar days, travel time after a session in minutes, and whether only term time counts.

    Bookings already made keep the travel time they were made with.
    """
    person = _own_diary(actor, practitioner)
    if not 0 <= minimum_notice_days <= MAX_NOTICE_DAYS:
        raise DiaryInvalid(f"Notice is between 0 and {MAX_NOTICE_DAYS} days.", field="minimum_notice_days")
    if not 0 <= travel_minutes <= MAX_TRAVEL_MINUTES:
        raise DiaryInvalid(
            f"Travel time is between 0 and {MAX_TRAVEL_MINUTES} minutes.", field="travel_minutes"
        )
    diary, _ = Diary.objects.update_or_create(
        practitioner=person,
        defaults={
            "minimum_notice_days": minimum_notice_days,
            "travel_minutes": travel_minutes,
            "term_time_only": term_time_only,
        },
    )
    _refuse_to_strand_bookings([person])
    history.write(
        person,
        verb="change_diary",
        by=actor,
        note=f"{minimum_notice_days} days’ notice, {travel_minutes} minutes’ travel,"
        f" {'term time only' if term_time_only else 'holidays too'}",
    )
    return diary


@action
def add_exception(
    *,
    actor: Actor,
    practitioner: Practitioner,
    first_day: date,
    last_day: date,
    is_open: bool = False,
    starts: time | None = None,
    ends: time | None = None,
    reason: str = "",
) -> DiaryException:
    """Close days (or part of them), or open time the pattern does not have. The reason is shown to schools."""
    person = _own_diary(actor, practitioner)
    _check_days(first_day, last_day)
    _check_times(starts, ends, needed=is_open)
    exception = DiaryException.objects.create(
        practitioner=person,
        first_day=first_day,
        last_day=last_day,
        is_open=is_open,
        starts=starts,
        ends=ends,
        reason=trimmed(reason, LONGEST_LABEL, "reason"),
    )
    _refuse_to_strand_bookings([person])
    history.write(person, verb="add_exception", by=actor, note=str(exception))
    return exception


@action
def remove_exception(*, actor: Actor, practitioner: Practitioner, exception_id: int) -> None:
    """Take an exception out of the diary."""
    person = _own_diary(actor, practitioner)
    exception = person.diary_exceptions.filter(pk=exception_id).first()
    if exception is None:
        raise NotFound
    note = str(exception)
    exception.delete()
    _refuse_to_strand_bookings([person])
    history.write(person, verb="remove_exception", by=actor, note=note)


# Organisations and areas -----------------------------------------------------------------------------------------------


@action
def add_blackout(
    *, actor: Actor, owner: Organisation | Area, first_day: date, last_day: date, reason: str
) -> Blackout:
    """Say that an organisation, or nobody in an area, releases people on these days. The reason is shown to schools."""
    _must_keep_calendar(actor, owner)
    _check_days(first_day, last_day)
    if not reason.strip():
        raise DiaryInvalid(
            "Say what the days are.", remedy="For example: Key stage 2 tests week.", field="reason"
        )
    people = _lock_people(owner)
    blackout = Blackout.objects.create(
        **_owned_by(owner),
        first_day=first_day,
        last_day=last_day,
        reason=trimmed(reason, LONGEST_LABEL, "reason"),
    )
    _refuse_to_strand_bookings(people)
    history.write(blackout, verb="add", by=actor, note=f"{reason.strip()}: {first_day} to {last_day}")
    return blackout


@action
def remove_blackout(*, actor: Actor, owner: Organisation | Area, blackout_id: int) -> None:
    """Take closed days back."""
    _must_keep_calendar(actor, owner)
    _lock_people(owner)
    blackout = Blackout.objects.filter(pk=blackout_id, **_owned_by(owner)).first()
    if blackout is None:
        raise NotFound
    history.write(blackout, verb="remove", by=actor, note=str(blackout))
    blackout.delete()


@action
def set_terms(
    *, actor: Actor, area: Area, academic_year: str, terms: Iterable[TermStretch]
) -> list[TermDate]:
    """Replace the terms of a school year (`2026/27`): the stretches of days on which the schools of the area are open.

    They are entered together, since one term on its own would make the rest of the year a holiday.
    """
    _must_keep_calendar(actor, area)
    wanted = sorted(terms, key=lambda term: term.first_day)
    year = rules.academic_period(academic_year)
    _check_terms(wanted, year)
    people = _lock_people(area)
    area.term_dates.filter(first_day__range=(year.start, year.end)).delete()
    written = TermDate.objects.bulk_create(TermDate(area=area, **term._asdict()) for term in wanted)
    _refuse_to_strand_bookings(people)
    _refuse_visits_in_holidays(area, year, written)
    note = "; ".join(f"{t.name}: {long_date(t.first_day)} to {long_date(t.last_day)}" for t in written)
    history.write(area, verb="set_terms", by=actor, note=f"{academic_year}: {note or 'none'}")
    return written


# Steps --------------------------------------------------------------------------------------------------------------


def _own_diary(actor: Actor, practitioner: Practitioner) -> Practitioner:
    person: Practitioner = locked(queries.diaries_editable_by(actor), pk=practitioner.pk)
    return person


def _must_keep_calendar(actor: Actor, owner: Organisation | Area) -> None:
    if isinstance(owner, Area):
        allowed = actor.convenes(owner.pk)
    else:
        allowed = actor.holds(Role.HEADTEACHER, Role.PROVIDER_LEAD, Role.TRUST_LEAD, at=owner.pk)
    if not allowed:
        raise NotAllowed(
            f"You can’t change the calendar of {owner}.",
            remedy="Ask its headteacher or lead or, for an area, its convenor.",
        )


def _owned_by(owner: Organisation | Area) -> dict[str, Organisation | Area]:
    return {"area": owner} if isinstance(owner, Area) else {"organisation": owner}


def _lock_people(owner: Organisation | Area) -> list[Practitioner]:
    key = "releasing_organisation__area" if isinstance(owner, Area) else "releasing_organisation"
    people: QuerySet[Practitioner] = (
        Practitioner.objects.filter(**{key: owner})
        .select_related("releasing_organisation", "diary")
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    )
    return list(people)


def _refuse_to_strand_bookings(people: list[Practitioner]) -> None:
    """Raise `BookingsInTheWay` for bookings still to come that now lie outside what is open."""
    now = timezone.now()
    live = list(_still_to_come().filter(practitioner__in=people))
    if not live:
        return
    diaries = queries.facts_of(people, live[0].day, live[-1].day, now=now, with_bookings=False)
    _must_be_none([b for b in live if rules.why_closed(diaries[b.practitioner_id], b.day, b.session)])


def _refuse_visits_in_holidays(area: Area, year: Period, terms: list[TermDate]) -> None:
    """Raise `BookingsInTheWay` for visits to the area's schools, by anybody, on days that are now holidays."""
    schools = Visited(terms=tuple(Period(term.first_day, term.last_day) for term in terms))
    visits = _still_to_come().filter(
        receiving_school__area=area, mode=DeliveryMode.IN_PERSON, day__range=(year.start, year.end)
    )
    _must_be_none([visit for visit in visits if schools.why_closed(visit.day)])


def _still_to_come() -> QuerySet[Booking]:
    now = timezone.now()
    rows: QuerySet[Booking] = (
        Booking.objects.scoped()
        .filter(status__in=LIVE, starts_at__gt=now)
        .exclude(status=BookingStatus.HELD, hold_expires_at__lte=now)
        .select_related("practitioner")
        .order_by("starts_at")
    )
    return rows


def _must_be_none(stranded: list[Booking]) -> None:
    if stranded:
        raise BookingsInTheWay(
            [
                f"{b.reference} ({b.practitioner}, {long_date(b.day)}, {b.get_session_display().lower()})"
                for b in stranded
            ]
        )


def _check_stretches(stretches: list[PatternStretch]) -> None:
    if len(stretches) > MAX_STRETCHES:
        raise DiaryInvalid(f"A pattern has at most {MAX_STRETCHES} rows.")
    for stretch in stretches:
        if not 0 <= stretch.weekday <= 4:
            raise DiaryInvalid("A pattern is for Monday to Friday.", remedy="Open weekends day by day.")
        _check_times(stretch.starts, stretch.ends, needed=True)
        if stretch.valid_from and stretch.valid_to and stretch.valid_to < stretch.valid_from:
            raise DiaryInvalid("A row ends before it starts.", remedy="Correct one of the two dates.")


def _check_terms(terms: list[TermStretch], year: Period) -> None:
    for term in terms:
        if not term.name.strip():
            raise DiaryInvalid("Give each term a name.", remedy="For example: Autumn term 1.", field="name")
        trimmed(term.name, LONGEST_TERM_NAME, "name")
        _check_days(term.first_day, term.last_day)
        if not year.start <= term.first_day <= term.last_day <= year.end:
            raise DiaryInvalid(
                f"{term.name} does not lie between {long_date(year.start)} and {long_date(year.end)}.",
                remedy="Enter it in its own school year.",
                field="first_day",
            )
    for earlier, later in pairwise(terms):
        if later.first_day <= earlier.last_day:
            raise DiaryInvalid(
                f"{later.name} begins before {earlier.name} ends.",
                remedy="Correct one of the two dates.",
                field="first_day",
            )


def _check_days(first_day: date, last_day: date) -> None:
    if last_day < first_day:
        raise DiaryInvalid(
            "The last day is before the first.", remedy="Correct one of the two dates.", field="last_day"
        )


def _check_times(starts: time | None, ends: time | None, *, needed: bool) -> None:
    if (starts is None) != (ends is None) or (needed and starts is None):
        raise DiaryInvalid("Give both times, from and to.", field="starts")
    if starts is not None and ends is not None and ends <= starts:
        raise DiaryInvalid("The time ends before it starts.", remedy="Correct one of the two.", field="ends")
