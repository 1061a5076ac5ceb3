"""A version of a seller's terms."""

from typing import Any

from django import forms

from marketplace.organisations.models import Organisation


class TermsForm(forms.Form):
    """Title and words of a version, and whose they are where there is a choice."""

    title = forms.CharField(
        label="Title", max_length=120, help_text="For example “Terms of our service agreements”."
    )
    body = forms.CharField(
        label="Terms",
        widget=forms.Textarea({"rows": 20}),
        help_text="Plain words. An empty line starts a new paragraph. Say how the agreement ends, what each side does, and when "
        "payment is due.",
    )

    def __init__(self, *args: Any, sellers: list[Organisation] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sellers = {seller.reference: seller for seller in sellers or ()}
        if len(self.sellers) > 1:
            self.fields["seller"] = forms.ChoiceField(
                label="Seller", choices=[(ref, each.name) for ref, each in self.sellers.items()]
            )
            self.order_fields(["seller"])

    @property
    def seller(self) -> Organisation:
        """The seller chosen, or the only one."""
        chosen = self.cleaned_data.get("seller")
        return self.sellers[chosen] if chosen else next(iter(self.sellers.values()))
