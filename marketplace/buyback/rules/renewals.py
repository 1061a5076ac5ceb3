"""This year's price beside next year's: what a school is told before it renews, and by when it has to say no."""

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from marketplace.buyback.rules.years import months_on
from marketplace.kernel.dates import long_date
from marketplace.kernel.money import BASIS_POINTS, percent, pounds, round_half_up

MONTHS_TO_SAY_NO = 1
"""A school says at least a month before the new contract year that it does not want a package again (domain 1.1)."""


class PriceChange(NamedTuple):
    """What a package costs for a whole year now and next year, in pence before VAT. `next_pence` is None where it is not on sale."""

    name: str
    last_pence: int
    next_pence: int | None

    @property
    def difference_pence(self) -> int | None:
        """How much more (less, where below zero) next year."""
        return None if self.next_pence is None else self.next_pence - self.last_pence

    @property
    def difference_bp(self) -> int | None:
        """The difference in basis points of this year's price; None where there is no price to compare."""
        if self.difference_pence is None or not self.last_pence:
            return None
        return round_half_up(Fraction(self.difference_pence * BASIS_POINTS, self.last_pence))

    @property
    def sentence(self) -> str:
        """The change in words."""
        if self.next_pence is None:
            return f"{self.name} is not on sale for next year."
        if self.next_pence == self.last_pence:
            return f"{self.name} costs the same next year: {pounds(self.last_pence)}."
        more = self.next_pence - self.last_pence
        rate = (
            f", {'up' if more > 0 else 'down'} {percent(abs(self.difference_bp))}"
            if self.difference_bp
            else ""
        )
        return (
            f"{self.name} costs {pounds(self.next_pence)} next year instead of {pounds(self.last_pence)}: "
            f"{pounds(abs(more))} {'more' if more > 0 else 'less'}{rate}."
        )

    def needs_notice(self, *, inflation_bp: int = 0) -> bool:
        """Whether buyers are told: the price changes, or the package is no longer sold; with an inflation rate only when it rises by more."""
        if self.next_pence is None:
            return True
        if not inflation_bp:
            return self.next_pence != self.last_pence
        return self.difference_bp is None or self.difference_bp > inflation_bp


def notice_by(new_year: date) -> date:
    """The last day on which a school can say that it does not want a package from `new_year` on."""
    return months_on(new_year, -MONTHS_TO_SAY_NO)


def notice_sentence(change: PriceChange, new_year: date, *, on: date) -> str:
    """What a buyer is told on a day of a changed price, and by when to say no if there is time."""
    said = f"{change.sentence} The new price holds from {long_date(new_year)}."
    last_day = notice_by(new_year)
    if on > last_day:
        return said
    return f"{said} If you do not want it at that price, say so by {long_date(last_day)}."


def not_sold_sentence(name: str, problem: str, new_year: date) -> str:
    """What a buyer is told of a package it can't have again: it is not sold, or `problem` says why it has no price."""
    what = f"has no price for your school ({problem.rstrip('.')})" if problem else "is not on sale"
    return f"{name} {what} from {long_date(new_year)} on. You have it until the day before."
