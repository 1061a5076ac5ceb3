"""Forms of what-ifs: one for each kind of edit, and those that save, share and filter. The rules are in `marketplace.coverage`."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from frontend.forms.fields import DaysField, PoundsField
from frontend.forms.widgets import AffixInput, HintedRadios
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import DeliveryMode
from marketplace.coverage.models import SharedWith, Snapshot
from marketplace.coverage.queries import Sight
from marketplace.coverage.scenarios import queries
from marketplace.coverage.scenarios.lines import MOST_DAYS, MOST_KM, MOST_PENCE, Kind
from marketplace.coverage.scenarios.queries import Choice
from marketplace.kernel.days import HALF_DAYS_IN_A_DAY
from marketplace.organisations.models import Phase, Ward

Choices = list[Any]
STEP_KM = Decimal("0.5")


def _searched() -> forms.Select:
    return forms.Select({"data-autocomplete": ""})


def _theme() -> forms.ChoiceField:
    return forms.ChoiceField(label="Theme", widget=_searched())


def _phase() -> forms.ChoiceField:
    return forms.ChoiceField(label="Phase", choices=[("", "Choose a phase"), *Phase.choices])


def _offer(label: str = "Which offer?", *, required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, widget=_searched(), required=required)


def _km(label: str, *, required: bool = True, hint: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        help_text=hint,
        validators=[_is_a_distance],
        error_messages={"invalid": "Write the kilometres in digits, for example 12 or 12.5"},
        widget=AffixInput({"class": "govuk-input--width-4", "inputmode": "decimal"}, suffix="km"),
    )


def _is_a_distance(km: Decimal) -> None:
    if not 0 < km <= MOST_KM or km % STEP_KM:
        raise ValidationError(f"Enter from {STEP_KM} to {MOST_KM} km, in steps of half a kilometre")


def _days(label: str) -> DaysField:
    return DaysField(label=label, max_half_days=MOST_DAYS * HALF_DAYS_IN_A_DAY)


def _cost(label: str, hint: str = "") -> PoundsField:
    return PoundsField(label=label, required=False, help_text=hint, max_pence=MOST_PENCE)


class EditForm(forms.Form):
    """What all edits share: choices from the snapshot, and the edit as the rules read it."""

    kind: Kind

    def __init__(
        self, data: Any = None, *, sight: Sight, snapshot: Snapshot, initial: dict[str, str]
    ) -> None:
        super().__init__(data, initial=initial)
        theme, phase = initial.get("theme", ""), initial.get("phase", "")
        if "offer" in self.fields:
            offers = queries.offers_to_choose(sight, snapshot, theme=theme, phase=phase)
            self._let_choose("offer", _in_groups("Choose an offer", "For this theme and phase", offers))
        if "provider" in self.fields:
            providers = queries.providers_to_choose(sight, snapshot)
            self._let_choose("provider", _in_groups("Choose a provider", "", providers))
        if "school" in self.fields:
            schools = queries.schools_to_choose(sight, snapshot, phase=phase)
            self._let_choose("school", _in_groups("Choose a school", "Of this phase", schools))
        if "theme" in self.fields:
            self._let_choose("theme", [("", "Choose a theme"), *_themes()])
        if "ward" in self.fields:
            wards = Ward.objects.filter(area=sight.area).order_by("name").values_list("code", "name")
            self._let_choose("ward", [("", f"The middle of {sight.area}"), *wards])

    def _let_choose(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def edit(self) -> dict[str, Any]:
        """The edit, without what was left empty."""
        found: dict[str, Any] = {"kind": self.kind.value}
        for name, value in self.cleaned_data.items():
            if value in ("", None):
                continue
            if name == "days":
                value = value / 2
            elif isinstance(value, Decimal):
                value = float(value)
            elif name == "school":
                value = int(value)
            found[name] = value
        return found


def _themes() -> Choices:
    groups: dict[str, list[tuple[str, str]]] = {}
    for theme in catalogue.themes():
        if theme.parent:
            groups.setdefault(theme.parent.name, []).append((theme.code, theme.name))
    return list(groups.items())


def _in_groups(nothing: str, heading: str, choices: Sequence[Choice]) -> Choices:
    fitting = [(choice.code, choice.name) for choice in choices if choice.fits]
    others = [(choice.code, choice.name) for choice in choices if not choice.fits]
    if not fitting:
        return [("", nothing), *others]
    return [("", nothing), (heading, fitting), *([("Others", others)] if others else [])]


class AddForm(EditForm):
    """Somebody new offers days."""

    kind = Kind.ADD
    theme, phase = _theme(), _phase()
    days = _days("How many days?")
    pence = _cost("Price of a day", "Leave it empty if it would cost nothing.")
    ward = forms.ChoiceField(
        label="Where would it come from?",
        required=False,
        help_text="Distances are counted from the middle of the ward.",
    )
    km = _km("How far would it reach?", required=False, hint="25 km if you leave it empty.")
    mode = forms.ChoiceField(
        label="How would it be given?", choices=DeliveryMode.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, initial: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, initial={"mode": DeliveryMode.IN_PERSON.value} | initial, **kwargs)


class ExtendForm(EditForm):
    """An offer has more days."""

    kind = Kind.EXTEND
    offer = _offer()
    days = _days("How many days more?")
    pence = _cost("Price of a day", "Leave it empty if they would cost nothing.")


class ReachForm(EditForm):
    """An offer reaches farther."""

    kind = Kind.REACH
    offer = _offer()
    km = _km("How far would it reach?", hint="In a straight line. By road it is about 1.3 times as far.")
    cost_pence = _cost("What would the travel cost in all?", "For the school year.")


class RemoteForm(EditForm):
    """An offer can be had remotely, or no longer."""

    kind = Kind.REMOTE
    offer = _offer()
    remote = forms.TypedChoiceField(
        label="Can it be had remotely?",
        choices=[("yes", "Yes, remotely too"), ("no", "No, in person only")],
        coerce=lambda value: value == "yes",
        widget=HintedRadios(
            hints={"yes": "It then helps schools that would take support by video call, in themes fit for it"}
        ),
    )
    cost_pence = _cost("What would it cost to set up?")

    def __init__(self, *args: Any, initial: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, initial={"remote": "yes"} | initial, **kwargs)


class RedirectForm(EditForm):
    """An offer serves one more theme."""

    kind = Kind.REDIRECT
    offer = _offer()
    theme = _theme()
    cost_pence = _cost("What would the training cost?")


class RemoveForm(EditForm):
    """An offer, or all of a provider, is there no longer."""

    kind = Kind.REMOVE
    offer = _offer("One offer", required=False)
    provider = forms.ChoiceField(label="Or every offer of a provider", widget=_searched(), required=False)


class NeedForm(EditForm):
    """A school needs more."""

    kind = Kind.NEED
    school = forms.ChoiceField(label="Which school?", widget=_searched())
    theme, phase = _theme(), _phase()
    days = _days("How many days?")
    remote = forms.BooleanField(label="Support by video call would do", required=False)


FORMS: dict[Kind, type[EditForm]] = {
    form.kind: form
    for form in (AddForm, ExtendForm, ReachForm, RemoteForm, RedirectForm, RemoveForm, NeedForm)
}


class NameForm(forms.Form):
    """The name a what-if is kept under."""

    name = forms.CharField(
        label="Name", max_length=100, help_text="For example: 20 more days of phonics in the east."
    )


class ShareForm(forms.Form):
    """Who else sees it."""

    shared_with = forms.ChoiceField(
        label="Who can see it?",
        choices=SharedWith.choices,
        widget=HintedRadios(
            hints={
                SharedWith.CONVENORS: "Those of this area, in exact numbers. They can copy it but not change it",
                SharedWith.BOARD: "The partnership board and scrutiny see days in fives, without schools, providers or prices of a day",
            }
        ),
    )


class WhatIfFilterForm(forms.Form):
    """Which what-ifs to list."""

    q = forms.CharField(label="Name or author", required=False, max_length=100)
    whose = forms.ChoiceField(
        label="Whose",
        required=False,
        choices=[("", "Anybody’s"), ("mine", "Mine"), ("shared", "Shared with me")],
    )
