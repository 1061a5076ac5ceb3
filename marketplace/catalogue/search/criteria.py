"""What is searched for: words, filters, order, and the school prices are for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self


class Sort(StrEnum):
    """Ways to order results. `FIT` is the published rule; the others break ties by it."""

    FIT = "fit"
    NEAREST = "nearest"
    CHEAPEST = "cheapest"
    BEST_RATED = "best_rated"
    NEWEST = "newest"


SORT_WORDS = {
    Sort.FIT: "Best fit",
    Sort.NEAREST: "Nearest",
    Sort.CHEAPEST: "Cheapest for your school",
    Sort.BEST_RATED: "Best rated",
    Sort.NEWEST: "Newest",
}


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """One search. Several values of one filter mean any of them; different filters all have to hold.

    Themes and support types by code, a theme of level 1 with all those under it. `max_price_pence` is what the school pays before
    VAT; `quality` in hundredths; `half_days` is how much is asked for, the least that can be bought where `None`.
    """

    q: str = ""
    themes: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    support_types: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    provider_kinds: tuple[str, ...] = ()
    within_km: int | None = None
    max_price_pence: int | None = None
    quality: int | None = None
    free_from: date | None = None
    free_to: date | None = None
    half_days: int | None = None
    sort: Sort = Sort.FIT

    @classmethod
    def from_parameters(cls, given: Mapping[str, Any]) -> Self:
        """The criteria of checked parameters (`PARAMETERS` and `sort`); empty ones, and others, are left out."""
        values: dict[str, Any] = {
            field: tuple(value) if isinstance(value, list | tuple | set) else value
            for parameter, field in {**PARAMETERS, "sort": "sort"}.items()
            if (value := given.get(parameter)) not in (None, "", [], ())
        }
        return cls(**values | {"sort": Sort(values["sort"])} if "sort" in values else values)

    @property
    def filters(self) -> tuple[str, ...]:
        """Parameters of what narrows this search, in the order of the form; two days count as one filter."""
        used = [p for p, field in PARAMETERS.items() if p != "days" and getattr(self, field)]
        return tuple(p for p in used if p != "free_to" or "free_from" not in used)

    def without(self, parameter: str) -> Self:
        """The same search with one filter taken away."""
        names = ("free_from", "free_to") if parameter in DATES else (PARAMETERS[parameter],)
        nothing = type(self)()
        return replace(self, **{name: getattr(nothing, name) for name in names})

    def to_query(self) -> dict[str, list[str]]:
        """The search as the parameters of its address, without the order."""
        said: dict[str, list[str]] = {}
        for parameter, field in PARAMETERS.items():
            if value := getattr(self, field):
                values = value if isinstance(value, tuple) else (value,)
                said[parameter] = [_in_address(parameter, each) for each in values]
        return said


PARAMETERS = {
    "q": "q",
    "theme": "themes",
    "phase": "phases",
    "type": "support_types",
    "mode": "modes",
    "provider": "provider_kinds",
    "within": "within_km",
    "max_price": "max_price_pence",
    "quality": "quality",
    "free_from": "free_from",
    "free_to": "free_to",
    "days": "half_days",
}
"""Name of each parameter in an address with the field it fills."""

DATES = ("free_from", "free_to")


def _in_address(parameter: str, value: Any) -> str:
    """Addresses hold pounds and days, as people type them."""
    if parameter == "max_price":
        return f"{value // 100}.{value % 100:02d}"
    if parameter == "days":
        return f"{value // 2}.5" if value % 2 else str(value // 2)
    return str(value)
