"""Forms of booking: what is wanted, the order, and the decisions that follow."""

from collections.abc import Iterable
from typing import Any

from django import forms

from frontend.forms.bookings.clock import session_hours
from frontend.forms.fields import PoundsField
from frontend.forms.widgets import HintedRadios
from marketplace.bookings.actions.steps import LONGEST_NOTE, LONGEST_PURCHASE_ORDER_NUMBER
from marketplace.bookings.models import BookingStatus, Session
from marketplace.bookings.rules import SESSIONS
from marketplace.catalogue.models import DeliveryMode, OfferVersion, Practitioner
from marketplace.organisations.models import Phase, School


class WishForm(forms.Form):
    """What is wanted of an offer: who, for which school, on what, how long and how. Questions with one answer are not asked."""

    practitioner = forms.ChoiceField(label="Who would you like?", widget=HintedRadios)
    school = forms.ChoiceField(label="Which school is it for?")
    theme = forms.ChoiceField(label="What is it about?", widget=forms.RadioSelect)
    phase = forms.ChoiceField(label="For which phase?", widget=forms.RadioSelect)
    mode = forms.ChoiceField(label="In person or remote?", widget=forms.RadioSelect)
    session = forms.ChoiceField(label="How long?", widget=forms.RadioSelect)

    def __init__(
        self,
        *args: Any,
        version: OfferVersion,
        people: Iterable[Practitioner],
        hints: dict[str, str],
        schools: Iterable[School],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {person.reference: person for person in people}
        self.schools = {str(school.urn): school for school in schools}
        self.themes = {theme.code: theme for theme in version.themes.all()}
        both = version.mode == DeliveryMode.BOTH
        modes = [DeliveryMode.IN_PERSON, DeliveryMode.REMOTE] if both else [DeliveryMode(version.mode)]
        sessions = [
            (value, f"{label}, {session_hours(value)}")
            for value, label in Session.choices
            if SESSIONS[value].half_days >= version.minimum_half_days
        ]
        self._offer("practitioner", [(key, person.name) for key, person in self.people.items()])
        if isinstance(widget := self.fields["practitioner"].widget, HintedRadios):
            widget.hints = hints
        self._offer("school", [(key, school.organisation.name) for key, school in self.schools.items()])
        self._offer("theme", [(key, theme.name) for key, theme in self.themes.items()])
        self._offer("phase", [(phase, Phase(phase).label) for phase in version.phases])
        self._offer("mode", [(mode.value, mode.label) for mode in modes])
        self._offer("session", sessions)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices
        if len(choices) == 1:
            field.widget = forms.HiddenInput()
            field.initial = choices[0][0]

    def wish(self) -> dict[str, Any]:
        """The arguments of `hold_session` that the form asks for."""
        data = self.cleaned_data
        return {
            "practitioner": self.people[data["practitioner"]],
            "school": self.schools[data["school"]],
            "theme": self.themes[data["theme"]],
            "phase": data["phase"],
            "mode": data["mode"],
            "session": data["session"],
        }


class DayForm(forms.Form):
    """The day chosen in the calendar."""

    day = forms.DateField(
        error_messages={"required": "Choose a date", "invalid": "Choose a date from the calendar"}
    )


class OrderForm(forms.Form):
    """The last questions before an order."""

    focus = forms.CharField(
        label="What should it be about?",
        required=False,
        widget=forms.Textarea({"rows": 3, "maxlength": LONGEST_NOTE}),
        help_text="The person who comes, their headteacher and the provider read this. No pupils’ names.",
    )
    purchase_order_number = forms.CharField(
        label="Purchase order number",
        required=False,
        max_length=LONGEST_PURCHASE_ORDER_NUMBER,
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
        help_text="If your school uses one. It will stand on the invoice or journal.",
    )


YES, NO = "yes", "no"


class DecisionForm(forms.Form):
    """A yes or a no, with a note or a reason."""

    decision = forms.ChoiceField(widget=forms.RadioSelect)
    note = forms.CharField(
        label="Note, or your reason",
        required=False,
        widget=forms.Textarea({"rows": 3, "maxlength": LONGEST_NOTE}),
    )

    def __init__(self, *args: Any, question: str, yes: str, no: str, hint: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decision: Any = self.fields["decision"]
        decision.label, decision.choices = question, [(YES, yes), (NO, no)]
        self.fields["note"].help_text = hint

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == NO and not data.get("note"):
            self.add_error("note", "Say why: the other side will read it")
        return data

    @property
    def is_yes(self) -> bool:
        return bool(self.cleaned_data["decision"] == YES)


class ConsentForm(DecisionForm):
    """A headteacher's decision, and whether more days than agreed are meant."""

    beyond_agreed = forms.BooleanField(
        label="I agree to more days than were agreed for the year", required=False
    )


class ReasonForm(forms.Form):
    """A reason that the other side reads."""

    reason = forms.CharField(
        label="Reason",
        widget=forms.Textarea({"rows": 3, "maxlength": LONGEST_NOTE}),
        help_text="The other side reads this.",
    )


class OptionalReasonForm(ReasonForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False
        self.fields["reason"].label = "Reason (optional)"


class BookingFilterForm(forms.Form):
    """The filters of the list of bookings."""

    q = forms.CharField(label="Person, school or reference", required=False, max_length=100)
    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any status"), *BookingStatus.choices]
    )
    first_day = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}))
    last_day = forms.DateField(label="Until", required=False, widget=forms.DateInput({"type": "date"}))


class ThresholdForm(forms.Form):
    """From what amount on orders need a second person."""

    threshold = PoundsField(
        label="Orders of this amount or more need a second person",
        help_text="VAT included. Whoever places such an order can’t approve it too. 0 means every order.",
    )
