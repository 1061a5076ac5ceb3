"""Forms drawn from descriptions (`catalogue.pricing.described`): prices and cancellation tariffs.

The form draws the fields and keeps what was typed; `pricing.read_form` reads it, and the rule itself judges the whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms

from frontend.forms.fields import GovukDateField
from frontend.forms.widgets import AffixInput, PoundsWidget, WholeNumberInput
from marketplace.catalogue.pricing import FieldDescription

EMPTY_ROWS = 2
FEWEST_ROWS = 4


@dataclass
class Rows:
    """The rows of a list on the form, for the template: a heading and the bound fields of each row."""

    name: str
    label: str
    hint: str
    headings: list[str]
    rows: list[list[Any]]
    errors: list[str]


@dataclass
class Group:
    """The fields of a record inside the rule, for the template."""

    label: str
    hint: str
    fields: list[Any]


class DescribedForm(forms.Form):
    """A form whose fields are drawn from descriptions, with lists of rows that can grow."""

    # Drawing -----------------------------------------------------------------------------------------------------

    def _draw(self, described: tuple[FieldDescription, ...], prefix: str, given: dict[str, Any]) -> list[Any]:
        """Add a form field for each described one; the names drawn come back, with its description where it has parts."""
        names: list[Any] = []
        for field in described:
            name = prefix + field.name
            if field.type == "record":
                inner = self._draw(field.columns, f"{name}-", given.get(field.name) or {})
                names.append((name, field, inner))
                continue
            if field.type != "rows":
                self._add(name, field, given.get(field.name, field.default))
                names.append(name)
                continue
            rows = list(given.get(field.name, ()))
            count = max(FEWEST_ROWS, len(rows) + EMPTY_ROWS, self._rows_posted(name))
            for number in range(count):
                row = rows[number] if number < len(rows) else {}
                for column in field.columns:
                    default = None if number >= len(rows) and column.type != "choice" else column.default
                    self._add(f"{name}-{number}-{column.name}", column, row.get(column.name, default))
            names.append((name, field, count))
        return names

    def _rows_posted(self, name: str) -> int:
        """Rows in what was posted, and two more where another was asked for."""
        if not self.is_bound:
            return 0
        numbers = [
            int(part)
            for key in self.data
            if key.startswith(f"{name}-")
            and (part := key[len(name) + 1 :].partition("-")[0]).isdigit()
            and len(part) < 3
        ]
        more = EMPTY_ROWS if self.data.get("more") == name else 0
        return min(max(numbers, default=-1) + 1 + more, 50)

    def _add(self, name: str, field: FieldDescription, value: Any) -> None:
        self.fields[name] = _drawn(field)
        self.initial[name] = _typed(field, value)

    # Reading -----------------------------------------------------------------------------------------------------

    @property
    def asks_for_more(self) -> bool:
        """Whether the button for another row was pressed, which keeps what was typed and saves nothing."""
        return bool(self.data.get("more"))

    def _posted(self) -> dict[str, str]:
        """What was typed, by name; a date in three boxes as one text."""
        typed = {}
        for name, field in self.fields.items():
            value = field.widget.value_from_datadict(self.data, self.files, name)
            typed[name] = value if isinstance(value, str) else ("on" if value else "")
        return typed

    def _refuse(self, name: str, problem: str) -> None:
        if name not in self.fields:
            first = next((each for each in self.fields if each.startswith(f"{name}-")), None)
            name = first or ""
        if name and name in self.errors:
            return
        self.add_error(name or None, problem)

    # For the template --------------------------------------------------------------------------------------------

    def _bound(self, names: list[Any]) -> Iterator[Any]:
        for name in names:
            if isinstance(name, str):
                yield self[name]
                continue
            base, field, parts = name
            if field.type == "record":
                yield Group(field.label, field.hint, list(self._bound(parts)))
                continue
            rows = [
                [self[f"{base}-{number}-{column.name}"] for column in field.columns]
                for number in range(parts)
            ]
            errors = [str(error) for row in rows for bound in row for error in bound.errors]
            yield Rows(
                base, field.label, field.hint, [column.label for column in field.columns], rows, errors
            )


def _drawn(field: FieldDescription) -> forms.Field:
    """A form field that keeps the text as it is; `read_form` reads it."""
    common: dict[str, Any] = {"label": field.label, "help_text": field.hint, "required": False}
    if field.type == "choice":
        return forms.ChoiceField(choices=field.options, widget=forms.RadioSelect, **common)
    if field.type == "flag":
        return forms.BooleanField(**common)
    if field.type == "date":
        return GovukDateField(**common)
    widgets = {
        "pence": PoundsWidget(),
        "percent": AffixInput({"class": "govuk-input--width-3", "inputmode": "decimal"}, suffix="%"),
        "half_days": AffixInput({"class": "govuk-input--width-3", "inputmode": "decimal"}, suffix="days"),
        "integer": WholeNumberInput(),
    }
    return forms.CharField(max_length=100, widget=widgets.get(field.type, forms.TextInput()), **common)


def _typed(field: FieldDescription, value: Any) -> Any:
    """A value of a rule as a person would have typed it."""
    if value is None or value == ():
        return None
    if field.type == "percent":
        whole, odd = divmod(value, 100)
        return f"{whole}.{odd:02d}".rstrip("0").rstrip(".") if odd else str(whole)
    if field.type == "half_days":
        return f"{value // 2}.5" if value % 2 else str(value // 2)
    return value
