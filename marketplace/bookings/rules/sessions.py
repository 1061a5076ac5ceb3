"""Sessions: when they are by London clocks, and the half-days they count for.

Four have a name: a day, a morning, an afternoon, a twilight session. Any other is written `10:30+90`: it begins at half past ten and
lasts ninety minutes. One of up to three and a half hours counts as half a day, a longer one as a whole day: that is what it is priced,
taken from packages and counted against the days a headteacher agreed to.

UTC is worked out last, from the day and the clock, so that nine o'clock stays nine o'clock over the clock changes (I22).
"""

import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from marketplace.kernel.dates import to_utc
from marketplace.kernel.days import HALF_DAYS_IN_A_DAY, HalfDays

HALF_A_DAY_MINUTES = 210
"""A session of clock times counts as half a day up to this length, and as a whole day beyond it."""

SHORTEST_MINUTES, LONGEST_MINUTES = 30, 480
STEP_MINUTES = 15
EARLIEST, LATEST = time(7), time(21)

_CLOCK_SESSION = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\+(\d{2,3})")


class SessionTimes(NamedTuple):
    """A session as London clocks show it, and the half-days it counts for."""

    starts: time
    ends: time
    half_days: HalfDays


SESSIONS: dict[str, SessionTimes] = {
    "day": SessionTimes(time(9), time(15, 30), 2),
    "morning": SessionTimes(time(9), time(12), 1),
    "afternoon": SessionTimes(time(12, 30), time(15, 30), 1),
    "twilight": SessionTimes(time(15, 45), time(17, 45), 1),
}


class Moments(NamedTuple):
    """A stretch of time in UTC, its end not included."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Moments") -> bool:
        """Whether the two have a moment in common."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def clock_session(starts: time, minutes: int) -> str:
    """The session that begins at a time of day and lasts so many minutes, as it is written: `10:30+90`."""
    return f"{starts:%H:%M}+{minutes}"


def is_session(session: str) -> bool:
    """Whether this names a session: one of the four, or clock times on quarter hours between 7am and 9pm."""
    return session in SESSIONS or _read(session) is not None


def times_of(session: str) -> SessionTimes:
    """When a session begins and ends, and the half-days it counts for. `ValueError` for what is no session."""
    times = SESSIONS.get(session) or _read(session)
    if times is None:
        raise ValueError(f"{session!r} is not a session")
    return times


def minutes_of(session: str) -> int:
    """How long a session lasts."""
    times = times_of(session)
    return _minute(times.ends) - _minute(times.starts)


def length_words(session: str) -> str:
    """How long a session lasts, in words: `1 hour 30 minutes`."""
    hours, minutes = divmod(minutes_of(session), 60)
    parts = [(hours, "hour"), (minutes, "minute")]
    return " ".join(f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number)


def moments_of(day: date, session: str) -> Moments:
    """When a session of a day starts and ends, in UTC."""
    times = times_of(session)
    return Moments(to_utc(day, times.starts), to_utc(day, times.ends))


def half_days_for(minutes: int) -> HalfDays:
    """What a session of that length counts for."""
    return 1 if minutes <= HALF_A_DAY_MINUTES else HALF_DAYS_IN_A_DAY


def _read(session: str) -> SessionTimes | None:
    read = _CLOCK_SESSION.fullmatch(session)
    if read is None:
        return None
    hour, minute, minutes = (int(part) for part in read.groups())
    starts = time(hour, minute)
    ends = _minute(starts) + minutes
    fits = (
        SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES
        and not minutes % STEP_MINUTES
        and not minute % STEP_MINUTES
        and _minute(EARLIEST) <= _minute(starts)
        and ends <= _minute(LATEST)
    )
    return SessionTimes(starts, time(*divmod(ends, 60)), half_days_for(minutes)) if fits else None


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def travel_after(moments: Moments, minutes: int) -> Moments:
    """The time with the journey after it."""
    return Moments(moments.starts_at, moments.ends_at + timedelta(minutes=minutes))
