"""Which notifications to list, and how to be e-mailed."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.boundfield import BoundField

from marketplace.notifications.choosing import grouped, offered_for, words_of
from marketplace.notifications.models import Choice
from marketplace.notifications.rules import Kind


class FilterForm(forms.Form):
    """All of them or those not read yet, and about what."""

    show = forms.ChoiceField(
        label="Show",
        required=False,
        choices=[("", "All"), ("unread", "Not read yet"), ("act", "Those that ask me to do something")],
        widget=forms.RadioSelect,
    )
    about = forms.ChoiceField(
        label="About",
        required=False,
        choices=[("", "Anything"), *((group, group) for group, _ in grouped())],
    )

    def apply_to(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.cleaned_data if self.is_valid() else {}
        if asked.get("show") == "unread":
            rows = rows.filter(read_at__isnull=True)
        if asked.get("show") == "act":
            rows = rows.filter(kind__in=[kind for kind in Kind if kind.asks_to_act])
        if about := asked.get("about"):
            rows = rows.filter(kind__in=dict(grouped())[about])
        return rows


class PreferencesForm(forms.Form):
    """For each kind of notification, whether it is e-mailed at once, in the daily summary, or not at all."""

    label_size = ""

    def __init__(self, data: Any = None, *, chosen: Mapping[Kind, Choice]) -> None:
        super().__init__(data, initial={kind.value: choice.value for kind, choice in chosen.items()})
        for _, kinds in grouped():
            for kind in kinds:
                self.fields[kind.value] = forms.ChoiceField(
                    label=words_of(kind),
                    choices=[(choice.value, choice.label) for choice in offered_for(kind)],
                )

    def groups(self) -> Iterator[tuple[str, list[BoundField]]]:
        """The fields under their headings."""
        for group, kinds in grouped():
            yield group, [self[kind.value] for kind in kinds]

    def choices(self) -> dict[Kind, Choice]:
        """What was chosen, by kind."""
        return {Kind(name): Choice(value) for name, value in self.cleaned_data.items()}
