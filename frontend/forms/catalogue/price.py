"""The price of an offer: first its kind, then the fields of that kind, drawn from the descriptions in `catalogue.pricing`.

The form draws and keeps what was typed; reading it is `pricing.read_form`, and judging the whole `PriceRule.from_data`. So a new
kind of price needs nothing here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms

from frontend.forms.fields import GovukDateField
from frontend.forms.widgets import AffixInput, HintedRadios, PoundsWidget, WholeNumberInput
from marketplace.catalogue.pricing import (
    KINDS,
    MODIFIERS,
    FieldDescription,
    PriceRule,
    PriceRuleInvalid,
    read_form,
)

EMPTY_ROWS = 2
FEWEST_ROWS = 4
ENVELOPE = ("effective_from", "effective_to")


class KindForm(forms.Form):
    """Which kind of price."""

    kind = forms.ChoiceField(
        label="How is the price worked out?",
        choices=[(kind.kind, kind.label) for kind in KINDS.values()],
        widget=HintedRadios(hints={kind.kind: kind.summary for kind in KINDS.values()}),
    )


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
class Change:
    """One change to the price that can be added: its tick box and its fields."""

    kind: str
    label: str
    summary: str
    ticked: Any
    fields: list[Any]
    rows: list[Rows]
    is_open: bool


class PriceForm(forms.Form):
    """The fields of one kind of price, the changes to it, and the days on which it holds."""

    def __init__(self, data: Any = None, *, kind: str, rule: dict[str, Any] | None = None) -> None:
        self.kind = KINDS[kind]
        rule = rule or {}
        own = rule if rule.get("kind") == kind else {}
        super().__init__(
            data,
            initial={"effective_from": own.get("effective_from"), "effective_to": own.get("effective_to")},
        )
        self.own_names = self._draw(self.kind.fields, "", own)
        self.changes_names: dict[str, list[Any]] = {}
        given = {each["kind"]: each for each in rule.get("modifiers", ())}
        for modifier in MODIFIERS.values():
            self.fields[f"use-{modifier.kind}"] = forms.BooleanField(label=modifier.label, required=False)
            self.initial[f"use-{modifier.kind}"] = modifier.kind in given
            self.changes_names[modifier.kind] = self._draw(
                modifier.fields, f"{modifier.kind}-", given.get(modifier.kind, {})
            )
        self.fields["effective_from"] = GovukDateField(label="First day for orders", required=False)
        self.fields["effective_to"] = GovukDateField(label="Last day for orders", required=False)

    # Drawing -----------------------------------------------------------------------------------------------------

    def _draw(
        self, described: tuple[FieldDescription, ...], prefix: str, given: dict[str, Any]
    ) -> list[str | tuple[FieldDescription, int]]:
        """Add a form field for each described one; the names drawn come back, a list of rows as its description."""
        names: list[Any] = []
        for field in described:
            name = prefix + field.name
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

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        posted = self._posted()
        reading = read_form(self.kind.cls, posted)
        problems = dict(reading.problems)
        modifiers = []
        for modifier in MODIFIERS.values():
            if self.data.get(f"use-{modifier.kind}"):
                change = read_form(modifier.cls, posted, f"{modifier.kind}-")
                problems |= change.problems
                modifiers.append({"kind": modifier.kind} | change.data)
        for name, problem in problems.items():
            self._refuse(name, problem)
        rule = {"kind": self.kind.kind} | reading.data
        rule |= {"modifiers": modifiers} if modifiers else {}
        rule |= {name: data[name].isoformat() for name in ENVELOPE if data.get(name)}
        if not self.errors:
            self._judge(rule, [each["kind"] for each in modifiers])
        data["rule"] = rule
        return data

    def _posted(self) -> dict[str, str]:
        """What was typed, by name; a date in three boxes as one text."""
        typed = {}
        for name, field in self.fields.items():
            value = field.widget.value_from_datadict(self.data, self.files, name)
            typed[name] = value if isinstance(value, str) else ("on" if value else "")
        return typed

    def _judge(self, rule: dict[str, Any], modifiers: list[str]) -> None:
        try:
            PriceRule.from_data(rule)
        except PriceRuleInvalid as error:
            self._refuse(self._own_name(error.field, modifiers), str(error))

    @staticmethod
    def _own_name(field: str, modifiers: list[str]) -> str:
        """`modifiers-1-percent_off_bp` is named by its kind on the form."""
        head, _, rest = field.partition("-")
        number, _, name = rest.partition("-")
        if head != "modifiers" or not number.isdigit():
            return field
        kind = modifiers[int(number)]
        return f"{kind}-{name}" if name else f"use-{kind}"

    def _refuse(self, name: str, problem: str) -> None:
        if name not in self.fields:
            first = next((each for each in self.fields if each.startswith(f"{name}-")), None)
            name = first or ""
        if name and name in self.errors:
            return
        self.add_error(name or None, problem)

    # For the template --------------------------------------------------------------------------------------------

    @property
    def own_fields(self) -> list[Any]:
        """Bound fields of the kind itself, and its lists of rows."""
        return list(self._bound(self.own_names))

    @property
    def changes(self) -> Iterator[Change]:
        """The changes that can be added."""
        for kind, names in self.changes_names.items():
            parts = list(self._bound(names))
            ticked = self[f"use-{kind}"]
            yield Change(
                kind=kind,
                label=MODIFIERS[kind].label,
                summary=MODIFIERS[kind].summary,
                ticked=ticked,
                fields=[part for part in parts if not isinstance(part, Rows)],
                rows=[part for part in parts if isinstance(part, Rows)],
                is_open=bool(ticked.value()),
            )

    @property
    def envelope(self) -> list[Any]:
        return [self[name] for name in ENVELOPE]

    def _bound(self, names: list[Any]) -> Iterator[Any]:
        for name in names:
            if isinstance(name, str):
                yield self[name]
                continue
            base, field, count = name
            rows = [
                [self[f"{base}-{number}-{column.name}"] for column in field.columns]
                for number in range(count)
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
