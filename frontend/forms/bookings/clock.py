"""Times of day, as people type and read them."""

import re
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from marketplace.bookings.rules import SESSIONS, minutes_of, times_of
from marketplace.kernel.dates import clock_words

_CLOCK = re.compile(r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s*(?P<half>am|pm)?", re.IGNORECASE)


class ClockField(forms.CharField):
    """A time of day as people type it: `9`, `9am`, `09:00`, `3.30pm`. Cleans to a `time`, or None when left empty."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput({"class": "govuk-input--width-5", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%H:%M}" if isinstance(value, time) else value

    def clean(self, value: Any) -> time | None:
        text = super().clean(value)
        if not text:
            return None
        read = _CLOCK.fullmatch(text.strip())
        hour = int(read["hour"]) if read else 99
        if read and read["half"]:
            hour = hour % 12 + (12 if read["half"].lower() == "pm" else 0) if 1 <= hour <= 12 else 99
        minute = int((read and read["minute"]) or 0)
        if hour > 23 or minute > 59:
            raise ValidationError("Enter a time, for example 9:00 or 3:30pm", code="invalid")
        return time(hour, minute)


def session_hours(session: str) -> str:
    """The times of a session in words: `9am to 3:30pm`."""
    times = times_of(session)
    return f"{clock_words(times.starts)} to {clock_words(times.ends)}"


HOURS = "hours"
"""What a form sends for a session of clock times, beside when it starts and how many minutes it lasts."""


def session_query(session: str) -> dict[str, str]:
    """A session as the form that asks for it sends it."""
    if session in SESSIONS:
        return {"session": session}
    starts = f"{times_of(session).starts:%H:%M}"
    return {"session": HOURS, "starts": starts, "minutes": str(minutes_of(session))}
