"""Forms of provider quality: complaints, suspension, designations. They read what was typed; the rules are in `marketplace`."""

from typing import Any

from django import forms

from frontend.forms.catalogue.people import DesignationForm
from frontend.forms.fields import GovukDateField
from marketplace.brokerage.actions import FINDINGS
from marketplace.brokerage.models import ComplaintStatus, ComplaintSubject
from marketplace.brokerage.rules import LONGEST_TEXT


def _words(label: str, hint: str = "", *, required: bool = True, missing: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": 5, "maxlength": LONGEST_TEXT}),
        error_messages={"required": missing} if missing else {},
    )


class ComplaintForm(forms.Form):
    """What went wrong with a booking."""

    subject = forms.ChoiceField(
        label="What is it about?", choices=ComplaintSubject.choices, widget=forms.RadioSelect
    )
    details = _words(
        "What went wrong?", "The provider and the convenor read this.", missing="Say what went wrong"
    )
    wanted = _words("What would put it right?", required=False)


class AnswerForm(forms.Form):
    """The provider's answer."""

    answer = _words("Your answer", "The school and the convenor read it.", missing="Write your answer")


class NoteForm(forms.Form):
    """Why a complaint is taken back."""

    note = _words("Why do you withdraw it?", missing="Say why you withdraw it")


class FindingForm(forms.Form):
    """A convenor's finding."""

    verb = forms.ChoiceField(
        label="What do you find?", choices=list(FINDINGS.items()), widget=forms.RadioSelect
    )
    finding = _words("Why, and what follows from it?", "Both sides read this.", missing="Say why")


class ComplaintFilterForm(forms.Form):
    """The filters of the list of complaints."""

    q = forms.CharField(label="School, provider or reference", required=False, max_length=100)
    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[("", "Any status"), ("open", "Not decided yet"), *ComplaintStatus.choices],
    )


class ProviderFilterForm(forms.Form):
    """The filters of the list of providers."""

    q = forms.CharField(label="Name", required=False, max_length=100)
    which = forms.ChoiceField(
        label="Which",
        required=False,
        choices=[("", "All"), ("suspended", "Suspended"), ("complaints", "With open complaints")],
    )


class SuspensionForm(forms.Form):
    """Why a provider is suspended, or may be booked again."""

    reason = forms.CharField(
        label="Why?",
        max_length=1000,
        help_text="The organisation’s leads read it.",
        widget=forms.Textarea({"rows": 4, "maxlength": 1000}),
        error_messages={"required": "Say why"},
    )

    def __init__(self, *args: Any, suspending: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if suspending:
            self.fields["reason"].help_text += " Schools are told that it is suspended, not why."


class ProviderDesignationForm(DesignationForm):
    """An award of the organisation itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scheme"].help_text = "For example Teaching school hub or Research school."


class LastDayForm(forms.Form):
    """The last day of an award."""

    ends = GovukDateField(label="Last day")
