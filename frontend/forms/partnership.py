"""Forms of calls for offers and of commissions. They read what was typed; the rules are in `marketplace.partnership`."""

from collections.abc import Iterable
from typing import Any

from django import forms

from frontend.forms.catalogue.offers import theme_choices
from frontend.forms.fields import DaysField, GovukDateField, PoundsField
from frontend.forms.widgets import HintedRadios, PoundsWidget, WholeNumberInput
from marketplace.buyback.models import FundingStream
from marketplace.catalogue.models import DeliveryMode, Practitioner, SupportType, Theme
from marketplace.organisations.models import Area, Organisation, Phase, School, Ward
from marketplace.partnership.models import (
    CallStatus,
    CommissionStatus,
    Rag,
    SupportLevel,
)
from marketplace.partnership.rules import Body, CallTerms, CommissionTerms, ResponseTerms, level_words

ANY_PHASE = [("", "Any phase"), *Phase.choices]


def _themes() -> Any:
    return (
        Theme.objects.filter(parent__isnull=False)
        .select_related("parent")
        .order_by("parent__position", "position", "name")
    )


def _with_heading(theme: Any) -> str:
    return f"{theme.name} ({theme.parent.name})"


class CallFilterForm(forms.Form):
    """The filters of the list of calls."""

    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any status"), *CallStatus.choices]
    )
    theme = forms.ModelChoiceField(
        label="Theme", required=False, queryset=_themes(), to_field_name="code", empty_label="Any theme"
    )
    phase = forms.ChoiceField(label="Phase", required=False, choices=ANY_PHASE)


class CallForm(forms.Form):
    """A call for offers. What a page of coverage knows of the gap may be filled in by its address."""

    area = forms.ModelChoiceField(label="Which area?", queryset=Area.objects.none(), empty_label=None)
    title = forms.CharField(
        label="Title", max_length=120, help_text="Providers read it first, and their offers start from it."
    )
    themes = forms.MultipleChoiceField(
        label="On which themes?", widget=forms.CheckboxSelectMultiple, help_text="Up to eight."
    )
    phases = forms.MultipleChoiceField(
        label="For which phases?", choices=Phase.choices, widget=forms.CheckboxSelectMultiple
    )
    ward = forms.ModelChoiceField(
        label="Where?", queryset=Ward.objects.none(), to_field_name="code", required=False,
        empty_label="Anywhere in the area",
    )  # fmt: skip
    days = DaysField(
        label="How many days are wanted?",
        help_text="In an academic year, from all providers together. Providers read it: in fives no school’s own need can be told from it.",
    )
    ceiling = PoundsField(
        label="The most a day may cost, before VAT",
        required=False,
        widget=PoundsWidget({"class": "govuk-input--width-10"}),
        help_text="Leave it blank to take any price.",
    )
    closes_on = GovukDateField(label="Last day for answers")
    words = forms.CharField(
        label="What is missing, and what would help?",
        widget=forms.Textarea({"rows": 5, "maxlength": 5000}),
        help_text="All providers read this. Name no school.",
    )
    origin = forms.CharField(
        label="What it comes from",
        required=False,
        max_length=300,
        help_text="For convenors only, for example the cell of the coverage page.",
    )

    def __init__(self, *args: Any, areas: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["area"].queryset = areas
        fields["ward"].queryset = Ward.objects.filter(area__in=areas).defer("geometry").order_by("name")
        fields["ward"].label_from_instance = lambda ward: ward.name
        self.known_themes = {theme.code: theme for theme in _themes()}
        fields["themes"].choices = theme_choices()
        only = list(areas[:2])
        if len(only) == 1:
            fields["area"].widget = forms.HiddenInput()
            fields["area"].initial = only[0].pk

    def chosen_themes(self) -> list[Theme]:
        """The themes that were ticked."""
        return [self.known_themes[code] for code in self.cleaned_data["themes"]]

    def terms(self) -> CallTerms:
        """The cleaned values as the action takes them."""
        data = self.cleaned_data
        return CallTerms(
            title=data["title"],
            words=data["words"],
            phases=tuple(data["phases"]),
            half_days=data["days"],
            ceiling_pence=data["ceiling"],
            closes_on=data["closes_on"],
            origin=data["origin"],
        )


class AnswerForm(forms.Form):
    """A provider's answer to a call."""

    provider = forms.ModelChoiceField(
        label="Who answers?",
        queryset=Organisation.objects.none(),
        to_field_name="reference",
        empty_label=None,
    )
    days = DaysField(label="How many days can you give in an academic year?")
    price = PoundsField(
        label="Price of a day, before VAT", widget=PoundsWidget({"class": "govuk-input--width-10"})
    )
    support_type = forms.ModelChoiceField(
        label="What kind of support is it?", queryset=SupportType.objects.all(), empty_label="Choose one"
    )
    mode = forms.ChoiceField(
        label="How is it delivered?", choices=DeliveryMode.choices, widget=forms.RadioSelect
    )
    reach_km = forms.IntegerField(
        label="How far do you travel?",
        min_value=1,
        max_value=500,
        widget=WholeNumberInput({"class": "govuk-input--width-3"}, suffix="km"),
    )
    people = forms.ModelMultipleChoiceField(
        label="Who would come?",
        queryset=Practitioner.objects.none(),
        to_field_name="reference",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    approach = forms.CharField(
        label="Who is it, and how would you go about it?",
        widget=forms.Textarea({"rows": 6, "maxlength": 5000}),
        help_text="It becomes the description of your offer, which you can still change.",
    )

    def __init__(self, *args: Any, providers: list[Organisation], people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["provider"].queryset = Organisation.objects.filter(pk__in=[each.pk for each in providers])
        fields["people"].queryset = people
        if len(providers) == 1:
            fields["provider"].widget = forms.HiddenInput()
            fields["provider"].initial = providers[0].reference
        if not people.exists():
            del self.fields["people"]

    def values(self) -> dict[str, Any]:
        """The cleaned values as the action takes them."""
        data = self.cleaned_data
        return {
            "terms": ResponseTerms(
                half_days=data["days"],
                pence_a_day=data["price"],
                mode=data["mode"],
                reach_km=data["reach_km"],
                approach=data["approach"],
            ),
            "support_type": data["support_type"],
            "people": list(data.get("people", ())),
        }


class ExtendForm(forms.Form):
    closes_on = GovukDateField(label="New last day for answers")


class ReasonForm(forms.Form):
    """Why something is done; `label` and `hint` are the page's."""

    reason = forms.CharField(label="Why?", widget=forms.Textarea({"rows": 3, "maxlength": 2000}))

    def __init__(
        self, *args: Any, label: str = "", hint: str = "", required: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        field.label, field.help_text, field.required = label or field.label, hint, required


# Commissions -----------------------------------------------------------------------------------------------------------


class CommissionFilterForm(forms.Form):
    """The filters of the list of commissions."""

    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any status"), *CommissionStatus.choices]
    )
    phase = forms.ChoiceField(label="Phase", required=False, choices=ANY_PHASE)


class CommissionTermsForm(forms.Form):
    """What is commissioned, as far as it can change before the start."""

    days = DaysField(label="How many days?")
    provider = forms.ModelChoiceField(
        label="Which provider?",
        queryset=Organisation.objects.none(),
        to_field_name="reference",
        required=False,
        empty_label="Not chosen yet",
    )
    stream = forms.ModelChoiceField(
        label="Which funding stream pays?",
        queryset=FundingStream.objects.none(),
        to_field_name="reference",
        required=False,
        empty_label="Not chosen yet",
        help_text="The school and the provider read its name on the visits it pays for. Use one whose name says nothing of concern.",
    )
    price = PoundsField(
        label="Price of a day, before VAT",
        required=False,
        widget=PoundsWidget({"class": "govuk-input--width-10"}),
        help_text="The price of all days is set aside when the support starts.",
    )
    reason = forms.CharField(
        label="Why is it commissioned?",
        widget=forms.Textarea({"rows": 4, "maxlength": 5000}),
        help_text="Read by convenors and those you name. Never by the provider, other schools, the board or scrutiny.",
    )

    def __init__(self, *args: Any, providers: Any, streams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["provider"].queryset = providers
        fields["stream"].queryset = streams

    def values(self) -> dict[str, Any]:
        """The cleaned values as the actions take them."""
        data = self.cleaned_data
        return {
            "terms": CommissionTerms(
                half_days=data["days"], pence_a_day=data["price"], reason=data["reason"]
            ),
            "provider": data["provider"],
            "stream": data["stream"],
        }


class CommissionForm(CommissionTermsForm):
    """A new commission."""

    school = forms.ModelChoiceField(
        label="Which school?", queryset=School.objects.none(), to_field_name="urn", empty_label="Choose one"
    )
    theme = forms.ModelChoiceField(
        label="On which theme?", queryset=_themes(), to_field_name="code", empty_label="Choose one"
    )
    phase = forms.ChoiceField(label="For which phase?", choices=[("", "Choose one"), *Phase.choices])
    field_order = ("school", "theme", "phase", "days", "provider", "stream", "price", "reason")

    def __init__(self, *args: Any, schools: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["school"].queryset = schools
        fields["school"].label_from_instance = lambda school: school.organisation.name
        fields["theme"].label_from_instance = _with_heading


class NoticeForm(forms.Form):
    """Who was told, and when."""

    body = forms.ChoiceField(label="Which body did you tell?", widget=forms.RadioSelect)
    body_name = forms.CharField(label="If another body, its name", required=False, max_length=200)
    person = forms.CharField(label="Whom did you tell there?", max_length=150, help_text="Name and office.")
    informed_on = GovukDateField(label="On which day?")
    note = forms.CharField(
        label="Note", required=False, widget=forms.Textarea({"rows": 2, "maxlength": 1000}),
        help_text="For example what they said.",
    )  # fmt: skip

    def __init__(self, *args: Any, bodies: Iterable[Body], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        body: Any = self.fields["body"]
        body.choices = [(each.kind, each.name or "Another body") for each in bodies]


class StartForm(forms.Form):
    next_review_on = GovukDateField(label="When is it reviewed first?")


class ReviewForm(forms.Form):
    """A progress review."""

    reviewed_on = GovukDateField(label="When did you look at it?")
    rag = forms.ChoiceField(label="How does it go?", choices=Rag.choices, widget=forms.RadioSelect)
    findings = forms.CharField(
        label="What did you see?", widget=forms.Textarea({"rows": 4, "maxlength": 5000})
    )
    next_steps = forms.CharField(
        label="What comes next?", widget=forms.Textarea({"rows": 3, "maxlength": 5000})
    )
    next_review_on = GovukDateField(
        label="When is it reviewed next?",
        required=False,
        help_text="Leave it blank if this was the last review.",
    )


class ExitForm(forms.Form):
    """The end of a commission."""

    ended_on = GovukDateField(label="When did the support end?")
    reason = forms.CharField(label="Why does it end?", widget=forms.Textarea({"rows": 3, "maxlength": 5000}))
    evidence = forms.CharField(
        label="What shows that it can end?", widget=forms.Textarea({"rows": 4, "maxlength": 5000})
    )


class CategoryForm(forms.Form):
    """A school's support category from a day on."""

    level = forms.ChoiceField(label="Which category?", widget=HintedRadios)
    since = GovukDateField(label="Since when?")
    reason = forms.CharField(label="Why?", widget=forms.Textarea({"rows": 3, "maxlength": 5000}))

    def __init__(self, *args: Any, is_academy: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [
            (level.value, level_words(level, is_academy=is_academy).partition(": ")) for level in SupportLevel
        ]
        level: Any = self.fields["level"]
        level.choices = [(key, name) for key, (name, _, _) in words]
        level.widget.hints = {key: f"{hint[0].upper()}{hint[1:]}." for key, (_, _, hint) in words}


class ReaderForm(forms.Form):
    """Somebody who needs to know."""

    email = forms.EmailField(label="E-mail address of their account here")
    why = forms.CharField(label="Why do they need to know?", max_length=200)


class VisitForm(forms.Form):
    """A booking to pay for."""

    booking = forms.ChoiceField(label="Which visit?", widget=HintedRadios)

    def __init__(self, *args: Any, bookings: dict[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["booking"]
        field.choices = [(key, words) for key, (words, _) in bookings.items()]
        field.widget.hints = {key: hint for key, (_, hint) in bookings.items()}


class AttachForm(forms.Form):
    """A deployment of the school that is there already."""

    deployment = forms.ChoiceField(label="Which deployment?", widget=HintedRadios)

    def __init__(self, *args: Any, deployments: dict[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["deployment"]
        field.choices = [(key, words) for key, (words, _) in deployments.items()]
        field.widget.hints = {key: hint for key, (_, hint) in deployments.items()}
