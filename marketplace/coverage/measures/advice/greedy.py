"""Choosing by what a pound brings: again and again the candidate that adds most for its cost, given those chosen already.

Candidates that add days have diminishing returns (a maximum flow is submodular in its sources), so what one brought earlier is the
most it can bring later, and it is tried again only when nothing else can beat that: the *lazy* greedy, with the same
choices as the plain one. Candidates that open a way for days already offered can become worth more through others; they are
tried each time, and once one is chosen everything is tried again.

Greedy by gain for cost alone can be arbitrarily bad (a trifle that is cheap crowds out the one thing that matters), so it is
compared with the best single candidate; the better of the two is at least 1 - 1/sqrt(e), about 39 %, of the best possible
where returns diminish. In practice it is far nearer: `exact` says how near.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from marketplace.coverage.measures.inputs import Floats

from .network import Objective
from .problem import Problem

WORTH_WHILE = 0.05
"""Days: what adds less than this is left alone."""

_TIE = 1e-9


@dataclass(frozen=True)
class Chosen:
    """Blocks of each candidate, in the order they were first chosen; `value` in weighted days added, `days` in days."""

    units: tuple[int, ...]
    order: tuple[int, ...]
    value: float
    days: float
    cost_pence: int
    tried: int = 0


@dataclass
class Purse:
    """What may still be spent, on anything and on each owner."""

    problem: Problem
    budget_pence: int
    units: list[int]
    most: Sequence[int]
    spent: int = 0
    by_owner: dict[int, int] = field(default_factory=dict)

    def affords(self, at: int, blocks: int = 1) -> bool:
        candidate = self.problem.candidates[at]
        cost = candidate.cost_pence * blocks
        share = self.problem.question.owner_share
        of_owner = self.by_owner.get(candidate.owner, 0) + cost
        return (
            self.units[at] + blocks <= self.most[at]
            and self.spent + cost <= self.budget_pence
            and (share is None or of_owner <= share * self.budget_pence)
        )

    def buy(self, at: int, blocks: int = 1) -> None:
        candidate = self.problem.candidates[at]
        cost = candidate.cost_pence * blocks
        self.units[at] += blocks
        self.spent += cost
        self.by_owner[candidate.owner] = self.by_owner.get(candidate.owner, 0) + cost


def greedy(
    problem: Problem, budget_pence: int, *, lazy: bool = True, most: Sequence[int] | None = None
) -> Chosen:
    """Choose within the budget; `most` narrows down how many blocks of each candidate may be had.

    `lazy=False` tries every candidate each time: the same choices, for tests.
    """
    by_ratio = _filled(problem, budget_pence, lazy, most, first=None)
    single = _best_single(problem, budget_pence, most)
    if single is None or single[2] <= by_ratio.value + _TIE:
        return by_ratio
    from_single = _filled(problem, budget_pence, lazy, most, first=single[:2])
    return max(by_ratio, from_single, key=lambda chosen: chosen.value)


def _filled(
    problem: Problem,
    budget_pence: int,
    lazy: bool,
    most: Sequence[int] | None,
    *,
    first: tuple[int, int] | None,
) -> Chosen:
    candidates = problem.candidates
    objective = problem.objective()
    before = objective.value, objective.days
    limits = most if most is not None else [each.most for each in candidates]
    purse = Purse(problem, budget_pence, [0] * len(candidates), limits)
    search = _Search(problem, objective, lazy)
    order: list[int] = []
    pick = first
    if pick is None:
        pick = search.next(purse)
    while pick is not None:
        at, blocks = pick
        purse.buy(at, blocks)
        search.take(at, blocks)
        if at not in order:
            order.append(at)
        pick = search.next(purse)
    return Chosen(
        tuple(purse.units),
        tuple(order),
        objective.value - before[0],
        objective.days - before[1],
        purse.spent,
        search.tried,
    )


class _Search:
    """What each candidate's next block can bring at most, in weighted days, and what it does bring where that was tried."""

    def __init__(self, problem: Problem, objective: Objective, lazy: bool) -> None:
        self.candidates, self.objective, self.lazy = problem.candidates, objective, lazy
        self.gains = problem.gains
        self.cost = np.array([each.cost_pence for each in self.candidates], dtype=float)
        self.at_most = np.array([each.days for each in self.candidates]) * objective.most_of_a_day
        self.opens = np.array([not each.adds_days for each in self.candidates], dtype=np.bool_)
        self.bound: Floats = self.at_most.copy()
        self.tried = 0

    def next(self, purse: Purse) -> tuple[int, int] | None:
        best, best_ratio = None, 0.0
        ratio = self.bound / self.cost
        for at in np.lexsort((np.arange(len(ratio)), -ratio)).tolist():
            if self.lazy and (not ratio[at] or ratio[at] < best_ratio - _TIE * best_ratio):
                break
            if not purse.affords(at):
                continue
            self.tried += 1
            gain = self._gain(at, tuple(purse.units))
            if not self.opens[at]:
                self.bound[at] = gain
            found = gain / self.cost[at]
            tied = best is not None and abs(found - best_ratio) <= _TIE * best_ratio
            if gain > WORTH_WHILE and ((found > best_ratio and not tied) or (tied and at < (best or 0))):
                best, best_ratio = at, max(found, best_ratio)
        return None if best is None else (best, 1)

    def _gain(self, at: int, chosen: tuple[int, ...]) -> float:
        """What it adds to those chosen; the same for every budget, so it is worked out once for all of them."""
        known = self.gains.get((chosen, at))
        if known is None:
            known = self.gains[chosen, at] = self.objective.gain(at, self.candidates[at].days)
        return known

    def take(self, at: int, blocks: int) -> None:
        self.objective.open(at, self.candidates[at].days * blocks)
        if self.opens[at]:
            self.bound = self.at_most.copy()


def _best_single(
    problem: Problem, budget_pence: int, most: Sequence[int] | None
) -> tuple[int, int, float] | None:
    """The candidate that adds most by itself in as many blocks as can be paid: its number, blocks and weighted days."""
    objective, best = problem.objective(), None
    limits = most if most is not None else [each.most for each in problem.candidates]
    purse = Purse(problem, budget_pence, [0] * len(problem.candidates), limits)
    largest = objective.most_of_a_day
    known = problem.gains_alone
    reachable = []
    for at, candidate in enumerate(problem.candidates):
        blocks = next((n for n in range(limits[at], 0, -1) if purse.affords(at, n)), 0)
        if blocks:
            reachable.append((candidate.days * blocks * largest, at, blocks))
    for at_most, at, blocks in sorted(reachable, reverse=True):
        if best is not None and at_most <= best[2]:
            break
        if (at, blocks) not in known:
            known[at, blocks] = objective.gain(at, problem.candidates[at].days * blocks)
        value = known[at, blocks]
        if best is None or value > best[2] + _TIE:
            best = (at, blocks, value)
    return best
