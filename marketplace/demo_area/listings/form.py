"""What a listing is, and short ways of writing prices and fees."""

from dataclasses import dataclass, field
from typing import Any

from marketplace.catalogue import presets

Data = dict[str, Any]

EARLY, PRIMARY, SECONDARY, POST_16, SPECIAL = (
    "early_years",
    "primary",
    "secondary",
    "post_16",
    "special_ap",
)
ALL_PHASES = (EARLY, PRIMARY, SECONDARY, POST_16, SPECIAL)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """An offer of the demo area, before it has a provider and people.

    `by` names the providers that list it (`bodies.Providers`). `cover` is how much of what schools need in its themes and phases
    it has days for, 0 where it states none; `reach` in kilometres. `stale` was not confirmed for half a year.
    """

    by: tuple[str, ...]
    kind: str
    title: str
    summary: str
    themes: tuple[str, ...]
    phases: tuple[str, ...]
    price: Data
    cover: float = 0
    reach: int = 25
    mode: str = "in_person"
    fee: Data = field(default_factory=dict)
    tariff: str = presets.STANDARD
    basis: str = "traded"
    scope: str = "open"
    minimum: int = 1
    status: str = "published"
    stale: bool = False
    reason: str = ""

    @property
    def is_of_days(self) -> bool:
        """Whether it gives a person's days, which can be booked and run out."""
        return self.cover > 0


# Prices --------------------------------------------------------------------------------------------------------------


def _changed(price: Data, changes: tuple[Data, ...]) -> Data:
    return price | {"modifiers": list(changes)} if changes else price


def day(pounds: int, *changes: Data, half: int | None = None) -> Data:
    """So many pounds a day."""
    price: Data = {"kind": "per_day", "amount_pence": pounds * 100}
    if half is not None:
        price["half_day_pence"] = half * 100
    return _changed(price, changes)


def half_day(pounds: int, *changes: Data) -> Data:
    return _changed({"kind": "per_half_day", "amount_pence": pounds * 100}, changes)


def session(pounds: int, *changes: Data) -> Data:
    return _changed({"kind": "per_session", "amount_pence": pounds * 100}, changes)


def place(pounds: int, *changes: Data) -> Data:
    return _changed({"kind": "per_place", "amount_pence": pounds * 100}, changes)


def fixed(pounds: int, *changes: Data) -> Data:
    return _changed({"kind": "fixed", "amount_pence": pounds * 100}, changes)


def per_pupil(pence: int, *changes: Data, **by_phase: int) -> Data:
    """So many pence per pupil; `special=839` for a phase that differs."""
    rates = {f"{phase}_pence": rate for phase, rate in by_phase.items()}
    return _changed({"kind": "per_pupil", "pupil_pence": pence} | rates, changes)


def flat_plus(flat_pence: int, pupil_pence: int, *changes: Data) -> Data:
    return _changed(
        {"kind": "flat_plus_per_pupil", "flat_pence": flat_pence, "pupil_pence": pupil_pence}, changes
    )


def within(pupil_pence: int, floor: int, cap: int, *changes: Data) -> Data:
    """So many pence per pupil, at least and at most so many pounds."""
    limits = {"floor_pence": floor * 100, "cap_pence": cap * 100}
    return _changed({"kind": "per_pupil_within_limits", "pupil_pence": pupil_pence} | limits, changes)


def bands(*steps: tuple[int | None, int], of: str = "school") -> Data:
    """Up to so many pupils, so many pounds; the last for any size."""
    rows = [
        {"amount_pence": pounds * 100} | ({"up_to_pupils": pupils} if pupils else {})
        for pupils, pounds in steps
    ]
    return {"kind": "banded_by_pupils", "bands": rows, "pupils_of": of, "amount_is": "whole"}


def staff(base: int, head_pence: int) -> Data:
    return {"kind": "base_plus_staff", "base_pence": base * 100, "head_pence": head_pence}


def levels(*steps: tuple[str, int, int, int]) -> Data:
    """Name, visits, hours each, pounds."""
    rows = [
        {"name": name, "visits": visits, "hours": hours, "amount_pence": pounds * 100}
        for name, visits, hours, pounds in steps
    ]
    return {"kind": "levels", "levels": rows}


def packages(*steps: tuple[int, int]) -> Data:
    """Days, pounds."""
    rows = [{"half_days": days * 2, "amount_pence": pounds * 100} for days, pounds in steps]
    return {"kind": "package_of_days", "packages": rows}


FREE = fixed(0)

MULTI_BUY = {"kind": "multi_buy", "from_number": 2, "percent_off_bp": 2_000}
MEMBERS_TENTH = {"kind": "member_rate", "percent_off_bp": 1_000}
EARLY_ORDER = {"kind": "early_order", "percent_off_bp": 500, "days_ahead": 60}
THREE_YEARS = {
    "kind": "multi_year_discount",
    "steps": [{"years": 2, "percent_off_bp": 300}, {"years": 3, "percent_off_bp": 500}],
}
FROZEN = {"kind": "price_freeze", "years": 2, "yearly_increase_bp": 300}

# Brokerage -----------------------------------------------------------------------------------------------------------

INSIDE = {"basis": "inclusive", "kind": "percent", "value": 1_500}
ON_TOP = {"basis": "additional", "kind": "percent", "value": 1_500}
FIFTY_A_DAY = {"basis": "inclusive", "kind": "per_day", "value": 5_000}
