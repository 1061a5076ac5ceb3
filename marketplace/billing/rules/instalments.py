"""What of a contract year is billed when, and what is taken back where an agreement ends before its time."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from marketplace.billing.rules.documents import by_financial_year
from marketplace.kernel.dates import FINANCIAL, Period, months_split

LinePence = Mapping[str, int]
"""Net pence by the id of an agreement line, as text."""


class PlannedInstalment(NamedTuple):
    """A part of a contract year's price: for one financial year, to be billed on `issue_on`."""

    financial_year: str
    period: Period
    pence: dict[str, int]
    issue_on: date


def whole_months(period: Period) -> Period:
    """The calendar months a period touches: what its price is shared by."""
    return Period(
        period.start.replace(day=1), period.end.replace(day=monthrange(period.end.year, period.end.month)[1])
    )


def plan_instalments(year: Period, pence: LinePence) -> tuple[PlannedInstalment, ...]:
    """Share the price of a contract year between the financial years it touches, line by line: 7/12 and 5/12 for an academic year.

    The first part is due with the year, each other on 1 April. A part year is shared by its own months.
    """
    months = whole_months(year)
    shares = {line: by_financial_year(amount, months) for line, amount in pence.items()}
    return tuple(
        PlannedInstalment(
            part.year,
            Period(max(part.period.start, year.start), min(part.period.end, year.end)),
            {line: by_year[position].pence for line, by_year in shares.items()},
            max(part.period.start, year.start),
        )
        for position, part in enumerate(months_split(months, FINANCIAL))
    )


def take_back(parts: Sequence[LinePence], not_run: LinePence) -> list[dict[str, int]]:
    """How much of each instalment is taken back, line by line, of what was for months not run: from the last instalment on.

    No part gives more than it holds, so what doesn't fit anywhere (there is nothing left to take back) is left out.
    """
    left = dict(not_run)
    taken: list[dict[str, int]] = []
    for part in reversed(parts):
        of_part = {line: min(pence, left.get(line, 0)) for line, pence in part.items()}
        of_part = {line: pence for line, pence in of_part.items() if pence > 0}
        for line, pence in of_part.items():
            left[line] -= pence
        taken.append(of_part)
    return taken[::-1]


def total(parts: Iterable[LinePence]) -> int:
    """What parts add up to, in pence."""
    return sum(sum(part.values()) for part in parts)
