"""Reductions and changes that come after a base price: each adds at most one line, in the order the rule lists them.

A modifier sees the running total, so that reductions one after another multiply: 10% and then 20% off £100 is £72.
"""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, ClassVar, NamedTuple

from marketplace.catalogue.pricing.described import Described, Rows
from marketplace.catalogue.pricing.facts import PriceLine, PriceRuleInvalid, Quantity, SchoolFacts
from marketplace.catalogue.pricing.fields import Day, Pence, Percent, Whole
from marketplace.catalogue.pricing.kinds import BaseKind, PerDay, UnitKind
from marketplace.kernel.dates import long_date
from marketplace.kernel.money import BASIS_POINTS, percent, percent_of, pounds, round_half_up


class SoFar(NamedTuple):
    """The price on its way to a modifier."""

    base: BaseKind
    school: SchoolFacts
    quantity: Quantity
    on_date: date
    total_pence: int


@dataclass(frozen=True, kw_only=True)
class Modifier(Described):
    """A change to a base price."""

    INVALID = PriceRuleInvalid
    KIND: ClassVar[str]
    LABEL: ClassVar[str]
    SUMMARY: ClassVar[str]

    def check_base(self, base: BaseKind) -> None:
        """Raise `PriceRuleInvalid` where this change makes no sense for a base price."""

    @abstractmethod
    def line(self, so_far: SoFar) -> PriceLine | None:
        """The line that this change adds; `None` where it does not apply."""

    @abstractmethod
    def describe(self) -> str:
        """The change in a sentence, for any school."""

    def _refuse_uncounted(self, base: BaseKind) -> None:
        if not isinstance(base, UnitKind):
            raise self.refuse(
                "This needs a price for each day, half day, session or place.",
                "Choose such a price, or take this change out.",
            )


@dataclass(frozen=True, kw_only=True)
class MultiBuy(Modifier):
    """A percentage off the second and later units, or from a later one on."""

    from_number: Annotated[
        int, Whole("From which one on", hint="2 for the second and later.", minimum=2, maximum=1000)
    ] = 2
    percent_off_bp: Annotated[int, Percent("Reduction")]

    KIND = "multi_buy"
    LABEL = "Buy more, pay less for the later ones"
    SUMMARY = "A percentage off each place, day or session from the second on, or from a later one on."

    def check_base(self, base: BaseKind) -> None:
        self._refuse_uncounted(base)

    def line(self, so_far: SoFar) -> PriceLine | None:
        base, quantity = so_far.base, so_far.quantity
        assert isinstance(base, UnitKind)
        in_full = base.full_price(base.first(quantity, self.from_number - 1))
        everything = base.full_price(quantity)
        if everything == in_full:
            return None
        later_share = Fraction(everything - in_full, everything)
        off = round_half_up(so_far.total_pence * later_share * self.percent_off_bp / BASIS_POINTS)
        return PriceLine(self.describe_for(base), -off)

    def describe_for(self, base: UnitKind) -> str:
        """The reduction, naming what is counted."""
        return f"{percent(self.percent_off_bp)} off the {ordinal(self.from_number)} and later {base.UNIT}s"

    def describe(self) -> str:
        return f"{percent(self.percent_off_bp)} off the {ordinal(self.from_number)} and later ones"


@dataclass(frozen=True, kw_only=True)
class YearsDiscount(Described):
    """A length of agreement and its reduction."""

    INVALID = PriceRuleInvalid

    years: Annotated[int, Whole("Agreement of at least this many years", minimum=2, maximum=25)]
    percent_off_bp: Annotated[int, Percent("Reduction")]


@dataclass(frozen=True, kw_only=True)
class MultiYearDiscount(Modifier):
    """A percentage off each year of a longer agreement."""

    steps: Annotated[
        tuple[YearsDiscount, ...], Rows("Reductions", hint="Shortest agreement first.", of=YearsDiscount)
    ]

    KIND = "multi_year_discount"
    LABEL = "Reduction for longer agreements"
    SUMMARY = "A percentage off each year’s price when the agreement is for two years or more."

    def check(self) -> None:
        for number, (shorter, longer) in enumerate(pairwise(self.steps)):
            if longer.years <= shorter.years:
                raise self.refuse(
                    f"Reduction {number + 2} is not for a longer agreement than reduction {number + 1}.",
                    "Put the reductions in order, shortest agreement first.",
                    field=f"steps-{number + 1}-years",
                )

    def line(self, so_far: SoFar) -> PriceLine | None:
        earned = [step for step in self.steps if so_far.quantity.years >= step.years]
        if not earned:
            return None
        step = earned[-1]
        sentence = f"{percent(step.percent_off_bp)} off for an agreement of {step.years} years or more"
        return PriceLine(sentence, -percent_of(so_far.total_pence, step.percent_off_bp))

    def describe(self) -> str:
        steps = (f"{percent(step.percent_off_bp)} off for {step.years} years or more" for step in self.steps)
        return "Longer agreements: " + ", ".join(steps)


@dataclass(frozen=True, kw_only=True)
class PriceFreeze(Modifier):
    """The first year's price held for agreements long enough; a yearly increase for the others."""

    years: Annotated[int, Whole("Held for agreements of at least this many years", minimum=2, maximum=25)]
    yearly_increase_bp: Annotated[int, Percent("Increase each year for shorter agreements")]

    KIND = "price_freeze"
    LABEL = "Price held for longer agreements"
    SUMMARY = (
        "Long agreements keep their first year’s price; for shorter ones it rises each year by a percentage."
    )

    def line(self, so_far: SoFar) -> PriceLine | None:
        year, years = so_far.quantity.year_of_agreement, so_far.quantity.years
        if year == 1:
            return None
        if years >= self.years:
            return PriceLine(f"Year {year}: price held, because the agreement is for {years} years", 0)
        growth = Fraction(BASIS_POINTS + self.yearly_increase_bp, BASIS_POINTS) ** (year - 1) - 1
        sentence = f"Year {year}: price rises {percent(self.yearly_increase_bp)} each year after the first"
        return PriceLine(sentence, round_half_up(so_far.total_pence * growth))

    def describe(self) -> str:
        return (
            f"Price held for agreements of {self.years} years or more, "
            f"otherwise up {percent(self.yearly_increase_bp)} each year"
        )


@dataclass(frozen=True, kw_only=True)
class MemberRate(Modifier):
    """What members of the provider's network pay; others pay the pay-as-you-go price of the base."""

    amount_pence: Annotated[
        int | None, Pence("Members’ price for each", hint="Or give a reduction instead.")
    ] = None
    percent_off_bp: Annotated[int | None, Percent("Members’ reduction", hint="Or give a price instead.")] = (
        None
    )

    KIND = "member_rate"
    LABEL = "Members’ rate"
    SUMMARY = "Schools in your network or subscription pay less than the pay-as-you-go price."

    def check(self) -> None:
        if (self.amount_pence is None) == (self.percent_off_bp is None):
            raise self.refuse(
                "Members’ rate needs either a price or a reduction.",
                "Give one of the two.",
                field="amount_pence",
            )

    def check_base(self, base: BaseKind) -> None:
        if self.amount_pence is None:
            return
        self._refuse_uncounted(base)
        assert isinstance(base, UnitKind)
        if self.amount_pence > base.amount_pence:
            raise self.refuse(
                f"Members would pay {pounds(self.amount_pence)}, more than the pay-as-you-go price of "
                f"{pounds(base.amount_pence)}.",
                "Swap the two prices, or correct one.",
                field="amount_pence",
            )
        if isinstance(base, PerDay) and base.half_day_pence is not None:
            raise self.refuse(
                "A members’ price a day leaves open what members pay for a half day, which has its own price here.",
                "Give a members’ reduction in percent instead.",
                field="amount_pence",
            )

    def line(self, so_far: SoFar) -> PriceLine | None:
        if not so_far.school.is_member:
            return None
        if self.percent_off_bp is not None:
            return PriceLine(self.describe(), -percent_of(so_far.total_pence, self.percent_off_bp))
        base = so_far.base
        assert isinstance(base, UnitKind) and self.amount_pence is not None
        if not base.amount_pence:
            return None
        kept = round_half_up(Fraction(so_far.total_pence * self.amount_pence, base.amount_pence))
        sentence = (
            f"Members’ rate: {pounds(self.amount_pence)} a {base.UNIT} instead of {pounds(base.amount_pence)}"
        )
        return PriceLine(sentence, kept - so_far.total_pence)

    def describe(self) -> str:
        if self.percent_off_bp is not None:
            return f"Members’ rate: {percent(self.percent_off_bp)} off"
        return f"Members’ rate: {pounds(self.amount_pence or 0)} each"


@dataclass(frozen=True, kw_only=True)
class EarlyOrder(Modifier):
    """A percentage off orders placed by a date, or well before the first session."""

    percent_off_bp: Annotated[int, Percent("Reduction")]
    order_by: Annotated[date | None, Day("Ordered by", hint="Or give days ahead instead.")] = None
    days_ahead: Annotated[
        int | None,
        Whole("Days before the first session", hint="Or give a date instead.", minimum=1, maximum=730),
    ] = None

    KIND = "early_order"
    LABEL = "Early order"
    SUMMARY = "A percentage off orders placed by a date, or so many days before the first session."

    def check(self) -> None:
        if (self.order_by is None) == (self.days_ahead is None):
            raise self.refuse(
                "The early order reduction needs either a date or a number of days.",
                "Give one of the two.",
                field="order_by",
            )

    def line(self, so_far: SoFar) -> PriceLine | None:
        last_day = self._last_day(so_far.quantity, so_far.on_date)
        if last_day is None or so_far.on_date > last_day:
            return None
        sentence = f"{percent(self.percent_off_bp)} off for ordering by {long_date(last_day)}"
        return PriceLine(sentence, -percent_of(so_far.total_pence, self.percent_off_bp))

    def _last_day(self, quantity: Quantity, on_date: date) -> date | None:
        if self.days_ahead is None:
            return self.order_by
        if quantity.starts_on is None or (quantity.starts_on - on_date).days < self.days_ahead:
            return None
        return quantity.starts_on - timedelta(days=self.days_ahead)

    def describe(self) -> str:
        when = (
            f"by {long_date(self.order_by)}"
            if self.order_by is not None
            else f"at least {self.days_ahead} days before the first session"
        )
        return f"{percent(self.percent_off_bp)} off for ordering {when}"


def ordinal(number: int) -> str:
    """`second`, `third`, `10th`."""
    words = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return words.get(number, f"{number}{suffix}")
