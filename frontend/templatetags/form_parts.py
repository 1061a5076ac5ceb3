"""What the form templates need that a template writes too slowly: a list of schools has more than a hundred options."""

from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def select_options(optgroups: list[tuple[str | None, list[dict[str, Any]], int]]) -> SafeString:
    """The options of a `<select>`, in their groups. Every value and word is escaped here."""
    parts: list[str] = []
    for group, options, _ in optgroups:
        if group:
            parts.append(f'<optgroup label="{conditional_escape(group)}">')
        for option in options:
            value = "" if option["value"] is None else conditional_escape(option["value"])
            chosen = " selected" if option["selected"] else ""
            disabled = " disabled" if option["attrs"].get("disabled") else ""
            parts.append(
                f'<option value="{value}"{chosen}{disabled}>{conditional_escape(option["label"])}</option>'
            )
        if group:
            parts.append("</optgroup>")
    return mark_safe("\n".join(parts))  # noqa: S308  (escaped above)
