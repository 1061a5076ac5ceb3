"""What is searched for: words, filters, order, and the school prices are for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
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
    def from_cleaned(cls, cleaned: Mapping[str, Any]) -> Self:
        """The criteria of a checked form or serializer whose fields are named as here; empty values are left out."""
        given: dict[str, Any] = {}
        for field in fields(cls):
            value = cleaned.get(field.name)
            if value not in (None, "", [], ()):
                given[field.name] = tuple(value) if isinstance(value, list | tuple | set) else value
        if "sort" in given:
            given["sort"] = Sort(given["sort"])
        return cls(**given)

    @property
    def filters(self) -> tuple[str, ...]:
        """Names of what narrows this search, in the order of the form."""
        narrowing = [name for name in NARROWING if getattr(self, name)]
        return tuple(name for name in narrowing if name != "free_to" or "free_from" not in narrowing)

    def without(self, name: str) -> Self:
        """The same search with one filter taken away."""
        names = ("free_from", "free_to") if name in ("free_from", "free_to") else (name,)
        return replace(self, **{each: NOTHING[each] for each in names})

    def to_query(self) -> dict[str, list[str]]:
        """The search as parameters of an address."""
        said: dict[str, list[str]] = {}
        for name in (*NARROWING, "half_days"):
            value = getattr(self, name)
            if value:
                values: Sequence[Any] = value if isinstance(value, tuple) else (value,)
                said[name] = [str(each) for each in values]
        return said


NARROWING = tuple(f.name for f in fields(Criteria) if f.name not in ("sort", "half_days"))
NOTHING = {f.name: f.default for f in fields(Criteria)}
