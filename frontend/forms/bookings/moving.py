"""Forms of moving a visit, of calling off a person's days, and of closing schools for a day."""

from collections.abc import Iterable
from typing import Any

from django import forms

from frontend.forms.bookings.clock import session_hours
from frontend.forms.bookings.ordering import ReasonForm
from frontend.forms.fields import GovukDateField
from marketplace.bookings.actions.closing import LONGEST_REASON
from marketplace.bookings.models import Booking, Session, session_words
from marketplace.bookings.queries import can_be_remote
from marketplace.bookings.rules import SESSIONS
from marketplace.kernel.dates import clock_words, local

CALL_OFF, REMOTE = "call_off", "remote"


class MoveForm(ReasonForm):
    """To which day a visit moves, and why. The session is in the address, as the calendar shows its days."""

    field_order = ["day", "reason"]
    day = forms.DateField(
        error_messages={"required": "Choose a date", "invalid": "Choose a date from the calendar"}
    )


def sessions_like(booking: Booking) -> list[tuple[str, str]]:
    """The sessions a booking can move to: those that count for as much, its own among them."""
    named = [
        (str(value), str(label))
        for value, label in Session.choices
        if SESSIONS[value].half_days == booking.half_days
    ]
    own = [] if booking.session in SESSIONS else [(booking.session, session_words(booking.session))]
    return [(value, f"{label}, {session_hours(value)}") for value, label in own + named]


class CancelDaysForm(forms.Form):
    """Which days of a person are called off, for which side, and why."""

    first_day = GovukDateField(label="First day")
    last_day = GovukDateField(label="Last day", help_text="The same for one day.")
    by = forms.ChoiceField(label="For whom do you cancel?", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Reason",
        max_length=LONGEST_REASON,
        help_text="Everybody concerned reads it, and it stands in the calendar. No illness or other private matters.",
    )

    def __init__(self, *args: Any, sides: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["by"]
        field.choices = list(sides)
        if len(field.choices) == 1:
            field.widget, field.initial = forms.HiddenInput(), field.choices[0][0]


class ClosureForm(forms.Form):
    """Which school or area is closed, on which day, and why."""

    place = forms.ChoiceField(label="What is closed?")
    day = GovukDateField(label="Which day?")
    reason = forms.CharField(
        label="Reason", max_length=LONGEST_REASON, help_text="For example: snow; no heating."
    )

    def __init__(self, *args: Any, places: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place: Any = self.fields["place"]
        place.choices = list(places)


class VisitsForm(forms.Form):
    """Visit by visit, what becomes of it when the school is closed."""

    def __init__(self, *args: Any, visits: Iterable[Booking], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visits = list(visits)
        for booking in self.visits:
            self.fields[booking.reference] = self._choice(booking)

    @staticmethod
    def _choice(booking: Booking) -> forms.ChoiceField:
        ways = [(CALL_OFF, "Call it off, free of charge")]
        if can_be_remote(booking):
            ways.append((REMOTE, "Make it remote, at the same time"))
        starts = clock_words(local(booking.starts_at).time())
        return forms.ChoiceField(
            label=f"{booking.reference}: {booking.practitioner} at {booking.receiving_school}, {starts}",
            choices=ways,
            initial=CALL_OFF,
            widget=forms.RadioSelect,
        )

    def remote(self) -> list[str]:
        """The references of the visits that turn remote."""
        return [b.reference for b in self.visits if self.cleaned_data.get(b.reference) == REMOTE]
