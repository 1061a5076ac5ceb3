"""Practitioners, their designations, and the employer's assurance."""

from typing import Any

from django import forms

from frontend.forms.catalogue.offers import SMALL, theme_choices
from frontend.forms.fields import DaysField, GovukDateField
from frontend.forms.widgets import HintedRadios
from marketplace.catalogue.actions.people import LENGTHS, Profile
from marketplace.catalogue.models import AssuranceScope, Practitioner, Theme
from marketplace.organisations.models import Organisation, Phase


class PersonForm(forms.Form):
    """What is written about a person; the days a year only for who may agree to them."""

    name = forms.CharField(label="Name", max_length=LENGTHS["name"])
    job_title = forms.CharField(
        label="Job title", required=False, max_length=LENGTHS["job_title"], help_text="Schools see this."
    )
    phases = forms.MultipleChoiceField(
        label="Phases", choices=Phase.choices, required=False, widget=forms.CheckboxSelectMultiple(SMALL)
    )
    themes = forms.MultipleChoiceField(
        label="Themes", required=False, widget=forms.CheckboxSelectMultiple(SMALL)
    )
    agreed = DaysField(
        label="Days a year agreed with their headteacher",
        min_half_days=0,
        help_text="In an academic year, over all bookings. About 15 is usual for a specialist.",
    )
    biography = forms.CharField(
        label="About them",
        required=False,
        widget=forms.Textarea({"rows": 5, "maxlength": LENGTHS["biography"]}),
        help_text="For schools thinking of booking them. Never write the number of a DBS certificate anywhere.",
    )

    def __init__(self, *args: Any, may_agree_days: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["themes"].choices = theme_choices()
        if not may_agree_days:
            del self.fields["agreed"]

    def profile(self) -> Profile:
        """The cleaned values as the actions take them."""
        data = self.cleaned_data
        return Profile(
            name=data["name"],
            job_title=data["job_title"],
            biography=data["biography"],
            themes=tuple(Theme.objects.filter(code__in=data["themes"])),
            phases=tuple(data["phases"]),
            agreed_half_days=data.get("agreed"),
        )

    @staticmethod
    def initial_of(person: Practitioner) -> dict[str, Any]:
        return {
            "name": person.name,
            "job_title": person.job_title,
            "phases": person.phases,
            "themes": [theme.code for theme in person.themes.all()],
            "agreed": person.agreed_half_days,
            "biography": person.biography,
        }


class NewPersonForm(PersonForm):
    """A new person: who lists them, and who employs and releases them."""

    def __init__(
        self, *args: Any, organisations: list[Organisation], employers: list[Organisation], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.organisations = {each.reference: each for each in organisations}
        self.employers = {each.reference: each for each in employers}
        if len(organisations) > 1:
            self.fields["organisation"] = forms.ChoiceField(
                label="Listed by", choices=[(ref, each.name) for ref, each in self.organisations.items()]
            )
        self.fields["employer"] = forms.ChoiceField(
            label="Employed and released by",
            required=False,
            choices=[
                ("", "The same organisation"),
                *((ref, each.name) for ref, each in self.employers.items()),
            ],
            widget=forms.Select({"data-autocomplete": True}),
            help_text="Their headteacher gives the employer’s assurance and consents to each release.",
        )
        self.order_fields(["organisation", "name", "job_title", "employer"])

    @property
    def organisation(self) -> Organisation:
        chosen = self.cleaned_data.get("organisation")
        return self.organisations[chosen] if chosen else next(iter(self.organisations.values()))

    @property
    def employer(self) -> Organisation:
        chosen = self.cleaned_data.get("employer")
        return self.employers[chosen] if chosen else self.organisation


class DesignationForm(forms.Form):
    """An award with its body and dates."""

    scheme = forms.CharField(
        label="Designation", max_length=80, help_text="For example Specialist leader of education."
    )
    awarded_by = forms.CharField(label="Awarded by", max_length=150)
    valid_from = GovukDateField(label="From")
    valid_to = GovukDateField(label="Until", required=False, help_text="Leave empty if it has no end.")
    evidence = forms.CharField(
        label="Where it can be seen",
        max_length=300,
        required=False,
        help_text="A link or a few words, such as “Letter of 3 May, kept by the business manager”. A convenor looks at it.",
    )


class EndDesignationForm(forms.Form):
    """The last day of an award."""

    place = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    ends = GovukDateField(label="Last day")


class AssuranceForm(forms.Form):
    """The employer's word: for what, from when until when. There is no place for a number, on purpose."""

    scope = forms.ChoiceField(
        label="What have the checks been done for?",
        choices=AssuranceScope.choices,
        widget=HintedRadios(
            hints={
                AssuranceScope.ACCOMPANIED: "They work with adults, or with pupils while school staff are in the room",
                AssuranceScope.REGULATED: "They may be alone with pupils: the enhanced check with barred list was done",
            }
        ),
    )
    valid_from = GovukDateField(label="From")
    valid_to = GovukDateField(
        label="Until", help_text="You are asked again 30 days before. Three years at most."
    )
    agreed = DaysField(label="Days a year they may be away", min_half_days=0)
    declared = forms.BooleanField(
        label="On behalf of the employer, I confirm that the checks this role requires were done and that I know of no reason "
        "why this person should not visit schools",
        error_messages={"required": "Confirm on behalf of the employer, or leave this page"},
    )


class PeopleFilterForm(forms.Form):
    """Filters of the list of people."""

    q = forms.CharField(label="Name", required=False, max_length=100)
    phase = forms.MultipleChoiceField(
        label="Phase", choices=Phase.choices, required=False, widget=forms.CheckboxSelectMultiple(SMALL)
    )
    assurance = forms.ChoiceField(
        label="Employer’s assurance",
        required=False,
        choices=[("", "Any"), ("given", "Holds today"), ("missing", "Missing today")],
    )
    stood_down = forms.BooleanField(label="Show people who are stood down", required=False)


class ReasonForm(forms.Form):
    """A few words about why."""

    reason = forms.CharField(
        label="Why? (optional)",
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 2, "maxlength": 500}),
    )
