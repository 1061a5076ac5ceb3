"""The question of commissioning advice."""

from typing import Any

from django import forms

from frontend.forms.coverage import ALL_PHASES
from frontend.forms.fields import PoundsField
from frontend.forms.widgets import AffixInput, PoundsWidget
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Theme
from marketplace.coverage.actions import MOST_BUDGET
from marketplace.organisations.models import Area, Ward

BUDGET_PENCE = 20_000_00


class AdviceForm(forms.Form):
    """A budget, which gaps it is for, and limits on choosing."""

    budget = PoundsField(
        label="Budget",
        min_pence=0,
        max_pence=MOST_BUDGET,
        initial=BUDGET_PENCE,
        widget=PoundsWidget({"class": "govuk-input--width-10"}),
        help_text="With £0 you see what brokering alone can do",
    )
    theme = forms.ModelChoiceField(
        label="Theme",
        queryset=Theme.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="All themes",
    )
    phase = forms.ChoiceField(label="Phase", choices=ALL_PHASES, required=False)
    ward = forms.ModelChoiceField(
        label="Where the schools are", queryset=Ward.objects.none(), to_field_name="code", required=False
    )
    limit_owners = forms.BooleanField(label="Spread the money over several providers", required=False)
    ward_floor = forms.IntegerField(
        label="Part of every ward’s need to be made possible first",
        required=False,
        min_value=1,
        max_value=100,
        widget=AffixInput({"class": "govuk-input--width-3", "inputmode": "numeric"}, suffix="%"),
        help_text="Leave it empty to go wherever most days can be had",
        error_messages={
            "invalid": "Enter a whole number from 1 to 100",
            "min_value": "Enter 1 or more",
            "max_value": "Enter 100 or less",
        },
    )

    def __init__(self, *args: Any, area: Area, owner_percent: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        themes = catalogue.themes()
        self.fields["theme"].queryset = themes.filter(parent__isnull=False)  # type: ignore[attr-defined]
        self.fields["ward"].queryset = Ward.objects.filter(area=area).defer("geometry")  # type: ignore[attr-defined]
        self.fields["ward"].empty_label = f"All of {area}"  # type: ignore[attr-defined]
        self.fields["limit_owners"].help_text = f"No provider gets more than {owner_percent}% of the budget"

    def question(self) -> dict[str, Any]:
        """What the action takes."""
        given = self.cleaned_data
        return {
            "budget_pence": given["budget"],
            "theme": given["theme"],
            "phase": given["phase"],
            "ward": given["ward"],
            "limit_owners": given["limit_owners"],
            "ward_floor_percent": given["ward_floor"],
        }
