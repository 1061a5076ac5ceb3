"""The month of free days, for every page on which a time is chosen."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from frontend.views.tools import query_string
from marketplace.bookings.rules import PAST, DayAnswer
from marketplace.kernel.dates import local, month_and_year

MONTHS_AHEAD = 12


def month_of(
    request: HttpRequest,
    answers: tuple[DayAnswer, ...],
    session: str,
    *,
    people: Collection[str] = (),
    chosen: Collection[date] | None = None,
) -> dict[str, Any]:
    """The month as the calendar component takes it. `people` are the references whose days it shows, for live updates.

    With `chosen` several days can be chosen, those are; turning the page then keeps them.
    """
    first_day = answers[0].day
    cells: list[dict[str, Any] | None] = [None] * first_day.weekday()
    for answer in answers:
        asked = next(each for each in answer.sessions if each.session == session)
        state = "open" if asked.is_free else "closed"
        reason = "" if asked.reason == PAST else asked.reason
        cells.append({"date": answer.day, "day": answer.day.day, "state": state, "reason": reason})
    cells += [None] * (-len(cells) % 7)
    before, after = first_day - timedelta(days=1), next_month(first_day)
    earlier, later = first_day > this_month(), first_day < last_month(this_month())
    return {
        "title": month_and_year(first_day),
        "weeks": [cells[n : n + 7] for n in range(0, len(cells), 7)],
        "previous_url": turned(request, before) if earlier else "",
        "next_url": turned(request, after) if later else "",
        "previous": f"{before:%Y-%m}" if earlier else "",
        "next": f"{after:%Y-%m}" if later else "",
        "url": turned(request, first_day),
        "watch": " ".join(f"slot:{reference}" for reference in people),
        "chosen": None if chosen is None else {day.isoformat() for day in chosen},
    }


def month_asked_for(request: HttpRequest) -> date | None:
    """The first day of `?month=2027-01`, kept between this month and a year on."""
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return None
    return min(max(asked, this_month()), last_month(this_month()))


def this_month() -> date:
    """The first day of this month."""
    return local(timezone.now()).date().replace(day=1)


def next_month(first_day: date) -> date:
    """The first day of the month after."""
    return (first_day + timedelta(days=31)).replace(day=1)


def last_month(first_day: date) -> date:
    """The first day of the last month one can look at."""
    return first_day.replace(year=first_day.year + MONTHS_AHEAD // 12)


def turned(request: HttpRequest, day: date) -> str:
    """The same page at the month of a day."""
    return f"{request.path}?{query_string(request, month=f'{day:%Y-%m}')}"
