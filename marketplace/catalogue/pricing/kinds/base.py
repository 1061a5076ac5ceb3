"""What every kind of price has."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from marketplace.catalogue.pricing.described import Described
from marketplace.catalogue.pricing.facts import PriceLine, PriceRuleInvalid, Quantity, SchoolFacts


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


def plural(count: int, noun: str) -> str:
    """`1 pupil`, `1,200 pupils`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
