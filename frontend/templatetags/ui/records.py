"""What a record says: its values, price, dates and history."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils import timezone

from frontend.templatetags.states import done

register = template.Library()


@register.inclusion_tag("frontend/components/summary_list.html")
def summary_list(
    rows: Iterable[Any], card: str = "", change_url: str = "", borders: bool = True
) -> dict[str, Any]:
    """Keys and values. Rows: key, value, actions (each href, text, hidden); a row may also be a (key, value) pair."""
    shaped = [row if isinstance(row, Mapping) else {"key": row[0], "value": row[1]} for row in rows]
    actions = any(row.get("actions") for row in shaped)
    return {"rows": shaped, "card": card, "change_url": change_url, "borders": borders, "actions": actions}


@register.inclusion_tag("frontend/components/check_answers.html")
def check_answers(sections: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The answers before sending. Sections: title, rows (as summary_list), change_url."""
    return {"sections": sections}


@register.inclusion_tag("frontend/components/task_list.html")
def task_list(items: Iterable[Mapping[str, Any]], name: str = "task") -> dict[str, Any]:
    """What is to be done. Items: text, href (none when it cannot start yet), hint, status, colour."""
    return {"items": items, "name": name}


@register.inclusion_tag("frontend/components/timeline.html")
def timeline(items: Iterable[Any], heading: int = 3) -> dict[str, Any]:
    """What happened. Items: title, by, at (a time), text."""
    return {"items": items, "heading": heading}


@register.inclusion_tag("frontend/components/timeline.html")
def history(entries: Iterable[Any], heading: int = 3) -> dict[str, Any]:
    """The append-only history of a record (`kernel.history`): who did what, when, and the state it came to."""
    items = [
        {
            "title": done(entry.verb),
            "by": entry.by_name,
            "at": entry.at,
            "state": entry.after if entry.after != entry.before else "",
            "text": entry.note,
        }
        for entry in entries
    ]
    return {"items": items, "heading": heading}


@register.inclusion_tag("frontend/components/price_explanation.html")
def price_explanation(
    lines: Iterable[Any], total: int, caption: str = "How the price is worked out"
) -> dict[str, Any]:
    """A price line by line. Lines: text, amount (pence), detail; total in pence."""
    return {"lines": lines, "total": total, "caption": caption}


@register.inclusion_tag("frontend/components/compare_columns.html")
def compare_columns(columns: Iterable[Any], rows: Iterable[Any], caption: str) -> dict[str, Any]:
    """Things side by side. Columns: title, href, note; rows: label, cells."""
    return {"columns": columns, "rows": rows, "caption": caption}


@register.inclusion_tag("frontend/components/figures.html")
def figures(*items: Any) -> dict[str, Any]:
    """Large numbers: `{% figures "Offers" 150 "Needs" 64 %}`, name and number in turn."""
    return {"items": list(zip(items[::2], items[1::2], strict=True))}


@register.inclusion_tag("frontend/components/month_calendar.html")
def month_calendar(
    month: Any, name: str = "date", legend: str = "Choose a date", chosen: Any = "", error: str = ""
) -> dict[str, Any]:
    """A month of dates to choose from.

    `month`: title, weeks, and previous_url and next_url where one may turn the page. A week is seven days, Monday
    first, with None for the days of another month. A day: date, day (its number), state (open, few, closed), reason
    (why it is closed), slots (short words such as `am`), and value where the radio should send something other than
    the date. With `chosen` (a set of values) in the month several days can be chosen: boxes to tick, and buttons `turn` (`previous`, `next`:
    months) that send them along. With `url` and `watch` (what to hear of) an open page follows what happens elsewhere.
    """
    several = _get(month, "chosen") is not None
    closed: dict[str, list[int]] = {}
    weeks, first = [], True
    for week in _get(month, "weeks"):
        cells = []
        for each in week:
            cell = _cell(each, name, _get(month, "chosen") or {str(chosen)}, first) if each else None
            first = first and not (cell and cell["id"])
            if cell and cell["state"] == "closed" and cell["reason"]:
                closed.setdefault(cell["reason"], []).append(cell["day"])
            cells.append(cell)
        weeks.append(cells)
    return {
        "month": month,
        "several": several,
        "weeks": weeks,
        "name": name,
        "legend": legend,
        "error": error,
        "reasons": [(reason, ", ".join(map(str, numbers))) for reason, numbers in closed.items()],
        "weekdays": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    }


def _cell(each: Any, name: str, chosen: Any, first: bool) -> dict[str, Any]:
    """One day of the calendar. The first one open takes the id that an error summary links to."""
    date, state = _get(each, "date"), _get(each, "state")
    value = str(_get(each, "value") or date)
    return {
        "date": date,
        "day": _get(each, "day") or date.day,
        "state": state,
        "reason": str(_get(each, "reason") or ""),
        "note": ", ".join(map(str, _get(each, "slots") or ())),
        "value": value,
        "checked": value in chosen,
        "today": date == timezone.localdate(),
        "id": "" if state == "closed" else f"id_{name}_0" if first else f"id_{name}_{date}",
    }


def _get(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)
