"""An offer, section by section. Each form gives the part of the content it is about, under the content's own names."""

from typing import Any

from django import forms

from frontend.forms.fields import DaysField
from frontend.forms.widgets import HintedCheckboxes, HintedRadios, WholeNumberInput
from marketplace.catalogue import queries
from marketplace.catalogue.content import LENGTHS, MOST_REACH_KM, OfferContent, has_trust
from marketplace.catalogue.models import (
    ActivityBasis,
    DeliveryMode,
    OfferScope,
    OfferStatus,
    SupportType,
    Theme,
)
from marketplace.catalogue.pricing import BrokerageFee, DataInvalid
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import parse_pounds, pounds
from marketplace.organisations.models import Organisation, Phase

SMALL = {"class": "govuk-checkboxes--small"}


def theme_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The themes of level 2 under their headings."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for theme in queries.themes():
        if theme.parent is None:
            groups.setdefault(theme.name, [])
        else:
            groups.setdefault(theme.parent.name, []).append((theme.code, theme.name))
    return [(name, choices) for name, choices in groups.items() if choices]


class AboutForm(forms.Form):
    """What the offer is."""

    title = forms.CharField(
        label="Title", max_length=LENGTHS["title"], help_text="What a school gets, in a few words."
    )
    summary = forms.CharField(
        label="Summary",
        widget=forms.Textarea({"rows": 3, "maxlength": LENGTHS["summary"]}),
        max_length=LENGTHS["summary"],
        help_text="What happens and what it is for. Schools see this in the list of results.",
    )
    support_type = forms.ModelChoiceField(
        label="Support type", queryset=SupportType.objects.none(), to_field_name="code"
    )
    themes = forms.MultipleChoiceField(
        label="Themes",
        required=False,
        widget=forms.CheckboxSelectMultiple(SMALL),
        help_text="Choose only those it is really for.",
    )
    phases = forms.MultipleChoiceField(
        label="Phases", choices=Phase.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    description = forms.CharField(
        label="Description",
        required=False,
        widget=forms.Textarea({"rows": 8, "maxlength": LENGTHS["description"]}),
        help_text="What is done before, during and after the visit, and what the school has to bring.",
    )
    evidence = forms.CharField(
        label="Evidence that it works",
        required=False,
        widget=forms.Textarea({"rows": 4, "maxlength": LENGTHS["evidence"]}),
        help_text="Evaluations, trials, where it has been used. Say where the reader can check it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["support_type"].queryset = queries.support_types()
        self.fields["themes"].choices = theme_choices()

    def part(self) -> dict[str, Any]:
        """The part of the content this form is about."""
        data = self.cleaned_data
        return {
            "title": data["title"],
            "summary": data["summary"],
            "support_type": data["support_type"],
            "themes": tuple(Theme.objects.filter(code__in=data["themes"])),
            "phases": tuple(data["phases"]),
            "description": data["description"],
            "evidence": data["evidence"],
        }

    @staticmethod
    def initial_of(content: OfferContent) -> dict[str, Any]:
        """What the form starts with."""
        return {
            "title": content.title,
            "summary": content.summary,
            "support_type": content.support_type.code,
            "themes": [theme.code for theme in content.themes],
            "phases": list(content.phases),
            "description": content.description,
            "evidence": content.evidence,
        }


class NewOfferForm(AboutForm):
    """A new offer: of which provider, and what it is."""

    def __init__(self, *args: Any, providers: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.providers = {provider.reference: provider for provider in providers}
        if len(providers) > 1:
            choices = [(provider.reference, provider.name) for provider in providers]
            self.fields["provider"] = forms.ChoiceField(label="Provider", choices=choices)
            self.order_fields(["provider"])

    @property
    def provider(self) -> Organisation:
        """The provider chosen, or the only one."""
        chosen = self.cleaned_data.get("provider")
        return self.providers[chosen] if chosen else next(iter(self.providers.values()))


class DeliveryForm(forms.Form):
    """How and by whom it is given."""

    mode = forms.ChoiceField(label="How is it given?", choices=DeliveryMode.choices, widget=forms.RadioSelect)
    reach_km = forms.IntegerField(
        label="How far do you travel?",
        min_value=1,
        max_value=MOST_REACH_KM,
        widget=WholeNumberInput(suffix="km"),
        help_text="In a straight line from your nearest site.",
    )
    capacity = DaysField(
        label="How many days can you give in an academic year?",
        required=False,
        min_half_days=0,
        help_text="Leave empty if you cannot say: the offer is listed, but counts for no days in coverage.",
    )
    minimum = DaysField(label="Least that can be booked", help_text="0.5 is half a day.")
    activity_basis = forms.ChoiceField(
        label="On what basis?",
        choices=ActivityBasis.choices,
        widget=HintedRadios(
            hints={
                ActivityBasis.STATUTORY: "A duty of the local authority",
                ActivityBasis.CORE: "Paid for already: the price is £0",
            }
        ),
    )
    scope = forms.ChoiceField(label="For whom?", choices=OfferScope.choices, widget=forms.RadioSelect)
    practitioners = forms.MultipleChoiceField(
        label="Who delivers it?",
        required=False,
        widget=HintedCheckboxes(SMALL),
        help_text="Schools book a person and a date. Add people first if they are not here yet.",
    )

    def __init__(self, *args: Any, provider: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {person.reference: person for person in queries.people_of(provider)}
        field = self.fields["practitioners"]
        field.choices = [(reference, person.name) for reference, person in self.people.items()]
        field.widget.hints = {
            reference: f"{person.job_title}, {person.releasing_organisation.name}".strip(", ")
            for reference, person in self.people.items()
        }
        if not self.people:
            del self.fields["practitioners"]
        if not has_trust(provider):
            del self.fields["scope"]

    def part(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "mode": data["mode"],
            "reach_km": data["reach_km"],
            "capacity_half_days": data["capacity"],
            "minimum_half_days": data["minimum"],
            "activity_basis": data["activity_basis"],
            "scope": data.get("scope", OfferScope.OPEN),
            "practitioners": tuple(self.people[each] for each in data.get("practitioners", ())),
        }

    @staticmethod
    def initial_of(content: OfferContent) -> dict[str, Any]:
        return {
            "mode": content.mode,
            "reach_km": content.reach_km,
            "capacity": content.capacity_half_days,
            "minimum": content.minimum_half_days,
            "activity_basis": content.activity_basis,
            "scope": content.scope,
            "practitioners": [person.reference for person in content.practitioners],
        }


class TermsForm(forms.Form):
    """The broker's fee and what cancelling costs."""

    fee_basis = forms.ChoiceField(
        label="Is there a broker’s fee?",
        choices=[
            ("", "No"),
            ("inclusive", "Yes, inside the price"),
            ("additional", "Yes, on top of the price"),
        ],
        required=False,
        widget=HintedRadios(
            hints={
                "inclusive": "The releasing school gets the price less the fee",
                "additional": "The releasing school gets the whole price; the school that books pays the fee too",
            }
        ),
    )
    fee_kind = forms.ChoiceField(
        label="How is the fee counted?",
        choices=[("percent", "As a percentage of the price"), ("per_day", "So much a day, in pounds")],
        required=False,
        initial="percent",
        widget=forms.RadioSelect,
    )
    fee_value = forms.CharField(
        label="Fee",
        required=False,
        max_length=20,
        help_text="A percentage such as 15, or pounds such as 50.",
        widget=forms.TextInput({"class": "govuk-input--width-5"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["fee"] = {}
        if not data.get("fee_basis"):
            return data
        kind = data.get("fee_kind") or "percent"
        try:
            value = self._value(kind, data.get("fee_value", ""))
            fee = {"basis": data["fee_basis"], "kind": kind, "value": value}
            BrokerageFee.from_data(fee)
            data["fee"] = fee
        except DomainError as error:
            self.add_error("fee_value", str(error))
        return data

    @staticmethod
    def _value(kind: str, text: str) -> int:
        """Pence a day, or basis points: 12.5 is £12.50 or 12.5%, which are both 1250."""
        if kind == "per_day":
            return parse_pounds(text)
        try:
            return parse_pounds(text.strip().removesuffix("%"))
        except DomainError:
            raise DataInvalid(
                "The fee must be a percentage.", remedy="Write for example 15 or 12.5."
            ) from None

    def part(self) -> dict[str, Any]:
        return {"brokerage_fee": self.cleaned_data["fee"]}

    @staticmethod
    def initial_of(content: OfferContent) -> dict[str, Any]:
        fee = content.brokerage_fee
        shown = pounds(fee["value"]).replace("£", "") if fee else ""
        return {
            "fee_basis": fee.get("basis", ""),
            "fee_kind": fee.get("kind", "percent"),
            "fee_value": shown.removesuffix(".00"),
        }


class OfferFilterForm(forms.Form):
    """Filters of a provider's list."""

    q = forms.CharField(label="Title", required=False, max_length=100)
    status = forms.MultipleChoiceField(
        label="Status",
        choices=OfferStatus.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(SMALL),
    )


class ReturnForm(forms.Form):
    """Why an offer goes back."""

    reason = forms.CharField(
        label="What has to change?",
        widget=forms.Textarea({"rows": 4, "maxlength": 2000}),
        max_length=2000,
        help_text="The provider reads this. Say what to do, not only what is wrong.",
    )
