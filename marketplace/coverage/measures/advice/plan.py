"""An advice: what to do with a budget, line by line, and how good that is.

    plan = advise(result, costs, question, budget_pence=2_000_000, heading=heading)
    for line in plan.lines:
        line.candidate, line.days, line.alone, …

Brokering comes first and is free: `free` are the days that moving what is offered already could meet. Candidates are then chosen on top
of that, so nothing here is counted that a telephone call could bring. Lines stand in the order of what they bring for their cost,
each with what it adds after those above it; the sum of the lines is what the whole plan adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from marketplace.coverage.measures.arrays import total_by
from marketplace.coverage.measures.facade import Result
from marketplace.coverage.measures.inputs import Bools, Floats, Ints

from .candidates import Candidate
from .costs import Costs
from .exact import Exact, exact
from .greedy import Chosen, greedy
from .problem import Problem, Question
from .proposals import proposals

LESS, MORE = 0.8, 1.2
"""The budgets beside the one asked about."""

NOTICED = 0.05
"""Days: a school that gets less than this more is not said to be helped."""


@dataclass(frozen=True)
class Line:
    """One candidate in the plan. Days by need (`given`, rows of the result's needs) are what it adds after the lines above it.

    `parts` are these days by what they were before: (capacity gap, reach gap, unlocated). `alone` is what it would add by itself,
    `less` and `more` how many of its blocks are in the plans for a fifth less and a fifth more money.
    """

    candidate: Candidate
    blocks: int
    given: Floats
    parts: tuple[float, float, float]
    schools: int
    alone: float
    less: int
    more: int

    @property
    def days(self) -> float:
        return float(self.given.sum())

    @property
    def cost_pence(self) -> int:
        return self.blocks * self.candidate.cost_pence


@dataclass(frozen=True)
class Beside:
    """The plan for another budget: what it adds and costs, and candidates (with blocks) that this one has not."""

    budget_pence: int
    days: float
    cost_pence: int
    only_here: tuple[tuple[Candidate, int], ...]


@dataclass(frozen=True)
class Plan:
    """`greedy` and `exact` in weighted days added; `exact` is None where it was not asked for. `chosen` is the better of the two.

    `free` are brokerable days and `unmet` the days left in the best case, both by need; `short_wards` the days that each ward
    (by its number in `areas`) stays short of its floor.
    """

    problem: Problem
    budget_pence: int
    chosen: Chosen
    lines: tuple[Line, ...]
    less: Beside
    more: Beside
    free: Floats
    unmet: Floats
    greedy: Chosen
    greedy_seconds: float
    exact: Exact | None
    short_wards: dict[int, float]

    @property
    def days(self) -> float:
        return sum(line.days for line in self.lines)


def advise(
    result: Result,
    costs: Costs,
    question: Question,
    *,
    budget_pence: int,
    heading: Ints,
    seconds: float | None = None,
) -> Plan:
    """Advise on a budget. With `seconds` the exact programme is solved too, each of the two budgets beside it in half the time."""
    started = perf_counter()
    problem = Problem(result, proposals(result, costs, question, heading=heading), question)
    budgets = [int(LESS * budget_pence), budget_pence, int(MORE * budget_pence)]
    by_greed = _never_less([greedy(problem, budget) for budget in budgets])
    took = perf_counter() - started
    solved: list[Exact] = []
    if seconds is not None:
        limits = (seconds / 2, seconds, seconds / 2)
        solved = [
            exact(problem, budget, seconds=limit, hint=found.value)
            for budget, limit, found in zip(budgets, limits, by_greed, strict=True)
        ]
    plans = _never_less([_better(found, solved, at) for at, found in enumerate(by_greed)])
    less, chosen, more = plans
    lines = _lines(problem, chosen, less, more)
    asked = question.asks_for(result)
    best = problem.best + sum((line.given for line in lines), np.zeros(len(problem.days)))
    return Plan(
        problem,
        budget_pence,
        chosen,
        lines,
        _beside(problem, budgets[0], less, chosen),
        _beside(problem, budgets[2], more, chosen),
        free=np.where(asked, result.base.brokerable, 0.0),
        unmet=np.where(asked, problem.days - problem.best, 0.0),
        greedy=by_greed[1],
        greedy_seconds=took,
        exact=solved[1] if solved else None,
        short_wards=_short_wards(problem, best) if question.ward_floor else {},
    )


def _never_less(plans: list[Chosen]) -> list[Chosen]:
    """More money can always buy what less money bought: where a choice by ratio misses that, take the smaller plan."""
    found: list[Chosen] = []
    for plan in plans:
        found.append(max([plan, *found], key=lambda each: round(each.value, 6)))
    return found


def _better(found: Chosen, solved: Sequence[Exact], at: int) -> Chosen:
    other = solved[at].chosen if solved else None
    return other if other is not None and other.value > found.value + 1e-6 else found


def ranked(problem: Problem, units: Sequence[int]) -> list[int]:
    """Candidates of a plan in the order in which a greedy hand would take them, money no object."""
    everything = sum(each.cost_pence * count for each, count in zip(problem.candidates, units, strict=True))
    order = list(greedy(problem.without_limits(), everything, most=units).order)
    return order + [at for at in np.flatnonzero(np.array(units)).tolist() if at not in order]


def _lines(problem: Problem, chosen: Chosen, less: Chosen, more: Chosen) -> tuple[Line, ...]:
    base = problem.result.base
    out_of_reach, nowhere = base.reach_gap > 0, base.unlocated > 0
    units = [0] * len(problem.candidates)
    best, lines = problem.best, []
    alone = problem.objective()
    for at in ranked(problem, chosen.units):
        blocks = units[at] = chosen.units[at]
        now = problem.best_with(units, floor=best)
        given = now - best
        lines.append(
            Line(
                problem.candidates[at],
                blocks,
                given,
                _parts(given, out_of_reach, nowhere),
                _schools(problem, given),
                alone.flows[-1].gain(at, problem.candidates[at].days * blocks),
                less.units[at],
                more.units[at],
            )
        )
        best = now
    return tuple(lines)


def _parts(given: Floats, out_of_reach: Bools, nowhere: Bools) -> tuple[float, float, float]:
    reach, unlocated = float(given[out_of_reach].sum()), float(given[nowhere].sum())
    return float(given.sum()) - reach - unlocated, reach, unlocated


def _schools(problem: Problem, given: Floats) -> int:
    return len(set(problem.result.needs.school[given >= NOTICED].tolist()))


def _beside(problem: Problem, budget_pence: int, plan: Chosen, chosen: Chosen) -> Beside:
    only = tuple(
        (problem.candidates[at], count - chosen.units[at])
        for at, count in enumerate(plan.units)
        if count > chosen.units[at]
    )
    return Beside(budget_pence, plan.days, plan.cost_pence, only)


def _short_wards(problem: Problem, best: Floats) -> dict[int, float]:
    """By ward the days it could still get to come to its floor, were others to stand back; those it has are in the best case."""
    ward = problem.result.inputs.schools.area[problem.result.needs.school]
    number, at = np.unique(ward, return_inverse=True)
    have = total_by(at.ravel(), best, len(number))
    short = problem.ward_room - have
    return {int(number[row]): float(short[row]) for row in np.flatnonzero(short > NOTICED)}
