"""Days are whole half-days.

People's time is counted in integer half-day units: 2 is one day, 3 a day and a half. Nothing finer is bought or sold.
"""

import re
from typing import TypeAlias

from marketplace.kernel.errors import DomainError

HalfDays: TypeAlias = int
"""A number of half-days: 2 is one day."""

HALF_DAYS_IN_A_DAY = 2

MOST_DAYS = 99_999
"""More than anybody could give: who types more has mistyped."""

_WRITTEN_DAYS = re.compile(
    r"(?P<sign>[-−]?)(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?: ?(?P<half>½|\.50?)|\.00?)?(?: ?days?)?"
)
_IN_WORDS = {
    "half": 1,
    "half a day": 1,
    "half day": 1,
    "a half day": 1,
    "½ a day": 1,
    "a day": 2,
    "one day": 2,
    "a day and a half": 3,
    "one and a half days": 3,
    "no days": 0,
}


class DaysNotUnderstood(DomainError):
    """A typed number of days cannot be read."""

    code = "days_not_understood"


def format_days(half_days: HalfDays) -> str:
    """A number of half-days as people say it: `half a day`, `1 day`, `1½ days`, `3 days`."""
    if half_days == 1:
        return "half a day"
    whole, half = divmod(abs(half_days), HALF_DAYS_IN_A_DAY)
    number = (f"{whole:,}" if whole or not half else "") + ("½" if half else "")
    return f"{'−' if half_days < 0 else ''}{number} {'day' if number in {'1', '½'} else 'days'}"


def parse_days(text: str) -> HalfDays:
    """Half-days from what people type: `3`, `1.5`, `1½ days`, `half a day`.

    Raises `DaysNotUnderstood` for anything else, quarter days included.
    """
    asked = " ".join(text.split()).lower()
    if asked in _IN_WORDS:
        return _IN_WORDS[asked]
    written = _WRITTEN_DAYS.fullmatch(asked)
    if written is None or (written["whole"] is None and written["half"] is None):
        raise DaysNotUnderstood(
            f"“{asked[:40]}” is not a number of days." if asked else "The number of days is missing.",
            remedy="Write whole or half days, for example 3, 1.5 or half a day.",
        )
    digits = (written["whole"] or "").replace(",", "").lstrip("0") or "0"
    if len(digits) > len(str(MOST_DAYS)):
        raise DaysNotUnderstood(
            f"“{asked[:40]}” is more days than this service handles ({MOST_DAYS:,}).",
            remedy="Check the number of digits.",
        )
    whole = int(digits)
    half_days = whole * HALF_DAYS_IN_A_DAY + (written["half"] is not None)
    return -half_days if written["sign"] else half_days
