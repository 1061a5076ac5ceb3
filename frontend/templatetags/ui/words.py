"""Money, days, dates and times as people read them."""

import datetime
from typing import Any

from django import template
from django.utils import timezone

from marketplace.kernel import money
from marketplace.kernel.dates import deadline_words, moment_words
from marketplace.kernel.days import format_days

register = template.Library()


@register.filter
def pounds(pence: int | None) -> str:
    """Whole pence as `£1,234.50`; nothing for None."""
    return "" if pence is None else money.pounds(pence)


@register.filter
def days(half_days: int | None) -> str:
    """Half-days in words: `1½ days`; nothing for None."""
    return "" if half_days is None else format_days(half_days)


@register.filter
def day(value: datetime.date | None) -> str:
    """A date as `Friday 27 March 2027`; nothing for None."""
    return "" if value is None else f"{_local(value):%A} {short_day(value)}"


@register.filter
def short_day(value: datetime.date | None) -> str:
    """A date as `27 March 2027`; nothing for None."""
    if value is None:
        return ""
    local = _local(value)
    return f"{local.day} {local:%B %Y}"


@register.filter
def moment(value: datetime.datetime | None) -> str:
    """A time as `27 March 2027 at 2:05pm`, in Europe/London; nothing for None."""
    return "" if value is None else moment_words(value)


@register.filter
def deadline(value: datetime.datetime | None) -> str:
    """Until when something is kept: as `moment`, and midnight as `the end of 26 March 2027`; nothing for None."""
    return "" if value is None else deadline_words(value)


def _local(value: Any) -> Any:
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


@register.filter
def of_five(hundredths: int) -> str:
    """A rating in hundredths as one out of five, rounded half up: 70 is `3.5`, 73 is `3.7`."""
    return f"{(hundredths + 1) // 2 / 10:.1f}"
