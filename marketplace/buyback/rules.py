"""From what amount on an order needs the word of a second person."""

from typing import NamedTuple

DEFAULT_THRESHOLD_PENCE = 100_000
"""Used where neither the school, its trust nor its area has said anything."""


class Threshold(NamedTuple):
    """An amount in pence, VAT included, and whose rule it is."""

    pence: int
    source: str


def first_threshold(candidates: list[Threshold | None]) -> Threshold:
    """The first rule that was made: own, the trust's, the area's; else the default."""
    made = (candidate for candidate in candidates if candidate is not None)
    return next(made, Threshold(DEFAULT_THRESHOLD_PENCE, "the exchange"))


def needs_second_person(gross_pence: int, threshold_pence: int) -> bool:
    """Whether an order of this size may not be approved by the person who placed it."""
    return gross_pence >= threshold_pence
