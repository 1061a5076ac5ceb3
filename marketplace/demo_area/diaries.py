"""When people can be booked: terms, tests, weekly patterns and the odd day off.

Terms are worked out for three school years around today, the way most authorities draw them, and written by the same action a
convenor uses.
"""

from collections.abc import Iterable
from datetime import date, time, timedelta

from marketplace.bookings import actions
from marketplace.bookings.actions import TermStretch
from marketplace.bookings.models import Diary, DiaryException, WeeklyPattern
from marketplace.demo_area.bodies import Place, Providers
from marketplace.demo_area.practitioners import Deployable, Teams
from marketplace.demo_area.stage import Chance, Today, write
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import ACADEMIC, academic_year, contract_year, easter_sunday

ONE_DAY = timedelta(days=1)
WEEK = timedelta(days=7)
EARLY, LATE = (time(8, 30), time(16, 0)), (time(8, 30), time(18, 0))


def terms_of(first_year: int) -> list[TermStretch]:
    """The six half-terms of the school year that begins in September of `first_year`."""
    next_year = first_year + 1
    autumn_break = _last_monday(first_year, 10)
    christmas = _friday_before(date(first_year, 12, 21))
    new_year = _monday_from(date(next_year, 1, 3))
    february_break = _monday_from(date(next_year, 2, 12))
    easter = easter_sunday(next_year)
    may_break = _last_monday(next_year, 5)
    starts_and_ends = (
        ("Autumn term 1", _monday_from(date(first_year, 9, 1)) + ONE_DAY, autumn_break - 3 * ONE_DAY),
        ("Autumn term 2", autumn_break + WEEK, christmas),
        ("Spring term 1", new_year, february_break - 3 * ONE_DAY),
        ("Spring term 2", february_break + WEEK, easter - 9 * ONE_DAY),
        ("Summer term 1", easter + 8 * ONE_DAY, may_break - 3 * ONE_DAY),
        ("Summer term 2", may_break + WEEK, _friday_before(date(next_year, 7, 23))),
    )
    return [TermStretch(name, first, last) for name, first, last in starts_and_ends]


def week_of_tests(first_year: int) -> tuple[date, date]:
    """Monday to Thursday of the week of the Key Stage 2 tests: the second full week of May."""
    monday = _monday_from(date(first_year + 1, 5, 8))
    return monday, monday + 3 * ONE_DAY


def write_calendar(place: Place, providers: Providers, today: Today) -> None:
    """Terms and closed days of last, this and next school year."""
    this_year = contract_year(ACADEMIC, today.day).start.year
    for year in (this_year - 1, this_year, this_year + 1):
        terms = terms_of(year)
        actions.set_terms(
            actor=SYSTEM, area=place.area, academic_year=academic_year(terms[0].first_day), terms=terms
        )
        first, last = week_of_tests(year)
        actions.add_blackout(
            actor=SYSTEM, owner=place.area, first_day=first, last_day=last, reason="Key Stage 2 tests"
        )
    if "centre_secondary" in providers:
        mocks = _monday_from(today + 45)
        actions.add_blackout(
            actor=SYSTEM,
            owner=providers["centre_secondary"],
            first_day=mocks,
            last_day=mocks + 9 * ONE_DAY,
            reason="Mock examinations",
        )


def write_diaries(teams: Teams, chance: Chance, today: Today) -> None:
    """A diary for each person: a day or two a week for those whom schools release, all week for a service's own."""
    write([_diary(each, chance) for each in teams.people])
    write([row for each in teams.people for row in _pattern(each, chance)])
    away = [each for number, each in enumerate(teams.people) if number % 6 == 2]
    write([_day_away(each, chance, today) for each in away])


def _diary(each: Deployable, chance: Chance) -> Diary:
    return Diary(
        practitioner=each.practitioner,
        minimum_notice_days=chance.one_of((5, 5, 7, 10)),
        travel_minutes=chance.one_of((30, 30, 45)),
        term_time_only=not each.is_employee,
    )


def _pattern(each: Deployable, chance: Chance) -> Iterable[WeeklyPattern]:
    if each.is_employee:
        days: tuple[int, ...] = (0, 1, 2, 3, 4)
        starts, ends = LATE
    else:
        days, (starts, ends) = (
            chance.one_of(((0, 2), (1, 3), (2,), (1, 2), (3,), (2, 4))),
            chance.one_of((EARLY, LATE)),
        )
    return [
        WeeklyPattern(practitioner=each.practitioner, weekday=weekday, starts=starts, ends=ends)
        for weekday in days
    ]


def _day_away(each: Deployable, chance: Chance, today: Today) -> DiaryException:
    first = today + chance.rng.randrange(10, 90)
    return DiaryException(
        practitioner=each.practitioner,
        first_day=first,
        last_day=first + timedelta(days=chance.rng.randrange(3)),
        reason=chance.one_of(("Own school’s inset day", "Training", "Residential visit", "Leave")),
    )


def _monday_from(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def _friday_before(day: date) -> date:
    """That day if it is a Friday, else the one before it."""
    return day - timedelta(days=(day.weekday() - 4) % 7)


def _last_monday(year: int, month: int) -> date:
    last = date(year + month // 12, month % 12 + 1, 1) - ONE_DAY
    return last - timedelta(days=last.weekday())
