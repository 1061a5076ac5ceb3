"""Forms of requests for support. They read what was typed; the rules are in `marketplace.brokerage`."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django import forms

from frontend.forms.approvals import clean_conflicts
from frontend.forms.brokerage import SubjectForm
from frontend.forms.fields import DaysField, GovukDateField, LongTextField, PoundsField
from frontend.forms.widgets import HintedCheckboxes, PoundsWidget
from marketplace.brokerage.models import (
    DeclineReason,
    InvitationStatus,
    LossReason,
    RequestInvitation,
    RequestResponse,
    RequestStatus,
    SupportRequest,
    UnmetCause,
)
from marketplace.brokerage.rules import RequestTerms, ResponseTerms
from marketplace.buyback.models import QuotesEvidence
from marketplace.catalogue.models import Offer, Practitioner, Theme
from marketplace.organisations.models import Organisation, Phase


class RequestTermsForm(forms.Form):
    """What a request says: the part that can be rewritten while it is a draft."""

    title = forms.CharField(
        label="Give the request a title",
        max_length=120,
        help_text="Providers see it in their list, for example: Maths mastery in Key Stage 2.",
    )
    wanted = LongTextField(
        label="What support do you want?",
        max_length=5_000,
        widget=forms.Textarea({"rows": 5}),
        help_text="What the school is like, what has been tried, who would be worked with. No pupils’ names.",
    )
    outcomes = LongTextField(
        label="What should have changed afterwards?",
        max_length=5_000,
        widget=forms.Textarea({"rows": 4}),
        help_text="Responses are compared by it, and the support is evaluated by it.",
    )
    days = DaysField(label="How many days do you expect it to take?")
    first_day = GovukDateField(label="From when")
    last_day = GovukDateField(label="Until when")
    remote_ok = forms.BooleanField(label="Support at a distance would do, by video call", required=False)
    budget = PoundsField(
        label="The most you would pay in all, VAT included",
        required=False,
        widget=PoundsWidget({"class": "govuk-input--width-10"}),
        help_text="Your approval ladder is asked for this amount: it says how many providers you have to ask. Without it the"
        " request counts as one that needs quotes.",
    )
    budget_shown = forms.BooleanField(
        label="Tell providers this budget",
        required=False,
        help_text="Unless you tick this, only your school and trust see it.",
    )
    questions_close_on = GovukDateField(label="Last day for questions")
    responses_close_on = GovukDateField(
        label="Last day for responses", help_text="You read the responses only when they have closed."
    )
    closes_when_all_answered = forms.BooleanField(
        label="Close at once when everybody asked has responded or declined", required=False
    )

    def terms(self) -> RequestTerms:
        """The cleaned values as the actions take them."""
        data = self.cleaned_data
        names = set(RequestTerms.__dataclass_fields__) - {"half_days", "budget_pence"}
        return RequestTerms(
            half_days=data["days"], budget_pence=data["budget"], **{name: data[name] for name in names}
        )

    @staticmethod
    def initial_of(terms: RequestTerms) -> dict[str, Any]:
        """Initial values from what a request says."""
        return asdict(terms) | {"days": terms.half_days, "budget": terms.budget_pence}


class RequestForm(SubjectForm, RequestTermsForm):
    """A new request."""


class ProvidersForm(forms.Form):
    """Whom to ask: those chosen, those suggested, and those found by name."""

    providers = forms.MultipleChoiceField(
        label="Who should be asked?", error_messages={"required": "Choose at least one provider"}
    )

    def __init__(
        self,
        *args: Any,
        bodies: Sequence[tuple[str, str]],
        hints: dict[str, str],
        required: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["providers"]
        field.required = required
        field.widget = HintedCheckboxes(hints=hints)
        field.choices = bodies


class FindProviderForm(forms.Form):
    """Look for a provider by name."""

    name = forms.CharField(label="Find another provider by name", required=False, max_length=80)


class SendForm(forms.Form):
    """The last step before a request goes out."""

    fewer_reason = LongTextField(
        label="Why fewer providers are asked than your ladder wants",
        required=False,
        max_length=1_000,
        widget=forms.Textarea({"rows": 2}),
        help_text="Only where there are fewer. It goes into the quotes evidence.",
    )


class QuestionForm(forms.Form):
    text = LongTextField(
        label="Your question",
        max_length=1_000,
        widget=forms.Textarea({"rows": 3}),
        help_text="All providers asked read the question and the answer. Nobody is told who asked, so don’t name yourself.",
    )


class AnswerForm(forms.Form):
    text = LongTextField(
        label="Your answer",
        max_length=3_000,
        widget=forms.Textarea({"rows": 4}),
        help_text="All providers asked read it. It can’t be changed afterwards.",
    )


class ResponseForm(forms.Form):
    """A provider's response."""

    people = forms.ModelMultipleChoiceField(
        label="Who would come?",
        queryset=Practitioner.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    other_people = forms.CharField(
        label="Anybody not listed above",
        required=False,
        max_length=300,
        help_text="Names, or what kind of person.",
    )
    days = DaysField(label="Number of days")
    first_day = GovukDateField(label="First day")
    last_day = GovukDateField(label="Last day")
    dates = forms.CharField(
        label="Dates you propose",
        required=False,
        max_length=300,
        help_text="For example: Tuesdays from 12 January, or 12, 19 and 26 January.",
    )
    price = PoundsField(
        label="Price in all, before VAT",
        widget=PoundsWidget({"class": "govuk-input--width-10"}),
        help_text="Everything included. VAT is worked out from who you and the school are, and shown to both.",
    )
    approach = LongTextField(
        label="How would you go about it?",
        max_length=5_000,
        widget=forms.Textarea({"rows": 6}),
        help_text="What you would do, and how you would know that the outcomes are reached.",
    )
    offer = forms.ModelChoiceField(
        label="Through which of your offers can it be booked?",
        queryset=Offer.objects.none(),
        required=False,
        empty_label="None of them",
        help_text="If you are chosen, the school goes on from here to book dates.",
    )

    def __init__(self, *args: Any, people: Any, offers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people
        self.fields["offer"].queryset = offers
        self.fields["offer"].label_from_instance = lambda offer: offer.current.title
        if not people.exists():
            del self.fields["people"]
            self.fields["other_people"].label = "Who would come?"

    def terms(self) -> ResponseTerms:
        """The cleaned values as the actions take them."""
        data = self.cleaned_data
        names = set(ResponseTerms.__dataclass_fields__) - {"half_days", "price_pence"}
        return ResponseTerms(
            half_days=data["days"], price_pence=data["price"], **{name: data[name] for name in names}
        )

    @staticmethod
    def initial_of(response: RequestResponse | None, request: SupportRequest) -> dict[str, Any]:
        """Initial values from a response given before, else from what the school asks for."""
        if response is None:
            return {
                "days": request.half_days,
                "first_day": request.first_day,
                "last_day": request.last_day,
            }
        return {
            **{name: getattr(response, name) for name in ResponseTerms.__dataclass_fields__},
            "people": list(response.people.all()),
            "offer": response.offer_id,
            "days": response.half_days,
            "price": response.price_pence,
        }


class DeclineForm(forms.Form):
    """A provider's no."""

    reason = forms.ChoiceField(
        label="Why do you decline?", choices=DeclineReason.choices, widget=forms.RadioSelect
    )
    note = LongTextField(
        label="Anything the school should know",
        required=False,
        max_length=1_000,
        widget=forms.Textarea({"rows": 2}),
    )


class AwardForm(forms.Form):
    """The choice of one response, with all that has to be said about it."""

    reason = LongTextField(
        label="Why this one?",
        required=False,
        max_length=2_000,
        widget=forms.Textarea({"rows": 3}),
    )
    reason_fewer_quotes = LongTextField(
        label="Why there are fewer quotes than your ladder asks for",
        required=False,
        max_length=2_000,
        widget=forms.Textarea({"rows": 2}),
    )
    interest = forms.ChoiceField(
        label="Does anybody who decides have an interest in a provider?",
        choices=[("none", "No, nobody has"), ("some", "Yes")],
        widget=forms.RadioSelect,
        help_text="Family, friends, shares, paid work: whoever asked, chooses or approves.",
    )
    conflicts = LongTextField(
        label="Who has which interest, and what was done about it",
        required=False,
        max_length=2_000,
        widget=forms.Textarea({"rows": 2}),
        help_text="Only if you answered yes.",
    )
    evidence = forms.ChoiceField(
        label="Quotes evidence",
        required=False,
        widget=forms.Select,
        help_text="The prices, declines and reasons are written into it and it is completed.",
    )

    def __init__(
        self,
        *args: Any,
        others: Sequence[RequestInvitation],
        is_lowest: bool,
        drafts: Sequence[QuotesEvidence],
        quotes_short: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for other in others:
            self.fields[f"loss_{other.pk}"] = forms.ChoiceField(
                label=f"What should {other.provider} be told?",
                choices=LossReason.choices,
                widget=forms.RadioSelect,
                help_text="They are thanked, and told this reason and nothing else.",
            )
        reason: Any = self.fields["reason"]
        reason.help_text = (
            "It is the lowest price, so a reason is not needed, but your governors may like one."
            if is_lowest
            else "It is not the lowest price: the reason goes into the quotes evidence."
        )
        self._drafts = {each.reference: each for each in drafts}
        evidence: Any = self.fields["evidence"]
        evidence.choices = [
            ("", "Make new evidence"),
            *((key, str(each)) for key, each in self._drafts.items()),
        ]
        if not drafts:
            del self.fields["evidence"]
        if not quotes_short:
            del self.fields["reason_fewer_quotes"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("interest"):
            clean_conflicts(self)
        return data

    def values(self) -> dict[str, Any]:
        """The cleaned values under the names the action takes."""
        data = self.cleaned_data
        return {
            "reason": data["reason"],
            "reason_fewer_quotes": data.get("reason_fewer_quotes", ""),
            "conflicts": data["conflicts"],
            "evidence": self._drafts.get(data.get("evidence", "")),
            "losses": {
                int(name.removeprefix("loss_")): value
                for name, value in data.items()
                if name.startswith("loss_")
            },
        }


class EndForm(forms.Form):
    """Nobody is chosen."""

    reason = LongTextField(
        label="Why is none suitable?",
        max_length=2_000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Kept with the request. Those who responded don’t read it.",
    )
    loss = forms.ChoiceField(
        label="What should those who responded be told?",
        choices=LossReason.choices,
        widget=forms.RadioSelect,
    )


class RequestFilterForm(forms.Form):
    """The filters of a school's list of requests."""

    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any status"), *RequestStatus.choices]
    )
    phase = forms.ChoiceField(label="Phase", required=False, choices=[("", "Any phase"), *Phase.choices])


class InvitationFilterForm(forms.Form):
    """The filters of what a provider was asked."""

    status = forms.ChoiceField(
        label="Your answer", required=False, choices=[("", "Any"), *InvitationStatus.choices]
    )


class OversightFilterForm(forms.Form):
    """The filters of a convenor's list of requests."""

    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[("", "Any status"), *(c for c in RequestStatus.choices if c[0] != RequestStatus.DRAFT)],
    )
    theme = forms.ModelChoiceField(
        label="Theme",
        required=False,
        queryset=Theme.objects.filter(parent__isnull=False).order_by("name"),
        to_field_name="code",
        empty_label="Any theme",
    )
    phase = forms.ChoiceField(label="Phase", required=False, choices=[("", "Any phase"), *Phase.choices])


class UnmetFilterForm(forms.Form):
    """The filter of the unmet-demand log."""

    cause = forms.ChoiceField(
        label="Cause",
        required=False,
        choices=[("", "Any cause"), *UnmetCause.choices],
        widget=forms.Select,
    )


def as_choice(body: Organisation) -> tuple[str, str]:
    """A provider as a choice of the form."""
    return body.reference, body.name
