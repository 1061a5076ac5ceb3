"""Forms of receipts, bank statements, debts and ledgers."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from frontend.forms.fields import GovukDateField, PoundsField
from frontend.forms.organisations import MEGABYTE, SizedFileField
from marketplace.billing.models import ReceiptMethod
from marketplace.kernel.money import MOST_PENCE
from marketplace.organisations.models import Organisation

BY_HAND = [
    (ReceiptMethod.BACS, "Bank transfer"),
    (ReceiptMethod.CHEQUE, "Cheque"),
]
STATES = [
    ("", "All"),
    ("unmatched", "Not matched, wholly or in part"),
    ("on_account", "With money on account"),
    ("matched", "Matched"),
]


class OrganisationChoice(forms.ModelChoiceField):
    """A choice of organisations by reference; nothing to choose where there is only one."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("queryset", Organisation.objects.none())
        super().__init__(to_field_name="reference", **kwargs)

    def offer(self, organisations: QuerySet[Organisation]) -> None:
        """Offer these organisations; one alone is chosen already."""
        self.queryset = organisations
        found = list(organisations[:2])
        if len(found) == 1:
            self.initial = found[0].reference
            self.widget = forms.HiddenInput()


class ReceiptFilterForm(forms.Form):
    """The filters of the list of receipts."""

    payee = OrganisationChoice(label="Received by", required=False, empty_label="Everybody whose books I see")
    state = forms.ChoiceField(label="Where the money is", required=False, choices=STATES)
    method = forms.ChoiceField(
        label="Way of payment", required=False, choices=[("", "Any"), *ReceiptMethod.choices]
    )
    q = forms.CharField(label="Reference, payer or document", required=False, max_length=60)

    def __init__(self, *args: Any, books: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payee"].queryset = books  # type: ignore[attr-defined]


class ReceiptForm(forms.Form):
    """A receipt recorded by hand: a cheque, or a transfer that is on no statement yet."""

    payee = OrganisationChoice(label="Who received the money?", empty_label=None)
    payer = OrganisationChoice(
        label="Who paid?",
        required=False,
        empty_label="I do not know yet",
        help_text="Where you do not know, the money waits among the receipts that are not matched.",
        widget=forms.Select({"data-autocomplete": True}),
    )
    amount = PoundsField(label="Amount", min_pence=1, max_pence=MOST_PENCE)
    method = forms.ChoiceField(label="How?", choices=BY_HAND, widget=forms.RadioSelect)
    received_on = GovukDateField(label="Date received")
    reference = forms.CharField(
        label="What the payer wrote",
        max_length=300,
        required=False,
        help_text="The reference on the transfer, or the number of the cheque.",
    )

    def __init__(
        self, *args: Any, payees: QuerySet[Organisation], payers: QuerySet[Organisation], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payee"].offer(payees)  # type: ignore[attr-defined]
        self.fields["payer"].queryset = payers  # type: ignore[attr-defined]


class AllocateForm(forms.Form):
    """So much of a receipt to one document."""

    document = forms.ChoiceField(label="Document", widget=forms.Select({"data-autocomplete": True}))
    amount = PoundsField(label="Amount", min_pence=1, max_pence=MOST_PENCE)

    def __init__(self, *args: Any, documents: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].choices = [("", "Choose a document"), *documents]  # type: ignore[attr-defined]


class OnAccountForm(forms.Form):
    """Money kept on account of a buyer."""

    buyer = OrganisationChoice(
        label="On whose account?",
        empty_label="Choose a buyer",
        widget=forms.Select({"data-autocomplete": True}),
    )
    amount = PoundsField(label="Amount", min_pence=1, max_pence=MOST_PENCE)

    def __init__(self, *args: Any, buyers: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["buyer"].queryset = buyers  # type: ignore[attr-defined]


class PayBackForm(forms.Form):
    """Money that went back to the payer."""

    amount = PoundsField(label="How much went back?", min_pence=1, max_pence=MOST_PENCE)
    reason = forms.CharField(label="Why?", widget=forms.Textarea({"rows": 3, "maxlength": 200}))


class TakeBackForm(forms.Form):
    """An allocation taken back."""

    reason = forms.CharField(
        label="Why do you take it back?", widget=forms.Textarea({"rows": 3, "maxlength": 200})
    )
    keep = forms.ChoiceField(
        label="What becomes of the money?",
        choices=[
            ("unmatched", "It was not for this buyer: look for another document"),
            ("account", "Keep it on account of this buyer"),
        ],
        widget=forms.RadioSelect,
        initial="unmatched",
    )


class ReasonForm(forms.Form):
    """A reason, and nothing else. The label says what for."""

    reason = forms.CharField(widget=forms.Textarea({"rows": 3, "maxlength": 1000}))

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label


class StatementForm(forms.Form):
    """A bank statement to upload."""

    payee = OrganisationChoice(label="Whose bank account is it?", empty_label=None)
    file = SizedFileField(
        most=5 * MEGABYTE,
        label="Bank statement",
        help_text="A CSV file with headings, as your bank or finance system exports it. Only money in is taken; nothing is "
        "taken before you have seen it.",
    )

    def __init__(self, *args: Any, payees: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payee"].offer(payees)  # type: ignore[attr-defined]


class BooksFilterForm(forms.Form):
    """Which supplier’s debts to show."""

    supplier = OrganisationChoice(label="Supplier", required=False, empty_label="Everybody whose books I see")
    overdue = forms.BooleanField(label="Only buyers with something overdue", required=False)

    def __init__(self, *args: Any, books: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supplier"].queryset = books  # type: ignore[attr-defined]


class WriteOffForm(forms.Form):
    """A debt to give up."""

    amount = PoundsField(label="Amount to write off", min_pence=1, max_pence=MOST_PENCE)
    reason = forms.CharField(
        label="Why is it given up?",
        help_text="For example: the company was wound up, or the amount is too small to pursue. Auditors read this.",
        widget=forms.Textarea({"rows": 3, "maxlength": 1000}),
    )


class GettingPaidForm(forms.Form):
    """Where transfers go, and when reminders leave."""

    account_name = forms.CharField(label="Name of the account", max_length=80, required=False)
    sort_code = forms.CharField(
        label="Sort code",
        max_length=12,
        required=False,
        widget=forms.TextInput({"class": "govuk-input--width-5", "inputmode": "numeric"}),
    )
    account_number = forms.CharField(
        label="Account number",
        max_length=12,
        required=False,
        widget=forms.TextInput({"class": "govuk-input--width-10", "inputmode": "numeric"}),
    )
    remittance_email = forms.EmailField(label="E-mail address for remittance advice", required=False)
    first_days = forms.IntegerField(
        label="First reminder", min_value=1, max_value=365, help_text="Days after the due date"
    )
    second_days = forms.IntegerField(
        label="Second reminder", min_value=1, max_value=365, help_text="Days after the due date"
    )
    final_days = forms.IntegerField(
        label="Final reminder", min_value=1, max_value=365, help_text="Days after the due date"
    )
    sends_itself = forms.BooleanField(
        label="Send reminders by themselves, every weekday morning",
        required=False,
        help_text="Otherwise they wait on the finance desk until somebody sends them.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first_days", "second_days", "final_days"):
            self.fields[name].widget = forms.TextInput(
                {"class": "govuk-input--width-3", "inputmode": "numeric"}
            )


class PeriodForm(forms.Form):
    """From which day to which."""

    start = GovukDateField(label="From", required=False)
    end = GovukDateField(label="To", required=False)

    def clean(self) -> dict[str, Any]:
        """The first day comes before the last."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("start") and data.get("end") and data["start"] > data["end"]:
            self.add_error("end", "The last day must not be before the first")
        return data
