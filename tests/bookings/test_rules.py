"""When a person can be booked: pure rules, no database."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.bookings import rules
from marketplace.bookings.models import Session
from marketplace.bookings.rules import (
    Closure,
    Departure,
    DiaryFacts,
    Moments,
    Stretch,
    why_closed,
    why_not_free,
)
from marketplace.kernel.dates import Period, local

MONDAY = date(2027, 1, 11)
LONG_BEFORE = datetime(2026, 11, 1, 12, tzinfo=UTC)
WEEK = tuple(Stretch(weekday, time(9), time(18)) for weekday in range(5))
TERMS = (
    Period(date(2026, 9, 2), date(2026, 10, 23)),
    Period(date(2026, 11, 2), date(2026, 12, 18)),
    Period(date(2027, 1, 4), date(2027, 2, 12)),
    Period(date(2027, 2, 22), date(2027, 3, 25)),
)


def a_week(**changes: object) -> DiaryFacts:
    return replace(DiaryFacts(pattern=WEEK, terms=TERMS), **changes)  # type: ignore[arg-type]


def test_the_table_of_sessions_is_the_one_the_database_knows() -> None:
    assert list(rules.SESSIONS) == Session.values
    assert [times.half_days for times in rules.SESSIONS.values()] == [2, 1, 1, 1]


def test_an_ordinary_day_is_free_in_every_session() -> None:
    [answer] = rules.free_sessions(a_week(), MONDAY, MONDAY, now=LONG_BEFORE)

    assert [free.session for free in answer.free] == ["day", "morning", "afternoon", "twilight"]
    assert answer.reason == ""


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2027, 1, 9), "Weekend"),
        (date(2026, 10, 28), "Half-term"),
        (date(2026, 12, 29), "School holiday"),
        (date(2026, 12, 25), "Christmas Day"),
        (date(2027, 7, 30), "School holiday"),
    ],
)
def test_a_closed_day_says_why(day: date, reason: str) -> None:
    [answer] = rules.free_sessions(a_week(), day, day, now=datetime(2026, 9, 2, tzinfo=UTC))

    assert answer.reason == reason
    assert answer.free == ()


def test_a_school_year_without_term_dates_is_not_cut_down_to_term_time() -> None:
    august = date(2028, 8, 9)

    assert why_closed(a_week(), august, "day") == ""
    assert not rules.term_dates_known(TERMS, august)


def test_who_works_in_holidays_too_can_be_booked_then_but_not_on_bank_holidays() -> None:
    diary = a_week(term_time_only=False)

    assert why_closed(diary, date(2026, 12, 29), "day") == ""
    assert why_closed(diary, date(2026, 12, 28), "day") == "Boxing Day (substitute day)"


def test_only_the_hours_of_the_pattern_are_open() -> None:
    mornings = a_week(pattern=(Stretch(0, time(9), time(12)),))

    assert why_closed(mornings, MONDAY, "morning") == ""
    assert why_closed(mornings, MONDAY, "day") == "Not in their weekly pattern"
    assert why_closed(mornings, MONDAY + timedelta(days=1), "morning") == "Not in their weekly pattern"


def test_stretches_that_touch_count_as_one_and_a_gap_divides() -> None:
    touching = a_week(pattern=(Stretch(0, time(9), time(12)), Stretch(0, time(12), time(16))))
    with_gap = a_week(pattern=(Stretch(0, time(9), time(12)), Stretch(0, time(12, 30), time(16))))

    assert why_closed(touching, MONDAY, "day") == ""
    assert why_closed(with_gap, MONDAY, "day") == "Not in their weekly pattern"
    assert why_closed(with_gap, MONDAY, "afternoon") == ""


def test_a_stretch_holds_only_between_its_days() -> None:
    diary = a_week(pattern=(Stretch(0, time(9), time(18), date(2027, 1, 12), date(2027, 2, 1)),))

    assert why_closed(diary, MONDAY, "day") == "Not in their weekly pattern"
    assert why_closed(diary, date(2027, 1, 18), "day") == ""
    assert why_closed(diary, date(2027, 2, 8), "day") == "Not in their weekly pattern"


def test_an_empty_diary_says_so_instead_of_looking_full() -> None:
    assert why_closed(DiaryFacts(), MONDAY, "day") == "Their diary has not been filled in"


def test_closed_days_show_their_reason_and_part_of_a_day_can_be_closed() -> None:
    training = Departure(Period(MONDAY, MONDAY), starts=time(9), ends=time(12), reason="Training")
    unnamed = Departure(Period(MONDAY, MONDAY))

    assert why_closed(a_week(departures=(training,)), MONDAY, "day") == "Training"
    assert why_closed(a_week(departures=(training,)), MONDAY, "afternoon") == ""
    assert why_closed(a_week(departures=(unnamed,)), MONDAY, "twilight") == "Not available"


def test_an_opened_time_beats_pattern_and_holidays_but_not_a_closed_day_nor_tests_week() -> None:
    saturday = date(2027, 1, 9)
    opened = Departure(Period(saturday, saturday), is_open=True, starts=time(9), ends=time(13))
    diary = a_week(departures=(opened,))

    assert why_closed(diary, saturday, "morning") == ""
    assert why_closed(diary, saturday, "day") == "Weekend"
    closed = a_week(departures=(opened, Departure(Period(saturday, saturday))))
    assert why_closed(closed, saturday, "morning") == "Not available"
    tests_week = Closure(Period(saturday, saturday), "Key stage 2 tests week")
    assert why_closed(a_week(departures=(opened,), closures=(tests_week,)), saturday, "morning") == (
        "Key stage 2 tests week"
    )


def test_notice_is_counted_in_days_of_the_london_calendar() -> None:
    late_on_wednesday = datetime(2027, 1, 6, 23, 30, tzinfo=UTC)

    assert why_not_free(a_week(), MONDAY, "day", now=late_on_wednesday) == ""
    assert why_not_free(a_week(), MONDAY, "day", now=late_on_wednesday + timedelta(hours=1)) == (
        "Too soon: 5 days’ notice needed"
    )
    one_day = a_week(minimum_notice_days=1)
    assert why_not_free(one_day, MONDAY, "day", now=datetime(2027, 1, 11, 6, tzinfo=UTC)) == (
        "Too soon: 1 day’s notice needed"
    )


def test_a_session_that_has_begun_is_in_the_past_even_without_notice() -> None:
    diary = a_week(minimum_notice_days=0)
    ten_o_clock = datetime(2027, 1, 11, 10, tzinfo=UTC)

    assert why_not_free(diary, MONDAY, "morning", now=ten_o_clock) == "In the past"
    assert why_not_free(diary, MONDAY, "afternoon", now=ten_o_clock) == ""


def test_the_journey_after_a_session_is_kept_free() -> None:
    morning = rules.moments_of(MONDAY, "morning")
    half_an_hour = a_week(busy=(Moments(morning.starts_at, morning.ends_at + timedelta(minutes=30)),))
    an_hour = a_week(busy=(Moments(morning.starts_at, morning.ends_at + timedelta(minutes=60)),))

    assert why_not_free(half_an_hour, MONDAY, "afternoon", now=LONG_BEFORE) == ""
    assert why_not_free(an_hour, MONDAY, "afternoon", now=LONG_BEFORE) == "Already booked"
    afternoon = rules.moments_of(MONDAY, "afternoon")
    before_it = a_week(travel_minutes=45, busy=(Moments(*afternoon),))
    assert why_not_free(before_it, MONDAY, "morning", now=LONG_BEFORE) == "Already booked"


def test_the_first_free_day_is_found_or_there_is_none() -> None:
    diary = a_week()

    assert rules.first_free_day(diary, date(2026, 12, 19), MONDAY, now=LONG_BEFORE) == date(2027, 1, 4)
    assert rules.first_free_day(diary, date(2026, 12, 19), date(2026, 12, 31), now=LONG_BEFORE) is None


# I22 ------------------------------------------------------------------------------------------------------------------

TWO_YEARS = [date(2026, 1, 1) + timedelta(days=n) for n in range(731)]
CLOCK_CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]


@pytest.mark.parametrize("session", rules.SESSIONS)
def test_sessions_keep_their_clock_time_on_every_day_of_two_years(session: str) -> None:
    times = rules.SESSIONS[session]

    assert set(CLOCK_CHANGES) < set(TWO_YEARS)
    for day in TWO_YEARS:
        moments = rules.moments_of(day, session)
        assert (local(moments.starts_at).date(), local(moments.starts_at).time()) == (day, times.starts)
        assert (local(moments.ends_at).date(), local(moments.ends_at).time()) == (day, times.ends)
        assert moments.starts_at.tzinfo is UTC


def test_repeating_the_first_session_in_utc_would_lose_the_clock_time() -> None:
    """The twin without the guard: UTC worked out once and repeated by weeks is an hour wrong from each clock change on."""
    first = rules.moments_of(date(2026, 3, 23), "day").starts_at
    wrong = [week for week in range(52) if local(first + timedelta(weeks=week)).time() != time(9)]

    assert wrong == list(range(1, 31))


@pytest.mark.parametrize("change", CLOCK_CHANGES)
def test_the_days_around_a_clock_change_are_one_hour_longer_or_shorter(change: date) -> None:
    before, after = (rules.moments_of(change + timedelta(days=n), "day").starts_at for n in (-1, 0))

    assert abs((after - before) - timedelta(days=1)) == timedelta(hours=1)


# Load -------------------------------------------------------------------------------------------------------


def test_what_is_left_of_the_agreed_days_can_fall_below_zero() -> None:
    assert rules.Load(agreed=20, used=6, promised=4).left == 10
    assert rules.Load(agreed=4, used=3, promised=2).left == -1


@pytest.mark.parametrize(
    ("provider", "releasing", "is_school", "automatic"),
    [(1, 1, False, True), (1, 1, True, False), (1, 2, False, False), (1, 2, True, False)],
)
def test_only_an_employer_that_is_no_school_releases_without_being_asked(
    provider: int, releasing: int, is_school: bool, automatic: bool
) -> None:
    assert automatic == rules.release_is_automatic(
        provider_id=provider, releasing_id=releasing, releasing_is_school=is_school
    )


def test_an_academic_year_has_a_first_and_a_last_day() -> None:
    assert rules.academic_period("2026/27") == Period(date(2026, 9, 1), date(2027, 8, 31))


# Whatever the diary ----------------------------------------------------------------------------------------------------

clock = st.integers(8, 19).map(time)
stretches = st.builds(
    lambda weekday, a, b: Stretch(weekday, min(a, b), max(a, b)), st.integers(0, 4), clock, clock
)
days = st.dates(date(2026, 9, 1), date(2027, 8, 31))


@given(st.lists(stretches, max_size=12), days, st.sampled_from(list(rules.SESSIONS)))
def test_an_open_session_lies_inside_the_pattern_minute_by_minute(
    pattern: list[Stretch], day: date, session: str
) -> None:
    diary = DiaryFacts(pattern=tuple(pattern), term_time_only=False)
    times = rules.SESSIONS[session]
    first, last = times.starts.hour * 60 + times.starts.minute, times.ends.hour * 60 + times.ends.minute
    open_minutes = {
        minute
        for stretch in pattern
        if stretch.weekday == day.weekday()
        for minute in range(stretch.starts.hour * 60, stretch.ends.hour * 60)
    }

    if why_closed(diary, day, session) == "":
        assert set(range(first, last)) <= open_minutes
    elif why_closed(diary, day, session) == rules.NOT_IN_PATTERN:
        assert not set(range(first, last)) <= open_minutes


@given(st.lists(days, max_size=8), days, st.integers(0, 120))
def test_a_free_session_never_meets_a_booking_or_its_journey(
    booked: list[date], day: date, travel: int
) -> None:
    busy = tuple(
        Moments(m.starts_at, m.ends_at + timedelta(minutes=30))
        for m in (rules.moments_of(d, "day") for d in booked)
    )
    diary = DiaryFacts(pattern=WEEK, busy=busy, travel_minutes=travel, term_time_only=False)

    for session in rules.SESSIONS:
        moments = rules.moments_of(day, session)
        if not why_not_free(diary, day, session, now=datetime(2026, 8, 1, tzinfo=UTC)):
            assert all(
                b.ends_at <= moments.starts_at or moments.ends_at + timedelta(minutes=travel) <= b.starts_at
                for b in busy
            )
