"""Which uses a seller may record by hand, and when."""

from datetime import date, timedelta

from marketplace.kernel.dates import long_date

LATE_RECORD_DAYS = 28
"""How long after the year's end a use inside the year may still be recorded, against what has lapsed."""


def why_not_recorded(*, is_days: bool, valid_from: date, valid_to: date, used_on: date, today: date) -> str:
    """Why a use on a day can't be recorded by hand; empty where it can."""
    if is_days:
        return "Days of support are used by booking a session."
    if used_on > today:
        return "This day has not come yet."
    if not valid_from <= used_on <= valid_to:
        return f"These can be used from {long_date(valid_from)} to {long_date(valid_to)}."
    if today > last_day_to_record(valid_to):
        return f"The year ended on {long_date(valid_to)}, and what was left was settled."
    return ""


def last_day_to_record(valid_to: date) -> date:
    """Until when uses of a year can be recorded."""
    return valid_to + timedelta(days=LATE_RECORD_DAYS)
