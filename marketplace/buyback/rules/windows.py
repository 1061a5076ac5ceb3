"""When a buy-back window lets schools see prices, fill a basket and order, and what an order costs that comes late (domain 1.1)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from marketplace.kernel.dates import (
    MONTHS_IN_A_YEAR,
    ContractCalendar,
    contract_year,
    long_date,
    whole_months_remaining,
)
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds, pro_rata

REFUSED, FULL_PRICE, PRO_RATA = "refused", "full_price", "pro_rata"

HIGHEST_LATE_CHARGE_PENCE = 100_000
"""£1,000: a late charge pays for the work it makes; more would be a price."""


class WindowInvalid(DomainError):
    """The dates of a window contradict each other."""

    code = "window_invalid"


class WindowState(StrEnum):
    """What a school can do on a day."""

    HIDDEN = "hidden"
    EARLY = "early"
    OPEN = "open"
    LATE = "late"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class WindowDates:
    """The days of a window and its rule for late orders; `late_charge_pence` is before VAT."""

    calendar: ContractCalendar
    first_day: date
    prices_visible_from: date
    orders_from: date
    closes_on: date
    late_rule: str = FULL_PRICE
    late_charge_pence: int = 0

    @property
    def last_day(self) -> date:
        """The last day of the contract year."""
        return contract_year(self.calendar, self.first_day).end


class Standing(NamedTuple):
    """How a window stands on a day, with a sentence for a school business manager."""

    state: WindowState
    sentence: str

    @property
    def can_fill(self) -> bool:
        """Whether a basket can be filled."""
        return self.state in {WindowState.EARLY, WindowState.OPEN, WindowState.LATE}

    @property
    def can_submit(self) -> bool:
        """Whether a basket can be ordered."""
        return self.state in {WindowState.OPEN, WindowState.LATE}

    @property
    def is_late(self) -> bool:
        """Whether an order would be a late one."""
        return self.state is WindowState.LATE


def standing(dates: WindowDates, on: date) -> Standing:
    """The state of a window on a day."""
    if on < dates.prices_visible_from:
        return Standing(
            WindowState.HIDDEN, f"Prices can be seen from {long_date(dates.prices_visible_from)}."
        )
    if on < dates.orders_from:
        return Standing(
            WindowState.EARLY,
            f"You can fill your basket now. Orders are taken from {long_date(dates.orders_from)} "
            f"to {long_date(dates.closes_on)}.",
        )
    if on <= dates.closes_on:
        return Standing(WindowState.OPEN, f"Orders are taken until {long_date(dates.closes_on)}.")
    closed = f"Orders closed on {long_date(dates.closes_on)}."
    if dates.late_rule == REFUSED:
        return Standing(WindowState.CLOSED, f"{closed} Late orders are not taken.")
    if first_year(dates, on).months == 0:
        return Standing(
            WindowState.CLOSED, f"{closed} Nothing is left of the year to {long_date(dates.last_day)}."
        )
    return Standing(WindowState.LATE, f"{closed} You can still order. {late_terms(dates, on)}")


def late_terms(dates: WindowDates, on: date | None = None) -> str:
    """What a late order costs, in a sentence; with the months left, where a day is given."""
    if dates.late_rule == REFUSED:
        return "Late orders are not taken."
    words = "You pay the whole year’s price."
    if dates.late_rule == PRO_RATA:
        words = "You pay for the whole months that are left of the year."
        if on is not None:
            months = first_year(dates, on).months
            words = f"You pay for {months} of 12 months, the whole months that are left of the year."
    if dates.late_charge_pence:
        words += f" A late charge of {pounds(dates.late_charge_pence)} before VAT is added to each agreement."
    return words


class FirstYear(NamedTuple):
    """The part of the first contract year that an order buys: from which day, and how many of its 12 months."""

    starts_on: date
    months: int

    def share_of(self, year_pence: int) -> int:
        """What of a whole year's price is due for it, in pence."""
        return pro_rata(year_pence, self.months, MONTHS_IN_A_YEAR)


def first_year(dates: WindowDates, on: date) -> FirstYear:
    """What an order of a day buys of the first contract year.

    The whole year, unless it comes after the window closed, the year has begun and the window's rule is pro rata: then the whole
    months left, from the first of them. A whole year's price always buys the whole year.
    """
    is_late = on > dates.closes_on and on > dates.first_day
    if not is_late or dates.late_rule != PRO_RATA:
        gone = on > dates.last_day
        return FirstYear(dates.first_day, 0 if gone else MONTHS_IN_A_YEAR)
    starts_on = on if on.day == 1 else (on.replace(day=1) + timedelta(days=32)).replace(day=1)
    return FirstYear(starts_on, whole_months_remaining(on, dates.last_day))


def late_charge(dates: WindowDates, on: date) -> int:
    """What is added to an agreement ordered on a day, in pence before VAT."""
    return dates.late_charge_pence if standing(dates, on).is_late else 0


def check_dates(dates: WindowDates) -> None:
    """Raise `WindowInvalid`, naming the field, where a window contradicts itself."""
    if dates.first_day != contract_year(dates.calendar, dates.first_day).start:
        raise WindowInvalid(
            f"{long_date(dates.first_day)} is not the first day of a contract year.",
            remedy="Choose the year from the list.",
            field="year",
        )
    if dates.orders_from < dates.prices_visible_from:
        raise WindowInvalid(
            "Orders would be taken before prices can be seen.",
            remedy="Show prices on the same day or earlier: schools need about a month to consider.",
            field="orders_from",
        )
    if dates.closes_on < dates.orders_from:
        raise WindowInvalid(
            "The window would close before it opens.", remedy="Choose a later last day.", field="closes_on"
        )
    if dates.closes_on > dates.last_day:
        raise WindowInvalid(
            "The window would close after the contract year has ended.",
            remedy=f"Choose a last day up to {long_date(dates.last_day)}.",
            field="closes_on",
        )
    if not 0 <= dates.late_charge_pence <= HIGHEST_LATE_CHARGE_PENCE:
        raise WindowInvalid(
            f"The late charge must be between £0 and {pounds(HIGHEST_LATE_CHARGE_PENCE)}.",
            remedy="Write an amount in pounds, for example 50.",
            field="late_charge",
        )
    if dates.late_charge_pence and dates.late_rule == REFUSED:
        raise WindowInvalid(
            "There is a late charge, but late orders are not taken.",
            remedy="Leave the charge empty, or take late orders.",
            field="late_charge",
        )
