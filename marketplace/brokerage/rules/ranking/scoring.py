"""The score, the order, and what keeps an offer from being first."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from marketplace.brokerage.rules.ranking.table import Floats, Table, Whole
from marketplace.brokerage.rules.ranking.weights import WEIGHTS
from marketplace.catalogue.rules import PSEUDO_RATING, PSEUDO_RATINGS, Weight

_WEIGHTS = np.array([weight.hundredths for weight in WEIGHTS], dtype=np.float64) / 100
MILLIONTHS = 1_000_000


@dataclass(frozen=True, eq=False)
class Scored:
    """For each row of a table: seven shares (in the order of `WEIGHTS`) and the total, from 0 to 1.

    Rows that something leaves out have a total too, which says where they would stand without it. Prices are measured against those
    of the rows that can help.
    """

    shares: Floats  # seven by rows
    totals: Floats

    def share(self, key: str, place: int) -> float:
        """One part of one row."""
        return float(self.shares[_KEYS.index(key), place])


_KEYS = [weight.key for weight in WEIGHTS]


def score(table: Table, *, half_days: int) -> Scored:
    """The published score of every row for a need of so many half-days."""
    free = table.free / half_days
    np.minimum(free, 1.0, out=free)
    free[np.isnan(free)] = 0.0  # not stated
    shares = np.stack(
        (
            table.expertise,
            table.phase,
            table.distance,
            free,
            (PSEUDO_RATINGS * PSEUDO_RATING + table.rating_total)
            / ((PSEUDO_RATINGS + table.rating_count) * 100.0),
            price_shares(table.price, table.can_help),
            table.context,
        )
    )
    return Scored(shares, totals_of(shares))


def totals_of(shares: Floats) -> Floats:
    """The weighted sum of the seven shares (in the order of `WEIGHTS`) of each row, from 0 to 1.

    Added part by part: a product of matrices may round the last bit of a row by where it stands, and equal offers would part.
    """
    totals: Floats = np.zeros(shares.shape[1])
    for weight, share in zip(_WEIGHTS, shares, strict=True):
        totals += weight * share
    return totals


def price_shares(prices: Floats, counted: NDArray[np.bool_]) -> Floats:
    """The place of each price between the 10th and the 90th percentile of the counted ones: 1 cheap, 0 dear or not known."""
    unknown = np.isnan(prices)
    measure = prices[counted & ~unknown]
    if not measure.size:
        return np.where(unknown, 0.0, 1.0)
    low_at, high_at = (round((measure.size - 1) * percent / 100) for percent in (10, 90))
    measure.partition((low_at, high_at))
    return between(prices, float(measure[low_at]), float(measure[high_at]))


def between(prices: Floats, low: float, high: float) -> Floats:
    """The place of each price between a low and a high one: 1 at the low one and below, 0 at the high one, above or not known."""
    if low == high:
        shares: Floats = np.where(prices <= low, 1.0, 0.0)
        return shares
    shares = (high - prices) / (high - low)
    shares[np.isnan(prices)] = 0.0
    return np.clip(shares, 0.0, 1.0)


def ranked(table: Table, scored: Scored, *, limit: int | None = None) -> list[int]:
    """The rows that can help, best first: by total, then the one with fewer deployments this year, then the smaller id."""
    places = np.flatnonzero(table.can_help)
    millionths = np.rint(scored.totals[places] * MILLIONTHS).astype(np.int64)
    if limit is not None and limit < places.size:
        least = np.partition(millionths, places.size - limit)[places.size - limit]
        kept = millionths >= least
        places, millionths = places[kept], millionths[kept]
    order: Whole = np.lexsort((table.ids[places], table.deployments[places], -millionths))
    return [int(place) for place in places[order][:limit]]


def place_of(table: Table, scored: Scored, row: int) -> int:
    """Where a row stands among those that can help, from 1; for one that is left out, where it would stand."""
    millionths = np.rint(scored.totals * MILLIONTHS).astype(np.int64)
    own = (-millionths[row], table.deployments[row], table.ids[row])
    before = table.can_help & (
        (-millionths < own[0])
        | ((-millionths == own[0]) & (table.deployments < own[1]))
        | ((-millionths == own[0]) & (table.deployments == own[1]) & (table.ids < own[2]))
    )
    before[row] = False
    return int(np.count_nonzero(before)) + 1


class Loss(NamedTuple):
    """What a part costs an offer against another: the weighted difference of the two shares, in points of 100."""

    weight: Weight
    own: float
    other: float

    @property
    def points(self) -> float:
        """Above zero where the other has more of it."""
        return self.weight.hundredths * (self.other - self.own)


def losses(scored: Scored, row: int, other: int) -> list[Loss]:
    """What each part costs a row against another, the dearest first. The points add up to the difference of the totals."""
    found = [
        Loss(weight, float(scored.shares[number, row]), float(scored.shares[number, other]))
        for number, weight in enumerate(WEIGHTS)
    ]
    return sorted(found, key=lambda loss: -loss.points)
