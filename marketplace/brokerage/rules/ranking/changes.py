"""The smallest change that would make an offer the first: found by scoring anew, so that it is no estimate."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from marketplace.brokerage.rules.ranking.scoring import ranked, score
from marketplace.brokerage.rules.ranking.table import Table
from marketplace.brokerage.rules.ranking.weights import EXACT_EXPERTISE, MAIN_PHASE, WEIGHTS
from marketplace.catalogue.rules import FAR_METRES, NEAR_METRES, Weight

MOST_RATINGS = 50
BEST_RATING = 100
STEPS_OF_DISTANCE = 100


class Change(NamedTuple):
    """One part changed as little as makes the difference: `by` is the gain of its share (from 0 to 1).

    `amount` says how much, in the part's own unit: half-days more for free days, pence for the price to ask, ratings of 5 out of 5
    for quality, metres at most for nearness; 0 where the part is either so or not.
    """

    weight: Weight
    by: float
    amount: int


@dataclass(frozen=True)
class Changes:
    """What would make an offer first: any one of `alone`, the smallest first; else all of `together`; else nothing it can change."""

    alone: tuple[Change, ...] = ()
    together: tuple[Change, ...] = ()


@dataclass(frozen=True)
class _Lever:
    """A part the provider can change, in whole steps from 1 to `most`, each better than the one before."""

    weight: Weight
    most: int
    table: Callable[[int], Table]
    amount: Callable[[int], int]


def changes_to_be_first(table: Table, row: int, *, half_days: int) -> Changes:
    """The changes of one row that make it the first of those that can help. Nothing for the row that is first, or is left out.

    How alike two schools are is left out: nobody changes that.
    """
    if not table.can_help[row] or _is_first(table, row, half_days):
        return Changes()
    before = score(table, half_days=half_days)
    levers = list(_levers(table, row, half_days))
    alone = []
    for lever in levers:
        step = _fewest_steps(lever, row, half_days)
        if step is not None:
            alone.append(_change(lever, step, before.share(lever.weight.key, row), row, half_days))
    if alone:
        return Changes(alone=tuple(sorted(alone, key=lambda change: change.by)))
    return Changes(together=_together(table, row, half_days))


def _together(table: Table, row: int, half_days: int) -> tuple[Change, ...]:
    """Parts changed to their best, the largest gain first, until the row is first; nothing where that is not enough."""
    changed: list[Change] = []
    while not _is_first(table, row, half_days):
        before = score(table, half_days=half_days)
        taken = {change.weight.key for change in changed}
        possible = [
            (_change(lever, lever.most, before.share(lever.weight.key, row), row, half_days), lever)
            for lever in _levers(table, row, half_days)
            if lever.weight.key not in taken
        ]
        possible = [(change, lever) for change, lever in possible if change.by > 0]
        if not possible:
            return ()
        change, lever = max(possible, key=lambda each: each[0].by * each[0].weight.hundredths)
        changed.append(change)
        table = lever.table(lever.most)
    return tuple(changed)


def _levers(table: Table, row: int, half_days: int) -> Iterator[_Lever]:
    weights = {weight.key: weight for weight in WEIGHTS}
    for key, best in (("expertise", EXACT_EXPERTISE), ("phase", MAIN_PHASE)):
        if getattr(table, key)[row] < best:
            yield _Lever(
                weights[key],
                1,
                lambda _, key=key, best=best: table.changed(row, **{key: best}),  # type: ignore[misc]
                lambda _: 0,
            )
    own = float(table.distance[row])
    if own < 1:
        yield _Lever(
            weights["distance"],
            STEPS_OF_DISTANCE,
            lambda step: table.changed(row, distance=own + (1 - own) * step / STEPS_OF_DISTANCE),
            lambda step: _metres_for(own + (1 - own) * step / STEPS_OF_DISTANCE),
        )
    free = 0 if np.isnan(table.free[row]) else int(table.free[row])
    if free < half_days:
        yield _Lever(
            weights["availability"],
            half_days - free,
            lambda step: table.changed(row, free=free + step),
            lambda step: step,
        )
    total, count = int(table.rating_total[row]), int(table.rating_count[row])
    yield _Lever(
        weights["quality"],
        MOST_RATINGS,
        lambda step: table.changed(row, rating_total=total + BEST_RATING * step, rating_count=count + step),
        lambda step: step,
    )
    if not np.isnan(table.price[row]) and table.price[row] > 0:
        price = int(table.price[row])
        yield _Lever(
            weights["price"],
            price,
            lambda step: table.changed(row, price=price - step),
            lambda step: price - step,
        )


def _metres_for(share: float) -> int:
    """The distance at which nearness has that share, as far as it falls with distance."""
    return round(FAR_METRES - share * (FAR_METRES - NEAR_METRES))


def _fewest_steps(lever: _Lever, row: int, half_days: int) -> int | None:
    """The fewest steps after which the row is first; `None` where even the most are not enough. Each step is better than the last."""
    if not _is_first(lever.table(lever.most), row, half_days):
        return None
    low, high = 1, lever.most
    while low < high:
        middle = (low + high) // 2
        if _is_first(lever.table(middle), row, half_days):
            high = middle
        else:
            low = middle + 1
    return low


def _change(lever: _Lever, step: int, before: float, row: int, half_days: int) -> Change:
    after = score(lever.table(step), half_days=half_days).share(lever.weight.key, row)
    return Change(lever.weight, after - before, lever.amount(step))


def _is_first(table: Table, row: int, half_days: int) -> bool:
    return ranked(table, score(table, half_days=half_days), limit=1) == [row]
