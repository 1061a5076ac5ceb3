"""Is help spread fairly? How unequal coverage is, and whether the most disadvantaged get less of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import ratio, total_by
from .inputs import Floats, Ints


def gini(values: Floats, weights: Floats) -> float:
    """Weighted Gini coefficient: 0 all equal. With sorted values, sum over pairs of w_i w_j |x_i - x_j| / (2 W^2 mean); NaN for nothing."""
    order = np.argsort(values)
    x, w = values[order], weights[order]
    total, mass = float(w.sum()), float((x * w).sum())
    if total <= 0 or mass <= 0:
        return 0.0 if total > 0 else float("nan")
    below = np.cumsum(w) - w  # weight of the smaller values
    value_below = np.cumsum(x * w) - x * w
    pairs = float((w * (x * below - value_below)).sum())
    return max(0.0, pairs / (total * mass))


@dataclass(frozen=True)
class Equity:
    """`by_fifth` is the share of need met at best in each fifth of schools by free school meals, least disadvantaged first."""

    gini: float
    by_fifth: tuple[float, ...]

    @property
    def most_less_least(self) -> float:
        """Coverage of the most disadvantaged fifth less that of the least; below 0 the disadvantaged get less."""
        return self.by_fifth[-1] - self.by_fifth[0]


def equity(*, days: Floats, best: Floats, fsm_fifth: Ints) -> Equity:
    """By need row: D, x, and the fifth of its school (1 to 5, 0 unknown and left out of the fifths)."""
    needed = days > 0
    coverage = ratio(best, days, otherwise=0.0)
    need_of, best_of = (total_by(fsm_fifth, of, 6)[1:] for of in (days, best))
    fifths = ratio(best_of, need_of, otherwise=float("nan"))
    return Equity(gini(coverage[needed], days[needed]), tuple(float(share) for share in fifths))
