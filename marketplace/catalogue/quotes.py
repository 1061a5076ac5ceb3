"""What a school pays for an offer: its price by the rule, and a broker's fee where that comes on top.

Everything is explained line by line, before VAT. Search, the offer's page, the API and bookings all ask here, so that they
never disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from json import dumps, loads
from typing import Any

from marketplace.catalogue.pricing import (
    BrokerageFee,
    PriceCannotBeWorkedOut,
    PriceExplanation,
    PriceLine,
    PriceRule,
    Quantity,
    SchoolFacts,
    Split,
    price_for,
    split,
    split_whole,
)
from marketplace.kernel.days import HALF_DAYS_IN_A_DAY, HalfDays
from marketplace.kernel.errors import DomainError


@dataclass(frozen=True)
class Quote:
    """A price with its lines, and who gets what of it (`split`), all in pence before VAT."""

    explanation: PriceExplanation
    split: Split
    lines: tuple[PriceLine, ...]

    @property
    def total_pence(self) -> int:
        """What the school pays."""
        return self.split.buyer

    @property
    def quantity(self) -> Quantity:
        """What was priced."""
        return self.explanation.quantity

    def to_data(self) -> dict[str, Any]:
        """The snapshot a booking keeps: the price explained, with the fee among its lines, and who gets what of it."""
        return self.explanation.to_data() | {
            "lines": [{"sentence": line.sentence, "pence": line.pence} for line in self.lines],
            "total_pence": self.total_pence,
            "shares": self.split._asdict(),
        }


def quote(
    rule: Mapping[str, Any],
    fee: Mapping[str, Any],
    school: SchoolFacts,
    *,
    on_date: date,
    half_days: HalfDays | None = None,
    minimum_half_days: HalfDays = 1,
    starts_on: date | None = None,
    places: int = 1,
) -> Quote:
    """The price of an offer's rule and fee for a school.

    `places` is what is asked for of a price a place. `half_days` is what is asked for; the least that can be bought where it is `None`, and never less than the offer's minimum.
    Raises `PriceCannotBeWorkedOut` where something needed is not known, `PriceRuleInvalid` where the rule contradicts itself.
    """
    if not rule:
        raise PriceCannotBeWorkedOut(
            "The provider has not set a price.",
            remedy="Ask the provider for a price in a request for support.",
        )
    price_rule = _rule(dumps(rule, sort_keys=True))
    quantity = _quantity(price_rule, half_days, minimum_half_days, starts_on, places)
    explanation = price_for(price_rule, school, quantity, on_date)
    if not fee:
        total = explanation.total_pence
        return Quote(explanation, Split(total, total, 0), explanation.lines)
    brokerage = BrokerageFee.from_data(fee)
    days = quantity.half_days or half_days or max(HALF_DAYS_IN_A_DAY, minimum_half_days)
    shares = split(explanation.total_pence, days, brokerage)
    on_top = shares.buyer - explanation.total_pence
    lines = explanation.lines + ((PriceLine(brokerage.describe(), on_top),) if on_top else ())
    return Quote(explanation, shares, lines)


def answered_price(
    whole_pence: int, fee: Mapping[str, Any], *, half_days: HalfDays, sentence: str
) -> dict[str, Any]:
    """The snapshot of a price that a provider answered for so many half-days, in place of what its offer's rule says.

    `whole_pence` is all the school pays before VAT, `fee` the offer's, which comes out of it; `sentence` says where it was answered.
    """
    whole = Split(whole_pence, whole_pence, 0)
    shares = split_whole(whole_pence, half_days, BrokerageFee.from_data(fee)) if fee else whole
    return {
        "lines": [{"sentence": sentence, "pence": whole_pence}],
        "total_pence": whole_pence,
        "inputs": {"quantity": {"half_days": half_days}},
        "shares": shares._asdict(),
    }


@lru_cache(maxsize=2000)
def _rule(data: str) -> PriceRule:
    """Rules are read once: a search prices hundreds of offers, many of them by the same rule."""
    return PriceRule.from_data(loads(data))


def _quantity(
    rule: PriceRule, half_days: HalfDays | None, minimum: HalfDays, starts_on: date | None, places: int
) -> Quantity:
    smallest = replace(rule.smallest_quantity(), starts_on=starts_on)
    if smallest.places:
        return replace(smallest, places=max(places, smallest.places))
    if not smallest.half_days:
        return smallest
    asked = half_days if half_days is not None else smallest.half_days
    return replace(smallest, half_days=max(asked, minimum))


@dataclass(frozen=True)
class Priced:
    """A quote, or in plain words why there is none."""

    quote: Quote | None
    problem: str = ""


def priced(*args: Any, **kwargs: Any) -> Priced:
    """A `quote` that tells its problem in words instead of raising."""
    try:
        return Priced(quote(*args, **kwargs))
    except DomainError as error:
        return Priced(None, str(error))
