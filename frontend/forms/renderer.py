"""Django forms in GOV.UK Frontend markup: `{{ form }}`, `{{ form.name.as_field_group }}` and allauth's own forms alike.

The renderer is the FORM_RENDERER of the settings. It gives every form three things:

* bound fields (`GovukBoundField`) that know their kind, their ids as GOV.UK writes them, and where an error should lead;
* a template for each shape of field: a label with a control, a fieldset with a group, one checkbox;
* templates for the controls that Django would write otherwise: radios, checkboxes, select, file.

A widget's attributes can say more: `class` is added to the control's own classes, `prefix` and `suffix` attributes of a
widget stand beside it, a text area with a `maxlength` counts characters. Sizes of labels are set in a template by the
`govuk_field` tag, or for a whole form by its `label_size` attribute.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import (
    MaxLengthValidator,
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
)
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting

from frontend.forms.widgets import GovukDateWidget

TEMPLATES = {
    "django/forms/widgets/radio.html": "django/forms/govuk/radios.html",
    "django/forms/widgets/checkbox_select.html": "django/forms/govuk/checkboxes.html",
    "django/forms/widgets/select.html": "django/forms/govuk/select.html",
    "django/forms/widgets/clearable_file_input.html": "django/forms/govuk/file.html",
    "django/forms/widgets/file.html": "django/forms/govuk/file.html",
}
"""Django's name of a control's template → ours. Django's own admin brings templates of its own names."""

# The order matters: a group of checkboxes is, to Django, a kind of radios, and a clearable file a kind of file.
KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (GovukDateWidget, "date"),
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.RadioSelect, "radios"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
    (forms.FileInput, "file"),
    (forms.PasswordInput, "password"),
)
CLASSES = {
    "input": "govuk-input",
    "password": "govuk-input govuk-password-input__input govuk-js-password-input-input",
    "select": "govuk-select",
    "textarea": "govuk-textarea",
    "file": "govuk-file-upload",
    "checkbox": "govuk-checkboxes__input",
}
ERROR_CLASSES = {
    "input": "govuk-input--error",
    "password": "govuk-input--error",
    "select": "govuk-select--error",
    "textarea": "govuk-textarea--error",
    "file": "govuk-file-upload--error",
}
REQUIRED = {
    "select": "choose an answer",
    "radios": "choose an answer",
    "checkboxes": "choose at least one answer",
    "checkbox": "tick the box to go on",
    "date": "enter a date",
    "file": "choose a file",
}
PLAIN = (
    (MinValueValidator.message, "enter {limit:,} or more"),
    (MaxValueValidator.message, "enter {limit:,} or less"),
    (MinLengthValidator.message, "use {limit:,} characters or more"),
    (MaxLengthValidator.message, "use {limit:,} characters or fewer"),
    (forms.IntegerField.default_error_messages["invalid"], "enter a whole number, in digits"),
    (forms.FloatField.default_error_messages["invalid"], "enter a number, in digits"),
)
"""Django's own messages, and what is said in their place."""
SHAPES = {
    "date": "django/forms/govuk/fieldset.html",
    "checkboxes": "django/forms/govuk/fieldset.html",
    "radios": "django/forms/govuk/fieldset.html",
    "checkbox": "django/forms/govuk/checkbox.html",
}


class GovukBoundField(BoundField):
    """A field on a form, with what the GOV.UK templates ask of it."""

    # Set by the govuk_field tag for one rendering; the form keeps its bound fields.
    label_size: str | None = None
    is_page_heading = False
    legend_hidden = False

    @cached_property
    def kind(self) -> str:
        """input, password, textarea, select, radios, checkboxes, checkbox, date or file."""
        widget = self.field.widget
        return next((kind for type_, kind in KINDS if isinstance(widget, type_)), "input")

    @property
    def template_name(self) -> str:
        own: str | None = getattr(self.field, "template_name", None)
        return own or SHAPES.get(self.kind, self.form.renderer.field_template_name)

    @property
    def label_classes(self) -> str:
        """`govuk-label--m` or the like; small and bold unless the template or the form says otherwise."""
        size = self.label_size if self.label_size is not None else getattr(self.form, "label_size", "s")
        block = "govuk-fieldset__legend" if self.use_fieldset else "govuk-label"
        hidden = " govuk-visually-hidden" if self.legend_hidden else ""
        return f"{block} {block}--{size}{hidden}" if size else f"{block}{hidden}"

    @property
    def hint_id(self) -> str:
        return f"{self.auto_id}-hint" if self.help_text else ""

    @property
    def error_id(self) -> str:
        return f"{self.auto_id}-error" if self.errors else ""

    @property
    def count_limit(self) -> int | None:
        """Characters a text area may hold, where it says so: the count is shown beside it."""
        limit = self.field.widget.attrs.get("maxlength") if self.kind == "textarea" else None
        return int(limit) if limit else None

    @property
    def aria_describedby(self) -> str | None:
        given = self.field.widget.attrs.get("aria-describedby", "")
        info = f"{self.auto_id}-info" if self.count_limit else ""
        return " ".join(filter(None, (given, info, self.hint_id, self.error_id))) or None

    @property
    def error_target(self) -> str:
        """The id an error summary links to: the first control of a group, the box at fault of a date."""
        if self.kind in ("radios", "checkboxes"):
            return self.subwidgets[0].id_for_label if self.subwidgets else self.auto_id
        if self.kind == "date":
            return str(self.field.widget.error_target(self.auto_id, self.error_codes))
        return self.id_for_label or self.auto_id

    @property
    def messages(self) -> list[str]:
        """The errors in words. Django’s own messages become ones that name the field and say what to do."""
        return [
            self._plain(origin) or str(error)
            for error, origin in zip(self.errors, self.errors.as_data(), strict=True)
        ]

    def _plain(self, error: ValidationError) -> str:
        """One of Django’s own messages in words that name the field and say what to do; empty for any other."""
        what = REQUIRED.get(self.kind, "enter an answer")
        plain = ((forms.Field.default_error_messages["required"], what), *PLAIN)
        words = next((words for own, words in plain if error.message is own), "")
        if not words:
            return ""
        said = words.format(limit=(error.params or {}).get("limit_value"))
        label = str(self.label)
        return f"{label} {said[0].upper()}{said[1:]}" if label.endswith("?") else f"{label}: {said}"

    @property
    def error_codes(self) -> set[str]:
        return {error.code for error in self.errors.as_data() if error.code}

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Classes and descriptions. No `required`: the server's own error messages say what is missing, in our words."""
        widget = widget or self.field.widget
        attrs = dict(attrs)
        if self.field.disabled:
            attrs["disabled"] = True
        if widget.is_hidden:
            return attrs
        if self.kind == "date":
            attrs["error_codes"] = self.error_codes
        if not self.use_fieldset and self.aria_describedby:
            attrs["aria-describedby"] = self.aria_describedby
        if "placeholder" in widget.attrs:
            # A placeholder vanishes as one types and is too pale to read: labels and hints do its work.
            attrs["placeholder"] = False
        if self.kind in CLASSES:
            wrong = ERROR_CLASSES.get(self.kind) if self.errors else None
            attrs["class"] = " ".join(filter(None, (CLASSES[self.kind], widget.attrs.get("class"), wrong)))
        if self.kind == "textarea":
            # Django's own 40 by 10 says nothing about the answer: the width is the column's.
            attrs["cols"] = False
            attrs["rows"] = "5" if widget.attrs.get("rows") == "10" else widget.attrs.get("rows", "5")
        if self.count_limit:
            attrs["class"] += " govuk-js-character-count"
            attrs["maxlength"] = False
        if self.kind == "password":
            attrs = {"spellcheck": "false", "autocapitalize": "none", **attrs}
        return attrs


class GovukRenderer(TemplatesSetting):
    """The FORM_RENDERER."""

    form_template_name = "django/forms/govuk/form.html"
    field_template_name = "django/forms/govuk/field.html"
    bound_field_class = GovukBoundField

    def get_template(self, template_name: str) -> Any:
        return super().get_template(TEMPLATES.get(template_name, template_name))


def summary_errors(form: forms.BaseForm) -> Iterator[tuple[str, str]]:
    """Each error of a form with the id to link to; errors of the form as a whole, and of hidden fields, link nowhere."""
    for name, errors in form.errors.items():
        field: Any = form[name] if name != NON_FIELD_ERRORS and name in form.fields else None
        target = field.error_target if field is not None and not field.is_hidden else ""
        for message in map(str, errors) if field is None else field.messages:
            yield message, target
