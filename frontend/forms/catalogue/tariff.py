"""What cancelling costs, typed in whole: the charges by notice, peak dates, free sessions, not coming, and the promises.

Drawn from the descriptions in `catalogue.tariffs`; a preset is only a place to start from.
"""

from typing import Any

from frontend.forms.catalogue.described import DescribedForm, Rows
from marketplace.catalogue.pricing import read_form
from marketplace.catalogue.tariffs import CancellationTariff, TariffInvalid


class TariffForm(DescribedForm):
    """A cancellation tariff. `tariff` is what it starts with."""

    def __init__(self, data: Any = None, *, tariff: dict[str, Any]) -> None:
        super().__init__(data)
        self.names = self._draw(CancellationTariff.fields(), "", tariff)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        reading = read_form(CancellationTariff, self._posted())
        for name, problem in reading.problems.items():
            self._refuse(name, problem)
        if not self.errors:
            try:
                data["tariff"] = CancellationTariff.from_data(reading.data).to_data()
            except TariffInvalid as error:
                self._refuse(error.field, str(error))
        return data

    @property
    def parts(self) -> dict[str, Any]:
        """What the template draws, by the name in the tariff: a bound field, a list of rows or a group."""
        described = [field.name for field in CancellationTariff.fields()]
        return dict(zip(described, self._bound(self.names), strict=True))

    @property
    def has_peak(self) -> bool:
        """Whether the part about peak dates is to be open."""
        return self._filled("peak_dates") or self._filled("peak_tiers")

    @property
    def has_free(self) -> bool:
        """Whether the part about free sessions is to be open."""
        return self._filled("free_tiers")

    def _filled(self, name: str) -> bool:
        rows = self.parts[name]
        assert isinstance(rows, Rows)
        typed = (bound for row in rows.rows for bound in row if not bound.name.endswith("-unit"))
        return bool(rows.errors) or self.data.get("more") == name or any(bound.value() for bound in typed)
