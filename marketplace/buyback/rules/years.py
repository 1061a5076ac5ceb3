"""The contract years of an agreement's term, and what a part of a year costs.

An agreement may join a contract year late and may change hands inside one, so a year of a term can be shorter than twelve months.
Only whole months count for money (domain 1.1): a month already begun belongs to what came before.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from marketplace.kernel.dates import (
    MONTHS_IN_A_YEAR,
    ContractCalendar,
    Period,
    contract_year,
    whole_months_remaining,
)
from marketplace.kernel.money import pro_rata, split_pence

PenceByLine = Mapping[str, int]
"""A line's id (as text) → pence before VAT."""


class TermYear(NamedTuple):
    """One contract year of a term, counted from 1, as far as it lies within the term."""

    number: int
    period: Period

    @property
    def months(self) -> int:
        """Whole months of it."""
        return whole_months_remaining(self.period.start, self.period.end)


def years_of_term(calendar: ContractCalendar, term: Period) -> tuple[TermYear, ...]:
    """The contract years of a term, in order; the first and the last may be parts of one."""
    years: list[TermYear] = []
    start = term.start
    while start <= term.end:
        end = min(contract_year(calendar, start).end, term.end)
        years.append(TermYear(len(years) + 1, Period(start, end)))
        start = end + timedelta(days=1)
    return tuple(years)


def year_of_term_on(calendar: ContractCalendar, term: Period, day: date) -> TermYear | None:
    """The contract year of a term that a day falls in; None before and after the term."""
    return next((year for year in years_of_term(calendar, term) if day in year.period), None)


def part_of_year(year_pence: int, months: int) -> int:
    """What `months` of a year cost, in pence: so many twelfths of the year's price, rounded to the penny."""
    return pro_rata(year_pence, min(months, MONTHS_IN_A_YEAR), MONTHS_IN_A_YEAR)


class YearParts(NamedTuple):
    """A year's price in two parts, line by line: before a day and from it on. The parts add up to the whole, to the penny."""

    months_before: int
    months_after: int
    before: dict[str, int]
    after: dict[str, int]

    @property
    def before_pence(self) -> int:
        """The first part, all lines together."""
        return sum(self.before.values())

    @property
    def after_pence(self) -> int:
        """The second part, all lines together."""
        return sum(self.after.values())


def split_year(pence: PenceByLine, year: Period, from_day: date) -> YearParts:
    """Split a year's price on a day by whole months: the month the day lies in counts with what came before, unless it is its first."""
    whole = whole_months_remaining(year.start, year.end)
    after = min(whole, whole_months_remaining(from_day, year.end))
    if whole == 0:
        return YearParts(0, 0, dict(pence), dict.fromkeys(pence, 0))
    shares = {line: split_pence(amount, [whole - after, after]) for line, amount in pence.items()}
    return YearParts(
        whole - after,
        after,
        {line: share[0] for line, share in shares.items()},
        {line: share[1] for line, share in shares.items()},
    )


def share_by_months(pence: PenceByLine, months: Sequence[int]) -> list[dict[str, int]]:
    """Each line's price shared out by months (7 and 5, say), so that every line and every column adds up to the whole."""
    shares = {line: split_pence(amount, months) for line, amount in pence.items()}
    return [{line: share[column] for line, share in shares.items()} for column in range(len(months))]


def months_on(day: date, months: int) -> date:
    """The same day so many months on (back, where below zero); the last of the month where that month is shorter."""
    number = day.year * MONTHS_IN_A_YEAR + day.month - 1 + months
    first = date(number // MONTHS_IN_A_YEAR, number % MONTHS_IN_A_YEAR + 1, 1)
    return min(first + timedelta(days=day.day - 1), _last_of_month(first))


def first_of_month_from(day: date) -> date:
    """The first day of a month that is not before the day: from there on whole months can be counted."""
    return day if day.day == 1 else _last_of_month(day) + timedelta(days=1)


def _last_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
