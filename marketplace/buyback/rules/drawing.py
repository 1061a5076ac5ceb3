"""How much of a package a part of a year brings, which days fit a session, and what unused days become."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from marketplace.kernel.dates import MONTHS_IN_A_YEAR, long_date
from marketplace.kernel.days import format_days
from marketplace.kernel.money import round_half_up

HALF_DAYS = "half_days"

_UNITS = {
    "places": ("place", "places"),
    "reviews": ("peer review", "peer reviews"),
    "credits": ("credit", "credits"),
}


def amount_words(quantity: int, unit: str) -> str:
    """An amount of a ledger's unit as people say it: `2½ days`, `1 place`, `3 credits`."""
    if unit == HALF_DAYS:
        return format_days(quantity)
    one, many = _UNITS[unit]
    return f"{quantity:,} {one if quantity == 1 else many}".replace("-", "−")


# Granting ------------------------------------------------------------------------------------------------------------


def granted_for(quantity: int, months: int) -> int:
    """What of a year's quantity belongs to so many whole months: half a unit (half a half-day) is rounded up."""
    return round_half_up(Fraction(quantity * months, MONTHS_IN_A_YEAR))


def grant_words(quantity: int, months: int, unit: str) -> str:
    """Where a grant comes from: `8 days a year`, or for a part `6 of 12 months of 9 days a year: 4½ days`."""
    whole = f"{amount_words(quantity, unit)} a year"
    if months >= MONTHS_IN_A_YEAR:
        return whole
    granted = amount_words(granted_for(quantity, months), unit)
    exact = quantity * months % MONTHS_IN_A_YEAR == 0
    rounded = "" if exact else ", rounded to the half-day" if unit == HALF_DAYS else ", rounded"
    return f"{months} of {MONTHS_IN_A_YEAR} months of {whole}: {granted}{rounded}"


# Fitting -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What an entitlement is good for. `theme` and `support_type` are keys; None means any."""

    holder: int
    seller: int
    is_days: bool
    theme: int | None
    support_type: int | None
    valid_from: date
    valid_to: date
    is_closed: bool = False
    is_places: bool = False


@dataclass(frozen=True, kw_only=True)
class Wish:
    """The session, or the places on a course, to be paid for. `themes` are the keys of its themes and of those above them."""

    school: int
    provider: int
    themes: frozenset[int]
    support_type: int
    day: date
    is_for_places: bool = False


def why_unfit(holding: Holding, wish: Wish) -> str:
    """Why a session can't be drawn from an entitlement, whatever is left of it; empty where it can."""
    if holding.holder != wish.school:
        return "These days belong to another school."
    if holding.seller != wish.provider:
        return "These days were bought from another provider."
    if wish.is_for_places and not holding.is_places:
        return "This is not for places on courses."
    if not wish.is_for_places and not holding.is_days:
        return "This is not for days of support."
    if holding.is_closed:
        return "These days have been settled and can no longer be used."
    if not holding.valid_from <= wish.day <= holding.valid_to:
        return (
            f"These days can be used from {long_date(holding.valid_from)} to {long_date(holding.valid_to)}."
        )
    if holding.theme is not None and holding.theme not in wish.themes:
        return "These days are for another theme."
    if holding.support_type is not None and holding.support_type != wish.support_type:
        return "These days are for another kind of support."
    return ""


# Carrying forward ----------------------------------------------------------------------------------------------------


def carried(
    policy: str,
    left: int,
    *,
    cap: int = 0,
    approved: int = 0,
    was_carried: bool = False,
    is_days: bool = True,
) -> int:
    """What of an unused rest goes into the next contract year: nothing, days up to a cap, or what the seller approved.

    `cap` is what of a package's cap is still free. Days are carried once: what was itself carried forward lapses.
    """
    if was_carried or (policy == "capped" and not is_days):
        return 0
    return {"capped": min(left, cap), "with_approval": min(left, approved)}.get(policy, 0)
