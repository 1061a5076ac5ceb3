"""Sessions by name and by the clock: when they are, what they count for, and that clocks going on or back move nothing (I22)."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.bookings import rules
from marketplace.bookings.models import session_words
from marketplace.bookings.rules import DiaryFacts, Moments, Stretch
from marketplace.kernel.dates import local, to_utc


@pytest.mark.parametrize(
    ("session", "starts", "ends", "half_days", "words"),
    [
        ("10:30+90", time(10, 30), time(12), 1, "1 hour 30 minutes"),
        ("13:15+45", time(13, 15), time(14), 1, "45 minutes"),
        ("09:00+210", time(9), time(12, 30), 1, "3 hours 30 minutes"),
        ("09:00+225", time(9), time(12, 45), 2, "3 hours 45 minutes"),
        ("morning", time(9), time(12), 1, "Morning"),
        ("day", time(9), time(15, 30), 2, "Full day"),
    ],
)
def test_up_to_three_and_a_half_hours_counts_as_half_a_day(
    session: str, starts: time, ends: time, half_days: int, words: str
) -> None:
    assert rules.times_of(session) == (starts, ends, half_days)
    assert session_words(session) == words


@pytest.mark.parametrize(
    "session",
    [
        "",
        "evening",
        "10:30",
        "10:20+60",
        "10:30+50",
        "10:30+15",
        "06:45+60",
        "20:30+60",
        "09:00+495",
        "25:00+60",
        "10:30+90 ",
    ],
)
def test_anything_else_is_no_session(session: str) -> None:
    assert not rules.is_session(session)
    with pytest.raises(ValueError, match="not a session"):
        rules.times_of(session)


def test_every_half_hour_of_two_years_starts_when_the_clock_says_so() -> None:
    for day in rules.days_from(date(2026, 1, 1), date(2027, 12, 31)):
        for half_hour in range(14, 41):
            starts = time(half_hour // 2, 30 * (half_hour % 2))
            moments = rules.moments_of(day, rules.clock_session(starts, 60))
            assert (local(moments.starts_at).time(), local(moments.starts_at).date()) == (starts, day)
            assert moments.ends_at - moments.starts_at == timedelta(minutes=60)


def test_without_the_clock_in_between_summer_mornings_would_be_an_hour_off() -> None:
    winter, summer = date(2027, 1, 12), date(2027, 7, 13)

    shifts = {rules.moments_of(day, "10:30+90").starts_at.hour for day in (winter, summer)}

    assert shifts == {10, 9}
    assert to_utc(summer, time(10, 30)).hour == 9


def open_all_day(**changes: object) -> DiaryFacts:
    pattern = tuple(Stretch(weekday, time(8), time(19)) for weekday in range(5))
    return DiaryFacts(pattern=pattern, term_time_only=False, **changes)  # type: ignore[arg-type]


DAY = date(2027, 1, 12)
NOW = to_utc(date(2026, 12, 1), time(9))


def test_nobody_travels_to_a_remote_session() -> None:
    later = rules.moments_of(DAY, "12:00+60")
    diary = open_all_day(busy=(later,), travel_minutes=30)

    assert rules.why_not_free(diary, DAY, "10:30+90", now=NOW) == rules.BOOKED
    assert rules.why_not_free(diary, DAY, "10:30+90", now=NOW, remote=True) == ""


@given(start=st.integers(28, 76), minutes=st.integers(2, 32))
def test_a_session_is_free_exactly_where_the_pattern_and_the_bookings_leave_room(
    start: int, minutes: int
) -> None:
    session = rules.clock_session(time(start // 4, 15 * (start % 4)), 15 * minutes)
    if not rules.is_session(session):
        return
    busy = rules.moments_of(DAY, "12:00+60")
    moments = rules.moments_of(DAY, session)

    reason = rules.why_not_free(open_all_day(busy=(busy,), travel_minutes=0), DAY, session, now=NOW)

    inside = to_utc(DAY, time(8)) <= moments.starts_at and moments.ends_at <= to_utc(DAY, time(19))
    assert (reason == "") == (inside and not Moments(*moments).overlaps(busy))
