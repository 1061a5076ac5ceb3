"""A maintained school becomes an academy in the middle of a contract year.

The maintained school's agreement ends on the day before the conversion date, the academy's opens on the conversion date at the same
prices and runs for what is left of the term; what changes is who is the buyer in law, and so how it is paid and what VAT is added.
Only whole months can be split: a school that converts inside a month has that month paid by the maintained school, and the money
splits on the first day of the next one.
"""

from datetime import date, timedelta
from typing import NamedTuple

from marketplace.buyback.rules.years import PenceByLine, YearParts, first_of_month_from, split_year
from marketplace.kernel.dates import Period, long_date
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds


class ConversionInvalid(DomainError):
    """An agreement can't pass to an academy on that day."""

    code = "conversion_invalid"


class Conversion(NamedTuple):
    """How an agreement passes to an academy: days, money by line (pence before VAT), and sentences."""

    last_day: date
    first_day: date
    money_from: date
    parts: YearParts
    sentences: tuple[str, ...]


def convert(pence: PenceByLine, year: Period, on: date, term: Period) -> Conversion:
    """Split the contract year that a conversion date lies in between the maintained school and the academy.

    `pence` is the year's price by line. Raises `ConversionInvalid` where the date is not inside the term, or is its first day
    or its last (then there is nothing to split: the academy orders for itself).
    """
    if not term.start < on < term.end:
        raise ConversionInvalid(
            f"The agreement runs from {long_date(term.start)} to {long_date(term.end)}: {long_date(on)} is not inside it.",
            remedy="Give the conversion date as the funding agreement has it, after the agreement’s first day and before its last.",
            field="on",
        )
    parts = split_year(pence, year, on)
    # Whole months for the books even where nothing is left to pay: then the last month of the year, at no price.
    money_from = min(first_of_month_from(on), year.end.replace(day=1))
    return Conversion(on - timedelta(days=1), on, money_from, parts, _sentences(on, year, parts))


def _sentences(on: date, year: Period, parts: YearParts) -> tuple[str, ...]:
    days = (
        f"The maintained school’s agreement ends on {long_date(on - timedelta(days=1))}; "
        f"the academy’s begins on {long_date(on)}, at the same prices."
    )
    if parts.months_after == 0:
        return (
            days,
            f"No whole month of the year is left after {long_date(on)}, so the maintained school pays all of this year.",
        )
    split_on = first_of_month_from(on)
    inside = (
        ()
        if split_on == on
        else (
            f"A year’s price is split by whole months only, so the money is split on {long_date(split_on)}: "
            f"the rest of {on:%B} is paid by the maintained school.",
        )
    )
    return (
        days,
        *inside,
        f"The maintained school pays {parts.months_before} months, {pounds(parts.before_pence)} before VAT; "
        f"the academy {parts.months_after} months, {pounds(parts.after_pence)} before VAT.",
    )
