"""Teams for peer reviews: who goes where, so that the weakest team is as strong as it can be (coverage.md 12).

Each review has seats and one lead; nobody takes more reviews than they can, and no two of a trust sit in one team. Pairs that a
conflict, a distance or a diary rules out have no score (NaN). What cannot be had is done without at a price and told, never
silently: an empty seat 10, no lead 5, nobody of the same phase 2, a focus theme nobody covers 1.

Stage 1 makes the smallest score of a team as large as possible, stage 2 the total, with no team below 95 % of that. Both are
mixed-integer programmes for HiGHS: copies of people matched to seats could put one person in a team twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_diag, coo_array, csr_array, eye_array, hstack, kron

from .errors import MeasureError
from .inputs import NONE, Bools, Floats, Ints

EMPTY_SEAT, NO_LEAD, NO_PHASE, NO_THEME = 10.0, 5.0, 2.0, 1.0
"""What doing without costs, in scores of a person (0 to 1)."""

KEPT_OF_SMALLEST = 0.95
SECONDS = 10.0
_FAR, _DUST = 1e6, 1e-9


@dataclass(frozen=True)
class Wish:
    """Somebody in each team should be one of `who` (reviews x people), or it costs `price`: the same phase, a focus theme."""

    who: Bools
    price: float


@dataclass(frozen=True, kw_only=True)
class Reviews:
    """What teams are made from: `score` (reviews x people, 0 to 1, NaN = not possible), `seats` by review, the rest by person.

    `trust` is -1 for none; `most` is how many reviews somebody takes at most.
    """

    score: Floats
    seats: Ints
    leads: Bools
    most: Ints
    trust: Ints
    wishes: Sequence[Wish] = ()


@dataclass(frozen=True)
class Teams:
    """`members` (reviews x people) and the `lead` of each review (-1 = none), its score, and the seats that stay empty.

    `smallest` and `total` are of the scores less the prices of what is done without. Not `proved`: stopped by time.
    """

    members: Bools
    lead: Ints
    score: Floats
    empty_seats: Ints
    smallest: float
    total: float
    proved: bool


def assigned(reviews: Reviews, *, seconds: float = SECONDS) -> Teams:
    """The teams of both stages. Raises `MeasureError` where there is no review or nobody to ask."""
    if not reviews.score.size:
        raise MeasureError(["give at least one review and one person"])
    programme = _Programme(reviews)
    first, sure = programme.best_of_the_weakest(seconds)
    smallest = float((programme.scores @ np.round(first)).min())
    at_least = smallest - (1 - KEPT_OF_SMALLEST) * abs(smallest) - _DUST
    second, sure_too = programme.best_of_all(at_least, seconds)
    return programme.told(second, sure and sure_too)


class _Programme:
    """Columns, review by review in each block: member, lead, empty seats, no lead, each wish unmet; last the smallest score."""

    def __init__(self, reviews: Reviews) -> None:
        self.reviews = reviews
        self.count, self.people = reviews.score.shape
        self.prices = [EMPTY_SEAT, NO_LEAD, *(wish.price for wish in reviews.wishes)]
        self.columns = self.count * (2 * self.people + len(self.prices)) + 1
        known = np.nan_to_num(reviews.score)
        each = eye_array(self.count)
        nobody_leads_better = csr_array((self.count, self.count * self.people))
        self.scores = self._row(
            block_diag([row[None, :] for row in known]),
            nobody_leads_better,
            *[-price * each for price in self.prices],
        )

    def best_of_the_weakest(self, seconds: float) -> tuple[Floats, bool]:
        """Stage 1: the columns' values, and whether nothing better is possible."""
        smallest = np.zeros(self.columns)
        smallest[-1] = 1.0
        weakest = self.scores - csr_array(np.ones((self.count, 1)) @ smallest[None, :])
        return self._solved(smallest, LinearConstraint(weakest, 0.0, np.inf), seconds)

    def best_of_all(self, at_least: float, seconds: float) -> tuple[Floats, bool]:
        """Stage 2."""
        goal = np.asarray(self.scores.sum(axis=0)).ravel()
        return self._solved(goal, LinearConstraint(self.scores, at_least, np.inf), seconds)

    def _solved(self, goal: Floats, stage: LinearConstraint, seconds: float) -> tuple[Floats, bool]:
        whole = np.ones(self.columns)
        whole[-1] = 0
        found = milp(
            -goal,
            integrality=whole,
            bounds=self._bounds(),
            constraints=[*self._rules(), stage],
            options={"time_limit": seconds},
        )
        if found.x is None:
            raise MeasureError(["no teams were found in time"])
        return found.x, found.status == 0

    def _bounds(self) -> Bounds:
        possible = np.isfinite(self.reviews.score)
        may_lead = possible & self.reviews.leads[None, :]
        without = np.ones(self.count * (len(self.prices) - 1))
        most = [possible.ravel(), may_lead.ravel(), self.reviews.seats, without, [_FAR]]
        low = np.zeros(self.columns)
        low[-1] = -_FAR
        return Bounds(low, np.concatenate([np.asarray(part, dtype=float) for part in most]))

    def _rules(self) -> Iterator[LinearConstraint]:
        reviews, each = self.reviews, eye_array(self.count)
        of_review = kron(each, np.ones((1, self.people)))
        yield LinearConstraint(self._row(of_review, None, each), reviews.seats, reviews.seats)
        yield LinearConstraint(self._row(None, of_review, None, each), 1, 1)
        pair = eye_array(self.count * self.people)
        yield LinearConstraint(self._row(-pair, pair), -np.inf, 0)
        load = kron(np.ones((1, self.count)), eye_array(self.people))
        yield LinearConstraint(self._row(load), -np.inf, reviews.most)
        trusts = np.unique(reviews.trust[reviews.trust != NONE])
        if len(trusts):
            of_trust = (reviews.trust[None, :] == trusts[:, None]).astype(float)
            yield LinearConstraint(self._row(kron(each, of_trust)), -np.inf, 1)
        for number, wish in enumerate(reviews.wishes):
            asked = block_diag([row[None, :].astype(float) for row in wish.who])
            yield LinearConstraint(self._row(asked, *[None] * (3 + number), each), 1, np.inf)

    def _row(self, *blocks: Any) -> csr_array:
        """Constraints from their blocks of columns; None and those left out are empty."""
        height = next(block.shape[0] for block in blocks if block is not None)
        pairs = self.count * self.people
        widths = [pairs, pairs, *[self.count] * len(self.prices), 1]
        given = [*blocks, *[None] * (len(widths) - len(blocks))]
        return csr_array(
            hstack(
                [
                    coo_array((height, width)) if block is None else coo_array(block)
                    for block, width in zip(given, widths, strict=True)
                ]
            )
        )

    def told(self, values: Floats, proved: bool) -> Teams:
        pairs, shape = self.count * self.people, (self.count, self.people)
        members = np.round(values[:pairs]).astype(bool).reshape(shape)
        leads = np.round(values[pairs : 2 * pairs]).astype(bool).reshape(shape)
        score = self.scores @ np.round(values)
        return Teams(
            members=members,
            lead=np.where(leads.any(axis=1), leads.argmax(axis=1), NONE),
            score=score,
            empty_seats=self.reviews.seats - members.sum(axis=1),
            smallest=float(score.min()),
            total=float(score.sum()),
            proved=proved,
        )
