"""Amounts of packages and of the bank of days, in words."""

from django import template

from marketplace.buyback.queries import booking_of
from marketplace.buyback.rules.drawing import HALF_DAYS, amount_words
from marketplace.kernel.days import HALF_DAYS_IN_A_DAY
from marketplace.kernel.models import Transfer

register = template.Library()


@register.filter
def amount(quantity: int | None, unit: str) -> str:
    """`{{ left|amount:entitlement.unit }}`: `2½ days`, `1 place`, `3 credits`."""
    return "" if quantity is None else amount_words(quantity, unit)


@register.filter
def short_amount(quantity: int | None, unit: str) -> str:
    """The number alone, for a column whose row says the unit: days of half-days (`2½`), places, reviews."""
    if quantity is None or unit != HALF_DAYS:
        return "" if quantity is None else f"{quantity:,}"
    whole, half = divmod(quantity, HALF_DAYS_IN_A_DAY)
    return f"{whole:,}{'½' if half else ''}" if whole or not half else "½"


@register.filter
def credits(quantity: int | None) -> str:
    """`{{ balance|credits }}`: `3 credits`."""
    return "" if quantity is None else amount_words(quantity, "credits")


@register.filter
def signed_credits(quantity: int) -> str:
    """`+2`, `−1`, `0`."""
    return f"{quantity:+,}".replace("-", "−") if quantity else "0"


@register.filter
def reference_in(transfer: Transfer, references: dict[int, str]) -> str:
    """The reference of the booking a movement was for, where it is among those the person may see."""
    return references.get(booking_of(transfer), "")
