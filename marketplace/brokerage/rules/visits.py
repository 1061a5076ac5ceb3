"""Rules of records of visit and evaluations, as plain functions of values."""

from datetime import date

from marketplace.kernel.dates import add_working_days

RECORD_DUE_WORKING_DAYS = 5
"""A record of visit is due within five working days of the visit (domain 3.3)."""

EVALUATION_DUE_WORKING_DAYS = 15
"""Three working weeks for the receiving head to see what changed before being asked."""

MARK_MEANINGS = {
    1: "1: nothing changed",
    2: "2: a little changed",
    3: "3: some of what we hoped for",
    4: "4: most of what we hoped for",
    5: "5: all we hoped for, or more",
}


def record_due_on(visited_on: date) -> date:
    """The last day on which a record of visit is in time."""
    return add_working_days(visited_on, RECORD_DUE_WORKING_DAYS)


def evaluation_due_on(visited_on: date) -> date:
    """The day by which the receiving head is asked to have evaluated the support."""
    return add_working_days(visited_on, EVALUATION_DUE_WORKING_DAYS)


def rating_of(success: int, effectiveness: int) -> int:
    """Two marks from 1 to 5 as one rating in hundredths, 20 to 100: what the quality of an offer is made from."""
    return (success + effectiveness) * 10
