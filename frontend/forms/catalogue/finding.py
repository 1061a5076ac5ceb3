"""The filters of the search: a form bound to the query string, so that a search can be saved and shared."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from frontend.forms.fields import DaysField, GovukDateField, PoundsField
from marketplace.catalogue.models import DeliveryMode
from marketplace.catalogue.search import Found, Vocabulary
from marketplace.organisations.models import OrganisationKind, Phase, School

MOST_DAYS_AWAY = timedelta(days=731)
SMALL = {"class": "govuk-checkboxes--small"}
DISTANCES = [("", "Any distance"), *((str(km), f"Within {km} km") for km in (5, 10, 15, 25, 40, 60))]
QUALITIES = [
    ("", "Any rating"),
    ("60", "3 out of 5 or better"),
    ("70", "3.5 out of 5 or better"),
    ("80", "4 out of 5 or better"),
    ("90", "4.5 out of 5 or better"),
]
PROVIDER_KINDS = [
    choice for choice in OrganisationKind.choices if choice[0] != OrganisationKind.LOCAL_AUTHORITY
]
MODES = [choice for choice in DeliveryMode.choices if choice[0] != DeliveryMode.BOTH]


def _checkboxes(label: str, choices: Iterable[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=list(choices), required=False, widget=forms.CheckboxSelectMultiple(SMALL)
    )


class FindForm(forms.Form):
    """What to look for. Its field names are the parameters of the address (`search.PARAMETERS`)."""

    q = forms.CharField(
        label="Words",
        max_length=200,
        required=False,
        help_text="For example phonics, “middle leaders”, or maths -secondary.",
    )
    days = DaysField(
        label="Price for how many days?", required=False, help_text="Empty: the least you can book."
    )
    theme = _checkboxes("Theme", [])
    phase = _checkboxes("Phase", Phase.choices)
    type = _checkboxes("Support type", [])
    mode = _checkboxes("How it is given", MODES)
    provider = _checkboxes("Provider", PROVIDER_KINDS)
    within = forms.TypedChoiceField(
        label="Distance from your school", choices=DISTANCES, required=False, coerce=int, empty_value=None
    )
    max_price = PoundsField(label="Most your school would pay", required=False, help_text="Before VAT.")
    quality = forms.TypedChoiceField(
        label="Rating", choices=QUALITIES, required=False, coerce=int, empty_value=None
    )
    free_from = GovukDateField(label="Free from", required=False)
    free_to = GovukDateField(label="Free until", required=False)

    def __init__(
        self,
        *args: Any,
        vocabulary: Vocabulary,
        schools: Collection[School] = (),
        knows_dates: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.vocabulary = vocabulary
        self.fields["theme"].help_text = "Choose a heading to see the themes under it."
        self.fields["theme"].choices = [(theme.code, theme.name) for theme in vocabulary.themes.values()]
        self.fields["type"].choices = [(kind.code, kind.name) for kind in vocabulary.support_types.values()]
        if len(schools) > 1:
            choices = [(str(school.urn), school.organisation.name) for school in schools]
            self.fields["school"] = forms.ChoiceField(label="Prices for", choices=choices, required=False)
            self.order_fields(["q", "school", "days"])
        if not knows_dates:
            del self.fields["free_from"], self.fields["free_to"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("free_from"), data.get("free_to")
        for name in ("free_from", "free_to"):
            day = data.get(name)
            if day and abs(day - timezone.localdate()) > MOST_DAYS_AWAY:
                self.add_error(name, f"{self.fields[name].label}: give a day within two years from today")
        if first and last and last < first:
            self.add_error("free_to", "Free until: give a day on or after the first")
        return data

    def show_counts(self, found: Found) -> None:
        """Write beside each choice what it would find; choices that would find nothing are left out unless chosen."""
        for name, counts in found.facets.items():
            field = self.fields[name]
            if name == "theme":
                field.choices = self._themes_in_view()
            chosen = set(self.data.getlist(name)) if hasattr(self.data, "getlist") else set()
            field.choices = [
                (value, f"{words} ({counts[value]})")
                for value, words in field.choices
                if counts[value] or value in chosen
            ]
            if not field.choices:
                del self.fields[name]

    def _themes_in_view(self) -> list[tuple[str, str]]:
        """The headings, and under those that are chosen, or hold a chosen theme, what they head."""
        chosen = set(self.data.getlist("theme")) if hasattr(self.data, "getlist") else set()
        themes = self.vocabulary.themes.values()
        opened = {theme.parent_id or theme.pk for theme in themes if theme.code in chosen}
        return [
            (theme.code, f"– {theme.name}" if theme.parent_id else theme.name)
            for theme in themes
            if theme.parent_id is None or theme.parent_id in opened
        ]


class QuantityForm(forms.Form):
    """For how many days an offer is priced."""

    days = DaysField(label="Price for how many days?", required=False)
