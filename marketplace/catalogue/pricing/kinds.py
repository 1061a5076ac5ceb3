"""Kinds of price, each seen in a published tariff of English school support.

A kind turns a school and a quantity into lines. Prices are whole pence before VAT; a line is rounded once, half up. The
kinds that count something (days, half-days, sessions, places) are `UnitKind`s: discounts on the second unit and prices
per unit for members make sense for them only.
"""

from abc import abstractmethod
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, ClassVar

from marketplace.catalogue.pricing.facts import (
    PriceCannotBeWorkedOut,
    PriceLine,
    PriceRuleInvalid,
    PupilPhase,
    Quantity,
    SchoolFacts,
)
from marketplace.catalogue.pricing.fields import Choice, Described, HalfDayCount, Pence, Rows, Text, Whole
from marketplace.kernel.days import format_days
from marketplace.kernel.money import pounds, round_half_up

PUPILS_MISSING_REMEDY = "Ask the convenor to import a newer schools register, or ask the provider for a price in a request for support."


@dataclass(frozen=True, kw_only=True)
class BaseKind(Described):
    """A way of arriving at a price before any discount."""

    INVALID = PriceRuleInvalid
    KIND: ClassVar[str]
    LABEL: ClassVar[str]
    SUMMARY: ClassVar[str]

    @abstractmethod
    def lines(self, school: SchoolFacts, quantity: Quantity) -> tuple[PriceLine, ...]:
        """The steps of the price. Raises `PriceCannotBeWorkedOut` when something needed is not known."""

    @abstractmethod
    def describe(self) -> str:
        """The price in a sentence, for any school."""

    def smallest_quantity(self) -> Quantity:
        """The least that can be bought, for a first price on a search page."""
        return Quantity()


# By what is counted --------------------------------------------------------------------------------------------------


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
        return (PriceLine("Fixed price" if self.amount_pence else "Free of charge", self.amount_pence),)

    def describe(self) -> str:
        return f"{pounds(self.amount_pence)} for the whole service" if self.amount_pence else "Free of charge"


# By the size of the school -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PerPupil(BaseKind):
    """So much for each pupil, by phase."""

    pupil_pence: Annotated[
        int | None,
        Pence("Price per pupil", hint="For every phase that has no price of its own below.", minimum=1),
    ] = None
    nursery_pence: Annotated[int | None, Pence("Price per nursery pupil")] = None
    primary_pence: Annotated[int | None, Pence("Price per primary pupil")] = None
    secondary_pence: Annotated[int | None, Pence("Price per secondary pupil")] = None
    special_pence: Annotated[int | None, Pence("Price per special school pupil")] = None

    KIND = "per_pupil"
    LABEL = "Price per pupil"
    SUMMARY = "So much for each pupil on roll, with different prices for different phases if you wish."

    def check(self) -> None:
        if not any(self.rate(phase) for phase in PupilPhase):
            raise self.refuse(
                "There is no price per pupil.",
                "Give a price for all pupils or for at least one phase.",
                field="pupil_pence",
            )

    def rate(self, phase: PupilPhase) -> int | None:
        """Pence for each pupil of a phase; `None` where the rule has none."""
        own: int | None = getattr(self, f"{phase.value}_pence")
        return self.pupil_pence if own is None else own

    def lines(self, school: SchoolFacts, quantity: Quantity) -> tuple[PriceLine, ...]:
        total = known_pupils(school)
        differs_by_phase = any(getattr(self, f"{phase.value}_pence") is not None for phase in PupilPhase)
        if differs_by_phase and school.pupils_by_phase:
            return self._lines_by_phase(school)
        rates = {self.rate(phase) for phase in school.phases or PupilPhase}
        rate = rates.pop()
        if rates or rate is None:
            raise PriceCannotBeWorkedOut(
                f"The price differs by phase, and only the total of {total:,} pupils is known for {school.name}.",
                remedy="Enter the school’s pupils by phase, or ask the provider for a price in a request for support.",
            )
        return (pupil_line(total, "pupil", school, rate),)

    def _lines_by_phase(self, school: SchoolFacts) -> tuple[PriceLine, ...]:
        by_phase = school.pupils_by_phase
        if all(self.rate(phase) is None for phase in by_phase):
            raise PriceCannotBeWorkedOut(
                f"This price has no rate for {' or '.join(by_phase)} pupils, so there is none for {school.name}.",
                remedy="Ask the provider for a price in a request for support.",
            )
        return tuple(self._phase_line(phase, count, school) for phase, count in by_phase.items())

    def _phase_line(self, phase: PupilPhase, count: int, school: SchoolFacts) -> PriceLine:
        rate = self.rate(phase)
        if rate is None:
            return PriceLine(f"{plural(count, f'{phase.value} pupil')} ({school.census}): not charged for", 0)
        return pupil_line(count, f"{phase.value} pupil", school, rate)

    def describe(self) -> str:
        own = [
            f"{pounds(rate)} per {phase.value} pupil"
            for phase in PupilPhase
            if (rate := self.rate(phase)) is not None and rate != self.pupil_pence
        ]
        others = (
            []
            if self.pupil_pence is None
            else [f"{pounds(self.pupil_pence)} per {'other ' if own else ''}pupil"]
        )
        return ", ".join(own + others)


@dataclass(frozen=True, kw_only=True)
class FlatPlusPerPupil(PerPupil):
    """A flat charge and so much for each pupil."""

    flat_pence: Annotated[int, Pence("Flat charge", hint="What every school pays before pupils are counted.")]

    KIND = "flat_plus_per_pupil"
    LABEL = "Flat charge plus price per pupil"
    SUMMARY = "A flat charge for every school, and so much for each pupil on roll."

    def lines(self, school: SchoolFacts, quantity: Quantity) -> tuple[PriceLine, ...]:
        return (PriceLine("Flat charge", self.flat_pence), *super().lines(school, quantity))

    def describe(self) -> str:
        return f"{pounds(self.flat_pence)} + {super().describe()}"


@dataclass(frozen=True, kw_only=True)
class PerPupilWithinLimits(PerPupil):
    """So much for each pupil, with a least and a most."""

    floor_pence: Annotated[int | None, Pence("Least a school pays")] = None
    cap_pence: Annotated[int | None, Pence("Most a school pays")] = None

    KIND = "per_pupil_within_limits"
    LABEL = "Price per pupil with a floor and a cap"
    SUMMARY = "So much for each pupil on roll, but no school pays less than the floor or more than the cap."

    def check(self) -> None:
        super().check()
        if self.floor_pence is None and self.cap_pence is None:
            raise self.refuse(
                "There is neither a floor nor a cap.",
                "Set one of them, or choose “Price per pupil”.",
                field="floor_pence",
            )
        if self.floor_pence is not None and self.cap_pence is not None and self.floor_pence > self.cap_pence:
            raise self.refuse(
                f"The least a school pays ({pounds(self.floor_pence)}) is more than the most ({pounds(self.cap_pence)}).",
                "Swap them, or correct one.",
                field="floor_pence",
            )

    def lines(self, school: SchoolFacts, quantity: Quantity) -> tuple[PriceLine, ...]:
        lines = super().lines(school, quantity)
        total = sum(line.pence for line in lines)
        if self.floor_pence is not None and total < self.floor_pence:
            return (
                *lines,
                PriceLine(
                    f"Raised to the least any school pays, {pounds(self.floor_pence)}",
                    self.floor_pence - total,
                ),
            )
        if self.cap_pence is not None and total > self.cap_pence:
            return (
                *lines,
                PriceLine(
                    f"Lowered to the most any school pays, {pounds(self.cap_pence)}", self.cap_pence - total
                ),
            )
        return lines

    def describe(self) -> str:
        limits = []
        if self.floor_pence is not None:
            limits.append(f"at least {pounds(self.floor_pence)}")
        if self.cap_pence is not None:
            limits.append(f"at most {pounds(self.cap_pence)}")
        return f"{super().describe()}, {' and '.join(limits)}"


@dataclass(frozen=True, kw_only=True)
class Band(Described):
    """Schools up to a size, and what they pay."""

    INVALID = PriceRuleInvalid

    up_to_pupils: Annotated[
        int | None, Whole("Up to this many pupils", hint="Leave empty for no limit.", minimum=1)
    ] = None
    amount_pence: Annotated[int, Pence("Price")]


@dataclass(frozen=True, kw_only=True)
class BandedByPupils(BaseKind):
    """A price by bands of size; the size of the school or of its whole trust."""

    bands: Annotated[tuple[Band, ...], Rows("Bands", hint="Smallest schools first.", of=Band)]
    pupils_of: Annotated[
        str,
        Choice(
            "Whose pupils choose the band",
            options=(("school", "The school’s"), ("trust", "The whole trust’s")),
        ),
    ] = "school"
    amount_is: Annotated[
        str,
        Choice(
            "The price of a band is",
            options=(("whole", "The whole price"), ("per_pupil", "The price per pupil")),
        ),
    ] = "whole"

    KIND = "banded_by_pupils"
    LABEL = "Price by bands of school size"
    SUMMARY = "Schools of about the same size pay the same. The band can follow the size of the school’s whole trust."

    def check(self) -> None:
        for number, (band, following) in enumerate(pairwise(self.bands)):
            if band.up_to_pupils is None or (
                following.up_to_pupils is not None and following.up_to_pupils <= band.up_to_pupils
            ):
                raise self.refuse(
                    f"Band {number + 2} does not reach further than band {number + 1}.",
                    "Put the bands in order of size; only the last may have no limit.",
                    field=f"bands-{number + 1}-up_to_pupils",
                )

    def lines(self, school: SchoolFacts, quantity: Quantity) -> tuple[PriceLine, ...]:
        own = known_pupils(school)
        size, whose = (own, f"{own:,} pupils")
        if self.pupils_of == "trust" and school.trust_pupils:
            size, whose = school.trust_pupils, f"{school.trust_pupils:,} pupils in the whole trust"
        band = next(
            (band for band in self.bands if band.up_to_pupils is None or size <= band.up_to_pupils), None
        )
        if band is None:
            raise PriceCannotBeWorkedOut(
                f"The bands of this price end at {self.bands[-1].up_to_pupils:,} pupils, and {school.name} counts {whose}.",
                remedy="Ask the provider for a price in a request for support.",
            )
        where = f"Band “{self._name(band)}”: {whose} ({school.census})"
        if self.amount_is == "whole":
            return (PriceLine(where, band.amount_pence),)
        return (
            PriceLine(
                f"{where}, {plural(own, 'pupil')} × {pounds(band.amount_pence)}", own * band.amount_pence
            ),
        )

    def _name(self, band: Band) -> str:
        if band.up_to_pupils is not None:
            return f"up to {plural(band.up_to_pupils, 'pupil')}"
        limits = [other.up_to_pupils for other in self.bands if other.up_to_pupils is not None]
        return f"over {plural(limits[-1], 'pupil')}" if limits else "any size"

    def describe(self) -> str:
        each = " per pupil" if self.amount_is == "per_pupil" else ""
        prices = ", ".join(f"{pounds(band.amount_pence)}{each} for {self._name(band)}" for band in self.bands)
        return f"{prices}, counting the whole trust" if self.pupils_of == "trust" else prices


@dataclass(frozen=True, kw_only=True)
class BasePlusStaff(BaseKind):
    """A base price and so much for each member of staff."""

    base_pence: Annotated[int, Pence("Base price")]
    head_pence: Annotated[
        int, Pence("Price per member of staff", hint="People, not full-time equivalents.", minimum=1)
    ]

    KIND = "base_plus_staff"
    LABEL = "Base price plus price per member of staff"
    SUMMARY = "A base price for every school, and so much for each person on the staff."

    def lines(self, school: SchoolFacts, quantity: Quantity) -> tuple[PriceLine, ...]:
        if not school.staff_heads:
            raise PriceCannotBeWorkedOut(
                f"The price depends on the number of staff, and none is recorded for {school.name}.",
                remedy="Enter the number of people on the school’s staff.",
            )
        people = "member of staff" if school.staff_heads == 1 else "members of staff"
        return (
            PriceLine("Base price", self.base_pence),
            PriceLine(
                f"{school.staff_heads:,} {people} × {pounds(self.head_pence)}",
                school.staff_heads * self.head_pence,
            ),
        )

    def describe(self) -> str:
        return f"{pounds(self.base_pence)} + {pounds(self.head_pence)} per member of staff"


# By what is included -------------------------------------------------------------------------------------------------


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


# Shared ----------------------------------------------------------------------------------------------------------


def known_pupils(school: SchoolFacts) -> int:
    """Pupils on roll. Raises `PriceCannotBeWorkedOut` where the register does not say."""
    if not school.pupils:
        raise PriceCannotBeWorkedOut(
            f"The price depends on the number of pupils, and none is recorded for {school.name}.",
            remedy=PUPILS_MISSING_REMEDY,
        )
    return school.pupils


def pupil_line(count: int, noun: str, school: SchoolFacts, rate_pence: int) -> PriceLine:
    """`210 primary pupils (January 2026 census) × £1.14` and its pence."""
    return PriceLine(f"{plural(count, noun)} ({school.census}) × {pounds(rate_pence)}", count * rate_pence)


def plural(count: int, noun: str) -> str:
    """`1 pupil`, `1,200 pupils`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
