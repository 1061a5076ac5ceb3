"""What a broker keeps of the price of a person's days.

Two customs exist. **Inclusive**: the school pays the price and the broker's fee comes out of it. **Additional**: the
releasing school gets the whole price and the fee goes on top. Either is a percentage of the price or so much a day.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, NamedTuple

from marketplace.catalogue.pricing.described import Described
from marketplace.catalogue.pricing.facts import PriceRuleInvalid
from marketplace.catalogue.pricing.fields import Choice, Whole
from marketplace.kernel.days import HALF_DAYS_IN_A_DAY, HalfDays
from marketplace.kernel.money import BASIS_POINTS, percent, percent_of, pounds, pro_rata, round_half_up


@dataclass(frozen=True, kw_only=True)
class BrokerageFee(Described):
    """A broker's fee. `value` is basis points of the price (`percent`) or pence a day (`per_day`)."""

    INVALID = PriceRuleInvalid

    basis: Annotated[
        str,
        Choice(
            "The fee is", options=(("inclusive", "Inside the price"), ("additional", "On top of the price"))
        ),
    ]
    kind: Annotated[
        str, Choice("The fee is counted", options=(("percent", "As a percentage"), ("per_day", "By the day")))
    ]
    value: Annotated[int, Whole("Fee", hint="Basis points (1,500 is 15%) or pence a day.", maximum=1_000_000)]

    def check(self) -> None:
        if self.kind == "percent" and self.value > BASIS_POINTS:
            raise self.refuse(
                "A broker’s fee cannot be more than the price.", "Give 100% or less.", field="value"
            )

    def describe(self) -> str:
        """The fee in a sentence."""
        amount = percent(self.value) if self.kind == "percent" else f"{pounds(self.value)} a day"
        where = "included in the price" if self.basis == "inclusive" else "added to the price"
        return f"Broker’s fee of {amount}, {where}"


class Split(NamedTuple):
    """Who pays and who gets what, in pence: `buyer` is always `releasing_school` plus `broker`."""

    buyer: int
    releasing_school: int
    broker: int


def split(price_pence: int, half_days: HalfDays, fee: BrokerageFee) -> Split:
    """Divide the price of a number of half-days between the releasing school and the broker.

    The fee is rounded once; the releasing school's share is what is left, so that no penny is lost. Raises
    `PriceRuleInvalid` when an inclusive fee by the day would take more than the price.
    """
    broker = percent_of(price_pence, fee.value) if fee.kind == "percent" else _by_the_day(fee, half_days)
    if fee.basis == "additional":
        return Split(price_pence + broker, price_pence, broker)
    if broker > price_pence:
        raise PriceRuleInvalid(
            f"The broker’s fee of {pounds(broker)} is more than the price of {pounds(price_pence)} it comes out of.",
            remedy="Lower the fee, raise the price, or put the fee on top.",
            field="value",
        )
    return Split(price_pence, price_pence - broker, broker)


def split_whole(whole_pence: int, half_days: HalfDays, fee: BrokerageFee) -> Split:
    """Divide what the school pays in all, a fee on top of the price included. The fee is never more than the whole."""
    if fee.kind == "per_day":
        broker = _by_the_day(fee, half_days)
    elif fee.basis == "additional":
        broker = pro_rata(whole_pence, fee.value, BASIS_POINTS + fee.value)
    else:
        broker = percent_of(whole_pence, fee.value)
    broker = min(broker, whole_pence)
    return Split(whole_pence, whole_pence - broker, broker)


def _by_the_day(fee: BrokerageFee, half_days: HalfDays) -> int:
    return round_half_up(Fraction(fee.value * half_days, HALF_DAYS_IN_A_DAY))
