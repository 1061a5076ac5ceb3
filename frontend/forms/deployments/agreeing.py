"""Forms of the agreement: who is deployed, the text, a signature, the filters of the list."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms

from frontend.forms.fields import DaysField, GovukDateField, LongTextField
from frontend.forms.widgets import HintedRadios, WholeNumberInput
from marketplace.brokerage.models import DeploymentStatus, RequestResponse
from marketplace.brokerage.rules import CONFIDENTIALITY, MOST_OBJECTIVES, OBJECTIVE_AREAS
from marketplace.brokerage.rules.deployments import LONGEST_OF_OBJECTIVE, LONGEST_TERMS, Payer, Terms
from marketplace.catalogue.models import Offer, Practitioner
from marketplace.organisations.models import School


class DeploymentFilterForm(forms.Form):
    """The filters of the list of deployments."""

    q = forms.CharField(label="Person, school or reference", required=False, max_length=100)
    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any status"), *DeploymentStatus.choices]
    )
    case_study = forms.BooleanField(label="Case studies only", required=False)


class WhoForm(forms.Form):
    """Who is to be deployed, for which school: a person of an offer."""

    school = forms.ChoiceField(label="Which school is it for?")
    who = forms.ChoiceField(label="Who would you like?", widget=HintedRadios)

    def __init__(
        self,
        *args: Any,
        schools: Iterable[School],
        people: Iterable[tuple[Offer, Practitioner]],
        selected: RequestResponse | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.schools = {str(school.urn): school for school in schools}
        self.people = {f"{offer.reference}.{person.reference}": (offer, person) for offer, person in people}
        school: Any = self.fields["school"]
        school.choices = [(urn, each.organisation.name) for urn, each in self.schools.items()]
        if len(self.schools) == 1:
            school.widget = forms.HiddenInput()
            school.initial = next(iter(self.schools))
        who: Any = self.fields["who"]
        who.choices = [(key, person.name) for key, (_, person) in self.people.items()]
        named = {person.pk for person in selected.people.all()} if selected else set()
        who.initial = next((key for key, (_, person) in self.people.items() if person.pk in named), None)
        who.widget.hints = {
            key: f"{'Named in the response. ' if person.pk in named else ''}{person.job_title or 'Practitioner'}, "
            f"{person.releasing_organisation}. “{offer.shown.title}” by {offer.provider}."
            for key, (offer, person) in self.people.items()
        }


class TermsForm(forms.Form):
    """The text of an agreement. An objective without an aim is none."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    focus = LongTextField(
        label="What is it about?",
        max_length=LONGEST_TERMS["focus"],
        widget=forms.Textarea({"rows": 3}),
        help_text="All parties and the convenors read this.",
    )
    background = LongTextField(
        label="Background",
        required=False,
        max_length=LONGEST_TERMS["background"],
        widget=forms.Textarea({"rows": 3}),
        help_text="What the person should know before coming. For those who sign: convenors who only oversee don’t see it.",
    )
    half_days = DaysField(label="How many days do you agree on?", help_text="The scoping visit included.")
    starts_on = GovukDateField(label="First day")
    ends_on = GovukDateField(label="Last day")
    mid_point_on = GovukDateField(
        label="When should the broker look in?", required=False, help_text="Half-way, if you leave it blank."
    )
    payer = forms.ChoiceField(
        label="Who pays?",
        choices=[(payer.value, payer.label) for payer in Payer],
        initial=Payer.SCHOOL,
        widget=forms.RadioSelect,
    )
    school_percent = forms.IntegerField(
        label="If shared, the school’s share",
        required=False,
        min_value=1,
        max_value=99,
        widget=WholeNumberInput({"class": "govuk-input--width-3"}, suffix="%"),
    )
    payer_note = forms.CharField(
        label="Note on payment",
        required=False,
        max_length=LONGEST_TERMS["payer_note"],
        help_text="For example the funding stream, or who has agreed to it.",
    )
    confidentiality = LongTextField(
        label="What is confidential?",
        initial=CONFIDENTIALITY,
        max_length=LONGEST_TERMS["confidentiality"],
        widget=forms.Textarea({"rows": 5}),
    )
    brokered_by = forms.ChoiceField(
        label="Who is the broker?",
        choices=[("provider", "The provider"), ("authority", "The local authority’s convenor")],
        initial="provider",
        widget=forms.RadioSelect,
        help_text="The broker signs, looks in half-way and answers concerns. Convenors see every concern either way.",
    )

    def __init__(self, *args: Any, is_new: bool, terms: Terms | None = None, **kwargs: Any) -> None:
        given = {"initial": _initial(terms) | kwargs.pop("initial", {})} if terms else {}
        super().__init__(*args, **given | kwargs)
        if not is_new:
            del self.fields["brokered_by"]
        known = list(terms.objectives) if terms else []
        self.numbers = [each.number for each in known] + [0] * (MOST_OBJECTIVES - len(known))
        for place in range(1, MOST_OBJECTIVES + 1):
            self._add_objective(place)
        for place, objective in enumerate(known, 1):
            self.initial.update(
                {
                    f"aim_{place}": objective.aim,
                    f"measure_{place}": objective.success_measure,
                    f"baseline_{place}": objective.baseline,
                    f"area_{place}": objective.area,
                }
            )

    def _add_objective(self, place: int) -> None:
        required = place == 1
        self.fields[f"aim_{place}"] = LongTextField(
            label="What should change?",
            required=required,
            max_length=LONGEST_OF_OBJECTIVE,
            widget=forms.Textarea({"rows": 2}),
            error_messages={"required": f"Objective {place}: say what should change"},
        )
        self.fields[f"measure_{place}"] = LongTextField(
            label="How will you know?",
            required=False,
            max_length=LONGEST_OF_OBJECTIVE,
            widget=forms.Textarea({"rows": 2}),
        )
        self.fields[f"baseline_{place}"] = LongTextField(
            label="Where does it stand now?",
            required=False,
            max_length=LONGEST_OF_OBJECTIVE,
            widget=forms.Textarea({"rows": 2}),
        )
        self.fields[f"area_{place}"] = forms.ChoiceField(
            label="Which area does it belong to?",
            required=False,
            choices=[("", "Choose an area"), *OBJECTIVE_AREAS.items()],
        )

    def objectives(self) -> Iterator[tuple[int, list[Any]]]:
        """The bound fields of each objective, with its place."""
        for place in range(1, MOST_OBJECTIVES + 1):
            yield place, [self[f"{name}_{place}"] for name in ("aim", "measure", "baseline", "area")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        asked = (
            ("measure", "say how you will know"),
            ("baseline", "say where it stands now"),
            ("area", "choose an area"),
        )
        for place in range(1, MOST_OBJECTIVES + 1):
            if data.get(f"aim_{place}"):
                for name, words in asked:
                    if not data.get(f"{name}_{place}"):
                        self.add_error(f"{name}_{place}", f"Objective {place}: {words}")
        if data.get("payer") == Payer.SPLIT and "school_percent" in data and not data["school_percent"]:
            self.add_error("school_percent", "Enter the school’s share, from 1 to 99 percent")
        return data

    def text(self) -> dict[str, Any]:
        """The arguments of `draft_deployment` and `change_terms` that make up the text."""
        data = self.cleaned_data
        names = (
            "focus",
            "background",
            "half_days",
            "starts_on",
            "ends_on",
            "mid_point_on",
            "payer",
            "school_percent",
            "payer_note",
            "confidentiality",
        )
        return {name: data[name] for name in names} | {
            "objectives": [
                {
                    "number": self.numbers[place - 1] or None,
                    "aim": data[f"aim_{place}"],
                    "success_measure": data[f"measure_{place}"],
                    "baseline": data[f"baseline_{place}"],
                    "area": data[f"area_{place}"],
                }
                for place in range(1, MOST_OBJECTIVES + 1)
                if data[f"aim_{place}"]
            ]
        }


def _initial(terms: Terms) -> dict[str, Any]:
    names = ("focus", "background", "half_days", "starts_on", "ends_on", "mid_point_on")
    more = ("payer", "payer_note", "confidentiality")
    return {name: getattr(terms, name) for name in (*names, *more)} | {
        "school_percent": terms.school_percent or None
    }


class SignForm(forms.Form):
    """A signature under the version the person has before them."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    declared = forms.BooleanField(
        label="I have read this version and agree to it",
        error_messages={"required": "Tick that you have read the agreement and agree to it"},
    )
    beyond_agreed = forms.BooleanField(
        label="I agree to more days than were agreed for the year", required=False
    )
    note = LongTextField(
        label="Note",
        required=False,
        max_length=2_000,
        widget=forms.Textarea({"rows": 2}),
        help_text="All parties read it. Needed only where you agree to more days.",
    )
