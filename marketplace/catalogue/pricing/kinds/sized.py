"""Prices by the size of a school: its pupils, its trust's pupils, its staff."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from marketplace.catalogue.pricing.described import Described, Rows
from marketplace.catalogue.pricing.facts import (
    PriceCannotBeWorkedOut,
    PriceLine,
    PriceRuleInvalid,
    PupilPhase,
    Quantity,
    SchoolFacts,
)
from marketplace.catalogue.pricing.fields import Choice, Pence, Whole
from marketplace.catalogue.pricing.kinds.base import BaseKind, plural
from marketplace.kernel.money import pounds

PUPILS_MISSING_REMEDY = "Ask the convenor to import a newer schools register, or ask the provider for a price in a request for support."


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
