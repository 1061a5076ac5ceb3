"""Looking for packages, putting them in a basket, and ordering what is in it."""

from typing import Any

from django import forms

from frontend.forms.widgets import HintedCheckboxes
from marketplace.buyback.models import PackageEdition, QuotesEvidence
from marketplace.buyback.queries import levels_of
from marketplace.buyback.queries.baskets import Order
from marketplace.organisations.models import School


def length(years: int) -> str:
    """A length of agreement in words."""
    return f"{years} year{'s' if years > 1 else ''}"


class OfferingsForm(forms.Form):
    """Filters of the packages on sale."""

    q = forms.CharField(label="Words", required=False, max_length=100)
    seller = forms.MultipleChoiceField(
        label="Seller",
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "govuk-checkboxes--small"}),
    )

    def __init__(self, *args: Any, sellers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seller"].choices = sellers


class LineForm(forms.Form):
    """Length and level of one line."""

    years = forms.TypedChoiceField(label="Length of the agreement", coerce=int)
    level = forms.ChoiceField(label="Level", required=False)

    def __init__(self, *args: Any, edition: PackageEdition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["years"].choices = [(years, length(years)) for years in edition.term_years]
        levels = levels_of(edition)
        if levels:
            self.fields["level"].choices = [(level, level) for level in levels]
            self.fields["level"].required = True
        else:
            del self.fields["level"]

    @property
    def chosen_level(self) -> str:
        """The level chosen; empty where there is none to choose."""
        return str(self.cleaned_data.get("level", ""))


class PutForm(LineForm):
    """A package for the basket: length, level, and for which schools where there are several."""

    schools = forms.MultipleChoiceField(
        label="For these schools", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        *args: Any,
        schools: list[School],
        hints: dict[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.by_urn = {str(school.urn): school for school in schools}
        field = self.fields["schools"]
        field.choices = [(urn, school.organisation.name) for urn, school in self.by_urn.items()]
        field.widget = HintedCheckboxes(hints=hints)
        field.widget.choices = field.choices
        for name in ("years", "level"):
            if name in self.fields:
                self.fields[name].widget = forms.RadioSelect(choices=self.fields[name].choices)
        if len(schools) < 2:
            del self.fields["schools"]

    @property
    def schools_chosen(self) -> list[School]:
        """The schools ticked, or the only one."""
        if "schools" not in self.fields:
            return list(self.by_urn.values())
        return [self.by_urn[urn] for urn in self.cleaned_data["schools"]]


class SubmitForm(forms.Form):
    """Who accepts the terms, the purchase order, and the evidence that other prices were asked for."""

    purchase_order_number = forms.CharField(
        label="Purchase order number",
        required=False,
        max_length=40,
        help_text="It is printed on every document, so that you can match it. Leave it empty if you don’t use them.",
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
    )
    minute_reference = forms.CharField(
        label="Minute that approves this",
        required=False,
        max_length=80,
        help_text="The meeting’s date and the number of the minute, where there is one already.",
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
    )
    accepted_name = forms.CharField(label="Your full name", max_length=150, required=False)
    accepted_capacity = forms.CharField(
        label="Your position",
        max_length=120,
        required=False,
        help_text="For example “Headteacher” or “School business manager”.",
    )
    accepts = forms.BooleanField(
        label="I have read the sellers’ terms, I accept them, and I am authorised to commit this spending",
        error_messages={"required": "Tick the box if you accept the terms: without it nothing is ordered."},
    )

    def __init__(
        self,
        *args: Any,
        orders: tuple[Order, ...],
        evidence: list[QuotesEvidence],
        accepts: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.by_pk = {str(each.pk): each for each in evidence}
        self.wanting = [order for order in orders if order.requirement.quotes_needed]
        for order in self.wanting:
            self.fields[f"evidence-{order.key}"] = forms.ChoiceField(
                label=f"Quotes evidence for {order.seller}, {order.school.organisation}",
                choices=[
                    ("", "Choose completed evidence"),
                    *((key, str(each)) for key, each in self.by_pk.items()),
                ],
                required=False,
            )
        if not any(order.requirement.minute_needed for order in orders):
            del self.fields["minute_reference"]
        if accepts:
            for name in ("accepted_name", "accepted_capacity"):
                self.fields[name].required = True
        else:
            for name in ("accepted_name", "accepted_capacity", "accepts"):
                del self.fields[name]
        names = [f"evidence-{order.key}" for order in self.wanting]
        self.order_fields(["purchase_order_number", *names, "minute_reference"])

    def arguments(self) -> dict[str, Any]:
        """What `submit_basket` takes."""
        data = self.cleaned_data
        chosen = {order.key: self.by_pk.get(data.get(f"evidence-{order.key}", "")) for order in self.wanting}
        return {
            "purchase_order_number": data["purchase_order_number"],
            "minute_reference": data.get("minute_reference", ""),
            "accepted_name": data.get("accepted_name", ""),
            "accepted_capacity": data.get("accepted_capacity", ""),
            "evidence": {key: each for key, each in chosen.items() if each is not None},
        }
