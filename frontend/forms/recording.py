"""Forms with which a seller records uses of places and reviews by hand, and takes them back."""

from typing import Any

from django import forms

from frontend.forms.balances import QuantityForm
from frontend.forms.fields import GovukDateField

LONGEST = 150


class RecordUseForm(QuantityForm):
    """How many were used, when, and for what."""

    used_on = GovukDateField(label="When were they used?")
    what = forms.CharField(
        label="What for?",
        max_length=LONGEST,
        help_text="The course and who came, or the review. The school reads this.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["used_on", "what", "quantity"])


class TakeBackUseForm(forms.Form):
    """Why a recorded use is taken back."""

    reason = forms.CharField(
        label="Why do you take it back?", max_length=LONGEST, help_text="The school reads this."
    )
