"""Controls that Django does not have: a date in three boxes, money with its pound sign, radios with a hint each."""

import datetime
from collections.abc import Collection, Mapping
from typing import Any

from django import forms

from marketplace.kernel.money import pounds

PARTS = ("day", "month", "year")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class GovukDateWidget(forms.Widget):
    """Day, month and year in boxes of their own. A month may be typed as a number or a name.

    To a form it is one value, `year-month-day`, so a plain `DateField` reads it; `GovukDateField` has better errors.
    """

    template_name = "django/forms/govuk/date.html"
    use_fieldset = True

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-day" if id_ else ""

    def error_target(self, id_: str, codes: Collection[str]) -> str:
        """The id of the first box at fault."""
        return f"{id_}-{self.parts_at_fault(codes)[0]}"

    def parts_at_fault(self, codes: Collection[str]) -> tuple[str, ...]:
        """The boxes an error names by its code, `missing_month` say; all of them when it names none."""
        return tuple(part for part in PARTS if f"missing_{part}" in codes) or PARTS

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        typed = {part: str(data.get(f"{name}-{part}") or "").strip() for part in PARTS}
        if not any(typed.values()):
            # A date sent whole: by the API of a browser's own control, or in a shared address.
            return str(data.get(name) or "")
        month = typed["month"].lower()[:3]
        if month in MONTHS:
            typed["month"] = str(MONTHS.index(month) + 1)
        return "-".join(typed[part] for part in reversed(PARTS))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not any(f"{name}-{part}" in data for part in PARTS) and name not in data

    def format_value(self, value: Any) -> dict[str, str]:
        if isinstance(value, datetime.date):
            return {"day": str(value.day), "month": str(value.month), "year": str(value.year)}
        year, month, day = [*str(value or "").split("-", 2), "", "", ""][:3]
        return {"day": day, "month": month, "year": year}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        attrs = dict(attrs or {})
        codes = attrs.pop("error_codes", None)
        context = super().get_context(name, None, attrs)
        typed = self.format_value(value)
        at_fault = self.parts_at_fault(codes) if codes else ()
        context["widget"]["boxes"] = [
            {
                "part": part,
                "id": f"{attrs.get('id', name)}-{part}",
                "name": f"{name}-{part}",
                "value": typed[part],
                "width": 4 if part == "year" else 2,
                "at_fault": part in at_fault,
            }
            for part in PARTS
        ]
        return context


class DateBox(forms.DateInput):
    """A browser’s own date box. It keeps a value only in the form 2026-12-03, whatever order people read."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"type": "date", **(attrs or {})}, format="%Y-%m-%d")


class AffixInput(forms.TextInput):
    """A text box with words beside it: `AffixInput(suffix="half-days")`."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, prefix: str = "", suffix: str = "") -> None:
        super().__init__(attrs)
        self.prefix = prefix
        self.suffix = suffix


class PoundsWidget(AffixInput):
    """Pence inside, pounds outside, with a £ before the box."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, suffix: str = "") -> None:
        width = {"class": "govuk-input--width-5", "inputmode": "decimal", "spellcheck": "false"}
        super().__init__({**width, **(attrs or {})}, prefix="£", suffix=suffix)

    def format_value(self, value: Any) -> Any:
        if isinstance(value, int):
            return pounds(value).replace("£", "")
        return super().format_value(value)


class WholeNumberInput(AffixInput):
    """A whole number, typed as text: browsers' own number boxes change under a scroll and hide what was typed."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, prefix: str = "", suffix: str = "") -> None:
        width = {"class": "govuk-input--width-4", "inputmode": "numeric", "spellcheck": "false"}
        super().__init__({**width, **(attrs or {})}, prefix=prefix, suffix=suffix)


class _Hinted:
    hints: Mapping[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)  # type: ignore[misc]
        option["hint"] = self.hints.get(str(value), "")
        return option


class HintedRadios(_Hinted, forms.RadioSelect):
    """Radios with a sentence under some of them: `HintedRadios(hints={"journal": "Between maintained schools"})`."""

    def __init__(
        self, attrs: dict[str, Any] | None = None, *, hints: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(attrs)
        self.hints = hints or {}


class HintedCheckboxes(_Hinted, forms.CheckboxSelectMultiple):
    """Checkboxes with a sentence under some of them."""

    def __init__(
        self, attrs: dict[str, Any] | None = None, *, hints: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(attrs)
        self.hints = hints or {}
