"""Fields of forms, and what is wrong with them."""

from typing import Any

from django import template
from django.forms import BaseForm
from django.utils.safestring import SafeString

from frontend.forms.renderer import GovukBoundField, summary_errors

register = template.Library()


@register.inclusion_tag("frontend/components/error_summary.html")
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
