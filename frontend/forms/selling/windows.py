"""The window of an area for a contract year."""

from datetime import date
from typing import Any

from django import forms

from frontend.forms.fields import GovukDateField, PoundsField
from frontend.forms.widgets import HintedRadios
from marketplace.buyback.models import BuyBackWindow, LateRule
from marketplace.buyback.rules.windows import WindowDates
from marketplace.kernel.dates import ContractCalendar, contract_year, contract_year_label, long_date
from marketplace.organisations.models import Area

YEARS_AHEAD = 3


class WindowForm(forms.Form):
    """The days of a window and what becomes of late orders."""

    prices_visible_from = GovukDateField(
        label="Prices can be seen from",
        help_text="Schools can fill their baskets from this day on. Leave them about a month to consider.",
    )
    orders_from = GovukDateField(
        label="Orders are taken from", help_text="Baskets can be ordered from this day on."
    )
    closes_on = GovukDateField(label="Last day for orders")
    late_rule = forms.ChoiceField(
        label="What if an order comes late?",
        choices=LateRule.choices,
        initial=LateRule.FULL_PRICE,
        widget=HintedRadios(
            hints={
                LateRule.REFUSED: "Schools can still buy single days and places",
                LateRule.FULL_PRICE: "Whenever the order comes, the agreement covers the whole contract year",
                LateRule.PRO_RATA: "The agreement starts on the first of a month",
            }
        ),
    )
    late_charge = PoundsField(
        label="Late charge",
        required=False,
        help_text="Added to each late agreement, before VAT. Leave empty for none.",
    )

    def dates(self, calendar: ContractCalendar, first_day: date) -> WindowDates:
        """The window as the rules take it."""
        data = self.cleaned_data
        return WindowDates(
            calendar=calendar,
            first_day=first_day,
            prices_visible_from=data["prices_visible_from"],
            orders_from=data["orders_from"],
            closes_on=data["closes_on"],
            late_rule=data["late_rule"],
            late_charge_pence=data["late_charge"] or 0,
        )

    @staticmethod
    def initial_of(window: BuyBackWindow) -> dict[str, Any]:
        """What the form starts with."""
        return {
            "prices_visible_from": window.prices_visible_from,
            "orders_from": window.orders_from,
            "closes_on": window.closes_on,
            "late_rule": window.late_rule,
            "late_charge": window.late_charge_pence or None,
        }


class NewWindowForm(WindowForm):
    """A new window: of which area, for which contract year."""

    area = forms.ModelChoiceField(label="Area", queryset=Area.objects.none(), to_field_name="code")
    year = forms.ChoiceField(
        label="For which contract year?",
        widget=HintedRadios(),
        help_text="Set one window for each calendar: maintained schools usually run by the financial year, academies by the academic.",
    )
    field_order = ("area", "year")

    def __init__(self, *args: Any, areas: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas = list(areas)
        if len(self.areas) == 1:
            del self.fields["area"]
        else:
            self.fields["area"].queryset = areas
        self.years = {f"{calendar}:{first}": (calendar, first) for calendar, first in _years(today)}
        self.fields["year"].choices = [
            (key, f"{contract_year_label(calendar, first)}") for key, (calendar, first) in self.years.items()
        ]
        self.fields["year"].widget.hints = {
            key: f"{long_date(first)} to {long_date(contract_year(calendar, first).end)}"
            for key, (calendar, first) in self.years.items()
        }

    @property
    def area_chosen(self) -> Area:
        """The area chosen, or the only one."""
        return self.cleaned_data.get("area") or self.areas[0]

    @property
    def new_dates(self) -> WindowDates:
        """The new window as the rules take it."""
        return self.dates(*self.years[self.cleaned_data["year"]])


def _years(today: date) -> list[tuple[ContractCalendar, date]]:
    """The running and the coming years of both calendars, soonest first."""
    found = [
        (calendar, date(contract_year(calendar, today).start.year + ahead, calendar.first_month, 1))
        for calendar in ContractCalendar
        for ahead in range(YEARS_AHEAD)
    ]
    return sorted(found, key=lambda each: each[1])
