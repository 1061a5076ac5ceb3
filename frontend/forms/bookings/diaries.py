"""Forms of diaries, closed days and term dates."""

from collections.abc import Iterable, Iterator
from datetime import time
from typing import Any

from django import forms

from frontend.forms.bookings.clock import ClockField
from frontend.forms.fields import GovukDateField
from frontend.forms.widgets import WholeNumberInput
from marketplace.bookings.actions import PatternStretch, TermStretch
from marketplace.bookings.actions.diaries import MAX_NOTICE_DAYS, MAX_TRAVEL_MINUTES
from marketplace.bookings.actions.steps import LONGEST_LABEL
from marketplace.bookings.models import Weekday, WeeklyPattern

PARTS_OF_A_DAY = (("first", "First"), ("second", "Second"))


class PatternForm(forms.Form):
    """A week: for each weekday one or two stretches of time."""

    def __init__(self, *args: Any, rows: Iterable[WeeklyPattern] = (), **kwargs: Any) -> None:
        rows = list(rows)
        self.dated = [row for row in rows if row.valid_from or row.valid_to]
        super().__init__(*args, **{"initial": self._initial(rows)} | kwargs)
        for weekday, day in Weekday.choices:
            for part, words in PARTS_OF_A_DAY:
                for end in ("from", "to"):
                    self.fields[f"{weekday}_{part}_{end}"] = ClockField(
                        label=f"{day}, {words.lower()} stretch, {end}", required=False
                    )

    def _initial(self, rows: list[WeeklyPattern]) -> dict[str, time]:
        initial: dict[str, time] = {}
        for weekday in Weekday.values:
            undated = [row for row in rows if row.weekday == weekday and row not in self.dated]
            for (part, _), row in zip(PARTS_OF_A_DAY, undated, strict=False):
                initial[f"{weekday}_{part}_from"] = row.starts
                initial[f"{weekday}_{part}_to"] = row.ends
        return initial

    def table(self) -> Iterator[dict[str, Any]]:
        """A row for each weekday with its bound fields, two for each stretch."""
        for weekday, day in Weekday.choices:
            yield {
                "day": day,
                "stretches": [
                    (self[f"{weekday}_{part}_from"], self[f"{weekday}_{part}_to"])
                    for part, _ in PARTS_OF_A_DAY
                ],
            }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for weekday, day in Weekday.choices:
            for part, _ in PARTS_OF_A_DAY:
                starts, ends = data.get(f"{weekday}_{part}_from"), data.get(f"{weekday}_{part}_to")
                if (starts is None) != (ends is None) and not self.errors:
                    missing = "to" if ends is None else "from"
                    self.add_error(f"{weekday}_{part}_{missing}", f"{day}: enter both times, from and to")
                elif starts and ends and ends <= starts:
                    self.add_error(f"{weekday}_{part}_to", f"{day}: the time must end after it starts")
        return data

    def stretches(self) -> list[PatternStretch]:
        """What was typed, with the stretches that hold only for a while left as they are."""
        data = self.cleaned_data
        typed = [
            PatternStretch(weekday, data[f"{weekday}_{part}_from"], data[f"{weekday}_{part}_to"])
            for weekday in Weekday.values
            for part, _ in PARTS_OF_A_DAY
            if data[f"{weekday}_{part}_from"]
        ]
        kept = [
            PatternStretch(row.weekday, row.starts, row.ends, row.valid_from, row.valid_to)
            for row in self.dated
        ]
        return typed + kept


class DiarySettingsForm(forms.Form):
    """Notice, travel and term time."""

    minimum_notice_days = forms.IntegerField(
        label="Notice you need",
        min_value=0,
        max_value=MAX_NOTICE_DAYS,
        widget=WholeNumberInput(suffix="days"),
        help_text="In calendar days. 0 lets schools book for the same day.",
    )
    travel_minutes = forms.IntegerField(
        label="Travel time kept free after each session",
        min_value=0,
        max_value=MAX_TRAVEL_MINUTES,
        widget=WholeNumberInput(suffix="minutes"),
    )
    term_time_only = forms.BooleanField(label="Only in term time", required=False)


class ExceptionForm(forms.Form):
    """Days that differ from the week."""

    kind = forms.ChoiceField(
        label="What is different?",
        choices=[("closed", "Not available"), ("open", "Available, though the week says no")],
        initial="closed",
        widget=forms.RadioSelect,
    )
    first_day = GovukDateField(label="First day")
    last_day = GovukDateField(label="Last day", required=False, help_text="Leave it blank for one day.")
    starts = ClockField(label="From", required=False, help_text="Leave both times blank for whole days.")
    ends = ClockField(label="To", required=False)
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=LONGEST_LABEL,
        help_text="Schools see this in the calendar, for example “Training day”. Leave it blank for “Not available”.",
    )

    def values(self) -> dict[str, Any]:
        """The arguments of `add_exception`."""
        data = self.cleaned_data
        return {
            "is_open": data["kind"] == "open",
            "first_day": data["first_day"],
            "last_day": data["last_day"] or data["first_day"],
            "starts": data["starts"],
            "ends": data["ends"],
            "reason": data["reason"],
        }


class BlackoutForm(forms.Form):
    """Days on which nobody is released."""

    first_day = GovukDateField(label="First day")
    last_day = GovukDateField(label="Last day", required=False, help_text="Leave it blank for one day.")
    reason = forms.CharField(
        label="What are these days?",
        max_length=LONGEST_LABEL,
        help_text="Schools see this in the calendar, for example “Key stage 2 tests week”.",
    )

    def values(self) -> dict[str, Any]:
        """The arguments of `add_blackout`."""
        data = self.cleaned_data
        return data | {"last_day": data["last_day"] or data["first_day"]}


TERMS = (
    "Autumn term 1",
    "Autumn term 2",
    "Spring term 1",
    "Spring term 2",
    "Summer term 1",
    "Summer term 2",
)


class TermsForm(forms.Form):
    """The six terms of a school year, each with its first and last day. A row left empty is no term."""

    def __init__(self, *args: Any, terms: Iterable[Any] = (), **kwargs: Any) -> None:
        terms = list(terms)
        initial: dict[str, Any] = {}
        for number, term in enumerate(terms):
            initial |= {
                f"name_{number}": term.name,
                f"first_{number}": term.first_day,
                f"last_{number}": term.last_day,
            }
        self.size = max(len(TERMS), len(terms))
        super().__init__(*args, **{"initial": initial} | kwargs)
        for number in range(self.size):
            default = TERMS[number] if number < len(TERMS) else f"Term {number + 1}"
            self.fields[f"name_{number}"] = forms.CharField(
                label=f"Term {number + 1}: name", max_length=60, required=False, initial=default
            )
            for end, words in (("first", "first day"), ("last", "last day")):
                self.fields[f"{end}_{number}"] = forms.DateField(
                    label=f"Term {number + 1}: {words}",
                    required=False,
                    widget=forms.DateInput(
                        {"type": "date", "class": "govuk-input--width-10"}, format="%Y-%m-%d"
                    ),
                    error_messages={"invalid": f"Term {number + 1}: {words} must be a real date"},
                )

    def table(self) -> Iterator[list[Any]]:
        """A row for each term: name, first day, last day."""
        for number in range(self.size):
            yield [self[f"name_{number}"], self[f"first_{number}"], self[f"last_{number}"]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in range(self.size):
            first, last = data.get(f"first_{number}"), data.get(f"last_{number}")
            if (first is None) != (last is None) and not self.errors:
                self.add_error(
                    f"{'last' if last is None else 'first'}_{number}",
                    f"Term {number + 1}: enter both the first and the last day",
                )
        return data

    def terms(self) -> list[TermStretch]:
        """The rows that were filled in."""
        data = self.cleaned_data
        return [
            TermStretch(data[f"name_{number}"], data[f"first_{number}"], data[f"last_{number}"])
            for number in range(self.size)
            if data[f"first_{number}"]
        ]
