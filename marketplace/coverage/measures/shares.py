"""The expected share: how pools' days fall on needs if nobody brokers.

The two-step floating catchment in its supply-conserving form (E2SFCA, Luo and Qi 2009; "spatial availability" in Soukhov and
others 2023). Each pool is spread over all it can reach, in proportion to weighted need:

    den_j = sum over its needs of D_n w_nj        V_nj = C_j D_n w_nj / den_j        V_n = sum over pools of V_nj

so that the shares add up to the days of all pools with any eligible need. A pool shared by themes is spread over all of them.
Where an offer says how many days it gives at most, the excess is spread again over the rest of its pool.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from .arrays import ratio, starts, total_by
from .eligibility import Arcs
from .inputs import Bools, Floats, Ints


class Shares:
    """Days by arc and by need, with what made them: each pool's weighted need (den) and days per weighted day (rate)."""

    def __init__(
        self, by_arc: Floats | Callable[[], Floats], of_need: Floats, weighted_need: Floats, rate: Floats
    ) -> None:
        self.of_need, self.weighted_need, self.rate = of_need, weighted_need, rate
        self._by_arc = by_arc

    @cached_property
    def by_arc(self) -> Floats:
        """Worked out when first asked for: a country has millions of arcs, and its totals do not need them."""
        return self._by_arc() if callable(self._by_arc) else self._by_arc


def expected_shares(
    arcs: Arcs, *, days: Floats, capacity: Floats, most_days: Floats, passes: int = 5
) -> Shares:
    """Share out `capacity` (by pool) over `days` (by need), no offer giving more than `most_days` (by offer, may be infinite)."""
    if arcs.one_for_each_pool and np.isinf(most_days).all():
        return _shared_at_once(arcs, days, capacity)
    return _shared_in_passes(arcs, days, capacity, most_days, passes)


def _shared_at_once(arcs: Arcs, days: Floats, capacity: Floats) -> Shares:
    """Without caps, and one offer to a pool, the shares are two products with the table of weights."""
    weights = arcs.weights
    wanted = days @ weights
    rate = ratio(capacity, wanted, otherwise=0.0)
    of_need = days * (weights @ rate)
    return Shares(lambda: rate[arcs.pool] * (days[arcs.need] * arcs.weight), of_need, wanted, rate)


def _shared_in_passes(arcs: Arcs, days: Floats, capacity: Floats, most_days: Floats, passes: int) -> Shares:
    needs, offers, pools = arcs.shape
    pair = arcs.pairs()
    left, room = capacity.astype(np.float64), most_days.astype(np.float64)
    by_arc = np.zeros(len(arcs))
    usable = np.ones(len(arcs), dtype=np.bool_)
    weighted_need, rate = np.zeros(pools), np.zeros(pools)
    for turn in range(passes):
        pull = days[arcs.need] * _weight_by_arc(arcs, pair, usable)
        wanted = total_by(arcs.pool, pull, pools)
        each = ratio(left, wanted, otherwise=0.0)
        if turn == 0:
            weighted_need, rate = wanted, each
        given = each[arcs.pool] * pull
        by_offer = total_by(arcs.offer, given, offers)
        over = by_offer > room
        given *= np.divide(room, by_offer, out=np.ones(offers), where=over)[arcs.offer]
        by_arc += given
        if not over.any():
            break
        room = np.maximum(0.0, room - total_by(arcs.offer, given, offers))
        left = np.maximum(0.0, left - total_by(arcs.pool, given, pools))
        usable &= ~over[arcs.offer]
    return Shares(by_arc, total_by(arcs.need, by_arc, needs), weighted_need, rate)


def _weight_by_arc(arcs: Arcs, pair: Ints, usable: Bools) -> Floats:
    """Weight of each arc. A pool's weight for a need is its best offer's, however many offers it has; they divide it."""
    weight = np.where(usable, arcs.weight, 0.0)
    if not len(arcs) or pair[-1] + 1 == len(arcs):
        return weight
    first = np.flatnonzero(starts(pair))
    best, total = np.maximum.reduceat(weight, first), np.add.reduceat(weight, first)
    divided = ratio(best, total, otherwise=0.0)
    return weight * divided[pair]
