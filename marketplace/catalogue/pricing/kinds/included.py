"""Prices of a whole: one fixed price, a level with its visits, a package of days."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from marketplace.catalogue.pricing.described import Described, Rows
from marketplace.catalogue.pricing.facts import (
    PriceCannotBeWorkedOut,
    PriceLine,
    PriceRuleInvalid,
    Quantity,
    SchoolFacts,
)
from marketplace.catalogue.pricing.fields import HalfDayCount, Pence, Text, Whole
from marketplace.catalogue.pricing.kinds.base import BaseKind, plural
from marketplace.kernel.days import format_days
from marketplace.kernel.money import pounds


@dataclass(frozen=True, kw_only=True)
class Fixed(BaseKind):
    """One price for the whole service."""

    amount_pence: Annotated[int, Pence("Price", hint="Before VAT. 0 if it is free to schools.")]

    KIND = "fixed"
    LABEL = "One fixed price"
    SUMMARY = (
        "The same price for every school for the whole service. 0 for a service that is free to schools."
    )

    def lines(self, school: SchoolFacts, quantity: Quantity) -> tuple[PriceLine, ...]:
        return (
            PriceLine(
                "Fixed price for the whole service" if self.amount_pence else "Free of charge",
                self.amount_pence,
            ),
        )

    def describe(self) -> str:
        return f"{pounds(self.amount_pence)} for the whole service" if self.amount_pence else "Free of charge"


@dataclass(frozen=True, kw_only=True)
class Level(Described):
    """One level of a service and the visits in it."""

    INVALID = PriceRuleInvalid

    name: Annotated[str, Text("Level")]
    visits: Annotated[int, Whole("Visits included", minimum=1, maximum=400)]
    hours: Annotated[int, Whole("Hours each visit", minimum=1, maximum=12)]
    amount_pence: Annotated[int, Pence("Price")]

    @property
    def included(self) -> str:
        """What the level includes, in words."""
        return f"{plural(self.visits, 'visit')} of {plural(self.hours, 'hour')}"


@dataclass(frozen=True, kw_only=True)
class Levels(BaseKind):
    """Levels of service, each with visits included."""

    levels: Annotated[tuple[Level, ...], Rows("Levels", of=Level)]

    KIND = "levels"
    LABEL = "Levels with visits included"
    SUMMARY = "Schools choose a level; each has its price and its number of visits."

    def check(self) -> None:
        names = [level.name.casefold() for level in self.levels]
        for number, name in enumerate(names):
            if name in names[:number]:
                raise self.refuse(
                    f"Two levels are called “{self.levels[number].name}”.",
                    "Give each level its own name.",
                    field=f"levels-{number}-name",
                )

    def lines(self, school: SchoolFacts, quantity: Quantity) -> tuple[PriceLine, ...]:
        chosen = [
            level for level in self.levels if level.name.casefold() == (quantity.level or "").casefold()
        ]
        if not chosen:
            raise PriceCannotBeWorkedOut(
                f"There is no level called “{quantity.level}”." if quantity.level else "No level is chosen.",
                remedy=f"Choose one of: {', '.join(level.name for level in self.levels)}.",
            )
        return (PriceLine(f"{chosen[0].name}: {chosen[0].included}", chosen[0].amount_pence),)

    def describe(self) -> str:
        return ", ".join(
            f"{level.name} {pounds(level.amount_pence)} ({level.included})" for level in self.levels
        )

    def smallest_quantity(self) -> Quantity:
        return Quantity(level=min(self.levels, key=lambda level: level.amount_pence).name)


@dataclass(frozen=True, kw_only=True)
class DayPackage(Described):
    """A number of days at one price."""

    INVALID = PriceRuleInvalid

    half_days: Annotated[int, HalfDayCount("Days in the package")]
    amount_pence: Annotated[int, Pence("Price")]


@dataclass(frozen=True, kw_only=True)
class PackageOfDays(BaseKind):
    """Packages of so many days; the smallest that covers the days asked for is priced."""

    packages: Annotated[tuple[DayPackage, ...], Rows("Packages", hint="Fewest days first.", of=DayPackage)]

    KIND = "package_of_days"
    LABEL = "Packages of days"
    SUMMARY = "A number of days for one price, for example 6, 9 or 12. Schools pay for the smallest package that is enough."

    def check(self) -> None:
        for number, (smaller, larger) in enumerate(pairwise(self.packages)):
            if larger.half_days <= smaller.half_days:
                raise self.refuse(
                    f"Package {number + 2} does not have more days than package {number + 1}.",
                    "Put the packages in order, fewest days first.",
                    field=f"packages-{number + 1}-half_days",
                )

    def lines(self, school: SchoolFacts, quantity: Quantity) -> tuple[PriceLine, ...]:
        if not quantity.half_days:
            raise PriceCannotBeWorkedOut(
                "No number of days is asked for.", remedy="Say how many days you want."
            )
        enough = [package for package in self.packages if package.half_days >= quantity.half_days]
        if not enough:
            raise PriceCannotBeWorkedOut(
                f"The largest package has {format_days(self.packages[-1].half_days)}, "
                f"and {format_days(quantity.half_days)} are asked for.",
                remedy="Ask for fewer days, or ask the provider for a price in a request for support.",
            )
        package = enough[0]
        spare = package.half_days - quantity.half_days
        covers = f", enough for the {format_days(quantity.half_days)} asked for" if spare else ""
        return (PriceLine(f"Package of {format_days(package.half_days)}{covers}", package.amount_pence),)

    def describe(self) -> str:
        return ", ".join(
            f"{format_days(package.half_days)} for {pounds(package.amount_pence)}"
            for package in self.packages
        )

    def smallest_quantity(self) -> Quantity:
        return Quantity(half_days=self.packages[0].half_days)
