"""Forms of approval ladders, quotes evidence and funding streams. They read what was typed; the rules are in the marketplace."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django import forms

from frontend.forms.fields import DaysField, GovukDateField, PoundsField
from frontend.forms.widgets import HintedRadios, PoundsWidget, WholeNumberInput
from marketplace.buyback.models import EvidenceStatus, FundingKind, FundingStream, QuoteAnswer
from marketplace.buyback.rules import (
    MOST_QUOTES,
    MOST_STEPS,
    Approver,
    ConflictsContradict,
    Step,
    declared_conflicts,
)
from marketplace.organisations.models import Area, Organisation

# The ladder ------------------------------------------------------------------------------------------------------------


class LadderForm(forms.Form):
    """The steps of a ladder, one to a row. A row without an amount is no step; the first always starts at £0."""

    def __init__(self, *args: Any, steps: Sequence[Step] = (), has_trust: bool, **kwargs: Any) -> None:
        self.size = MOST_STEPS
        initial: dict[str, Any] = {}
        for number, step in enumerate(steps):
            initial |= {
                f"from_{number}": step.from_pence,
                f"approver_{number}": step.approver,
                f"quotes_{number}": step.quotes_needed,
                f"minute_{number}": step.minute_needed,
            }
        super().__init__(*args, **{"initial": initial} | kwargs)
        choices = [(a.value, a.label) for a in Approver if has_trust or a != Approver.TRUST]
        for number in range(self.size):
            self._add_row(number, choices)

    def _add_row(self, number: int, choices: list[tuple[str, str]]) -> None:
        row = f"Step {number + 1}"
        self.fields[f"from_{number}"] = PoundsField(
            label=f"{row}: from this amount, VAT included",
            required=number == 0,
            initial=0 if number == 0 else None,
            widget=PoundsWidget({"class": "govuk-input--width-10"}),
        )
        self.fields[f"approver_{number}"] = forms.ChoiceField(
            label=f"{row}: approved by", choices=[("", "Choose"), *choices], required=False
        )
        self.fields[f"quotes_{number}"] = forms.IntegerField(
            label=f"{row}: quotes needed",
            required=False,
            min_value=0,
            max_value=MOST_QUOTES,
            widget=WholeNumberInput({"class": "govuk-input--width-2"}),
        )
        self.fields[f"minute_{number}"] = forms.TypedChoiceField(
            label=f"{row}: minute reference",
            choices=[("", "Not needed"), ("True", "Needed")],
            coerce=lambda text: text == "True",
            empty_value="",
            required=False,
        )

    def table(self) -> Iterator[list[Any]]:
        """A row for each step: amount, approver, quotes, minute."""
        for number in range(self.size):
            yield [self[f"{name}_{number}"] for name in ("from", "approver", "quotes", "minute")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in range(self.size):
            has_amount = data.get(f"from_{number}") is not None
            if has_amount and not data.get(f"approver_{number}") and f"approver_{number}" not in self.errors:
                self.add_error(f"approver_{number}", f"Step {number + 1}: choose who approves")
            if data.get(f"approver_{number}") and not has_amount and f"from_{number}" not in self.errors:
                self.add_error(f"from_{number}", f"Step {number + 1}: enter the amount it starts at")
        return data

    def steps(self) -> list[Step]:
        """The rows that were filled in."""
        data = self.cleaned_data
        return [
            Step(
                data[f"from_{number}"],
                Approver(data[f"approver_{number}"]),
                data[f"quotes_{number}"] or 0,
                bool(data[f"minute_{number}"]),
            )
            for number in range(self.size)
            if data[f"from_{number}"] is not None
        ]


# Quotes evidence -------------------------------------------------------------------------------------------------------


class EvidenceFilterForm(forms.Form):
    """The filters of the list of evidence."""

    q = forms.CharField(label="What is bought, or reference", required=False, max_length=100)
    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any status"), *EvidenceStatus.choices]
    )


class NewEvidenceForm(forms.Form):
    """What is to be bought, for whom and for about how much."""

    organisation = forms.ModelChoiceField(
        label="Who is buying?",
        queryset=Organisation.objects.none(),
        empty_label=None,
        to_field_name="reference",
    )
    subject = forms.CharField(
        label="What is to be bought?",
        max_length=200,
        help_text="For example: 20 days of support with reading",
    )
    need_pence = PoundsField(
        label="What do you expect it to cost in all, VAT included?",
        widget=PoundsWidget({"class": "govuk-input--width-10"}),
        help_text="For an agreement of several years, all years together. The approval ladder is asked for this amount.",
    )

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["organisation"]
        field.queryset = organisations
        if len(organisations) == 1:
            field.widget = forms.HiddenInput()
            field.initial = organisations[0].reference


def clean_conflicts(form: forms.Form) -> None:
    """Make `conflicts` of a form what the evidence says, with an error at its box where the answer under `interest` says otherwise."""
    data = form.cleaned_data
    nobody = data.get("interest") == "none"
    try:
        data["conflicts"] = declared_conflicts(data.get("conflicts", ""), nobody=nobody)
    except ConflictsContradict as error:
        form.add_error("conflicts", str(error))
    else:
        if not data["conflicts"].strip():
            form.add_error("conflicts", "Say who has which interest, and what was done about it")


class EvidenceDetailsForm(forms.Form):
    """What is bought, the reasons, the conflicts of interest and the minute."""

    subject = forms.CharField(label="What is to be bought?", max_length=200)
    need_pence = PoundsField(
        label="What do you expect it to cost in all, VAT included?",
        widget=PoundsWidget({"class": "govuk-input--width-10"}),
        help_text="The approval ladder is asked for this amount.",
    )
    reason_not_lowest = forms.CharField(
        label="Why the chosen quote is not the lowest",
        required=False,
        widget=forms.Textarea({"rows": 3, "maxlength": 2000}),
        help_text="Only where it isn’t. Quality, experience with schools like yours, dates that suit.",
    )
    reason_fewer_quotes = forms.CharField(
        label="Why there are fewer quotes than the ladder asks for",
        required=False,
        widget=forms.Textarea({"rows": 3, "maxlength": 2000}),
        help_text="Only where there are fewer. For example: nobody else within reach offers it.",
    )
    interest = forms.ChoiceField(
        label="Does anybody who decides have an interest in a supplier?",
        choices=[("none", "No, nobody has"), ("some", "Yes")],
        widget=forms.RadioSelect,
        required=False,
        help_text="Family, friends, shares, paid work: whoever asked for quotes, chooses or approves.",
    )
    conflicts = forms.CharField(
        label="Who has which interest, and what was done about it",
        required=False,
        widget=forms.Textarea({"rows": 3, "maxlength": 2000}),
    )
    minute_reference = forms.CharField(
        label="Minute reference",
        required=False,
        max_length=80,
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
        help_text="Where governors or trustees have agreed already, for example FGB 12/11/2026, 7.2. It can also be written on the order.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("interest"):
            clean_conflicts(self)
        return data

    def values(self) -> dict[str, Any]:
        """The arguments of `describe_evidence`."""
        return {name: value for name, value in self.cleaned_data.items() if name != "interest"}


class SupplierForm(forms.Form):
    """Somebody who was asked for a price."""

    supplier = forms.ModelChoiceField(
        label="Who was asked?",
        queryset=Organisation.objects.none(),
        empty_label="Somebody who is not on the exchange",
        to_field_name="reference",
        required=False,
        help_text="An order on the exchange must go to the supplier chosen here.",
    )
    supplier_name = forms.CharField(
        label="Their name",
        max_length=200,
        required=False,
        help_text="Only where they are not on the exchange.",
    )
    asked_on = GovukDateField(label="When?")

    def __init__(self, *args: Any, suppliers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supplier"].queryset = suppliers

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("supplier") and not data.get("supplier_name"):
            self.add_error("supplier_name", "Say who was asked")
        return data


class AnswerForm(forms.Form):
    """What a supplier answered."""

    answer = forms.ChoiceField(
        label="What did they answer?", choices=QuoteAnswer.choices, widget=forms.RadioSelect
    )
    price_pence = PoundsField(
        label="Their price before VAT",
        required=False,
        widget=PoundsWidget({"class": "govuk-input--width-10"}),
    )
    answered_on = GovukDateField(label="When did they answer?", required=False)
    comment = forms.CharField(
        label="What the price includes, or what they said",
        required=False,
        widget=forms.Textarea({"rows": 3, "maxlength": 2000}),
    )


class OfferSearchForm(forms.Form):
    """Which offers of the exchange to price for the school."""

    q = forms.CharField(label="Offer or provider", required=False, max_length=100)
    days = DaysField(label="For how many days?", required=False, initial=2)


class PackageSearchForm(forms.Form):
    """Which packages on sale to price for the school, and for how long."""

    q = forms.CharField(label="Package or seller", required=False, max_length=100)
    years = forms.TypedChoiceField(
        label="For how many years?",
        required=False,
        coerce=int,
        empty_value="1",
        initial=1,
        choices=[(1, "1 year"), (2, "2 years"), (3, "3 years")],
    )


# Funding ---------------------------------------------------------------------------------------------------------------

KIND_HINTS = {
    FundingKind.TRADED: "Money earned by trading with schools.",
    FundingKind.DE_DELEGATED: "For maintained mainstream schools only, as decided phase by phase.",
    FundingKind.DSG: "From the Dedicated Schools Grant, with the Schools Forum’s consent.",
    FundingKind.COMMISSIONED: "The authority’s own money, for schools it supports.",
    FundingKind.GRANT: "Given for a purpose, by a department or a trust.",
}


class StreamForm(forms.Form):
    """A new pot of an area."""

    area = forms.ModelChoiceField(
        label="Which area?", queryset=Area.objects.none(), empty_label=None, to_field_name="code"
    )
    kind = forms.ChoiceField(
        label="Whose money is it?",
        choices=FundingKind.choices,
        widget=HintedRadios(hints={kind.value: hint for kind, hint in KIND_HINTS.items()}),
    )
    name = forms.CharField(label="Name", max_length=120, help_text="For example: School improvement, primary")
    financial_year = forms.ChoiceField(label="Financial year")
    budget_pence = PoundsField(
        label="Budget",
        required=False,
        widget=PoundsWidget({"class": "govuk-input--width-10"}),
        help_text="You can add to it later.",
    )

    def __init__(self, *args: Any, areas: Any, years: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area: Any = self.fields["area"]
        area.queryset = areas
        if len(areas) == 1:
            area.widget = forms.HiddenInput()
            area.initial = areas[0].code
        year: Any = self.fields["financial_year"]
        year.choices = [(each, each) for each in years]


class BudgetForm(forms.Form):
    """Money put in or taken out."""

    way = forms.ChoiceField(
        label="What changes?",
        choices=[("add", "Add to the budget"), ("take", "Take out of the budget")],
        widget=forms.RadioSelect,
    )
    pence = PoundsField(
        label="By how much?", min_pence=1, widget=PoundsWidget({"class": "govuk-input--width-10"})
    )
    reason = forms.CharField(
        label="Why?", max_length=160, help_text="Name the decision, for example Schools Forum, 12 June 2026."
    )


class StreamFilterForm(forms.Form):
    """The filters of the list of pots."""

    year = forms.CharField(
        label="Financial year", required=False, max_length=7, help_text="For example 2026-27"
    )
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "Any kind"), *FundingKind.choices])
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Open and closed"), ("open", "Open"), ("closed", "Closed")],
    )


class FundForm(forms.Form):
    """Which pot pays."""

    stream = forms.ChoiceField(label="Which funding stream pays?", widget=HintedRadios)

    def __init__(self, *args: Any, streams: Iterable[tuple[FundingStream, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        streams = list(streams)
        self._streams = {stream.reference: stream for stream, _ in streams}
        field: Any = self.fields["stream"]
        field.choices = [(stream.reference, str(stream)) for stream, _ in streams]
        field.widget.hints = {stream.reference: hint for stream, hint in streams}

    @property
    def chosen(self) -> FundingStream:
        """The pot that was chosen."""
        return self._streams[self.cleaned_data["stream"]]
