"""Components for page templates: `{% load ui %}`. Each is shown, with its data, in components/README.md.

Data is plain: dictionaries or objects with the named attributes. Text is escaped; pass a safe string to give markup.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, CheckboxInput
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from frontend.forms.renderer import GovukBoundField, summary_errors
from frontend.forms.widgets import PARTS, GovukDateWidget
from frontend.templatetags.states import done, label_and_colour
from marketplace.kernel import money
from marketplace.kernel.days import format_days

register = template.Library()

COMPONENTS = "frontend/components"


# -- Words ----------------------------------------------------------------------------------------


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
    if value is None:
        return ""
    local = _local(value)
    clock = local.strftime("%I:%M%p").lstrip("0").lower()
    return f"{short_day(value)} at {clock.replace(':00', '')}"


def _local(value: Any) -> Any:
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


# -- Small things ---------------------------------------------------------------------------------


@register.simple_tag
def status_tag(state: str, label: str = "", colour: str = "") -> SafeString:
    """A coloured tag for a state of a record; the words come from the state unless given."""
    known_label, known_colour = label_and_colour(str(state))
    return tag(label or known_label, colour or known_colour)


@register.simple_tag
def tag(text: str, colour: str = "grey") -> SafeString:
    """A coloured tag. Colours: grey, green, teal, blue, purple, magenta, red, orange, yellow."""
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colour, text)


@register.simple_block_tag
def details(content: str, summary: str, open: bool = False) -> SafeString:
    return format_html(
        '<details class="govuk-details"{}><summary class="govuk-details__summary">'
        '<span class="govuk-details__summary-text">{}</span></summary><div class="govuk-details__text">{}</div></details>',
        mark_safe(" open") if open else "",
        summary,
        content,
    )


@register.simple_block_tag
def inset(content: str) -> SafeString:
    return format_html('<div class="govuk-inset-text">{}</div>', content)


@register.simple_block_tag
def warning(content: str) -> SafeString:
    return format_html(
        '<div class="govuk-warning-text"><span class="govuk-warning-text__icon" aria-hidden="true">!</span>'
        '<strong class="govuk-warning-text__text"><span class="govuk-visually-hidden">Warning</span>{}</strong></div>',
        content,
    )


@register.simple_block_tag
def empty_state(content: str, heading: str) -> SafeString:
    """Nothing to show: say so, and what to do next (the content)."""
    return format_html('<div class="app-empty"><h2 class="govuk-heading-m">{}</h2>{}</div>', heading, content)


@register.inclusion_tag(f"{COMPONENTS}/post_button.html", takes_context=True)
def post_button(
    context: template.Context,
    url: str,
    text: str,
    style: str = "",
    name: str = "",
    value: str = "",
    hidden: str = "",
) -> dict[str, Any]:
    """A button that changes something: a form of its own, by POST. Styles: '', secondary, warning, link."""
    return {
        "url": url,
        "text": text,
        "style": style,
        "name": name,
        "value": value,
        "hidden": hidden,
        "csrf_token": context.get("csrf_token"),
    }


# -- Ways through the pages -----------------------------------------------------------------------


@register.inclusion_tag(f"{COMPONENTS}/breadcrumbs.html")
def breadcrumbs(*pairs: str) -> dict[str, Any]:
    """`{% breadcrumbs "Home" home_url "Offers" offers_url %}`: text and address in turn."""
    return {"links": list(zip(pairs[::2], pairs[1::2], strict=True))}


@register.inclusion_tag(f"{COMPONENTS}/tabs.html")
def tabs(items: Iterable[Mapping[str, Any]], label: str = "Sections of this page") -> dict[str, Any]:
    """Tabs that are links, so they work without script. Items: href, text, current, count."""
    return {"items": items, "label": label}


@register.inclusion_tag(f"{COMPONENTS}/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page, parameter: str = "page") -> dict[str, Any]:
    """Links to the other pages of a list, keeping the rest of the query string."""
    query = _query(context)

    def url(number: int) -> str:
        return _with(query, **{parameter: str(number)})

    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "shown": page.has_other_pages(),
        "previous": url(page.previous_page_number()) if page.has_previous() else "",
        "next": url(page.next_page_number()) if page.has_next() else "",
        "items": [
            {"number": number, "url": url(number), "current": number == page.number}
            if isinstance(number, int)
            else {"ellipsis": True}
            for number in numbers
        ],
    }


@register.simple_tag
def result_count(page: Page, noun: str, plural: str = "") -> SafeString:
    """`Showing 1 to 20 of 53 offers`, announced when a list changes under the reader."""
    total = page.paginator.count
    words = noun if total == 1 else plural or f"{noun}s"
    if total == 0:
        text = f"No {words}"
    elif page.has_other_pages():
        text = f"Showing {page.start_index():,} to {page.end_index():,} of {total:,} {words}"
    else:
        text = f"{total:,} {words}"
    return format_html('<p class="app-result-count" role="status">{}</p>', text)


@register.inclusion_tag(f"{COMPONENTS}/sort_header.html", takes_context=True)
def sort_header(
    context: template.Context,
    text: str,
    key: str,
    default: str = "",
    numeric: bool = False,
    parameter: str = "sort",
) -> dict[str, Any]:
    """A `<th>` whose link sorts by `key`, or the other way round when already sorted by it."""
    query = _query(context)
    current = query.get(parameter) or default
    rising, falling = current == key, current == f"-{key}"
    return {
        "text": text,
        "numeric": numeric,
        "rising": rising,
        "falling": falling,
        "url": _with(query, **{parameter: f"-{key}" if rising else key, "page": ""}),
    }


# -- Forms ----------------------------------------------------------------------------------------


@register.inclusion_tag(f"{COMPONENTS}/error_summary.html")
def error_summary(*forms: BaseForm | None) -> dict[str, Any]:
    """What is wrong, at the top of the page, each error linked to its field. The forms then do not repeat it."""
    given = [form for form in forms if form]
    for form in given:
        form.error_summary_shown = True  # type: ignore[attr-defined]
    return {"found": [error for form in given for error in summary_errors(form)]}


@register.filter
def errors_of(form: BaseForm) -> list[tuple[str, str]]:
    return list(summary_errors(form))


@register.simple_tag
def relabel(form: BaseForm, **labels: str) -> str:
    """Our words for the fields of a form that is not ours. Comes before the error summary, which uses them too."""
    for name, label in labels.items():
        if name in form.fields:
            form[name].label = label
    return ""


@register.simple_tag
def govuk_field(
    field: GovukBoundField,
    size: str | None = None,
    heading: bool = False,
    legend_hidden: bool = False,
    hint: str | None = None,
) -> SafeString:
    """One field with its label, hint and error. Sizes: '', s, m, l, xl; `heading` makes the label the page's h1."""
    if hint is not None:
        field.help_text = hint
    field.label_size = size if size is not None else ("l" if heading else None)
    field.is_page_heading = heading
    field.legend_hidden = legend_hidden
    return field.as_field_group()


@register.inclusion_tag(f"{COMPONENTS}/filter_panel.html", takes_context=True)
def filter_panel(
    context: template.Context,
    form: BaseForm,
    title: str = "Filter",
    submit: str = "Apply filters",
    keep: str = "sort",
) -> dict[str, Any]:
    """A GET form of filters with the chosen ones above it, each a link that takes it away.

    `keep` names the parameters, separated by spaces, that filtering leaves as they are.
    """
    query = _query(context)
    return {
        "form": form,
        "title": title,
        "submit": submit,
        "chosen": list(_chosen(form, query)),
        "clear_url": _only(query, keep.split()),
        "kept": [(name, value) for name in keep.split() for value in query.getlist(name)],
    }


def _chosen(form: BaseForm, query: QueryDict) -> Iterator[dict[str, str]]:
    for field in form.visible_fields():
        name, widget = field.html_name, field.field.widget
        if isinstance(widget, GovukDateWidget):
            typed = [query.get(f"{name}-{part}", "") for part in PARTS]
            if any(typed):
                yield {
                    "text": f"{field.label}: {' '.join(typed)}",
                    "url": _with(query, page="", **{f"{name}-{part}": "" for part in PARTS}),
                }
            continue
        words = dict(_flat(getattr(field.field, "choices", ())))
        for value in filter(None, query.getlist(name)):
            text = (
                str(field.label)
                if isinstance(widget, CheckboxInput)
                else f"{field.label}: {words.get(value, value)}"
            )
            yield {"text": text, "url": _without(query, name, value)}


def _flat(choices: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for value, text in choices:
        if isinstance(text, list | tuple):
            yield from _flat(text)
        else:
            yield str(value), str(text)


# -- Records --------------------------------------------------------------------------------------


@register.inclusion_tag(f"{COMPONENTS}/summary_list.html")
def summary_list(
    rows: Iterable[Any], card: str = "", change_url: str = "", borders: bool = True
) -> dict[str, Any]:
    """Keys and values. Rows: key, value, actions (each href, text, hidden); a row may also be a (key, value) pair."""
    shaped = [row if isinstance(row, Mapping) else {"key": row[0], "value": row[1]} for row in rows]
    actions = any(row.get("actions") for row in shaped)
    return {"rows": shaped, "card": card, "change_url": change_url, "borders": borders, "actions": actions}


@register.inclusion_tag(f"{COMPONENTS}/check_answers.html")
def check_answers(sections: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The answers before sending. Sections: title, rows (as summary_list), change_url."""
    return {"sections": sections}


@register.inclusion_tag(f"{COMPONENTS}/task_list.html")
def task_list(items: Iterable[Mapping[str, Any]], name: str = "task") -> dict[str, Any]:
    """What is to be done. Items: text, href (none when it cannot start yet), hint, status, colour."""
    return {"items": items, "name": name}


@register.inclusion_tag(f"{COMPONENTS}/timeline.html")
def timeline(items: Iterable[Any], heading: int = 3) -> dict[str, Any]:
    """What happened. Items: title, by, at (a time), text."""
    return {"items": items, "heading": heading}


@register.inclusion_tag(f"{COMPONENTS}/timeline.html")
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


@register.inclusion_tag(f"{COMPONENTS}/price_explanation.html")
def price_explanation(
    lines: Iterable[Any], total: int, caption: str = "How the price is worked out"
) -> dict[str, Any]:
    """A price line by line. Lines: text, amount (pence), detail; total in pence."""
    return {"lines": lines, "total": total, "caption": caption}


@register.inclusion_tag(f"{COMPONENTS}/compare_columns.html")
def compare_columns(columns: Iterable[Any], rows: Iterable[Any], caption: str) -> dict[str, Any]:
    """Things side by side. Columns: title, href, note; rows: label, cells."""
    return {"columns": columns, "rows": rows, "caption": caption}


@register.inclusion_tag(f"{COMPONENTS}/figures.html")
def figures(*items: Any) -> dict[str, Any]:
    """Large numbers: `{% figures "Offers" 150 "Needs" 64 %}`, name and number in turn."""
    return {"items": list(zip(items[::2], items[1::2], strict=True))}


@register.inclusion_tag(f"{COMPONENTS}/month_calendar.html")
def month_calendar(
    month: Any, name: str = "date", legend: str = "Choose a date", chosen: Any = "", error: str = ""
) -> dict[str, Any]:
    """A month of dates to choose from.

    `month`: title, weeks, and previous_url and next_url where one may turn the page. A week is seven days, Monday
    first, with None for the days of another month. A day: date, day (its number), state (open, few, closed), reason
    (why it is closed), slots (short words such as `am`), and value where the radio should send something other than
    the date.
    """
    closed: dict[str, list[int]] = {}
    weeks, first = [], True
    for week in _get(month, "weeks"):
        cells = []
        for each in week:
            cell = _cell(each, name, str(chosen or ""), first) if each else None
            first = first and not (cell and cell["id"])
            if cell and cell["state"] == "closed" and cell["reason"]:
                closed.setdefault(cell["reason"], []).append(cell["day"])
            cells.append(cell)
        weeks.append(cells)
    return {
        "month": month,
        "weeks": weeks,
        "name": name,
        "legend": legend,
        "error": error,
        "reasons": [(reason, ", ".join(map(str, numbers))) for reason, numbers in closed.items()],
        "weekdays": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    }


def _cell(each: Any, name: str, chosen: str, first: bool) -> dict[str, Any]:
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
        "checked": value == chosen,
        "today": date == timezone.localdate(),
        "id": "" if state == "closed" else f"id_{name}_0" if first else f"id_{name}_{date}",
    }


def _get(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


# -- Query strings --------------------------------------------------------------------------------


def _query(context: template.Context) -> QueryDict:
    request = context.get("request")
    return request.GET if request else QueryDict()


def _with(query: QueryDict, **changes: str) -> str:
    """The query string with these parameters set, or taken away where empty."""
    changed = query.copy()
    for name, value in changes.items():
        if value:
            changed[name] = value
        else:
            changed.pop(name, None)
    return f"?{changed.urlencode()}"


def _without(query: QueryDict, name: str, value: str) -> str:
    changed = query.copy()
    changed.setlist(name, [each for each in changed.getlist(name) if each != value])
    changed.pop("page", None)
    return f"?{changed.urlencode()}"


def _only(query: QueryDict, names: Iterable[str]) -> str:
    kept = QueryDict(mutable=True)
    for name in names:
        kept.setlist(name, query.getlist(name))
    return f"?{kept.urlencode()}"
