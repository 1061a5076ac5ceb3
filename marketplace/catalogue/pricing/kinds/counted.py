"""Prices for each of something counted: days, half-days, sessions, places.

Discounts on the second and later ones, and prices for each for members, make sense for these kinds only.
"""

from abc import abstractmethod
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Annotated, ClassVar

from marketplace.catalogue.pricing.facts import PriceCannotBeWorkedOut, PriceLine, Quantity, SchoolFacts
from marketplace.catalogue.pricing.fields import Pence
from marketplace.catalogue.pricing.kinds.base import BaseKind
from marketplace.kernel.days import format_days
from marketplace.kernel.money import pounds, round_half_up


@dataclass(frozen=True, kw_only=True)
class UnitKind(BaseKind):
    """A price for each unit of something counted."""

    amount_pence: Annotated[int, Pence("Price", hint="Before VAT.")]

    UNIT: ClassVar[str]

    @abstractmethod
    def units(self, quantity: Quantity) -> Fraction:
        """How many units are asked for."""

    @abstractmethod
    def first(self, quantity: Quantity, units: int) -> Quantity:
        """The same order, cut down to its first `units` units."""

    def lines(self, school: SchoolFacts, quantity: Quantity) -> tuple[PriceLine, ...]:
        units = self.units(quantity)
        if not units:
            raise PriceCannotBeWorkedOut(
                f"The price is {pounds(self.amount_pence)} a {self.UNIT}, and no {self.UNIT} is asked for.",
                remedy=f"Say how many {self.UNIT}s you want.",
            )
        return self.unit_lines(units)

    def unit_lines(self, units: Fraction) -> tuple[PriceLine, ...]:
        """The lines of a number of units, which may end in a half for days."""
        noun = self.UNIT if units == 1 else f"{self.UNIT}s"
        return (
            PriceLine(
                f"{units} {noun} × {pounds(self.amount_pence)}", round_half_up(self.amount_pence * units)
            ),
        )

    def full_price(self, quantity: Quantity) -> int:
        """What the units cost before any discount; 0 for none."""
        units = self.units(quantity)
        return sum(line.pence for line in self.unit_lines(units)) if units else 0

    def describe(self) -> str:
        return f"{pounds(self.amount_pence)} a {self.UNIT}"


@dataclass(frozen=True, kw_only=True)
class PerDay(UnitKind):
    """Flat fee for a day; half days pro rata unless they have their own price."""

    half_day_pence: Annotated[
        int | None, Pence("Price of a half day", hint="Leave empty for half the price of a day.")
    ] = None

    KIND = "per_day"
    LABEL = "Price a day"
    SUMMARY = (
        "The same price for every school, for each day. A half day is half of it unless you set its price."
    )
    UNIT = "day"

    def units(self, quantity: Quantity) -> Fraction:
        return Fraction(quantity.half_days, 2)

    def first(self, quantity: Quantity, units: int) -> Quantity:
        return replace(quantity, half_days=min(quantity.half_days, units * 2))

    def unit_lines(self, units: Fraction) -> tuple[PriceLine, ...]:
        if self.half_day_pence is None or units.denominator == 1:
            price = round_half_up(self.amount_pence * units)
            return (PriceLine(f"{format_days(int(units * 2))} × {pounds(self.amount_pence)} a day", price),)
        half_day = PriceLine(f"half a day at {pounds(self.half_day_pence)}", self.half_day_pence)
        whole_days = units - Fraction(1, 2)
        return (*self.unit_lines(whole_days), half_day) if whole_days else (half_day,)

    def describe(self) -> str:
        half = (
            "half days pro rata"
            if self.half_day_pence is None
            else f"{pounds(self.half_day_pence)} a half day"
        )
        return f"{pounds(self.amount_pence)} a day, {half}"

    def smallest_quantity(self) -> Quantity:
        return Quantity(half_days=2)


@dataclass(frozen=True, kw_only=True)
class PerHalfDay(UnitKind):
    """Flat fee for a half day."""

    KIND = "per_half_day"
    LABEL = "Price a half day"
    SUMMARY = "The same price for every school, for each half day."
    UNIT = "half day"

    def units(self, quantity: Quantity) -> Fraction:
        return Fraction(quantity.half_days)

    def first(self, quantity: Quantity, units: int) -> Quantity:
        return replace(quantity, half_days=min(quantity.half_days, units))

    def smallest_quantity(self) -> Quantity:
        return Quantity(half_days=1)


@dataclass(frozen=True, kw_only=True)
class PerSession(UnitKind):
    """Flat fee for a session."""

    KIND = "per_session"
    LABEL = "Price a session"
    SUMMARY = "The same price for every school, for each session, whatever its length."
    UNIT = "session"

    def units(self, quantity: Quantity) -> Fraction:
        return Fraction(quantity.sessions)

    def first(self, quantity: Quantity, units: int) -> Quantity:
        return replace(quantity, sessions=min(quantity.sessions, units))

    def smallest_quantity(self) -> Quantity:
        return Quantity(sessions=1)


@dataclass(frozen=True, kw_only=True)
class PerPlace(UnitKind):
    """Flat fee for a place on a course."""

    KIND = "per_place"
    LABEL = "Price a place"
    SUMMARY = "The same price for every school, for each person who comes."
    UNIT = "place"

    def units(self, quantity: Quantity) -> Fraction:
        return Fraction(quantity.places)

    def first(self, quantity: Quantity, units: int) -> Quantity:
        return replace(quantity, places=min(quantity.places, units))

    def smallest_quantity(self) -> Quantity:
        return Quantity(places=1)
