"""Ending an agreement before its time: how much notice, and what is still to be paid.

The rules are those seen in use (Buckinghamshire, domain 1.1): who ends inside the term gives three months' notice and pays the fees
that fall due until then; a year's fee falls due on the first day of the contract year, so a school that leaves pays the year it
leaves in. A material breach is put right within thirty days, or the other side may end the agreement. Where the seller stops, breaks
the terms, or lets the school go, the months not run are credited. Before its first day an agreement can be called off free of
charge up to a month ahead.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from marketplace.buyback.rules.years import PenceByLine, months_on, split_year
from marketplace.kernel.dates import Period, long_date
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds

NOTICE_MONTHS = 3
MONTHS_BEFORE_THE_START = 1
DAYS_TO_PUT_RIGHT = 30


class Ground(StrEnum):
    """Why an agreement ends early."""

    AGREED = "agreed"
    BUYER_NOTICE = "buyer_notice"
    SELLER_NOTICE = "seller_notice"
    SELLER_BREACH = "seller_breach"
    BUYER_BREACH = "buyer_breach"


BUYERS_OWN = frozenset({Ground.BUYER_NOTICE})
"""What the buyer can say by itself; all else is recorded by the seller, or by a convenor of the area between them."""

CREDITED = frozenset({Ground.AGREED, Ground.SELLER_NOTICE, Ground.SELLER_BREACH})
"""Grounds on which the months not run are given back."""


class EndingInvalid(DomainError):
    """An agreement can't end on that day on that ground."""

    code = "ending_invalid"


class EndingCost(NamedTuple):
    """What ending an agreement means for the year it ends in, in pence before VAT and in words."""

    last_day: date
    months_not_run: int
    not_run: dict[str, int]
    still_due_pence: int
    sentences: tuple[str, ...]

    @property
    def credit_pence(self) -> int:
        """What is given back, all lines together."""
        return sum(self.not_run.values())


def earliest_last_day(ground: Ground, told_on: date, term: Period) -> date:
    """The first day on which an agreement in force may end, on a ground told on a day."""
    if ground in (Ground.BUYER_NOTICE, Ground.SELLER_NOTICE):
        return max(term.start, months_on(told_on, NOTICE_MONTHS))
    if ground in (Ground.SELLER_BREACH, Ground.BUYER_BREACH):
        return max(term.start, told_on + timedelta(days=DAYS_TO_PUT_RIGHT))
    return term.start


def check_told(told_on: date, *, agreed_on: date, today: date, may_backdate: bool) -> None:
    """Raise `EndingInvalid` for a notice of a day that can't be: to come, before there was an agreement, or past on one's own word.

    Who gives notice gives it today; that it was told before is for the seller, who got it, or the convenor to say.
    """
    if told_on < agreed_on:
        raise EndingInvalid(
            f"The agreement was made on {long_date(agreed_on)}, so nobody was told before that it ends.",
            remedy="Give the day on which the other side was told.",
            field="told_on",
        )
    if told_on < today and not may_backdate:
        raise EndingInvalid(
            "Notice counts from the day on which it is given here.",
            remedy="Ask the seller, or the area’s convenor, to record a notice given before.",
            field="told_on",
        )


def check_ending(ground: Ground, told_on: date, last_day: date, term: Period, *, today: date) -> None:
    """Raise `EndingInvalid` where an agreement in force may not end on that day on that ground."""
    if told_on > today:
        raise EndingInvalid(
            "Notice can’t be dated in the future.",
            remedy="Give the day on which the other side was told.",
            field="told_on",
        )
    if not term.start <= last_day < term.end:
        raise EndingInvalid(
            f"The agreement runs from {long_date(term.start)} to {long_date(term.end)}, so it can’t end early on"
            f" {long_date(last_day)}.",
            remedy="Choose a day before its last one. On its last day it ends by itself.",
            field="last_day",
        )
    earliest = earliest_last_day(ground, told_on, term)
    if last_day < earliest:
        raise EndingInvalid(
            f"{_NOTICE_IN_WORDS[ground]} Told on {long_date(told_on)}, the agreement can end on {long_date(earliest)}"
            " at the earliest.",
            remedy=f"Choose {long_date(earliest)} or later, or agree with the other side to end sooner.",
            field="last_day",
        )


def check_calling_off(ground: Ground, told_on: date, term: Period) -> None:
    """Raise `EndingInvalid` where a buyer calls an agreement off too shortly before its first day."""
    last_call = months_on(term.start, -MONTHS_BEFORE_THE_START)
    if ground in BUYERS_OWN and told_on > last_call:
        raise EndingInvalid(
            f"A school can call this off until {long_date(last_call)}, a month before it starts.",
            remedy="Ask the seller to call it off, or give three months’ notice once it has started.",
        )


def cost_of_ending(ground: Ground, last_day: date, year: Period | None, pence: PenceByLine) -> EndingCost:
    """What ending on `last_day` costs: `year` and `pence` are the contract year it lies in and that year's price (None: not begun)."""
    if year is None:
        return EndingCost(last_day, 0, {}, 0, ("It has not started, so there is nothing to pay.",))
    parts = split_year(pence, year, last_day + timedelta(days=1))
    is_credited = ground in CREDITED
    not_run = parts.after if is_credited else dict.fromkeys(pence, 0)
    still_due = sum(pence.values()) - sum(not_run.values())
    return EndingCost(
        last_day,
        parts.months_after,
        not_run,
        still_due,
        _sentences(is_credited, last_day, parts.months_after, parts.after_pence, still_due),
    )


def _sentences(
    is_credited: bool, last_day: date, months: int, after_pence: int, still_due: int
) -> tuple[str, ...]:
    last = f"The last day is {long_date(last_day)}."
    if not months:
        return (
            last,
            f"No whole month of the year is left after it, so the year’s {pounds(still_due)} stay due.",
        )
    left = f"{months} whole month{'' if months == 1 else 's'} of the year"
    if is_credited:
        return (
            last,
            f"{left} will not run: {pounds(after_pence)} before VAT are credited.",
            f"{pounds(still_due)} before VAT stay due for the months run.",
        )
    return (
        last,
        f"{left} will not run, but the year’s fee fell due when the year began: {pounds(still_due)} before VAT stay due and"
        " nothing is credited.",
        "Years that have not begun by then are not charged.",
    )


_NOTICE_IN_WORDS = {
    Ground.BUYER_NOTICE: f"A school gives {NOTICE_MONTHS} months’ notice.",
    Ground.SELLER_NOTICE: f"A seller gives {NOTICE_MONTHS} months’ notice.",
    Ground.SELLER_BREACH: f"The seller has {DAYS_TO_PUT_RIGHT} days to put a breach right.",
    Ground.BUYER_BREACH: f"The school has {DAYS_TO_PUT_RIGHT} days to put a breach right.",
    Ground.AGREED: "",
}
