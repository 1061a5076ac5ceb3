"""Contract years, months, working days and London time."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.dates import (
    ACADEMIC,
    FINANCIAL,
    ContractCalendar,
    DateOutOfRange,
    NoSuchLocalTime,
    NotWholeMonths,
    Period,
    TimeWithoutZone,
    academic_year,
    add_working_days,
    bank_holidays,
    clock_words,
    contract_year,
    contract_year_label,
    deadline_words,
    easter_sunday,
    financial_year,
    is_working_day,
    last_day_before,
    local,
    long_date,
    moment_words,
    months_in,
    months_split,
    to_utc,
    whole_months_remaining,
    working_days_between,
)

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 12, 31))


# Contract years


@pytest.mark.parametrize(
    ("calendar", "on", "start", "end"),
    [
        (FINANCIAL, date(2026, 3, 31), date(2025, 4, 1), date(2026, 3, 31)),
        (FINANCIAL, date(2026, 4, 1), date(2026, 4, 1), date(2027, 3, 31)),
        (ACADEMIC, date(2026, 8, 31), date(2025, 9, 1), date(2026, 8, 31)),
        (ACADEMIC, date(2026, 9, 1), date(2026, 9, 1), date(2027, 8, 31)),
    ],
)
def test_a_contract_year_starts_in_april_or_september(calendar, on, start, end):
    assert contract_year(calendar, on) == (start, end)


@given(st.sampled_from(ContractCalendar), days)
def test_every_day_is_in_its_contract_year_and_years_abut(calendar, on):
    year = contract_year(calendar, on)

    assert on in year
    assert year.days in (365, 366)
    assert contract_year(calendar, year.end + timedelta(days=1)).start == year.end + timedelta(days=1)


def test_years_have_the_names_schools_and_councils_use():
    assert academic_year(date(2026, 11, 21)) == "2026/27"
    assert academic_year(date(2026, 8, 31)) == "2025/26"
    assert academic_year(date(1999, 9, 1)) == "1999/00"
    assert financial_year(date(2027, 3, 31)) == "2026-27"
    assert contract_year_label(FINANCIAL, date(2026, 4, 1)) == "2026-27"
    assert contract_year_label(ACADEMIC, date(2026, 9, 1)) == "2026/27"


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(1, 1, 1)])
def test_a_far_off_date_is_refused_clearly(day):
    with pytest.raises(DateOutOfRange):
        contract_year(FINANCIAL, day)


# Months


def test_an_academic_year_is_seven_months_of_one_financial_year_and_five_of_the_next():
    shares = months_split(contract_year(ACADEMIC, date(2026, 9, 1)))

    assert shares == (
        ("2026-27", (date(2026, 9, 1), date(2027, 3, 31)), 7),
        ("2027-28", (date(2027, 4, 1), date(2027, 8, 31)), 5),
    )


def test_a_financial_year_is_five_months_of_one_academic_year_and_seven_of_the_next():
    shares = months_split(contract_year(FINANCIAL, date(2026, 4, 1)), by=ACADEMIC)

    assert [(share.year, share.months) for share in shares] == [("2025/26", 5), ("2026/27", 7)]


@given(days, st.integers(min_value=1, max_value=60), st.sampled_from(ContractCalendar))
def test_split_months_add_up(first, months, calendar):
    start = first.replace(day=1)
    number = start.year * 12 + start.month - 1 + months
    contract = Period(start, date(number // 12, number % 12 + 1, 1) - timedelta(days=1))

    shares = months_split(contract, calendar)

    assert sum(share.months for share in shares) == months == months_in(contract)


@pytest.mark.parametrize(
    "period",
    [
        Period(date(2026, 9, 2), date(2027, 8, 31)),
        Period(date(2026, 9, 1), date(2027, 8, 30)),
        Period(date(2027, 9, 1), date(2026, 8, 31)),
    ],
)
def test_a_contract_of_part_months_cannot_be_split(period):
    with pytest.raises(NotWholeMonths):
        months_split(period)


@pytest.mark.parametrize(
    ("on", "end", "months"),
    [
        (date(2026, 10, 1), date(2027, 3, 31), 6),
        (date(2026, 10, 2), date(2027, 3, 31), 5),
        (date(2026, 10, 31), date(2027, 3, 31), 5),
        (date(2026, 4, 1), date(2027, 3, 31), 12),
        (date(2027, 3, 2), date(2027, 3, 31), 0),
        (date(2026, 10, 1), date(2027, 3, 30), 5),
        (date(2027, 5, 1), date(2027, 3, 31), 0),
    ],
)
def test_a_mid_year_joiner_has_the_whole_months_that_remain(on, end, months):
    assert whole_months_remaining(on, end) == months


# Working days

PUBLISHED = {
    2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
    2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_bank_holidays_are_those_published_for_england(year):
    assert " ".join(f"{day:%m-%d}" for day in bank_holidays(year)) == PUBLISHED[year]


def test_a_substitute_day_says_so():
    assert bank_holidays(2022)[date(2022, 12, 27)] == "Christmas Day (substitute day)"
    assert bank_holidays(2026)[date(2026, 12, 28)] == "Boxing Day (substitute day)"


def test_easter_agrees_with_dateutil():
    easter = pytest.importorskip("dateutil.easter")
    assert all(easter_sunday(year) == easter.easter(year) for year in range(1900, 2200))


def test_a_record_of_visit_is_due_five_working_days_later():
    assert add_working_days(date(2026, 11, 20), 5) == date(2026, 11, 27)
    assert add_working_days(date(2026, 12, 23), 5) == date(2027, 1, 4)


def test_working_days_count_back_too():
    assert add_working_days(date(2027, 1, 4), -5) == date(2026, 12, 23)
    assert add_working_days(date(2026, 11, 21), 0) == date(2026, 11, 21)


def test_friday_to_monday_is_one_working_day():
    assert working_days_between(date(2026, 11, 20), date(2026, 11, 23)) == 1
    assert working_days_between(date(2026, 11, 21), date(2026, 11, 23)) == 1
    assert working_days_between(date(2026, 11, 23), date(2026, 11, 20)) == -1
    assert working_days_between(date(2026, 11, 23), date(2026, 11, 23)) == 0


@given(days, st.integers(min_value=1, max_value=60))
def test_adding_working_days_and_counting_them_agree(day, count):
    later = add_working_days(day, count)

    assert is_working_day(later)
    assert working_days_between(day, later) == count


# London time


def test_nine_o_clock_is_nine_o_clock_summer_and_winter():
    assert to_utc(date(2026, 7, 1), time(9)) == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert to_utc(date(2026, 12, 1), time(9)) == datetime(2026, 12, 1, 9, tzinfo=UTC)


def test_a_time_skipped_in_spring_is_refused_with_a_remedy():
    with pytest.raises(NoSuchLocalTime) as refused:
        to_utc(date(2026, 3, 29), time(1, 30))
    assert "29 March 2026" in refused.value.message
    assert to_utc(date(2026, 3, 29), time(0, 59)) == datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    assert to_utc(date(2026, 3, 29), time(2, 0)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_time_that_comes_twice_in_autumn_is_the_first():
    assert to_utc(date(2026, 10, 25), time(1, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert to_utc(date(2026, 10, 25), time(1, 30, fold=1)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_moments_are_shown_on_london_clocks():
    shown = local(datetime(2026, 7, 1, 8, tzinfo=UTC))
    assert (shown.hour, shown.utcoffset()) == (9, timedelta(hours=1))


def test_a_time_with_the_wrong_sort_of_zone_is_refused():
    with pytest.raises(TimeWithoutZone):
        local(datetime(2026, 7, 1, 8))
    with pytest.raises(TimeWithoutZone):
        to_utc(date(2026, 7, 1), time(9, tzinfo=UTC))


def test_dates_read_as_people_write_them():
    assert long_date(date(2027, 1, 4)) == "4 January 2027"


def test_times_read_as_people_write_them():
    assert [clock_words(time(*at)) for at in ((9,), (12, 30), (0,), (20, 46), (12,))] == [
        "9am",
        "12:30pm",
        "12am",
        "8:46pm",
        "12pm",
    ]
    assert moment_words(to_utc(date(2026, 7, 1), time(14, 5))) == "1 July 2026 at 2:05pm"


@pytest.mark.parametrize("day", [date(2026, 12, 2), date(2026, 7, 2)])
def test_a_deadline_at_midnight_is_the_end_of_the_day_before(day: date):
    midnight = to_utc(day, time())
    assert deadline_words(midnight) == f"the end of {long_date(day - timedelta(days=1))}"
    assert last_day_before(midnight) == day - timedelta(days=1)
    assert deadline_words(to_utc(day, time(9))) == f"{long_date(day)} at 9am"
