"""Forms of the work under an agreement: visits, records, reviews, evaluation, concerns."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms

from frontend.forms.bookings import session_hours
from frontend.forms.brokerage import MARKS, VisitRecordForm
from frontend.forms.fields import GovukDateField, LongTextField
from frontend.forms.widgets import DateBox, HintedRadios
from marketplace.bookings.models import Booking, Session
from marketplace.bookings.rules import SESSIONS
from marketplace.brokerage.actions import Judged, Rating
from marketplace.brokerage.models import Answer, DeploymentObjective, Listener, Outcome, VisitKind
from marketplace.brokerage.rules import LONGEST_OBJECTIVE_NOTE
from marketplace.catalogue.models import DeliveryMode

RAG_WORDS = [("green", "Green: on track"), ("amber", "Amber: some way off"), ("red", "Red: off track")]


class WhyForm(forms.Form):
    """A reason the other parties read."""

    reason = LongTextField(
        label="Reason",
        max_length=2_000,
        widget=forms.Textarea({"rows": 3}),
        help_text="All parties read this.",
    )


class BookForm(forms.Form):
    """What kind of visit, how long, how, and from when on to look for free times."""

    kind = forms.ChoiceField(label="What kind of visit is it?", choices=VisitKind.choices)
    session = forms.ChoiceField(label="How long?")
    mode = forms.ChoiceField(label="In person or remote?")
    first_day = forms.DateField(label="Look for free times from", required=False, widget=DateBox())

    def __init__(self, *args: Any, minimum: int, mode: str, scoping_only: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        session: Any = self.fields["session"]
        session.choices = [
            (value, f"{label}, {session_hours(value)}")
            for value, label in Session.choices
            if SESSIONS[value].half_days >= minimum
        ]
        both = mode == DeliveryMode.BOTH
        modes = [DeliveryMode.IN_PERSON, DeliveryMode.REMOTE] if both else [DeliveryMode(mode)]
        mode_field: Any = self.fields["mode"]
        mode_field.choices = [(each.value, each.label) for each in modes]
        if scoping_only:
            kind: Any = self.fields["kind"]
            kind.choices = [(VisitKind.SCOPING.value, VisitKind.SCOPING.label)]


class FreeTimeForm(forms.Form):
    """A free time, chosen from those shown."""

    day = forms.DateField(
        label="When?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a date", "invalid": "Choose a date from the list"},
    )

    def __init__(self, *args: Any, times: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].widget.choices = list(times)


class TieForm(forms.Form):
    """A booking made otherwise, taken into the deployment."""

    booking = forms.ChoiceField(label="Which booking?", widget=forms.RadioSelect)
    kind = forms.ChoiceField(
        label="What kind of visit is it?", choices=VisitKind.choices, initial=VisitKind.VISIT
    )

    def __init__(self, *args: Any, bookings: Iterable[tuple[Booking, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bookings = list(bookings)
        self._bookings = {booking.reference: booking for booking, _ in bookings}
        field: Any = self.fields["booking"]
        field.choices = [(booking.reference, words) for booking, words in bookings]

    @property
    def chosen(self) -> Booking:
        """The booking that was chosen."""
        return self._bookings[self.cleaned_data["booking"]]


class NotesForm(forms.Form):
    """What a visit did for each objective: `note_1`, `note_2` …"""

    def __init__(self, *args: Any, objectives: Iterable[DeploymentObjective], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.objectives = {each.number: each for each in objectives}
        for number, objective in self.objectives.items():
            self.fields[f"note_{number}"] = LongTextField(
                label=f"Objective {number}: what did the visit do for it?",
                help_text=objective.aim,
                required=False,
                max_length=LONGEST_OBJECTIVE_NOTE,
                widget=forms.Textarea({"rows": 2}),
            )

    def notes(self) -> dict[int, str]:
        """The text by number of the objective."""
        return {number: self.cleaned_data[f"note_{number}"] for number in self.objectives}


class RecordForm(VisitRecordForm, NotesForm):
    """The record of visit with a note on each objective."""


class CommentForm(forms.Form):
    """A comment."""

    text = LongTextField(label="Your comment", max_length=3_000, widget=forms.Textarea({"rows": 3}))


class _ByObjective(forms.Form):
    """A form with the same questions for each objective."""

    def __init__(self, *args: Any, objectives: Iterable[DeploymentObjective], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.objectives = {each.number: each for each in objectives}
        for number in self.objectives:
            for name, field in self.questions(number).items():
                self.fields[f"{name}_{number}"] = field

    def questions(self, number: int) -> dict[str, forms.Field]:
        """The questions for one objective, by the name before its number."""
        raise NotImplementedError

    def groups(self) -> Iterator[tuple[DeploymentObjective, list[Any]]]:
        """Each objective with its bound fields."""
        for number, objective in self.objectives.items():
            yield objective, [self[f"{name}_{number}"] for name in self.questions(number)]

    def rest(self) -> list[Any]:
        """The bound fields that belong to no objective."""
        return [self[name] for name in self.base_fields]


class ReviewForm(_ByObjective):
    """A progress review."""

    next_steps = LongTextField(
        label="Next steps",
        help_text="Who will do what, by when.",
        max_length=3_000,
        widget=forms.Textarea({"rows": 4}),
    )
    reviewed_on = GovukDateField(label="Date of this review")
    next_review_on = GovukDateField(
        label="When will you look again?",
        required=False,
        help_text="Leave it blank if this was the last review.",
    )

    def questions(self, number: int) -> dict[str, forms.Field]:
        return {
            "rag": forms.ChoiceField(
                label=f"Objective {number}: how does it stand?", choices=RAG_WORDS, widget=forms.RadioSelect
            ),
            "details": LongTextField(
                label=f"Objective {number}: why?", max_length=2_000, widget=forms.Textarea({"rows": 2})
            ),
        }

    def ratings(self) -> dict[int, Rating]:
        """By number of the objective."""
        data = self.cleaned_data
        return {n: Rating(data[f"rag_{n}"], data[f"details_{n}"]) for n in self.objectives}


class MidPointForm(forms.Form):
    """The broker's look half-way."""

    on_course = forms.ChoiceField(
        label="Is the deployment on course?", choices=Answer.choices, widget=forms.RadioSelect
    )
    value = LongTextField(
        label="What value does the school see in it so far?",
        max_length=3_000,
        widget=forms.Textarea({"rows": 3}),
    )
    concern = LongTextField(
        label="Is anything wrong?",
        required=False,
        max_length=3_000,
        widget=forms.Textarea({"rows": 3}),
        help_text="All parties read this. For what only the convenors should know, raise a concern instead.",
    )


class DeploymentEvaluationForm(_ByObjective):
    """The receiving head's final judgement."""

    overall = forms.TypedChoiceField(
        label="Taken together, how far did it change what you wanted to change?",
        choices=MARKS,
        coerce=int,
        widget=forms.RadioSelect,
    )
    effectiveness = forms.TypedChoiceField(
        label="How well did the practitioner work with you?",
        choices=[(n, f"{n}{' (best)' if n == 5 else ''}") for n in range(1, 6)],
        coerce=int,
        widget=forms.RadioSelect({"class": "govuk-radios--inline"}),
    )
    value_for_money = forms.ChoiceField(
        label="Was it worth its price?", choices=Answer.choices, widget=forms.RadioSelect
    )
    what_lasts = LongTextField(
        label="What will last, and who looks after it?",
        max_length=3_000,
        widget=forms.Textarea({"rows": 3}),
    )

    def questions(self, number: int) -> dict[str, forms.Field]:
        return {
            "outcome": forms.ChoiceField(
                label=f"Objective {number}: was it achieved?",
                choices=Outcome.choices,
                widget=forms.RadioSelect,
            ),
            "evidence": LongTextField(
                label=f"Objective {number}: how do you know?",
                max_length=3_000,
                widget=forms.Textarea({"rows": 3}),
            ),
            "counter_evidence": LongTextField(
                label=f"Objective {number}: what else might explain this, what speaks against it?",
                required=False,
                max_length=3_000,
                widget=forms.Textarea({"rows": 3}),
            ),
        }

    def outcomes(self) -> dict[int, Judged]:
        """By number of the objective."""
        data = self.cleaned_data
        names = ("outcome", "evidence", "counter_evidence")
        return {n: Judged(*(data[f"{name}_{n}"] for name in names)) for n in self.objectives}


class ConcernForm(forms.Form):
    """A concern, and who is to hear it."""

    text = LongTextField(
        label="What worries you?",
        max_length=5_000,
        widget=forms.Textarea({"rows": 5}),
        help_text="A concern about a child’s safety goes to the school’s designated safeguarding lead at once, not here.",
    )
    listener = forms.ChoiceField(
        label="Who should hear it?", choices=Listener.choices, initial=Listener.BROKER, widget=HintedRadios
    )

    def __init__(self, *args: Any, hints: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget: Any = self.fields["listener"].widget
        widget.hints = hints


class AnswerForm(forms.Form):
    """The answer to a concern."""

    answer = LongTextField(
        label="What is done about it?", max_length=5_000, widget=forms.Textarea({"rows": 4})
    )
