"""Forms of booking: what is wanted, the order, and the decisions that follow."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from frontend.forms.bookings.clock import HOURS, ClockField, session_hours
from frontend.forms.widgets import DateBox, HintedRadios
from marketplace.bookings.actions.steps import (
    LONGEST_MINUTE_REFERENCE,
    LONGEST_NOTE,
    LONGEST_PURCHASE_ORDER_NUMBER,
)
from marketplace.bookings.models import BookingStatus, Session
from marketplace.bookings.queries import WayToPay
from marketplace.bookings.rules import (
    EARLIEST,
    HALF_A_DAY_MINUTES,
    LATEST,
    LONGEST_MINUTES,
    SESSIONS,
    SHORTEST_MINUTES,
    clock_session,
    is_session,
    length_words,
    times_of,
)
from marketplace.buyback.models import QuotesEvidence
from marketplace.buyback.rules import Requirement
from marketplace.catalogue.models import DeliveryMode, OfferVersion, Practitioner
from marketplace.kernel.dates import clock_words
from marketplace.organisations.models import Phase, School

ANYBODY = "any"
ANYBODY_HINT = "We choose one of them who is free, fairly. You see who it is before you order."
LONGEST_HALF_DAY = f"09:00+{HALF_A_DAY_MINUTES}"
SESSION_LENGTHS = [
    (str(minutes), length_words(f"09:00+{minutes}"))
    for minutes in range(SHORTEST_MINUTES, LONGEST_MINUTES + 1, 30)
]


class WishForm(forms.Form):
    """What is wanted of an offer: who, for which school, on what, how long and how. Questions with one answer are not asked."""

    practitioner = forms.ChoiceField(label="Who would you like?", widget=HintedRadios)
    school = forms.ChoiceField(label="Which school is it for?")
    theme = forms.ChoiceField(label="What is it about?", widget=forms.RadioSelect)
    phase = forms.ChoiceField(label="For which phase?", widget=forms.RadioSelect)
    mode = forms.ChoiceField(label="In person or remote?", widget=forms.RadioSelect)
    session = forms.ChoiceField(label="How long?", widget=forms.RadioSelect)
    starts = ClockField(
        label="Other times: when does it start?",
        required=False,
        help_text="For example 10:30. Quarter hours.",
    )
    minutes = forms.TypedChoiceField(
        label="Other times: how long does it last?",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "Choose a length"), *SESSION_LENGTHS],
        help_text=f"Up to {length_words(LONGEST_HALF_DAY)} counts as half a day, longer as a whole day.",
    )

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
        self.minimum = version.minimum_half_days
        self.themes = {theme.code: theme for theme in version.themes.all()}
        both = version.mode == DeliveryMode.BOTH
        modes = [DeliveryMode.IN_PERSON, DeliveryMode.REMOTE] if both else [DeliveryMode(version.mode)]
        sessions = [
            (value, f"{label}, {session_hours(value)}")
            for value, label in Session.choices
            if SESSIONS[value].half_days >= version.minimum_half_days
        ]
        sessions.append((HOURS, "Other times"))
        named = [(key, person.name) for key, person in self.people.items()]
        self._offer("practitioner", [(ANYBODY, "Any suitable person"), *named] if len(named) > 1 else named)
        if isinstance(widget := self.fields["practitioner"].widget, HintedRadios):
            widget.hints = hints | {ANYBODY: ANYBODY_HINT}
        self._offer("school", [(key, school.organisation.name) for key, school in self.schools.items()])
        self._offer("theme", [(key, theme.name) for key, theme in self.themes.items()])
        self._offer("phase", [(phase, Phase(phase).label) for phase in self._phases(version)])
        self._offer("mode", [(mode.value, mode.label) for mode in modes])
        self._offer("session", sessions)

    def _phases(self, version: OfferVersion) -> list[str]:
        """Those of the offer that one of the schools has; all of them where the register knows no phase of a school."""
        known = [set(school.phases or version.phases) for school in self.schools.values()]
        return [phase for phase in version.phases if any(phase in phases for phases in known)]

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices
        if len(choices) == 1:
            field.widget = forms.HiddenInput()
            field.initial = choices[0][0]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        school = self.schools.get(data.get("school", ""))
        if school and school.phases and data.get("phase", school.phases[0]) not in school.phases:
            own = ", ".join(Phase(phase).label for phase in school.phases)
            self.add_error("phase", f"Choose a phase of {school.organisation.name}: {own}")
        if data.get("session") == HOURS and not self.errors:
            self._check_clock(data)
        return data

    def _check_clock(self, data: dict[str, Any]) -> None:
        if data.get("starts") is None:
            self.add_error("starts", "Say when it starts, for example 10:30")
        if data.get("minutes") is None:
            self.add_error("minutes", "Choose how long it lasts")
        if self.errors:
            return
        session = clock_session(data["starts"], data["minutes"])
        if not is_session(session):
            self.add_error(
                "starts",
                f"Choose a quarter hour, so that it lies between {clock_words(EARLIEST)} and {clock_words(LATEST)}",
            )
        elif times_of(session).half_days < self.minimum:
            self.add_error("minutes", "This offer is for longer sessions")
        data["session"] = session

    def wish(self) -> dict[str, Any]:
        """The arguments of `hold_session` that the form asks for; nobody as the person where any will do."""
        data = self.cleaned_data
        return {
            "practitioner": self.people.get(data["practitioner"]),
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


class PayByForm(forms.Form):
    """How a session is paid. Where there is one way only, that is not asked."""

    pay_by = forms.ChoiceField(label="How do you want to pay?", widget=HintedRadios)

    def __init__(self, *args: Any, ways: Iterable[WayToPay], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ways = {way.value: way for way in ways}
        field: Any = self.fields["pay_by"]
        field.choices = [(value, way.label) for value, way in self._ways.items()]
        field.initial = next(iter(self._ways))
        field.widget.hints = {value: way.hint for value, way in self._ways.items()}
        if len(self._ways) == 1:
            del self.fields["pay_by"]

    @property
    def ways(self) -> list[WayToPay]:
        """What can be chosen."""
        return list(self._ways.values())

    def payment(self) -> dict[str, Any]:
        """The arguments of `order_booking` that say how it is paid."""
        way = self._ways[self.cleaned_data.get("pay_by") or next(iter(self._ways))]
        return {"pay_by": way.pay_by, "entitlement": way.entitlement}


class OrderForm(PayByForm):
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
    evidence = forms.ChoiceField(
        label="Quotes evidence",
        required=False,
        help_text="Completed evidence of your school. It stays with the order and is shown to whoever approves it.",
    )
    minute_reference = forms.CharField(
        label="Minute reference",
        required=False,
        max_length=LONGEST_MINUTE_REFERENCE,
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
        help_text="The minute that agreed to this order, if there is one yet, for example FGB 12/11/2026, 7.2.",
    )

    def __init__(
        self, *args: Any, requirement: Requirement, evidence: Sequence[QuotesEvidence], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._evidence = {each.reference: each for each in evidence}
        if requirement.quotes_needed or evidence:
            field: Any = self.fields["evidence"]
            none_yet = "Choose the evidence" if requirement.quotes_needed else "No quotes were asked for"
            field.choices = [("", none_yet), *((each.reference, str(each)) for each in evidence)]
        else:
            del self.fields["evidence"]
        if not requirement.minute_needed:
            del self.fields["minute_reference"]

    def clean_evidence(self) -> QuotesEvidence | None:
        return self._evidence.get(self.cleaned_data["evidence"])

    def order(self) -> dict[str, Any]:
        """The arguments of `order_booking`."""
        return self.cleaned_data | self.payment()


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


class ApprovalForm(DecisionForm):
    """A yes or a no to an order, with the minute where the ladder asks for one and none is named yet."""

    minute_reference = forms.CharField(
        label="Minute reference",
        required=False,
        max_length=LONGEST_MINUTE_REFERENCE,
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
        help_text="The minute that agreed to this order, for example FGB 12/11/2026, 7.2.",
    )


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


class HandOverForm(ReasonForm):
    """To which school a session is handed over, and why."""

    field_order = ["school", "reason"]
    school = forms.ChoiceField(label="Which school should have it?")

    def __init__(self, *args: Any, schools: Iterable[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schools = {str(school.urn): school for school in schools}
        field: Any = self.fields["school"]
        field.choices = [("", "Choose a school")] + [
            (urn, school.organisation.name) for urn, school in self.schools.items()
        ]


class BookingFilterForm(forms.Form):
    """The filters of the list of bookings."""

    q = forms.CharField(label="Person, school or reference", required=False, max_length=100)
    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any status"), *BookingStatus.choices]
    )
    first_day = forms.DateField(label="From", required=False, widget=DateBox())
    last_day = forms.DateField(label="Until", required=False, widget=DateBox())
