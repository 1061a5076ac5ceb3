"""The price of an offer: first its kind, then the fields of that kind, drawn from the descriptions in `catalogue.pricing`.

How it is drawn and read is `described`; judging the whole is `PriceRule.from_data`. So a new kind of price needs nothing here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms

from frontend.forms.catalogue.described import DescribedForm, Rows
from frontend.forms.fields import GovukDateField
from frontend.forms.widgets import HintedRadios
from marketplace.catalogue.pricing import (
    KINDS,
    MODIFIERS,
    PriceRule,
    PriceRuleInvalid,
    read_form,
)

ENVELOPE = ("effective_from", "effective_to")


class KindForm(forms.Form):
    """Which kind of price."""

    kind = forms.ChoiceField(
        label="How is the price worked out?",
        choices=[(kind.kind, kind.label) for kind in KINDS.values()],
        widget=HintedRadios(hints={kind.kind: kind.summary for kind in KINDS.values()}),
    )


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


class PriceForm(DescribedForm):
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

    # Reading -----------------------------------------------------------------------------------------------------

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
