"""Lists: their pages, order, number and filters. All of it lives in the query string, so that a list can be saved and shared."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, CheckboxInput
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

from frontend.forms.widgets import PARTS, GovukDateWidget

register = template.Library()


@register.inclusion_tag("frontend/components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page[Any], parameter: str = "page") -> dict[str, Any]:
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
def result_count(page: Page[Any], noun: str, plural: str = "") -> SafeString:
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


@register.inclusion_tag("frontend/components/sort_header.html", takes_context=True)
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


@register.inclusion_tag("frontend/components/filter_panel.html", takes_context=True)
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
