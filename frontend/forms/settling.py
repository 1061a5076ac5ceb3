"""Forms of settlement: statements, self-billing, claims for cover, journals, the year's end, VAT put right."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from frontend.forms.fields import GovukDateField, PoundsField
from marketplace.billing.models import CoverKind, SettlementStatus
from marketplace.billing.queries import LineLeft
from marketplace.billing.rules import next_year_ends
from marketplace.kernel.dates import long_date, month_and_year
from marketplace.kernel.money import pounds
from marketplace.kernel.vat import VatTreatment
from marketplace.organisations.models import Organisation

LONG_TEXT = forms.Textarea({"rows": 3, "maxlength": 300})


class StatementFilterForm(forms.Form):
    """The filters of the list of settlement statements."""

    status = forms.ChoiceField(
        label="State", required=False, choices=[("", "Any state"), *SettlementStatus.choices]
    )
    q = forms.CharField(label="Statement, school or invoice number", required=False, max_length=60)


class UpToForm(forms.Form):
    """Up to which day a statement settles."""

    up_to = GovukDateField(label="Settle what is owed up to")


class ReasonForm(forms.Form):
    """A reason, of which the other side is told."""

    reason = forms.CharField(label="Why?", max_length=300, widget=LONG_TEXT)


class InvoiceForm(forms.Form):
    """The releasing organisation's own invoice."""

    number = forms.CharField(label="Invoice number", max_length=40)
    dated = GovukDateField(label="Date of the invoice")
    vat = PoundsField(label="VAT on the invoice", help_text="Write 0 where none is charged.")


class PaidForm(forms.Form):
    """A payment from the bank."""

    paid_on = GovukDateField(label="Paid on")
    payment_reference = forms.CharField(label="Payment reference", required=False, max_length=80)


class SelfBillingForm(forms.Form):
    """A releasing organisation's consent to self-billing."""

    supplier = forms.ModelChoiceField(
        label="Your organisation", queryset=Organisation.objects.none(), to_field_name="reference"
    )
    broker = forms.ModelChoiceField(
        label="Who writes your invoices to itself",
        queryset=Organisation.objects.none(),
        to_field_name="reference",
    )
    signed_name = forms.CharField(label="Your name", max_length=150)
    signed_capacity = forms.CharField(
        label="Your post", max_length=120, help_text="For example, School business manager."
    )
    starts_on = GovukDateField(label="First day")
    ends_on = GovukDateField(
        label="Last day", help_text="Twelve months at most: it is signed again each year."
    )

    def __init__(self, *args: Any, suppliers: Any, brokers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supplier"].queryset = suppliers
        self.fields["broker"].queryset = brokers
        for name, rows in (("supplier", suppliers), ("broker", brokers)):
            if len(rows) == 1:
                self.fields[name].initial = rows[0].reference


class ClaimForm(forms.Form):
    """What cover cost a releasing school."""

    amount = PoundsField(label="What cover cost, before VAT", min_pence=1)
    cover = forms.ChoiceField(label="Who covered", choices=CoverKind.choices, widget=forms.RadioSelect)
    note = forms.CharField(label="Anything the broker should know", required=False, max_length=300)


class JournalRunForm(forms.Form):
    """The month whose journals are exported."""

    month = forms.ChoiceField(label="Period")

    def __init__(self, *args: Any, months: Iterable[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].choices = [(month.isoformat(), month_and_year(month)) for month in months]


class CostCentreForm(forms.Form):
    """The cost centre of one organisation."""

    organisation = forms.CharField(widget=forms.HiddenInput)
    code = forms.CharField(label="Cost centre", required=False, max_length=20)


class YearEndForm(forms.Form):
    """Whose note, for which day."""

    organisation = forms.ModelChoiceField(
        label="Organisation", queryset=Organisation.objects.none(), to_field_name="reference"
    )
    on = forms.ChoiceField(label="Books close on")

    def __init__(self, *args: Any, organisations: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations
        self.fields["on"].choices = [(day.isoformat(), long_date(day)) for day in next_year_ends(today)]


class CreditForm(forms.Form):
    """What of a document is credited, and why: all that is left of it, or amounts line by line."""

    scope = forms.ChoiceField(
        label="How much of it?",
        choices=[("all", "All that is left"), ("part", "Part of it: I give the amounts")],
        widget=forms.RadioSelect,
        initial="all",
    )

    def __init__(self, *args: Any, lines: Iterable[LineLeft], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line_ids = []
        for each in lines:
            if each.left.net_pence > 0:
                self.line_ids.append(each.line.pk)
                self.fields[f"line_{each.line.pk}"] = PoundsField(
                    label=f"Net amount to credit of “{each.line.description}”",
                    help_text=f"Up to {pounds(each.left.net_pence)}. VAT follows.",
                    required=False,
                    max_pence=each.left.net_pence,
                )
        self.fields["reason"] = forms.CharField(
            label="Why is it credited?",
            max_length=300,
            widget=LONG_TEXT,
            help_text="Printed on the credit note.",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("scope") == "part" and not self.errors and not self.amounts():
            raise forms.ValidationError("Enter an amount for at least one line, or credit all that is left.")
        return cleaned

    def amounts(self) -> dict[int, int] | None:
        """Net pence by line, or None for all that is left."""
        if self.cleaned_data.get("scope") != "part":
            return None
        typed = {pk: self.cleaned_data.get(f"line_{pk}") for pk in self.line_ids}
        return {pk: pence for pk, pence in typed.items() if pence}


class VatForm(forms.Form):
    """Another VAT treatment, with the reason."""

    treatment = forms.ChoiceField(
        label="VAT treatment", choices=VatTreatment.choices(), widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label="Why?", max_length=250, widget=LONG_TEXT, help_text="Printed on both papers, and audited."
    )
