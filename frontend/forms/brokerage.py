"""Forms of needs, records of visit and evaluations. They read what was typed; the rules are in `marketplace.brokerage`."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from frontend.forms.fields import DaysField, LongTextField, PoundsField
from frontend.forms.widgets import HintedRadios
from marketplace.brokerage import rules
from marketplace.brokerage.models import Need, NeedLevel, NeedStatus, Urgency
from marketplace.catalogue.models import Theme
from marketplace.kernel.access import Actor
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import Phase, School


class NeedSizeForm(forms.Form):
    """How much support, how soon and on what terms: the part of a need that can be changed."""

    level = forms.ChoiceField(
        label="How much support do you need?",
        choices=NeedLevel.choices,
        initial=NeedLevel.FOCUSED,
        widget=HintedRadios(
            hints={
                NeedLevel.LIGHT: "A visit, or a conversation with somebody who has done it",
                NeedLevel.FOCUSED: "A term of regular visits on one thing",
                NeedLevel.INTENSIVE: "A year of close work",
            }
        ),
    )
    days = DaysField(
        label="If you know it, the number of days",
        required=False,
        help_text="Counts instead of the answer above.",
    )
    urgency = forms.ChoiceField(
        label="How soon?", choices=Urgency.choices, initial=Urgency.THIS_YEAR, widget=forms.RadioSelect
    )
    remote_ok = forms.BooleanField(label="Support at a distance would do, by video call", required=False)
    max_price = PoundsField(
        label="The most you would pay for a day",
        required=False,
        help_text="Leave it blank if price does not decide. Dearer offers are not counted for this need.",
    )
    note = LongTextField(
        label="What would good look like?",
        required=False,
        max_length=rules.LONGEST_NEED_NOTE,
        widget=forms.Textarea({"rows": 3}),
        help_text="Only your school, your trust and the local authority’s convenors see this.",
    )

    def terms(self) -> dict[str, Any]:
        """The cleaned values under the names the actions take."""
        data = self.cleaned_data
        return {
            "level": data["level"],
            "half_days": data["days"],
            "urgency": data["urgency"],
            "remote_ok": data["remote_ok"],
            "max_price_pence": data["max_price"],
            "note": data["note"],
        }

    @staticmethod
    def terms_of(need: Need) -> dict[str, Any]:
        """Initial values from a need."""
        return {
            "level": need.level,
            "days": need.half_days,
            "urgency": need.urgency,
            "remote_ok": need.remote_ok,
            "max_price": need.max_price_pence,
            "note": need.note,
        }


class SubjectForm(forms.Form):
    """For which school, on what, in which phase: how a need begins, and a request."""

    school = forms.ModelChoiceField(label="School", queryset=School.objects.none(), empty_label=None)
    theme = forms.ModelChoiceField(
        label="What do you need support with?",
        queryset=Theme.objects.none(),
        widget=forms.Select({"data-autocomplete": ""}),
    )
    phase = forms.ChoiceField(label="For which phase?", choices=Phase.choices, widget=forms.RadioSelect)
    field_order = ("school", "theme", "phase")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        schools = organisations.schools_buying_for(actor)
        self.fields["school"].queryset = schools
        self.fields["theme"].queryset = (
            Theme.objects.filter(parent__isnull=False)
            .select_related("parent")
            .order_by("parent__position", "position")
        )
        self.fields["theme"].label_from_instance = lambda theme: f"{theme.name} ({theme.parent.name})"
        only = list(schools[:2])
        if len(only) == 1:
            self.fields["school"].widget = forms.HiddenInput()
            self.fields["school"].initial = only[0].pk
            self.fields["phase"].choices = [c for c in Phase.choices if c[0] in only[0].phases]
            if len(only[0].phases) == 1:
                self.fields["phase"].initial = only[0].phases[0]


class NeedForm(SubjectForm, NeedSizeForm):
    """A new need."""


class ReasonForm(forms.Form):
    """A reason for something that can't be taken for granted."""

    reason = LongTextField(
        label="Reason", max_length=rules.LONGEST_REASON, widget=forms.Textarea({"rows": 2})
    )


class NeedFilterForm(forms.Form):
    """The filters of the list of needs."""

    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any status"), *NeedStatus.choices], widget=forms.Select
    )
    phase = forms.ChoiceField(label="Phase", required=False, choices=[("", "Any phase"), *Phase.choices])


class VisitRecordForm(forms.Form):
    """The record of a visit."""

    happened = LongTextField(
        label="What happened",
        help_text="Who you worked with, what you did, what you saw. No pupils’ names.",
        max_length=rules.LONGEST_HAPPENED,
        widget=forms.Textarea({"rows": 6}),
    )
    next_steps = LongTextField(
        label="Agreed next steps",
        help_text="Who will do what, by when.",
        max_length=rules.LONGEST_NEXT_STEPS,
        widget=forms.Textarea({"rows": 4}),
    )


MARKS = list(rules.MARK_MEANINGS.items())


class EvaluationForm(forms.Form):
    """The receiving head's judgement."""

    success = forms.TypedChoiceField(
        label="How far did it change what you wanted to change?",
        choices=MARKS,
        coerce=int,
        widget=forms.RadioSelect,
    )
    effectiveness = forms.TypedChoiceField(
        label="How well did the practitioner work with you?",
        choices=[(n, f"{n}{' (best)' if n == 5 else ''}") for n in range(1, 6)],
        coerce=int,
        widget=forms.RadioSelect({"class": "govuk-radios--inline"}),
    )
    what_changed = LongTextField(
        label="What changed?", max_length=rules.LONGEST_EVALUATION_TEXT, widget=forms.Textarea({"rows": 4})
    )
    evidence = LongTextField(
        label="How do you know?",
        help_text="Work looked at, lessons seen, figures, what pupils and staff say.",
        max_length=rules.LONGEST_EVALUATION_TEXT,
        widget=forms.Textarea({"rows": 4}),
    )
    counter_evidence = LongTextField(
        label="What speaks against it?",
        help_text="What did not change, or may have another cause.",
        required=False,
        max_length=rules.LONGEST_EVALUATION_TEXT,
        widget=forms.Textarea({"rows": 3}),
    )


class UnmetDemandForm(forms.Form):
    """A search that found nothing, passed on to the local authority of a school: asked for only where there are several."""

    school = forms.ModelChoiceField(
        label="For which school?",
        queryset=School.objects.none(),
        empty_label=None,
        help_text="The convenors of its local authority read it.",
    )
    note = LongTextField(
        label="What were you looking for?",
        required=False,
        help_text="The local authority’s convenors read this together with your search.",
        max_length=rules.LONGEST_NEED_NOTE,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, schools: QuerySet[School], current: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].queryset = schools
        self.fields["school"].initial = current
        if schools.count() == 1:
            del self.fields["school"]
