"""What a package's price rule is asked for: the quantity follows from what the package includes."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from marketplace.catalogue.pricing import Quantity
from marketplace.kernel.days import HALF_DAYS_IN_A_DAY

DAYS, PLACES, PEER_REVIEW = "days", "places", "peer_review"


class Included(NamedTuple):
    """So many of one kind (`days` in half-days, `places`, `peer_review`)."""

    kind: str
    quantity: int


def quantity_of(
    inclusions: Iterable[Included],
    *,
    years: int = 1,
    year_of_agreement: int = 1,
    level: str = "",
    starts_on: date | None = None,
) -> Quantity:
    """What a price rule prices when a school buys a package for a year.

    A price a day counts the half-days included, one a place the places. A price a session counts the peer reviews, or where there
    are none the days begun. `years` is the length of the agreement, `year_of_agreement` the year priced, `starts_on` its first day.
    """
    counted = dict.fromkeys((DAYS, PLACES, PEER_REVIEW), 0)
    for inclusion in inclusions:
        counted[inclusion.kind] += inclusion.quantity
    days_begun = -(-counted[DAYS] // HALF_DAYS_IN_A_DAY)
    return Quantity(
        half_days=counted[DAYS],
        places=counted[PLACES],
        sessions=counted[PEER_REVIEW] or days_begun,
        level=level or None,
        years=years,
        year_of_agreement=year_of_agreement,
        starts_on=starts_on,
    )
