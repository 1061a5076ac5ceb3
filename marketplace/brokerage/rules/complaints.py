"""Rules of complaints."""

from datetime import date

from marketplace.kernel.dates import add_working_days

ANSWER_DUE_WORKING_DAYS = 10
DECISION_DUE_WORKING_DAYS = 10
LONGEST_TEXT = 4_000


def answer_due_on(raised_on: date) -> date:
    """The day by which the provider answers."""
    return add_working_days(raised_on, ANSWER_DUE_WORKING_DAYS)


def decision_due_on(answer_due: date, answered_on: date | None) -> date:
    """The day by which the convenor decides: counted from the answer, or from the day it was due."""
    return add_working_days(answered_on or answer_due, DECISION_DUE_WORKING_DAYS)


def may_be_decided(*, is_answered: bool, answer_due: date, today: date) -> bool:
    """A convenor hears the provider first; one who lets the time pass is decided about without an answer."""
    return is_answered or today > answer_due
