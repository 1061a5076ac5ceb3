"""Small pieces of a page: tags, notes, buttons, ways through the pages."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from frontend.templatetags.states import label_and_colour

register = template.Library()


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


@register.inclusion_tag("frontend/components/post_button.html", takes_context=True)
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


@register.inclusion_tag("frontend/components/breadcrumbs.html")
def breadcrumbs(*pairs: str) -> dict[str, Any]:
    """`{% breadcrumbs "Home" home_url "Offers" offers_url %}`: text and address in turn."""
    return {"links": list(zip(pairs[::2], pairs[1::2], strict=True))}


@register.inclusion_tag("frontend/components/tabs.html")
def tabs(items: Iterable[Mapping[str, Any]], label: str = "Sections of this page") -> dict[str, Any]:
    """Tabs that are links, so they work without script. Items: href, text, current, count."""
    return {"items": items, "label": label}
