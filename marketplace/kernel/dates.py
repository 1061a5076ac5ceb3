"""Calendars of English schools: contract years, months shared between them, working days, London time.

* Maintained schools run on the **financial** year (1 April to 31 March), academies on the **academic** year
  (1 September to 31 August). The same service is sold on both.
* A `Period` includes its first and its last day.
* A **working day** is Monday to Friday and not a bank holiday in England. Bank holidays are worked out, with a table of
  the days that a proclamation moved or added; a new proclamation is one more row.
* Times are kept in UTC and read in Europe/London.
"""

from calendar import monthrange
from collections.abc import Container, Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from marketplace.kernel.errors import DomainError

LONDON = ZoneInfo("Europe/London")

MONTHS_IN_A_YEAR = 12


class DateOutOfRange(DomainError):
    """A date too far off for this service to reason about."""

    code = "date_out_of_range"


class NotWholeMonths(DomainError):
    """A period that has to be whole calendar months is not."""

    code = "not_whole_months"


class NoSuchLocalTime(DomainError):
    """A clock time that is skipped when the clocks go forward."""

    code = "no_such_local_time"


class TimeWithoutZone(DomainError):
    """A time that does not say which zone it is in, where it must."""

    code = "time_without_zone"


class Period(NamedTuple):
    """A run of days, the first and the last included."""

    start: date
    end: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end

    @property
    def days(self) -> int:
        """How many days, both ends counted."""
        return (self.end - self.start).days + 1


class ContractCalendar(StrEnum):
    """The year a contract runs by."""

    FINANCIAL = "financial"
    ACADEMIC = "academic"

    @property
    def label(self) -> str:
        """The calendar in words."""
        return {
            ContractCalendar.FINANCIAL: "Financial year (1 April to 31 March)",
            ContractCalendar.ACADEMIC: "Academic year (1 September to 31 August)",
        }[self]

    @property
    def first_month(self) -> int:
        """The month in which the year starts: 4 or 9."""
        return 4 if self is ContractCalendar.FINANCIAL else 9

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Stored value and words, for a form or a model field."""
        return [(calendar.value, calendar.label) for calendar in cls]


FINANCIAL = ContractCalendar.FINANCIAL
ACADEMIC = ContractCalendar.ACADEMIC


# Contract years ------------------------------------------------------------------------------------------------------


def contract_year(calendar: ContractCalendar, on: date) -> Period:
    """The contract year that a day falls in."""
    first = _first_year(calendar, on)
    start = date(first, calendar.first_month, 1)
    return Period(start, date(first + 1, calendar.first_month, 1) - timedelta(days=1))


def academic_year(on: date) -> str:
    """The academic year of a day, as schools write it: `2026/27`."""
    first = _first_year(ACADEMIC, on)
    return f"{first}/{(first + 1) % 100:02d}"


def financial_year(on: date) -> str:
    """The financial year of a day, as councils write it: `2026-27`."""
    first = _first_year(FINANCIAL, on)
    return f"{first}-{(first + 1) % 100:02d}"


def contract_year_label(calendar: ContractCalendar, on: date) -> str:
    """The name of a day's contract year: `2026-27` (financial) or `2026/27` (academic)."""
    return financial_year(on) if calendar is FINANCIAL else academic_year(on)


def _first_year(calendar: ContractCalendar, on: date) -> int:
    _refuse_far_off(on.year)
    return on.year if on.month >= calendar.first_month else on.year - 1


def _refuse_far_off(year: int) -> None:
    if not 1900 <= year <= 2999:
        raise DateOutOfRange(f"The year {year} is not one this service works with.", remedy="Check the year.")


# Months ------------------------------------------------------------------------------------------------------------


class MonthsShare(NamedTuple):
    """The part of a contract that falls in one contract year of another calendar."""

    year: str
    period: Period
    months: int


def months_split(contract: Period, by: ContractCalendar = FINANCIAL) -> tuple[MonthsShare, ...]:
    """Share a contract of whole calendar months between the years of a calendar.

    An academic year by financial years is seven months (September to March) and five (April to August); the months are
    the weights for `money.split_pence`. Raises `NotWholeMonths` for a contract that starts or ends inside a month.
    """
    _refuse_part_months(contract)
    shares = []
    start = contract.start
    while start <= contract.end:
        year = contract_year(by, start)
        part = Period(start, min(year.end, contract.end))
        shares.append(MonthsShare(contract_year_label(by, start), part, months_in(part)))
        start = part.end + timedelta(days=1)
    return tuple(shares)


def months_in(period: Period) -> int:
    """How many calendar months a period of whole months has. Raises `NotWholeMonths`."""
    _refuse_part_months(period)
    return _month_number(period.end) - _month_number(period.start) + 1


def whole_months_remaining(on: date, end: date) -> int:
    """Whole calendar months left from a day to the end of a contract; a month already begun does not count.

    Joining on 1 October a year that ends on 31 March leaves six months; joining on 2 October leaves five. Never below 0.
    """
    first = _month_number(on) + (on.day > 1)
    after_last = _month_number(end) + (end.day == monthrange(end.year, end.month)[1])
    return max(0, after_last - first)


def _month_number(day: date) -> int:
    return day.year * MONTHS_IN_A_YEAR + day.month


def _refuse_part_months(period: Period) -> None:
    last_of_month = monthrange(period.end.year, period.end.month)[1]
    if period.start.day != 1 or period.end.day != last_of_month or period.end < period.start:
        raise NotWholeMonths(
            f"{long_date(period.start)} to {long_date(period.end)} is not a run of whole months.",
            remedy="Start on the first day of a month and end on the last day of one.",
        )


# Working days ------------------------------------------------------------------------------------------------------

_MONDAY, _SATURDAY = 0, 5

PROCLAIMED: dict[int, tuple[tuple[date | None, date | None, str], ...]] = {
    2020: ((date(2020, 5, 4), date(2020, 5, 8), "Early May bank holiday (75th anniversary of VE Day)"),),
    2022: (
        (date(2022, 5, 30), date(2022, 6, 2), "Spring bank holiday"),
        (None, date(2022, 6, 3), "Platinum Jubilee"),
        (None, date(2022, 9, 19), "State Funeral of Queen Elizabeth II"),
    ),
    2023: ((None, date(2023, 5, 8), "Coronation of King Charles III"),),
}
"""By year: (day that stopped being a bank holiday, day that became one, its name). Known for 2020 to 2028; the years not
listed follow the rules. Source: gov.uk/bank-holidays."""


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> dict[date, str]:
    """Bank holidays in England in a year, with their names. The answer is shared: do not change it."""
    _refuse_far_off(year)
    easter = easter_sunday(year)
    days = {
        easter - timedelta(days=2): "Good Friday",
        easter + timedelta(days=1): "Easter Monday",
        _first_monday(year, 5): "Early May bank holiday",
        _last_monday(year, 5): "Spring bank holiday",
        _last_monday(year, 8): "Summer bank holiday",
    }
    fixed = {
        date(year, 1, 1): "New Year’s Day",
        date(year, 12, 25): "Christmas Day",
        date(year, 12, 26): "Boxing Day",
    }
    days |= {day: name for day, name in fixed.items() if day.weekday() < _SATURDAY}
    for day, name in fixed.items():
        if day.weekday() >= _SATURDAY:
            days[_next_free_weekday(day, days)] = f"{name} (substitute day)"
    for gone, come, name in PROCLAIMED.get(year, ()):
        if gone is not None:
            del days[gone]
        if come is not None:
            days[come] = name
    return dict(sorted(days.items()))


def easter_sunday(year: int) -> date:
    """Easter Sunday of a year in the Gregorian calendar (Meeus, Jones and Butcher's method)."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    correction = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def is_working_day(day: date) -> bool:
    """Whether people in England work on a day: Monday to Friday and not a bank holiday."""
    return day.weekday() < _SATURDAY and day not in bank_holidays(day.year)


def add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after a day; before it, where `count` is negative; the day itself for 0."""
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def working_days_between(earlier: date, later: date) -> int:
    """Working days after `earlier` up to and including `later`; negative when they are the other way round.

    So notice given on a Friday for the Monday after is one working day, and `add_working_days(day, n)` of a day is `n`
    working days after it.
    """
    if later < earlier:
        return -working_days_between(later, earlier)
    return sum(1 for day in _days_after(earlier, later) if is_working_day(day))


def _days_after(earlier: date, later: date) -> Iterator[date]:
    return (earlier + timedelta(days=n) for n in range(1, (later - earlier).days + 1))


def _first_monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(_MONDAY - first.weekday()) % 7)


def _next_free_weekday(day: date, taken: Container[date]) -> date:
    while day.weekday() >= _SATURDAY or day in taken:
        day += timedelta(days=1)
    return day


def _last_monday(year: int, month: int) -> date:
    last = date(year, month, monthrange(year, month)[1])
    return last - timedelta(days=last.weekday())


# London time -------------------------------------------------------------------------------------------------------


def local(moment: datetime) -> datetime:
    """An aware moment as London clocks show it. Raises `TimeWithoutZone` for a naive one."""
    if moment.tzinfo is None:
        raise TimeWithoutZone(
            "A time was given without its time zone.", remedy="Give the offset, for example 09:00+01:00."
        )
    return moment.astimezone(LONDON)


def to_utc(day: date, clock: time) -> datetime:
    """The moment, in UTC, at which London clocks show a time on a day.

    When the clocks go back an hour happens twice: the first is meant. When they go forward an hour is skipped, and a time
    in it raises `NoSuchLocalTime`.
    """
    if clock.tzinfo is not None:
        raise TimeWithoutZone(
            "A London clock time carries no offset of its own.", remedy="Leave the offset out."
        )
    shown = datetime.combine(day, clock, tzinfo=LONDON)
    moment = shown.replace(fold=0).astimezone(UTC)
    if moment.astimezone(LONDON).replace(tzinfo=None) != shown.replace(tzinfo=None):
        raise NoSuchLocalTime(
            f"There is no {clock:%H:%M} on {long_date(day)}: the clocks go forward from 01:00 to 02:00.",
            remedy="Choose a time before 01:00 or from 02:00.",
        )
    return moment


# Words -------------------------------------------------------------------------------------------------------------


def long_date(day: date) -> str:
    """A date in words: `14 January 2027`."""
    return f"{day.day} {day:%B %Y}"


def clock_words(clock: time) -> str:
    """A time of day in words: `9am`, `3:30pm`."""
    minutes = f":{clock.minute:02d}" if clock.minute else ""
    return f"{clock.hour % 12 or 12}{minutes}{'am' if clock.hour < 12 else 'pm'}"


def moment_words(moment: datetime) -> str:
    """A moment in words, in London: `27 March 2027 at 2:05pm`."""
    shown = local(moment)
    return f"{long_date(shown.date())} at {clock_words(shown.time())}"


def deadline_words(moment: datetime) -> str:
    """Until when something can be done, in words: `27 March 2027 at 2:05pm`; at midnight `the end of 26 March 2027`."""
    if local(moment).time() == time():
        return f"the end of {long_date(last_day_before(moment))}"
    return moment_words(moment)


def last_day_before(moment: datetime) -> date:
    """The last day, in London, on which something can be done that ends at a moment: at midnight the day before."""
    return local(moment - timedelta(microseconds=1)).date()


def month_and_year(day: date) -> str:
    """A month in words: `January 2027`."""
    return f"{day:%B %Y}"
