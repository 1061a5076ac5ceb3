"""Filters of the coverage pages. They are addresses, not entries: what cannot be understood is left out."""

from typing import Any

from django import forms

from marketplace.catalogue import queries as catalogue
from marketplace.coverage.models import CellStatus
from marketplace.organisations.models import Area, Phase, Ward

ALL_PHASES = [("", "All phases"), *Phase.choices]


def _let_choose(form: forms.Form, name: str, choices: list[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class MatrixFilterForm(forms.Form):
    """Which rows and columns of the matrix to show, and of which ward."""

    heading = forms.ChoiceField(label="Theme", required=False)
    phase = forms.ChoiceField(label="Phase", choices=ALL_PHASES, required=False)
    status = forms.ChoiceField(
        label="Status", choices=[("", "Any status"), *CellStatus.choices], required=False
    )
    ward = forms.ChoiceField(label="Where", required=False)

    def __init__(self, *args: Any, area: Area, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.themes = list(catalogue.themes())
        headings = {theme.parent_id for theme in self.themes}
        names = [(theme.code, theme.name) for theme in self.themes if theme.pk in headings]
        _let_choose(self, "heading", [("", "All themes"), *names])
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
        groups: dict[str, list[tuple[str, str]]] = {}
        for theme in catalogue.themes():
            if theme.parent:
                groups.setdefault(theme.parent.name, []).append((theme.code, theme.name))
        _let_choose(self, "theme", [("", "All themes"), *groups.items()])

    def chosen(self) -> dict[str, str]:
        """What was chosen, without what is not among the choices; `show` always says something."""
        self.is_valid()
        found = {name: self.cleaned_data.get(name, "") for name in self.fields}
        return found | {"show": found["show"] or "balance"}
