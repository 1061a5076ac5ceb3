"""Forms of card payments."""

from typing import Any

from django import forms

from frontend.forms.fields import PoundsField
from frontend.forms.widgets import HintedRadios
from marketplace.billing.models import CardPaymentStatus


class CardFilterForm(forms.Form):
    """The filters of the list of card payments."""

    status = forms.ChoiceField(
        label="State", required=False, choices=[("", "Any state"), *CardPaymentStatus.choices]
    )
    q = forms.CharField(label="Reference, document or booking", required=False, max_length=60)


class SimulatedCardForm(forms.Form):
    """What the made-up bank shall answer."""

    outcome = forms.ChoiceField(
        label="What does the card do?",
        choices=[
            ("accept", "The card is accepted"),
            ("check", "The bank asks the payer to confirm"),
            ("decline", "The card is declined"),
        ],
        widget=HintedRadios(
            hints={
                "accept": "A card that simply works.",
                "check": "Strong customer authentication: the next page is the bank’s question.",
                "decline": "For example, no money in the account.",
            }
        ),
        error_messages={"required": "Choose what the card does"},
    )


class BankCheckForm(forms.Form):
    """The payer's answer to the made-up bank's question."""

    outcome = forms.ChoiceField(
        label="Your bank asks: is this payment yours?",
        choices=[("passed", "Yes, I confirm it"), ("failed", "No, refuse it")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no"},
    )


class RefundForm(forms.Form):
    """How much is given back, and why."""

    amount = PoundsField(label="Amount to give back", min_pence=1)
    reason = forms.CharField(
        label="Why is it given back?", widget=forms.Textarea({"rows": 3, "maxlength": 300}), max_length=300
    )

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].max_pence = most
        self.fields["amount"].initial = most


class ObjectionForm(forms.Form):
    """What the bank of the card decided about an objection."""

    outcome = forms.ChoiceField(
        label="What did the bank decide?",
        choices=[
            ("won", "For us: the money stays"),
            ("lost", "For the card’s holder: the money was taken back"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the bank decided"},
    )
    amount = PoundsField(
        label="Amount taken back",
        min_pence=1,
        required=False,
        help_text="Only where it decided for the card’s holder.",
    )
    charge = PoundsField(
        label="What the card network charged for it (optional)",
        required=False,
        help_text="It is booked as a cost of yours.",
    )
    note = forms.CharField(
        label="When and in which words?",
        widget=forms.Textarea({"rows": 3, "maxlength": 300}),
        max_length=300,
        help_text="As the card network’s dashboard has it. The payer can read this.",
        error_messages={"required": "Enter when and in which words the bank decided"},
    )

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].max_pence = most
        self.fields["amount"].initial = most

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        is_lost = cleaned.get("outcome") == "lost"
        if is_lost and not cleaned.get("amount") and "amount" not in self.errors:
            self.add_error("amount", "Enter the amount that was taken back")
        return cleaned


class CloseForm(forms.Form):
    """How a payment of another amount than was asked for was dealt with."""

    note = forms.CharField(
        label="How was it dealt with?",
        widget=forms.Textarea({"rows": 3, "maxlength": 300}),
        max_length=300,
        help_text="The date, and what was given back in the card network’s dashboard. The payer can read this.",
        error_messages={"required": "Enter how it was dealt with"},
    )


class ByBankForm(forms.Form):
    """How money the card network would not move was sent."""

    note = forms.CharField(
        label="Date and bank reference of the transfer",
        max_length=200,
        error_messages={"required": "Enter the date and the bank’s reference"},
    )
