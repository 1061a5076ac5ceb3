"""What a secondment costs and saves against the post it is made from (a council's own arithmetic).

    cost(d) = round(F d / 5)        F: full-time cost with on-costs, d days a week
    saving  = post budget - cost    of the rounded cost, so that rows add up

Money is integer pence, rounded to whole pounds as councils print it; days a week come in half-days. A full-time secondment can cost
more than the post: past the break-even, 5 x budget / F days a week, every further day adds cost.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import MeasureError

HALF_DAYS_A_WEEK = 10
POUND = 100


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The two figures everything follows from (pence), with what they rest on: weeks a year, on-cost rate, year and source."""

    post_budget: int
    full_time_cost: int
    weeks: int = 39
    on_cost_rate: float | None = None
    year: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        problems = []
        if self.post_budget < 0:
            problems.append("the post's budget must not be below 0")
        if self.full_time_cost <= 0:
            problems.append("the full-time cost with on-costs must be above 0")
        if self.weeks <= 0:
            problems.append("a secondment must last at least one week")
        if problems:
            raise MeasureError(problems)

    @property
    def break_even_days(self) -> float:
        """Days a week at which the secondment costs what the post does."""
        return 5 * self.post_budget / self.full_time_cost

    @property
    def unit_price_above_post(self) -> float | None:
        """How much dearer a day of the secondment is than a day of the post, as a share; None if the post has no budget."""
        return self.full_time_cost / self.post_budget - 1 if self.post_budget else None


@dataclass(frozen=True)
class Costing:
    """One line of the table, in pence; `warning` is empty up to the break-even."""

    half_days: int
    cost: int
    saving: int
    saving_per_day_kept: int
    past_break_even: bool
    warning: str

    @property
    def days(self) -> float:
        return self.half_days / 2


def costing(terms: Terms, *, half_days: int) -> Costing:
    """Cost and saving of `half_days` a week for a year. Raises MeasureError unless between 1 and 10."""
    if not 1 <= half_days <= HALF_DAYS_A_WEEK:
        raise MeasureError([f"{half_days / 2:g} days a week: give half a day to 5 days"])
    cost = _rounded(terms.full_time_cost * half_days, HALF_DAYS_A_WEEK * POUND) * POUND
    saving = terms.post_budget - cost
    days_kept_twice = half_days * terms.weeks
    per_day = _rounded(2 * abs(saving), days_kept_twice) * (1 if saving >= 0 else -1)
    past = saving < 0
    warning = (
        f"{half_days / 2:g} days a week cost £{-saving / POUND:,.0f} more than the post;"
        f" it breaks even at {terms.break_even_days:.2f} days."
        if past
        else ""
    )
    return Costing(half_days, cost, saving, per_day, past, warning)


def _rounded(numerator: int, denominator: int) -> int:
    """Nearest whole number, halves up; both must be non-negative."""
    return (2 * numerator + denominator) // (2 * denominator)
