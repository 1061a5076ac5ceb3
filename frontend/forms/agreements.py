"""Forms of agreements. They read what was typed; the rules are in `marketplace.buyback`."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from frontend.forms.bookings import DecisionForm
from frontend.forms.fields import GovukDateField
from frontend.forms.widgets import HintedRadios
from marketplace.buyback.actions.agreement_steps import LONGEST_CAPACITY, LONGEST_NAME, LONGEST_REASON
from marketplace.buyback.models import AgreementStatus, EndingGround
from marketplace.buyback.rules import Ground
from marketplace.organisations.models import Organisation


class AgreementFilterForm(forms.Form):
    """The filters of the list of agreements."""

    q = forms.CharField(label="School, seller, package or reference", required=False, max_length=100)
    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any status"), *AgreementStatus.choices]
    )
    year = forms.ChoiceField(label="Contract year", required=False)
    school = forms.ChoiceField(label="School", required=False)

    def __init__(
        self,
        *args: Any,
        years: Iterable[tuple[str, str]] = (),
        schools: Iterable[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._offer("year", [("", "Any year"), *years])
        self._offer("school", [("", "Any school"), *schools])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices
        if len(choices) <= 2:
            del self.fields[name]


class AcceptForm(forms.Form):
    """Who accepts the terms, and in what capacity."""

    name = forms.CharField(label="Your full name", max_length=LONGEST_NAME)
    capacity = forms.CharField(
        label="Your position",
        max_length=LONGEST_CAPACITY,
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
        help_text="For example “Headteacher” or “School business manager”.",
    )
    agree = forms.BooleanField(
        label="I have read these terms and may accept them for the school",
        error_messages={"required": "Tick the box if you accept the terms for the school"},
    )


class ApproveAgreementForm(DecisionForm):
    """A yes or a no to an order, with the minute where the ladder asks for one and none is named yet."""

    minute_reference = forms.CharField(
        label="Minute reference",
        required=False,
        max_length=80,
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
        help_text="The minute that agreed to this order, for example FGB 12/11/2026, 7.2.",
    )


GROUND_HINTS = {
    Ground.AGREED: "The months not run are credited.",
    Ground.BUYER_NOTICE: "Three months’ notice. The year’s fee stays due.",
    Ground.SELLER_NOTICE: "Three months’ notice. The months not run are credited.",
    Ground.SELLER_BREACH: "After 30 days to put it right. The months not run are credited.",
    Ground.BUYER_BREACH: "After 30 days to put it right. The year’s fee stays due.",
}


class EndForm(forms.Form):
    """Why and when an agreement ends early: what the cost is worked out from."""

    ground = forms.ChoiceField(label="Why does it end?", widget=HintedRadios)
    told_on = GovukDateField(
        label="When was the other side told?",
        help_text="Notice counts from this day. For example, 27 3 2027.",
    )
    last_day = GovukDateField(label="Last day of the agreement")

    def __init__(self, *args: Any, grounds: Iterable[Ground], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grounds = list(grounds)
        field: Any = self.fields["ground"]
        field.choices = [(ground.value, EndingGround(ground.value).label) for ground in grounds]
        if isinstance(field.widget, HintedRadios):
            field.widget.hints = {ground.value: GROUND_HINTS[ground] for ground in grounds}
        if len(grounds) == 1:
            field.widget = forms.HiddenInput()
            field.initial = grounds[0].value

    def give_today(self) -> None:
        """Don't ask when the other side was told: who gives notice here gives it today."""
        del self.fields["told_on"]

    def call_off(self) -> None:
        """Ask for no dates: an agreement that has not started is called off at once."""
        del self.fields["told_on"]
        del self.fields["last_day"]


class ConvertForm(forms.Form):
    """When the school becomes an academy, and who goes on."""

    on = GovukDateField(
        label="Conversion date",
        help_text="The first day as an academy, as the funding agreement has it. For example, 1 9 2027.",
    )
    successor = forms.ChoiceField(label="Who goes on as the academy?", widget=HintedRadios)

    def __init__(
        self, *args: Any, successors: Iterable[Organisation], buyer: Organisation, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._by_reference = {each.reference: each for each in successors}
        field: Any = self.fields["successor"]
        field.choices = [(reference, each.name) for reference, each in self._by_reference.items()]
        field.initial = next(iter(self._by_reference), "")
        if isinstance(field.widget, HintedRadios):
            field.widget.hints = {
                reference: "The same record, once the register has it as an academy."
                if each.pk == buyer.pk
                else f"Named as successor in the register, URN {each.school.urn}."
                for reference, each in self._by_reference.items()
            }
        if len(self._by_reference) == 1:
            field.widget = forms.HiddenInput()

    def chosen(self) -> tuple[date, Organisation]:
        """The conversion date and the organisation that goes on."""
        return self.cleaned_data["on"], self._by_reference[self.cleaned_data["successor"]]


class WhyForm(forms.Form):
    """The reason for an ending, which the other side reads."""

    reason = forms.CharField(
        label="Reason",
        widget=forms.Textarea({"rows": 3, "maxlength": LONGEST_REASON}),
        help_text="The other side reads this.",
    )


class OptionalWhyForm(WhyForm):
    """A note that may be left out."""

    def __init__(self, *args: Any, label: str = "Reason (optional)", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False
        self.fields["reason"].label = label


class PassOnForm(OptionalWhyForm):
    """A note, and which of the school's other agreements pass to the academy with this one."""

    also = forms.MultipleChoiceField(
        label="Pass these on too",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The school’s other agreements that run on the conversion date. Each is split in the same way.",
    )

    def __init__(self, *args: Any, others: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, label="Note (optional)", **kwargs)
        field: Any = self.fields["also"]
        field.choices = list(others)
        field.initial = [reference for reference, _ in field.choices]
        if field.choices:
            self.order_fields(["also", "reason"])
        else:
            del self.fields["also"]

    @property
    def references(self) -> list[str]:
        """The references of the other agreements that pass."""
        return list(self.cleaned_data.get("also", []))
