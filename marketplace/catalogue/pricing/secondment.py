"""What it costs to second a leader for some days a week, and what that saves against filling a post.

The cost is the salary with on-costs, times the share of the five-day week.
"""

from fractions import Fraction
from typing import NamedTuple

from marketplace.catalogue.pricing.facts import PriceCannotBeWorkedOut
from marketplace.kernel.days import HalfDays, format_days
from marketplace.kernel.money import round_half_up

HALF_DAYS_IN_A_WEEK = 10


class Saving(NamedTuple):
    """A secondment beside the post it stands in for, pence a year; `saved_pence` is below zero when it costs more."""

    cost_pence: int
    post_budget_pence: int
    saved_pence: int


def secondment_cost(*, salary_pence: int, on_costs_pence: int, half_days_a_week: HalfDays) -> int:
    """Pence a year for a person seconded for some half-days each week, from their full-time salary and on-costs.

    Raises `PriceCannotBeWorkedOut` for less than half a day or more than five days a week.
    """
    if not 0 < half_days_a_week <= HALF_DAYS_IN_A_WEEK:
        raise PriceCannotBeWorkedOut(
            f"A secondment cannot be for {format_days(half_days_a_week)} a week.",
            remedy="Give from half a day to 5 days a week.",
        )
    return round_half_up(Fraction((salary_pence + on_costs_pence) * half_days_a_week, HALF_DAYS_IN_A_WEEK))


def saving_against_post(*, cost_pence: int, post_budget_pence: int) -> Saving:
    """What a secondment saves against the budget of the post, both in pence a year."""
    return Saving(cost_pence, post_budget_pence, post_budget_pence - cost_pence)
