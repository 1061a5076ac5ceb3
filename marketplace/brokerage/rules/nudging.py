"""When schools are asked to confirm their needs."""

from datetime import date, datetime, timedelta

NUDGE_AGAIN_AFTER = timedelta(days=7)
"""A convenor reminds the same school once a week at most."""

FIRST_FROM = (9, 8)
SECOND_FROM = (10, 6)
LAST_DAY = (10, 31)
"""Month and day: the second week of term, four weeks later, and when the year's asking is over."""


def round_on(today: date) -> str:
    """Which round of the year is on (`first`, `second`), or empty. A round missed on its day is caught up with while it lasts."""
    on = (today.month, today.day)
    if FIRST_FROM <= on < SECOND_FROM:
        return "first"
    return "second" if SECOND_FROM <= on <= LAST_DAY else ""


def may_nudge_again_at(last: datetime | None) -> datetime | None:
    """From when on a school may be reminded by hand again; `None` where it never was."""
    return None if last is None else last + NUDGE_AGAIN_AFTER
