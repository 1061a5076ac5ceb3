"""Forms of balances: filters, carrying forward, turning days into credits, sponsoring, and what a credit is worth."""

from collections.abc import Iterable
from typing import Any

from django import forms

from frontend.forms.bookings import DecisionForm
from frontend.forms.fields import DaysField, GovukDateField, PoundsField
from frontend.forms.widgets import WholeNumberInput
from marketplace.buyback.models import Entitlement
from marketplace.buyback.rules.drawing import HALF_DAYS
from marketplace.catalogue.models import SupportType
from marketplace.organisations.models import Area, Organisation

LONGEST_REASON = 2_000


class BalanceFilterForm(forms.Form):
    """The filters of lists of packages."""

    q = forms.CharField(label="School, package or agreement", required=False, max_length=100)
    state = forms.ChoiceField(
        label="Which",
        required=False,
        choices=[
            ("", "All"),
            ("open", "That can be used now"),
            ("lapsing", "About to lapse"),
            ("settled", "Settled"),
        ],
    )


class QuantityForm(forms.Form):
    """So much of an entitlement: days where it is in half-days, else a number."""

    def __init__(self, *args: Any, entitlement: Entitlement, question: str, hint: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if entitlement.unit == HALF_DAYS:
            quantity: forms.Field = DaysField(label=question, help_text=hint)
        else:
            quantity = forms.IntegerField(
                label=question, help_text=hint, min_value=1, max_value=1_000, widget=WholeNumberInput()
            )
        self.fields = {"quantity": quantity} | self.fields


class ConvertForm(QuantityForm):
    """How many unused days become credits."""


class CarryForm(QuantityForm):
    """How many unused days a school asks to carry forward, and why."""

    reason = forms.CharField(
        label="Why were they not used?",
        widget=forms.Textarea({"rows": 3, "maxlength": LONGEST_REASON}),
        help_text="The seller reads this and decides.",
    )


class CarryDecisionForm(DecisionForm):
    """The seller's answer."""


class SponsorForm(forms.Form):
    """Credits for a school in need."""

    sponsor = forms.ChoiceField(label="Who gives them?")
    quantity = forms.IntegerField(
        label="How many credits?",
        min_value=1,
        max_value=400,
        widget=WholeNumberInput(suffix="credits"),
        help_text="A credit is half a day of a practitioner’s time.",
    )
    reason = forms.CharField(
        label="Why?",
        widget=forms.Textarea({"rows": 3, "maxlength": 150}),
        max_length=150,
        help_text="The school reads this. It stands in its statement.",
    )

    def __init__(self, *args: Any, sponsors: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sponsors = {each.reference: each for each in sponsors}
        choice: Any = self.fields["sponsor"]
        choice.choices = [(key, each.name) for key, each in self.sponsors.items()]
        if len(self.sponsors) == 1:
            choice.widget = forms.HiddenInput()
            choice.initial = next(iter(self.sponsors))

    def values(self) -> dict[str, Any]:
        """The arguments of `sponsor_credits`."""
        return self.cleaned_data | {"sponsor": self.sponsors[self.cleaned_data["sponsor"]]}


class CreditValueForm(forms.Form):
    """What a credit is worth from a day on."""

    area = forms.ChoiceField(label="Area")
    support_type = forms.ChoiceField(label="Kind of support", required=False)
    pence = PoundsField(
        label="One credit is worth",
        min_pence=1,
        help_text="What half a day of this support costs, before VAT.",
    )
    from_day = GovukDateField(label="From", help_text="Movements from this day on are valued so.")

    def __init__(self, *args: Any, areas: Iterable[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas = {area.code: area for area in areas}
        self.types = {each.code: each for each in SupportType.objects.all()}
        area_field: Any = self.fields["area"]
        area_field.choices = [(code, area.name) for code, area in self.areas.items()]
        if len(self.areas) == 1:
            area_field.widget = forms.HiddenInput()
            area_field.initial = next(iter(self.areas))
        type_field: Any = self.fields["support_type"]
        type_field.choices = [
            ("", "All kinds without a value of their own"),
            *((code, each.name) for code, each in self.types.items()),
        ]

    def values(self) -> dict[str, Any]:
        """The arguments of `set_credit_value`."""
        data = self.cleaned_data
        return data | {
            "area": self.areas[data["area"]],
            "support_type": self.types.get(data["support_type"]),
        }
