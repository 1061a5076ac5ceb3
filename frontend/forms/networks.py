"""Forms of networks: what is said of one, its filters, and a file of many."""

from collections.abc import Iterable
from typing import Any

from django import forms

from frontend.forms.fields import GovukDateField
from marketplace.organisations.models import (
    Area,
    Network,
    NetworkKind,
    NetworkRole,
    Organisation,
    School,
)

MOST_CHARACTERS = 300_000


class NetworkFilterForm(forms.Form):
    """The filters of the list of networks."""

    q = forms.CharField(label="Name, purpose, lead or a member", required=False, max_length=100)
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "Any kind"), *NetworkKind.choices])
    ended = forms.ChoiceField(
        label="Running", required=False, choices=[("", "Running now"), ("all", "Ended ones too")]
    )


class NetworkForm(forms.Form):
    """What is said of a network."""

    name = forms.CharField(label="Name of the network", max_length=150)
    kind = forms.ChoiceField(
        label="Kind", choices=NetworkKind.choices, widget=forms.RadioSelect({"class": "govuk-radios--small"})
    )
    lead = forms.ModelChoiceField(
        label="Who leads it",
        queryset=Organisation.objects.none(),
        to_field_name="reference",
        required=False,
        empty_label="Nobody in particular",
        widget=forms.Select({"data-autocomplete": ""}),
        help_text="Its staff can change these details and ask schools to join.",
    )
    purpose = forms.CharField(
        label="What it is for",
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3, "maxlength": 1000}),
    )
    website = forms.CharField(label="Website", required=False, max_length=200)
    themes = forms.MultipleChoiceField(
        label="Themes",
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "govuk-checkboxes--small"}),
        help_text="Networks with a theme in common are compared for duplication.",
    )
    active_from = GovukDateField(label="First day, if you know it", required=False)
    active_to = GovukDateField(label="Last day, if it has ended or will end", required=False)

    def __init__(
        self, *args: Any, leads: Any, themes: Iterable[tuple[str, str]], may_choose_lead: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = leads
        self.fields["themes"].choices = list(themes)
        if not may_choose_lead:
            del self.fields["lead"]

    @staticmethod
    def of(network: Network) -> dict[str, Any]:
        """Initial values from a network."""
        said = ("name", "kind", "purpose", "website", "themes", "active_from", "active_to")
        lead = network.lead.reference if network.lead else None
        return {name: getattr(network, name) for name in said} | {"lead": lead}


class AddSchoolForm(forms.Form):
    """A school for a network, and what it is there."""

    school = forms.ChoiceField(label="School", widget=forms.Select({"data-autocomplete": ""}))
    role = forms.ChoiceField(label="What it is there", choices=NetworkRole.choices)

    def __init__(self, *args: Any, schools: Iterable[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(school.urn), f"{school.organisation.name} ({school.urn})") for school in schools]
        self.fields["school"].choices = [("", "Choose a school"), *choices]
        self.schools = {str(school.urn): school for school in schools}


class NetworkFileForm(forms.Form):
    """A file of networks, chosen or pasted; the text travels from the preview to the import."""

    file = forms.FileField(
        label="CSV file", required=False, widget=forms.ClearableFileInput({"accept": ".csv,text/csv"})
    )
    text = forms.CharField(
        label="Or paste the rows here",
        required=False,
        strip=False,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
        error_messages={"max_length": "These are too many rows. Import them in two parts."},
    )

    def clean(self) -> dict[str, Any]:
        """The text to read, from the file where there is one."""
        given: dict[str, Any] = super().clean() or {}
        upload = given.get("file")
        if upload is not None:
            if upload.size > MOST_CHARACTERS:
                self.add_error("file", "The file is larger than 300 KB. Split it in two.")
            else:
                given["text"] = _decoded(upload.read())
        if not self.errors and not (given.get("text") or "").strip():
            self.add_error("file", "Choose a file, or paste its rows.")
        if "\0" in (given.get("text") or ""):
            self.add_error("file", "This is not a CSV file. Save it as CSV and choose it again.")
        return given


class CompareForm(forms.Form):
    """What is compared on the page of overlaps."""

    SHOWS = (
        ("", "Networks only"),
        ("clusters", "Networks and clusters"),
        ("all", "Trusts, federations and dioceses too"),
    )
    show = forms.ChoiceField(label="Compare", choices=SHOWS, required=False)


class BelongingFilterForm(forms.Form):
    """Which schools the list of belongings shows."""

    q = forms.CharField(label="School", required=False, max_length=100)
    times = forms.ChoiceField(
        label="Networks it belongs to",
        required=False,
        choices=[("", "Any number"), ("0", "None"), ("1", "One"), ("2", "Two or more")],
    )
    ward = forms.ChoiceField(label="Ward", required=False)

    def __init__(self, *args: Any, area: Area, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wards = area.wards.defer("geometry").values_list("code", "name")
        self.fields["ward"].choices = [("", "Any ward"), *wards]


def _decoded(content: bytes) -> str:
    """The text of a file: UTF-8 where it is that, else as spreadsheets on Windows write it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
