"""The year's end: what of a price belongs to the year that follows, by whole months."""

from datetime import date
from typing import NamedTuple

from marketplace.billing.rules.instalments import whole_months
from marketplace.kernel.dates import Period, months_in
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pro_rata


class NotAYearEnd(DomainError):
    """The day is not one on which schools close their books."""

    code = "not_a_year_end"


YEAR_ENDS = ((3, 31), (8, 31))
"""Maintained schools close on 31 March, academies on 31 August."""


def check_year_end(on: date) -> None:
    """Raise `NotAYearEnd` unless the day is 31 March or 31 August."""
    if (on.month, on.day) not in YEAR_ENDS:
        raise NotAYearEnd(
            "Books are closed on 31 March or 31 August.", remedy="Choose one of these days.", field="on"
        )


def next_year_ends(today: date, count: int = 4) -> list[date]:
    """Days to choose from: the one ahead and the ones before it, latest first."""
    days = sorted(date(year, *day) for year in range(today.year - 3, today.year + 2) for day in YEAR_ENDS)
    ahead = next(position for position, day in enumerate(days) if day >= today)
    return days[max(0, ahead - count + 1) : ahead + 1][::-1]


class YearShare(NamedTuple):
    """Of an amount for a service over months: the part before and the part after the year's end, in pence."""

    months: int
    months_after: int
    before_pence: int
    after_pence: int


def share_at(net_pence: int, service: Period, year_end: date) -> YearShare:
    """Share an amount at the year's end by the whole months of its service. Half a penny goes to the part that lies after."""
    period = whole_months(service)
    months = months_in(period)
    if period.end <= year_end:
        after = 0
    elif period.start > year_end:
        after = months
    else:
        after = (period.end.year - year_end.year) * 12 + period.end.month - year_end.month
    after_pence = pro_rata(net_pence, after, months)
    return YearShare(months, after, net_pence - after_pence, after_pence)
