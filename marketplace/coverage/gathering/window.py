"""The days that are counted: a school year, or one term of it where an area has chosen so (coverage.md 1).

A term is a run of stretches of school days with no more than a half-term between them. Its window begins the day after the term before
ended, so that in the holidays the coming term counts, and the last one runs to the end of the year.

What is stated for a school year counts in a term with the term's part of the year's school days, in quarters of days, and never with
more than the year has left. A need for this term counts whole, one that can wait not at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from marketplace.bookings.rules import LONGEST_HALF_TERM
from marketplace.brokerage.models import Urgency
from marketplace.coverage.measures.choices import YEAR
from marketplace.kernel.dates import ACADEMIC, Period, contract_year, is_working_day

QUARTERS = 4


@dataclass(frozen=True)
class Window:
    """The first and the last day, and the part (0 to 1) of a year's days that falls between them."""

    period: Period
    part: float = 1.0

    @property
    def is_whole_year(self) -> bool:
        return self.part == 1.0

    def part_of_need(self, urgency: str) -> float:
        """The part of a need's days that is counted."""
        if self.is_whole_year or urgency == Urgency.THIS_TERM:
            return 1.0
        return 0.0 if urgency == Urgency.LATER else self.part

    def counted(self, days: float, *, part: float, elsewhere: float) -> float:
        """Of days stated for the year those of the window; `elsewhere` are those taken outside it."""
        if self.is_whole_year:
            return days
        return max(0.0, min(int(days * part * QUARTERS + 0.5) / QUARTERS, days - elsewhere))


def window_on(day: date, stretches: Iterable[Period], *, kind: str) -> Window:
    """The window of a day. Without school days in the calendar of its school year the whole year counts, whatever is asked."""
    year = contract_year(ACADEMIC, day)
    terms = _terms(stretches)
    school_days = [sum(map(_school_days, term)) for term in terms]
    if kind == YEAR or not any(school_days):
        return Window(year)
    at = next((at for at, term in enumerate(terms) if day <= term[-1].end), len(terms) - 1)
    start = terms[at - 1][-1].end + timedelta(days=1) if at else year.start
    end = terms[at][-1].end if at < len(terms) - 1 else year.end
    return Window(Period(start, end), school_days[at] / sum(school_days))


def _terms(stretches: Iterable[Period]) -> list[list[Period]]:
    terms: list[list[Period]] = []
    for stretch in sorted(stretches):
        if terms and stretch.start - terms[-1][-1].end <= LONGEST_HALF_TERM:
            terms[-1].append(stretch)
        else:
            terms.append([stretch])
    return terms


def _school_days(stretch: Period) -> int:
    days = (stretch.start + timedelta(days=number) for number in range(stretch.days))
    return sum(map(is_working_day, days))
