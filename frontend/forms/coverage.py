"""Filters of the coverage pages. They are addresses, not entries: what cannot be understood is left out."""

from typing import Any

from django import forms

from frontend.forms.organisations import SizedFileField
from marketplace.catalogue import queries as catalogue
from marketplace.coverage.models import CellStatus
from marketplace.coverage.queries import CAUSES, TOLD_STATUSES
from marketplace.organisations.models import Area, Phase, Ward

ALL_PHASES = [("", "All phases"), *Phase.choices]


def _let_choose(form: forms.Form, name: str, choices: list[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _themes() -> list[Any]:
    """Themes under their headings, for a choice of one."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for theme in catalogue.themes():
        if theme.parent:
            groups.setdefault(theme.parent.name, []).append((theme.code, theme.name))
    return [("", "All themes"), *groups.items()]


class MatrixFilterForm(forms.Form):
    """Which rows and columns of the matrix to show, and of which ward."""

    heading = forms.ChoiceField(label="Theme", required=False)
    phase = forms.ChoiceField(label="Phase", choices=ALL_PHASES, required=False)
    status = forms.ChoiceField(label="Status", required=False)
    ward = forms.ChoiceField(label="Where", required=False)

    def __init__(self, *args: Any, area: Area, exact: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.themes = list(catalogue.themes())
        headings = {theme.parent_id for theme in self.themes}
        names = [(theme.code, theme.name) for theme in self.themes if theme.pk in headings]
        _let_choose(self, "heading", [("", "All themes"), *names])
        _let_choose(self, "status", [("", "Any status"), *(CellStatus.choices if exact else TOLD_STATUSES)])
        self.wards = dict(Ward.objects.filter(area=area).values_list("code", "name"))
        _let_choose(self, "ward", [("", f"All of {area}"), *self.wards.items()])

    def chosen(self) -> dict[str, str]:
        """What was chosen, without what is not among the choices."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}


class MapFilterForm(forms.Form):
    """What the map shows: of which theme and phase, and in which colours."""

    SHOWS = (
        ("balance", "Balance of days offered and needed"),
        ("reach", "Providers within reach"),
        ("brokerable", "Days that brokering could meet"),
    )
    theme = forms.ChoiceField(label="Theme", required=False)
    phase = forms.ChoiceField(label="Phase", choices=ALL_PHASES, required=False)
    show = forms.ChoiceField(label="Show", choices=SHOWS, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _let_choose(self, "theme", _themes())

    def chosen(self) -> dict[str, str]:
        """What was chosen, without what is not among the choices; `show` always says something."""
        self.is_valid()
        found = {name: self.cleaned_data.get(name, "") for name in self.fields}
        return found | {"show": found["show"] or "balance"}


class OfThemeForm(forms.Form):
    """A theme, a phase, or all of them."""

    theme = forms.ChoiceField(label="Theme", required=False)
    phase = forms.ChoiceField(label="Phase", choices=ALL_PHASES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _let_choose(self, "theme", _themes())

    def chosen(self) -> dict[str, str]:
        """What was chosen, without what is not among the choices."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}


class IdleFilterForm(OfThemeForm):
    """Which offers with idle days, and how near to unmet need."""

    ANYWHERE = "any"
    within = forms.ChoiceField(
        label="Unmet need within",
        choices=[("3", "3 km"), ("1", "1 km"), ("5", "5 km"), ("10", "10 km"), (ANYWHERE, "any distance")],
        required=False,
    )

    def metres(self) -> float:
        """The distance chosen: 3 km unless told otherwise."""
        within = self.chosen()["within"] or "3"
        return float("inf") if within == self.ANYWHERE else 1000.0 * int(within)


class RadarFilterForm(OfThemeForm):
    """Of which theme, phase and cause."""

    cause = forms.ChoiceField(
        label="What happened", choices=[("", "Anything"), *CAUSES.items()], required=False
    )


MOST_OF_A_FILE = 200_000


class ReasonForm(forms.Form):
    """Why an area is compared with."""

    reason = forms.CharField(
        label="Why do you compare with this area?",
        help_text="What makes the two alike: size, deprivation, mix of schools, a similar partnership. It stands beside the figures.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NeighbourFileForm(ReasonForm):
    """Another area's file of indicators."""

    file = SizedFileField(
        most=MOST_OF_A_FILE,
        label="File of the other area’s indicators",
        help_text="As its exchange gives it: a JSON file of indicators, with nothing of single schools in it.",
    )
    field_order = ("file", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False
        self.fields["reason"].help_text += " You need not say it again for an area you compare with already."


class CountryFilterForm(MapFilterForm):
    """What the map of the country shows, and of which region."""

    region = forms.ChoiceField(label="Region", required=False)
    field_order = ("region", "theme", "phase", "show")

    def __init__(self, *args: Any, regions: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _let_choose(self, "region", [("", "All regions"), *((name, name) for name in regions)])
