"""How long money has been owed, and when to remind of it."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Age(StrEnum):
    """The columns of an aged debt report."""

    NOT_DUE = "not_due"
    TO_30 = "to_30"
    TO_60 = "to_60"
    TO_90 = "to_90"
    OVER_90 = "over_90"


AGE_LABELS = {
    Age.NOT_DUE: "Not due yet",
    Age.TO_30: "1 to 30 days",
    Age.TO_60: "31 to 60 days",
    Age.TO_90: "61 to 90 days",
    Age.OVER_90: "Over 90 days",
}

_LIMITS = ((0, Age.NOT_DUE), (30, Age.TO_30), (60, Age.TO_60), (90, Age.TO_90))


def days_overdue(due_on: date | None, today: date) -> int:
    """Days since the due date, 0 on that day and before it. What has no due date (a journal) is never overdue."""
    return max(0, (today - due_on).days) if due_on else 0


def age_of(due_on: date | None, today: date) -> Age:
    """The column a document stands in."""
    days = days_overdue(due_on, today)
    return next((age for most, age in _LIMITS if days <= most), Age.OVER_90)


class Owing(NamedTuple):
    """So many pence, due on a day."""

    pence: int
    due_on: date | None


def aged(rows: Iterable[Owing], today: date) -> dict[Age, int]:
    """Pence in each column; they add up to all that is owing."""
    sums = dict.fromkeys(Age, 0)
    for row in rows:
        sums[age_of(row.due_on, today)] += row.pence
    return sums


class ReminderDays(NamedTuple):
    """Days overdue at which the first, second and final reminder leave."""

    first: int = 7
    second: int = 21
    final: int = 35


REMINDER_LEVELS = ("first", "second", "final")


def reminder_due(days: int, policy: ReminderDays, sent: Iterable[str]) -> str:
    """The reminder to send now, or “”: the highest level reached, unless it or a later one was sent.

    A document first looked at when it is long overdue gets that one reminder and not three on one day.
    """
    reached = [level for level, after in zip(REMINDER_LEVELS, policy, strict=True) if days >= after]
    if not reached:
        return ""
    level = reached[-1]
    highest_sent = max((REMINDER_LEVELS.index(each) for each in sent), default=-1)
    return level if REMINDER_LEVELS.index(level) > highest_sent else ""
