"""When a person can be booked, and how much of a year's days it uses.

One function decides what is free, for the calendar, for search and inside the transaction that books. A session is free when
nothing closes it, and these are looked at in turn:

0. the school that is visited is closed: it said so, or has holidays (nobody travels to a remote session, so then it isn’t asked);
1. the person closed that time, or their organisation or area closed the day (these always win);
2. the person opened the time though the pattern says no (then 3 and 4 are not asked);
3. bank holidays, and days outside term for those who work in term time only;
4. the weekly pattern, in local time;
5. the minimum notice, and bookings already made with the travel time after them.

Patterns and sessions are clock times in Europe/London. UTC is worked out last, from the day and the clock, so that nine o'clock
stays nine o'clock over the clock changes (I22).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from marketplace.bookings.rules.sessions import (
    SESSIONS,
    Moments,
    SessionTimes,
    moments_of,
    times_of,
    travel_after,
)
from marketplace.kernel.dates import ACADEMIC, Period, bank_holidays, contract_year, local
from marketplace.kernel.days import HalfDays

# Diaries -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stretch:
    """Clock times on one weekday (Monday is 0) on which the person can be booked."""

    weekday: int
    starts: time
    ends: time
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the stretch is part of that day."""
        return day.weekday() == self.weekday and (self.valid_from or day) <= day <= (self.valid_to or day)


@dataclass(frozen=True)
class Departure:
    """Days that differ from the pattern: closed (all day, or between two times), or opened between two times."""

    days: Period
    is_open: bool = False
    starts: time | None = None
    ends: time | None = None
    reason: str = ""

    def touches(self, session: SessionTimes) -> bool:
        """Whether the session and the times have a moment in common; without times, always."""
        return (self.starts or time.min) < session.ends and session.starts < (self.ends or time.max)

    def covers(self, session: SessionTimes) -> bool:
        """Whether the session lies inside the times."""
        return (self.starts or time.min) <= session.starts and session.ends <= (self.ends or time.max)


@dataclass(frozen=True)
class Closure:
    """Days on which an organisation or an area releases nobody, and why."""

    days: Period
    reason: str


@dataclass(frozen=True)
class DiaryFacts:
    """All that decides when one person can be booked.

    `terms` are the terms of their area; a school year for which there are none is not cut down to term time. `busy` are the
    times taken, travel time after each included.
    """

    pattern: tuple[Stretch, ...] = ()
    departures: tuple[Departure, ...] = ()
    closures: tuple[Closure, ...] = ()
    terms: tuple[Period, ...] = ()
    busy: tuple[Moments, ...] = ()
    minimum_notice_days: int = 5
    travel_minutes: int = 30
    term_time_only: bool = True

    def with_travel(self, moments: Moments, *, remote: bool = False) -> Moments:
        """The time with the journey after it: what a booking takes up. Nobody travels to a remote one."""
        return moments if remote else travel_after(moments, self.travel_minutes)


@dataclass(frozen=True)
class Visited:
    """What decides when a school can be visited: its area’s terms, as far as they were entered, and the days it said it is closed."""

    terms: tuple[Period, ...] = ()
    closures: tuple[Closure, ...] = ()

    def why_closed(self, day: date) -> str:
        """Why nobody can come on that day; empty when they can."""
        for closure in self.closures:
            if day in closure.days:
                return closure.reason
        return _holiday(self.terms, day)


NO_DIARY = "Their diary has not been filled in"
NOT_IN_PATTERN = "Not in their weekly pattern"
BOOKED = "Already booked"
PAST = "In the past"

# The Friday before and the Monday after a week's holiday are ten days apart.
LONGEST_HALF_TERM = timedelta(days=11)


def why_closed(diary: DiaryFacts, day: date, session: str) -> str:
    """Why a session is outside the person's published availability, whoever asks and whenever; empty when it is inside."""
    times = times_of(session)
    departures = [departure for departure in diary.departures if day in departure.days]
    for departure in departures:
        if not departure.is_open and departure.touches(times):
            return departure.reason or "Not available"
    for closure in diary.closures:
        if day in closure.days:
            return closure.reason
    if any(departure.is_open and departure.covers(times) for departure in departures):
        return ""
    if not diary.pattern:
        return NO_DIARY
    if day.weekday() > 4:
        return "Weekend"
    holiday = _holiday(diary.terms, day) if diary.term_time_only else ""
    return bank_holidays(day.year).get(day, "") or holiday or _outside_pattern(diary, day, times)


def _holiday(terms: tuple[Period, ...], day: date) -> str:
    if not term_dates_known(terms, day) or any(day in term for term in terms):
        return ""
    before = max((term.end for term in terms if term.end < day), default=None)
    after = min((term.start for term in terms if term.start > day), default=None)
    if before and after and after - before <= LONGEST_HALF_TERM:
        return "Half-term"
    return "School holiday"


def term_dates_known(terms: Iterable[Period], day: date) -> bool:
    """Whether any term of the day's school year has been entered."""
    year = contract_year(ACADEMIC, day)
    return any(term.start <= year.end and term.end >= year.start for term in terms)


def _outside_pattern(diary: DiaryFacts, day: date, times: SessionTimes) -> str:
    """Stretches that touch count as one."""
    reached = times.starts
    for stretch in sorted((s for s in diary.pattern if s.holds_on(day)), key=lambda s: s.starts):
        if stretch.starts <= reached:
            reached = max(reached, stretch.ends)
    inside = reached >= times.ends and reached > times.starts
    return "" if inside else NOT_IN_PATTERN


# What is free --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SessionAnswer:
    """One session of one day: when it is, and why it can't be booked (empty when it can)."""

    session: str
    starts_at: datetime
    ends_at: datetime
    reason: str

    @property
    def is_free(self) -> bool:
        """Whether the session can be booked."""
        return not self.reason


@dataclass(frozen=True)
class DayAnswer:
    """One day with its sessions, free or not."""

    day: date
    sessions: tuple[SessionAnswer, ...]

    @property
    def free(self) -> tuple[SessionAnswer, ...]:
        """The sessions that can be booked."""
        return tuple(answer for answer in self.sessions if answer.is_free)

    @property
    def reason(self) -> str:
        """Why nothing is free: the reason of the longest session. Empty when something is."""
        return "" if self.free else self.sessions[0].reason


def why_not_free(
    diary: DiaryFacts,
    day: date,
    session: str,
    *,
    now: datetime,
    remote: bool = False,
    visited: Visited | None = None,
) -> str:
    """Why a session can't be booked at this moment, in words that name no other school; empty when it can.

    `visited` is the school that the person would go to, where it is known and anybody travels.
    """
    moments = moments_of(day, session)
    if moments.starts_at <= now:
        return PAST
    if closed := (visited.why_closed(day) if visited else "") or why_closed(diary, day, session):
        return closed
    if day < local(now).date() + timedelta(days=diary.minimum_notice_days):
        return f"Too soon: {_days(diary.minimum_notice_days)} notice needed"
    taken = diary.with_travel(moments, remote=remote)
    return BOOKED if any(taken.overlaps(busy) for busy in diary.busy) else ""


def free_sessions(
    diary: DiaryFacts,
    first_day: date,
    last_day: date,
    *,
    now: datetime,
    sessions: Iterable[str] = tuple(SESSIONS),
    remote: bool = False,
    visited: Visited | None = None,
) -> tuple[DayAnswer, ...]:
    """Every day from the first to the last with its sessions (the four that have names, unless told), free or with the reason why not."""
    asked = tuple(sessions)
    return tuple(
        DayAnswer(
            day,
            tuple(
                SessionAnswer(
                    session,
                    *moments_of(day, session),
                    why_not_free(diary, day, session, now=now, remote=remote, visited=visited),
                )
                for session in asked
            ),
        )
        for day in days_from(first_day, last_day)
    )


def first_free_day(diary: DiaryFacts, first_day: date, last_day: date, *, now: datetime) -> date | None:
    """The first day on which any session is free."""
    for day in days_from(first_day, last_day):
        if any(not why_not_free(diary, day, session, now=now) for session in SESSIONS):
            return day
    return None


def days_from(first_day: date, last_day: date) -> Iterable[date]:
    """The days from one to another, both included."""
    return (first_day + timedelta(days=n) for n in range((last_day - first_day).days + 1))


def _days(number: int) -> str:
    return "1 day’s" if number == 1 else f"{number} days’"


# Load ----------------------------------------------------------------------------------------------------------------


class Load(NamedTuple):
    """What a person's headteacher agreed to for a school year, in half-days, and what has become of it."""

    agreed: HalfDays
    used: HalfDays
    promised: HalfDays
    unbooked: HalfDays = 0
    """Of those promised, the half-days that are agreed but not booked yet."""

    @property
    def left(self) -> HalfDays:
        """What is left; below zero when more was promised than agreed."""
        return self.agreed - self.used - self.promised


def release_is_automatic(*, provider_id: int, releasing_id: int, releasing_is_school: bool) -> bool:
    """Whether nobody need be asked: the provider is the employer and not a school, whose headteacher always is."""
    return provider_id == releasing_id and not releasing_is_school


def academic_period(label: str) -> Period:
    """First and last day of an academic year written `2026/27`."""
    return contract_year(ACADEMIC, date(int(label[:4]), ACADEMIC.first_month, 1))
