"""Forms of courses: finding one, booking places, waiting, scheduling, the register, buying as a group."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from frontend.forms.bookings.ordering import OrderForm
from frontend.forms.widgets import DateBox, WholeNumberInput
from marketplace.bookings.actions.courses import Attendee, GroupShare
from marketplace.bookings.actions.courses.ordering import LONGEST_JOB_TITLE, LONGEST_NAME
from marketplace.bookings.actions.courses.scheduling import LONGEST_VENUE
from marketplace.bookings.actions.steps import LONGEST_NOTE
from marketplace.bookings.models import Place, SplitBy
from marketplace.bookings.queries.courses import Finding
from marketplace.bookings.rules.courses import MOST_PLACES, MOST_SEATS, Stretch
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import DeliveryMode, OfferVersion, Practitioner
from marketplace.organisations.models import Phase, School

ROWS_OF_DATES = 4
MOST_SHARES = 1_000_000
ONE_MODE = [(DeliveryMode.IN_PERSON.value, "In person"), (DeliveryMode.REMOTE.value, "Remote")]


def _choose(form: forms.Form, name: str, choices: Sequence[Any]) -> None:
    field: Any = form.fields[name]
    field.choices = choices


def _whole(what: str, least: int, most: int) -> dict[str, str]:
    """What to say where something other than a whole number within limits was typed."""
    words = f"{what}: enter a whole number from {least:,} to {most:,}"
    return dict.fromkeys(("required", "invalid", "min_value", "max_value"), words)


class CourseFilterForm(forms.Form):
    """What somebody looks for among coming courses. What can't be understood is left out."""

    theme = forms.ChoiceField(label="Theme", required=False)
    phase = forms.ChoiceField(label="Phase", required=False, choices=[("", "Any phase"), *Phase.choices])
    first_day = forms.DateField(label="From", required=False, widget=DateBox())
    last_day = forms.DateField(label="Until", required=False, widget=DateBox())
    mode = forms.ChoiceField(label="How", required=False, choices=[("", "Any way"), *ONE_MODE])
    within_km = forms.ChoiceField(
        label="Distance",
        required=False,
        choices=[("", "Any distance"), ("5", "Within 5 km"), ("10", "Within 10 km"), ("25", "Within 25 km")],
    )
    seats = forms.BooleanField(label="Only with places left", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._themes = {theme.code: theme for theme in catalogue.themes()}
        groups: dict[str, list[tuple[str, str]]] = {}
        for theme in self._themes.values():
            if theme.parent:
                groups.setdefault(theme.parent.name, []).append((theme.code, theme.name))
        _choose(self, "theme", [("", "Any theme"), *groups.items()])

    def finding(self, near: School | None) -> Finding:
        """The filters as the query reads them."""
        self.is_valid()
        asked = self.cleaned_data
        theme = self._themes.get(asked.get("theme") or "")
        return Finding(
            theme=theme.pk if theme else None,
            phase=asked.get("phase") or "",
            first_day=asked.get("first_day"),
            last_day=asked.get("last_day"),
            with_seats=bool(asked.get("seats")),
            mode=asked.get("mode") or "",
            near=near,
            within_km=int(asked["within_km"]) if asked.get("within_km") else None,
        )


class PlacesForm(forms.Form):
    """For which school, and how many places."""

    school = forms.ChoiceField(label="Which school is it for?")
    places = forms.IntegerField(
        label="How many places?",
        min_value=1,
        max_value=MOST_PLACES,
        initial=1,
        widget=WholeNumberInput(suffix="places"),
        error_messages=_whole("How many places", 1, MOST_PLACES),
    )

    def __init__(self, *args: Any, schools: Iterable[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schools = {str(school.urn): school for school in schools}
        _choose(self, "school", [(key, school.organisation.name) for key, school in self.schools.items()])
        if len(self.schools) == 1:
            self.fields["school"].widget = forms.HiddenInput()
            self.fields["school"].initial = next(iter(self.schools))

    @property
    def chosen_school(self) -> School:
        """The school chosen."""
        return self.schools[self.cleaned_data["school"]]


class BookPlacesForm(OrderForm):
    """The last questions before places are booked."""

    field_order = ["attendees", "pay_by", "purchase_order_number", "evidence", "minute_reference"]
    attendees = forms.CharField(
        label="Who comes?",
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text="One person a line, with a comma before their job: Ada Lovelace, maths lead. Leave it empty to name them later.",
    )

    def __init__(self, *args: Any, places: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = places
        del self.fields["focus"]

    def clean_attendees(self) -> list[Attendee]:
        lines = [line.strip() for line in self.cleaned_data["attendees"].splitlines() if line.strip()]
        if len(lines) > self._places:
            raise forms.ValidationError(
                f"Who comes: name no more than {self._places} {'person' if self._places == 1 else 'people'}"
            )
        people = [Attendee(*(part.strip() for part in (line + ",").split(",", 1))) for line in lines]
        people = [Attendee(name, job.rstrip(",").strip()) for name, job in people]
        return people + [Attendee()] * (self._places - len(people))


class NameForm(forms.Form):
    """Who comes on a place."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME)
    job_title = forms.CharField(label="Job (optional)", required=False, max_length=LONGEST_JOB_TITLE)


class ScheduleForm(forms.Form):
    """When and where a course takes place, and with how many."""

    mode = forms.ChoiceField(label="How is it given?", widget=forms.RadioSelect)
    venue = forms.CharField(
        label="Venue",
        required=False,
        max_length=LONGEST_VENUE,
        help_text="Everybody who looks at the course sees this. Leave it empty for a remote course.",
    )
    held_at = forms.CharField(
        label="URN of the school it is held at",
        required=False,
        max_length=6,
        widget=forms.TextInput({"class": "govuk-input--width-5", "inputmode": "numeric"}),
        help_text="If it is held at a school: schools are then told how far away it is.",
    )
    joining = forms.CharField(
        label="How to join",
        required=False,
        widget=forms.Textarea({"rows": 3, "maxlength": LONGEST_NOTE}),
        help_text="The link of a remote course, parking, what to bring. Only those with a confirmed place see this.",
    )
    seats = forms.IntegerField(
        label="Seats",
        min_value=1,
        max_value=MOST_SEATS,
        widget=WholeNumberInput(suffix="seats"),
        error_messages=_whole("Seats", 1, MOST_SEATS),
    )
    minimum_places = forms.IntegerField(
        label="Fewest people it takes place with",
        min_value=1,
        max_value=MOST_SEATS,
        initial=1,
        widget=WholeNumberInput(suffix="people"),
        error_messages=_whole("Fewest people", 1, MOST_SEATS),
    )
    closing_day = forms.DateField(
        label="Last day to book",
        widget=DateBox(),
        help_text="Nothing is sold or offered to those who wait after it.",
    )
    leaders = forms.MultipleChoiceField(
        label="Who leads it?",
        widget=forms.CheckboxSelectMultiple,
        help_text="Their diaries are taken for these times. A person of another school is asked for by its headteacher first.",
    )

    def __init__(
        self, *args: Any, version: OfferVersion, people: Iterable[Practitioner], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {person.reference: person for person in people}
        modes = (
            ONE_MODE if version.mode == DeliveryMode.BOTH else [m for m in ONE_MODE if m[0] == version.mode]
        )
        _choose(self, "mode", modes)
        self.fields["mode"].initial = modes[0][0]
        _choose(
            self,
            "leaders",
            [(key, f"{p.name}, {p.releasing_organisation}") for key, p in self.people.items()],
        )
        if len(self.people) == 1:
            self.fields["leaders"].initial = list(self.people)
        for number in range(1, ROWS_OF_DATES + 1):
            word = "The date" if number == 1 else f"Date {number} (optional)"
            self._row(number, word)
        self.order_fields(
            [f"{name}_{n}" for n in range(1, ROWS_OF_DATES + 1) for name in ("day", "starts", "ends")]
        )

    def _row(self, number: int, word: str) -> None:
        first = number == 1
        self.fields[f"day_{number}"] = forms.DateField(
            label=word,
            required=first,
            widget=DateBox({"class": "govuk-input--width-10"}),
        )
        for name, text in (("starts", "from"), ("ends", "until")):
            self.fields[f"{name}_{number}"] = forms.TimeField(
                label=f"{word.removesuffix(' (optional)')}, {text}",
                required=first,
                widget=forms.TimeInput({"type": "time", "class": "govuk-input--width-5"}),
            )

    def clean_held_at(self) -> School | None:
        urn = self.cleaned_data["held_at"].strip()
        if not urn:
            return None
        school = (
            School.objects.select_related("organisation").filter(urn=urn).first() if urn.isdigit() else None
        )
        if school is None:
            raise forms.ValidationError("URN: there is no school with that number")
        return school

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in range(2, ROWS_OF_DATES + 1):
            given = [data.get(f"{name}_{number}") for name in ("day", "starts", "ends")]
            if any(given) and not all(given):
                self.add_error(
                    f"day_{number}", f"Date {number}: give the day and both times, or leave all empty"
                )
        return data

    def course(self) -> dict[str, Any]:
        """The arguments of `schedule_event`."""
        data = self.cleaned_data
        rows = [
            [data.get(f"{name}_{number}") for name in ("day", "starts", "ends")]
            for number in range(1, ROWS_OF_DATES + 1)
        ]
        kept = ("mode", "venue", "held_at", "joining", "seats", "minimum_places", "closing_day")
        return {name: data[name] for name in kept} | {
            "dates": [Stretch(day, starts, ends) for day, starts, ends in rows if day and starts and ends],
            "leaders": [self.people[key] for key in data["leaders"]],
        }


class JoiningForm(forms.Form):
    """How those with a place join."""

    joining = forms.CharField(
        label="How to join", required=False, widget=forms.Textarea({"rows": 4, "maxlength": LONGEST_NOTE})
    )


class RegisterForm(forms.Form):
    """Who came on one date."""

    came = forms.MultipleChoiceField(
        label="Who came?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Everybody you don’t tick did not come.",
    )

    def __init__(self, *args: Any, places: Iterable[Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [
            (
                str(p.pk),
                f"{p.attendee or 'Not named'}, {p.order.school} ({p.order.reference}, place {p.number})",
            )
            for p in places
        ]
        _choose(self, "came", rows)

    def keys(self) -> set[int]:
        """The keys of the places on which somebody came."""
        return {int(key) for key in self.cleaned_data["came"]}


class StreamForm(forms.Form):
    """Which funding stream pays."""

    stream = forms.ChoiceField(label="Funding stream")

    def __init__(self, *args: Any, streams: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.streams = {stream.reference: stream for stream in streams}
        _choose(
            self, "stream", [("", "Choose a funding stream"), *((k, str(s)) for k, s in self.streams.items())]
        )


class GroupForm(forms.Form):
    """How many places each school of the family takes, and how the price is split."""

    split_by = forms.ChoiceField(
        label="How is the price split?",
        choices=SplitBy.choices,
        initial=SplitBy.EQUALLY,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, schools: Iterable[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schools = list(schools)
        for school in self.schools:
            name = school.organisation.name
            self.fields[f"places_{school.urn}"] = forms.IntegerField(
                label=f"Places for {name}",
                required=False,
                min_value=0,
                max_value=MOST_PLACES,
                widget=WholeNumberInput(suffix="places"),
                error_messages=_whole(f"Places for {name}", 0, MOST_PLACES),
            )
            self.fields[f"share_{school.urn}"] = forms.IntegerField(
                label=f"Share of {name}",
                required=False,
                min_value=1,
                max_value=MOST_SHARES,
                widget=WholeNumberInput(suffix="shares"),
                error_messages=_whole(f"Share of {name}", 1, MOST_SHARES),
                help_text="Only where you state the shares.",
            )
        self.order_fields(
            [f"{kind}_{school.urn}" for school in self.schools for kind in ("places", "share")] + ["split_by"]
        )

    def shares(self) -> list[GroupShare]:
        """The schools that take places."""
        data = self.cleaned_data
        return [
            GroupShare(school, data[f"places_{school.urn}"], data.get(f"share_{school.urn}") or 0)
            for school in self.schools
            if data.get(f"places_{school.urn}")
        ]
