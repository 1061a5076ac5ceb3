"""Forms of declared interests."""

from typing import Any

from django import forms

from frontend.forms.fields import GovukDateField
from frontend.forms.widgets import HintedRadios
from marketplace.organisations.models import InterestKind, InterestStatus, Organisation
from marketplace.organisations.queries.returns import STATES


class InterestForm(forms.Form):
    """An interest of one's own."""

    organisation = forms.ModelChoiceField(
        label="In which organisation?",
        queryset=Organisation.objects.none(),
        widget=forms.Select({"data-autocomplete": ""}),
        to_field_name="reference",
        help_text="The school, trust or provider. A tie to a trust counts for all its schools.",
    )
    kind = forms.ChoiceField(
        label="What kind of interest is it?",
        choices=InterestKind.choices,
        widget=HintedRadios(
            hints={
                InterestKind.EMPLOYMENT: "Paid or not. Say below when it ended, if it has",
                InterestKind.FAMILY: "Also a partner or a close friend",
                InterestKind.FINANCIAL: "Also work you are paid for beside your own post",
                InterestKind.GOVERNANCE: "Also a member of a trust",
            }
        ),
    )
    started_on = GovukDateField(label="Since when, if you know it?", required=False)
    ended_on = GovukDateField(label="Until when, if it has ended or will end?", required=False)
    details = forms.CharField(
        label="Anything that explains it",
        required=False,
        widget=forms.Textarea({"rows": 2, "maxlength": 500}),
        help_text="Read by those who answer for you only. Leave out what is private to somebody else.",
    )

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations


class EndInterestForm(forms.Form):
    """The last day of a tie."""

    ended_on = GovukDateField(label="What was the last day?")
    reason = forms.CharField(
        label="How did it end?", required=False, widget=forms.Textarea({"rows": 2, "maxlength": 400})
    )


class StrikeOutForm(forms.Form):
    """Why a declaration was a mistake."""

    reason = forms.CharField(
        label="Why was it a mistake?", widget=forms.Textarea({"rows": 2, "maxlength": 400})
    )


class InterestFilterForm(forms.Form):
    """The filters of the register of interests."""

    q = forms.CharField(label="Person or organisation", required=False, max_length=100)
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "Any kind"), *InterestKind.choices])
    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any status"), *InterestStatus.choices]
    )


class ReturnFilterForm(forms.Form):
    """The filters of who has said what."""

    q = forms.CharField(label="Person", required=False, max_length=100)
    said = forms.ChoiceField(
        label="What they said", required=False, choices=[("", "Anything"), *STATES.items()]
    )
