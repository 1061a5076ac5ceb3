"""Forms by which a convenor sets an area's parameters of coverage, and says what a board was shown."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from frontend.forms.fields import GovukDateField
from frontend.forms.widgets import AffixInput
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Theme
from marketplace.coverage.actions import LONGEST_MEETING
from marketplace.coverage.options import OPTIONS, Answer, Option, answer_of
from marketplace.coverage.parameters import PARAMETERS, PRIORITY_THEMES, Parameter, value_of, values_from
from marketplace.organisations.models import Area, Ward


class NumberField(forms.CharField):
    """A number within bounds. Cleans to a float, or None where left empty; a share is typed in percent and kept as a share."""

    def __init__(
        self, *, least: float, most: float, unit: str = "", share: bool = False, **kwargs: Any
    ) -> None:
        self.least, self.most, self.share = least, most, share
        widget = AffixInput({"class": "govuk-input--width-4", "inputmode": "decimal"}, suffix=unit)
        super().__init__(widget=widget, max_length=12, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{round(value * self._times, 6):g}" if isinstance(value, int | float) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        least, most = self.least * self._times, self.most * self._times
        try:
            number = float(text.replace(",", "").replace("%", ""))
        except ValueError:
            raise ValidationError(f"Write a number in digits, for example {most:g}", code="invalid") from None
        if not least <= number <= most:  # also false for what is not a number
            raise ValidationError(f"Enter a number from {least:g} to {most:g}", code="out_of_range")
        return round(number / self._times, 6)

    @property
    def _times(self) -> int:
        return 100 if self.share else 1


NOT_ASKED = ("advice", "default_reach_km")
"""What an area may have set that this form has no question for: it stays as it is."""


class ParametersForm(forms.Form):
    """Every parameter of an area's coverage. `values` gives them as `actions.change_settings` takes them."""

    sides = forms.CharField(
        label="Wards cut off by water",
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="One line for each group of wards that an estuary or a strait cuts off, the names separated by commas."
        " Nobody is taken to travel in person between a group and the rest; support at a distance still counts.",
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, area: Area, now: Mapping[str, Any]) -> None:
        self.wards = dict(Ward.objects.filter(area=area).order_by("name").values_list("code", "name"))
        themes = list(catalogue.themes())
        headings = {theme.parent_id for theme in themes}
        self.themes = [theme for theme in themes if theme.pk not in headings]
        super().__init__(data, initial=self._initial(now))
        self.kept = {name: now[name] for name in NOT_ASKED if name in now}
        for parameter in PARAMETERS:
            self.fields[parameter.name] = _number_field(parameter)
        for option in OPTIONS:
            self.fields[option.name] = _choice_field(option)
        for theme in self.themes:
            self._add_theme(theme)
        if not self.wards:
            del self.fields["sides"]

    def _initial(self, now: Mapping[str, Any]) -> dict[str, Any]:
        """What holds now."""
        initial: dict[str, Any] = {each.name: value_of(now, each) for each in PARAMETERS}
        initial |= {option.name: answer_of(now, option) for option in OPTIONS}
        fit, radius, first = (
            now.get(name, {}) for name in ("remote_fit", "theme_radius_km", PRIORITY_THEMES)
        )
        for theme in self.themes:
            initial[f"fit-{theme.code}"] = fit.get(theme.code, theme.remote_fit / 100)
            initial[f"km-{theme.code}"] = radius.get(theme.code, theme.max_km)
            initial[f"latent-{theme.code}"] = now.get("latent_days", {}).get(theme.code, 0.0)
            initial[f"first-{theme.code}"] = theme.code in first
        groups: dict[int, list[str]] = {}
        for code, side in now.get("sides", {}).items():
            groups.setdefault(int(side), []).append(self.wards.get(code, code))
        return initial | {"sides": "\n".join(", ".join(names) for _, names in sorted(groups.items()))}

    def _add_theme(self, theme: Theme) -> None:
        self.fields[f"first-{theme.code}"] = forms.BooleanField(label=f"{theme}: priority", required=False)
        self.fields[f"fit-{theme.code}"] = NumberField(
            label=f"{theme}: worth at a distance", least=0, most=1, unit="%", share=True
        )
        self.fields[f"km-{theme.code}"] = NumberField(
            label=f"{theme}: no visits beyond", least=1, most=400, unit="km"
        )
        self.fields[f"latent-{theme.code}"] = NumberField(
            label=f"{theme}: modelled days for each 100 pupils", least=0, most=50, unit="days"
        )

    @property
    def groups(self) -> Iterator[tuple[str, list[tuple[Parameter | Option, Any, str]]]]:
        """Numbers and choices under their headings, each with its parameter or option and its default in words."""
        asked: tuple[Parameter | Option, ...] = (*PARAMETERS, *OPTIONS)
        for heading in dict.fromkeys(each.group for each in asked):
            yield (
                heading,
                [(each, self[each.name], _default_of(each)) for each in asked if each.group == heading],
            )

    @property
    def by_theme(self) -> Iterator[tuple[Theme, Any, list[Any]]]:
        """Each theme with its tick for priority and its three numbers."""
        for theme in self.themes:
            first, *numbers = (self[f"{name}-{theme.code}"] for name in ("first", "fit", "km", "latent"))
            yield theme, first, numbers

    def clean_sides(self) -> dict[str, int]:
        """By ward code the number of its group, from 1."""
        by_name = {name.casefold(): code for code, name in self.wards.items()}
        found: dict[str, int] = {}
        lines = [line for line in self.cleaned_data["sides"].splitlines() if line.strip()]
        for group, line in enumerate(lines, start=1):
            for name in filter(None, (name.strip() for name in line.split(","))):
                if name.casefold() not in by_name:
                    raise ValidationError(f"There is no ward called “{name}”. Write it as the map does.")
                found[by_name[name.casefold()]] = group
        return found

    def values(self) -> dict[str, Any]:
        """What differs from the defaults, of a valid form."""
        said = self.cleaned_data
        return values_from(
            {each.name: said[each.name] for each in PARAMETERS},
            {option.name: said[option.name] for option in OPTIONS},
            remote_fit={
                theme.code: said[f"fit-{theme.code}"]
                for theme in self.themes
                if said[f"fit-{theme.code}"] != theme.remote_fit / 100
            },
            theme_radius_km={
                theme.code: said[f"km-{theme.code}"]
                for theme in self.themes
                if said[f"km-{theme.code}"] != theme.max_km
            },
            latent_days={
                theme.code: said[f"latent-{theme.code}"]
                for theme in self.themes
                if said[f"latent-{theme.code}"]
            },
            priority_themes=[theme.code for theme in self.themes if said[f"first-{theme.code}"]],
            sides=said.get("sides", {}),
            **self.kept,
        )  # fmt: skip


def _number_field(parameter: Parameter) -> NumberField:
    return NumberField(
        label=parameter.label,
        least=parameter.least,
        most=parameter.most,
        unit=parameter.unit,
        share=parameter.share,
    )


def _choice_field(option: Option) -> forms.TypedChoiceField:
    """A choice of one answer. Cleans to the answer as it is kept."""
    kept: dict[str, Answer] = {str(answer): answer for answer, _ in option.answers}
    return forms.TypedChoiceField(
        label=option.label,
        choices=[(text, option.words(answer)) for text, answer in kept.items()],
        coerce=kept.__getitem__,
    )


def _default_of(asked: Parameter | Option) -> str:
    if isinstance(asked, Option):
        return asked.words(asked.default)
    return in_words(asked, asked.default)


def in_words(parameter: Parameter, number: float) -> str:
    """A parameter's number as people say it: `80%`, `1.2 days`, `10 km`."""
    if parameter.share:
        return f"{round(number * 100, 4):g}%"
    unit = parameter.unit.removesuffix("s") if number == 1 and parameter.unit != "times" else parameter.unit
    return f"{number:g} {unit}"


class BoardDateForm(forms.Form):
    """Which snapshot a board meeting was shown."""

    meeting = forms.CharField(
        label="Which meeting",
        max_length=LONGEST_MEETING,
        help_text="For example, Partnership board, autumn.",
    )
    day = GovukDateField(label="Day of the meeting", help_text="For example, 27 11 2027.")
    snapshot = forms.TypedChoiceField(label="What it was shown", coerce=int)

    def __init__(self, *args: Any, snapshots: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["snapshot"]
        field.choices = snapshots
