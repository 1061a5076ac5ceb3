"""Filters of the pages of engagement, and the words of a reminder. Filters are addresses: what can't be understood is left out."""

from collections.abc import Mapping
from typing import Any

from django import forms

from marketplace.coverage.engagement.rules import DIMENSIONS, LONGEST_WORDS, Dimension, Named

CHOSEN_BY = tuple(each for each in Dimension if each != Dimension.GOVERNORS)


class ByForm(forms.Form):
    """By what schools are put together."""

    by = forms.ChoiceField(
        label="Put schools together by",
        choices=[(each.value, words) for each, words in DIMENSIONS.items()],
        required=False,
    )

    def dimension(self) -> Dimension:
        """The dimension asked for; phases where none is."""
        self.is_valid()
        return Dimension(self.cleaned_data.get("by") or Dimension.PHASE)


class GroupsForm(ByForm):
    """The same, of the schools in the groups chosen."""

    def __init__(self, *args: Any, groups: Mapping[Dimension, list[Named]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for dimension in CHOSEN_BY:
            words = DIMENSIONS[dimension]
            field = forms.ChoiceField(label=words, required=False)
            field.choices = [("", "Any"), *groups[dimension]]
            self.fields[dimension.value] = field

    def chosen(self) -> dict[Dimension, str]:
        """The code of the group chosen in each dimension, empty for any."""
        self.is_valid()
        return {dimension: self.cleaned_data.get(dimension.value, "") for dimension in CHOSEN_BY}


class SchoolsForm(GroupsForm):
    """Which schools the list shows."""

    q = forms.CharField(label="School", required=False, max_length=100)
    show = forms.ChoiceField(
        label="Show",
        choices=[
            ("", "Not taking part for 12 months"),
            ("taking", "Taking part"),
            ("all", "All schools"),
        ],
        required=False,
    )
    governors = forms.ChoiceField(
        label="Governors",
        choices=[("", "Any"), ("with", "A governor has an account"), ("none", "No governor has an account")],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["by"]
        self.order_fields(["q", "show"])

    def chosen(self) -> dict[Dimension, str]:
        """The group chosen in each dimension, governors included."""
        return super().chosen() | {Dimension.GOVERNORS: self.cleaned_data.get("governors", "")}


class WordsForm(forms.Form):
    """What the area's reminders say."""

    text = forms.CharField(
        label="What the reminder says",
        required=False,
        widget=forms.Textarea({"rows": 8, "maxlength": LONGEST_WORDS}),
        help_text="[school] stands for the school’s name. Empty it to go back to the words that were there at first.",
    )
