"""Commissioning advice: gains are true, choices are near the best there is, and limits hold."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

from marketplace.coverage.measures import MeasureError, Result, measure
from marketplace.coverage.measures.advice import (
    Candidate,
    Costs,
    Kind,
    Plan,
    Problem,
    Question,
    advise,
    costs_from,
    exact,
    extended,
    greedy,
    proposals,
)
from marketplace.coverage.measures.advice.exact import ABSOLUTE_GAP, chosen_of
from tests.coverage.measures_builders import a_random_area, a_snapshot

HEADING = np.zeros(3, dtype=np.int64)
ROUNDING = 0.02
GUARANTEED = 1 - np.exp(-0.5)


def measured(inputs: Any) -> Result:
    return measure(inputs, checks=False, empty_cells=False)


@cache
def area(seed: int) -> Result:
    """Odd in every way, with needs that weigh differently."""
    inputs = a_random_area(seed, pools=6)
    weight = np.random.default_rng(seed).choice([1.0, 1.5, 2.0], len(inputs.needs))
    return measured(inputs.with_needs(replace(inputs.needs, choice_weight=weight)))


@cache
def problem(seed: int, **limits: Any) -> Problem:
    question = Question(**limits)
    return Problem(area(seed), proposals(area(seed), Costs(), question, heading=HEADING), question)


def few(seed: int, count: int = 5, **limits: Any) -> Problem:
    """A handful of candidates, of as many kinds as there are, so that all choices can be tried."""
    found = proposals(area(seed), Costs(), Question(), heading=HEADING)
    by_kind: dict[Kind, Candidate] = {}
    for each in found:
        by_kind.setdefault(each.kind, each)
    some = list(dict.fromkeys([*by_kind.values(), *found]))[:count]
    return Problem(area(seed), [replace(each, most=min(each.most, 2)) for each in some], Question(**limits))


def brute(of: Problem, budget: int) -> float:
    """The most weighted days of all choices there are."""
    choices = product(*(range(each.most + 1) for each in of.candidates))
    paid = (
        units
        for units in choices
        if sum(n * each.cost_pence for n, each in zip(units, of.candidates, strict=True)) <= budget
    )
    return max(chosen_of(of, list(units)).value for units in paid)


def best_days(result: Result) -> float:
    inside = result.inputs.schools.inside[result.needs.school]
    return float(result.base.best[inside].sum())


def a_gap(**changes: Any) -> Result:
    """A school that needs 10 days; a provider 5 km off has 4 of them at £400 a day."""
    return measured(
        a_snapshot(**{"pools": {"days_offered": [4.0]}, "offers": {"price_pence": [40_000]}} | changes)
    )


def advice(result: Result, budget_pence: int = 2_000_000, **rest: Any) -> Plan:
    heading = np.zeros(len(result.inputs.themes), dtype=np.int64)
    question = Question(**{k: rest.pop(k) for k in list(rest) if k not in ("seconds", "costs")})
    costs = rest.pop("costs", Costs())
    return advise(result, costs, question, budget_pence=budget_pence, heading=heading, **rest)


# What is true of the numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_gains_are_those_of_the_measures_with_the_change_made(seed: int) -> None:
    of = problem(seed)
    rng = np.random.default_rng(seed)
    units = [int(rng.integers(0, each.most + 1)) * int(rng.random() < 0.4) for each in of.candidates]

    chosen = chosen_of(of, units)
    again = measured(extended(area(seed).inputs, of.candidates, units).inputs)

    assert chosen.days == pytest.approx(best_days(again) - best_days(area(seed)), abs=ROUNDING)


@pytest.mark.parametrize("seed", range(10))
def test_lines_add_up_to_what_the_measures_find_and_no_day_is_counted_twice(seed: int) -> None:
    plan = advice(area(seed))

    units = plan.chosen.units
    again = measured(extended(area(seed).inputs, plan.problem.candidates, units).inputs)

    assert plan.days == pytest.approx(best_days(again) - best_days(area(seed)), abs=ROUNDING)
    assert plan.days == pytest.approx(plan.chosen.days, abs=ROUNDING)
    total = sum((line.given for line in plan.lines), np.zeros(len(plan.unmet)))
    assert (total <= plan.unmet + 1e-6).all()
    assert all((line.given >= -1e-9).all() for line in plan.lines)
    for line in plan.lines:
        assert sum(line.parts) == pytest.approx(line.days)
        assert line.days <= line.blocks * line.candidate.days + ROUNDING


@pytest.mark.parametrize("seed", range(10))
def test_priority_weights_order_choices_and_never_change_a_counted_day(seed: int) -> None:
    weighted, plain = problem(seed), area(seed)
    even = measured(plain.inputs.with_needs(replace(plain.needs, choice_weight=np.ones(len(plain.needs)))))
    unweighted = Problem(even, weighted.candidates, Question())

    for at, each in enumerate(weighted.candidates):
        units = [0] * len(weighted.candidates)
        units[at] = each.most
        assert chosen_of(weighted, units).days == pytest.approx(chosen_of(unweighted, units).days, abs=1e-3)


def test_a_priority_decides_where_the_money_goes() -> None:
    result = measured(
        a_snapshot(
            schools={"x": [0.0, 100.0]},
            needs={"school": [0, 1], "days": [10.0, 10.0], "choice_weight": [1.0, 2.0]},
            pools={"days_offered": [4.0, 4.0]},
            sites={"x": [5.0, 105.0]},
            offers={"pool": [0, 1], "price_pence": [40_000, 60_000]},
        )
    )

    plan = advice(result, 300_000)

    assert [(line.candidate.kind, line.candidate.pool) for line in plan.lines] == [(Kind.MORE_DAYS, 1)]
    assert plan.days == 5 and plan.chosen.value == 10


# How near the best ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_exact_is_the_best_of_all_choices_and_greedy_keeps_its_guarantee(seed: int) -> None:
    of = few(seed)
    budget = sum(each.cost_pence for each in of.candidates) // 2

    best = brute(of, budget)
    solved, chosen = exact(of, budget), greedy(of, budget)

    assert solved.chosen is not None and solved.proved
    assert best - ABSOLUTE_GAP - ROUNDING <= solved.chosen.value <= best + ROUNDING
    assert solved.bound >= best - ROUNDING
    assert GUARANTEED * best - ROUNDING <= chosen.value <= best + ROUNDING
    assert max(solved.chosen.cost_pence, chosen.cost_pence) <= budget


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("budget", [200_000, 1_500_000])
def test_the_lazy_greedy_chooses_as_the_plain_one_does_and_tries_less(seed: int, budget: int) -> None:
    question = Question()
    lazy, plain = (
        greedy(Problem(area(seed), problem(seed).candidates, question), budget, lazy=lazy)
        for lazy in (True, False)
    )

    assert (lazy.units, lazy.order) == (plain.units, plain.order)
    assert lazy.tried <= plain.tried


def test_a_cheap_trifle_does_not_crowd_out_what_matters() -> None:
    """By gain for cost alone the trifle comes first, and then the money does not reach for the rest."""
    result = a_gap(pools={"days_offered": [4.0]})
    big = Candidate(kind=Kind.MORE_DAYS, days=6, cost_pence=100_000, weeks=1, owner=0, offer=0, pool=0)
    trifle = replace(big, days=0.5, cost_pence=1_000)
    of = Problem(result, [trifle, big], Question())

    assert greedy(of, 100_500).units == (0, 1)


# What is chosen ---------------------------------------------------------------------------------------------------------


def test_a_worked_case_days_are_bought_where_they_are_cheapest() -> None:
    """6 of 10 days are unmet. Five more of the pool are £2,000; the sixth needs another block of five."""
    plan = advice(a_gap(), 400_000)

    [line] = plan.lines
    assert (line.candidate.kind, line.blocks, line.days, line.cost_pence) == (
        Kind.MORE_DAYS,
        1,
        5,
        200_000,
    )
    assert (line.parts, line.schools, line.alone) == ((5, 0, 0), 1, 5)
    assert plan.unmet.sum() == 6


def test_brokering_is_told_apart_and_nothing_it_could_bring_is_bought() -> None:
    """W2: all twelve days can be met by moving what is offered; there is nothing to buy."""
    result = measured(
        a_snapshot(
            schools={"x": [0.0, 30.0]},
            needs={"school": [0, 1], "days": [6.0, 6.0]},
            pools={"days_offered": [6.0, 6.0]},
            sites={"x": [0.0, 10.0]},
            offers={"reach_m": [5_000.0, 25_000.0]},
        )
    )

    plan = advice(result)

    assert plan.free.sum() > 0 and plan.unmet.sum() == pytest.approx(0)
    assert plan.lines == ()


def test_no_budget_gives_only_what_is_free() -> None:
    plan = advice(area(3), 0, seconds=1.0)

    assert plan.lines == () and plan.chosen.cost_pence == 0
    assert plan.free.sum() > 0
    assert plan.exact is not None and plan.exact.bound == 0


def kinds(plan: Plan) -> set[Kind]:
    return {line.candidate.kind for line in plan.lines}


def test_a_provider_with_spare_days_is_sent_farther() -> None:
    """P has 12 days and nobody in reach; the school 30 km off is just beyond its 25 km."""
    result = measured(a_snapshot(sites={"x": [30.0]}))

    [line] = advice(result, 100_000).lines

    assert (line.candidate.kind, line.candidate.reach_m, line.days) == (Kind.WIDER_REACH, 30_000, 10)
    assert line.parts == (0, 10, 0)
    assert line.cost_pence == 10 * Costs().travel_pence(30)


def test_an_offer_in_person_is_made_fit_to_be_given_remotely() -> None:
    result = measured(
        a_snapshot(sites={"x": [90.0]}, themes={"remote_fit": [0.6]}, needs={"remote_ok": [True]})
    )

    [line] = advice(result, 100_000).lines

    assert (line.candidate.kind, line.days, line.cost_pence) == (Kind.REMOTE, 10, 40_000)


def test_spare_days_are_turned_to_a_theme_beside_and_used_once() -> None:
    """8 spare days, two themes beside with 6 and 7 unmet: both are prepared for, and 8 days come of it, not 13."""
    result = measured(
        a_snapshot(
            themes={"remote_fit": [0.0, 0.0, 0.0]},
            needs={"school": [0, 0], "theme": [1, 2], "days": [6.0, 7.0]},
            pools={"days_offered": [8.0]},
            offers={"themes": [[True, False, False]]},
        )
    )

    plan = advice(result, 200_000)

    assert kinds(plan) == {Kind.REDIRECT}
    assert plan.days == 8
    assert sorted(line.days for line in plan.lines) == [1, 7]


def test_where_nobody_offers_anything_a_call_goes_out() -> None:
    result = measured(a_snapshot(offers={"themes": [[False]]}))

    [line] = advice(result, 500_000).lines

    assert (line.candidate.kind, line.days, line.blocks) == (Kind.OUTSIDE, 10, 2)
    assert line.candidate.owner < 0


def test_a_school_that_supports_others_may_find_another_practitioner() -> None:
    result = measured(
        a_snapshot(
            schools={"x": [0.0, 8.0]},
            themes={"remote_fit": [0.0, 0.0]},
            needs={"school": [0], "theme": [1], "days": [30.0]},
            pools={"days_offered": [0.0], "home_school": [1]},
            offers={"themes": [[True, False]]},
        )
    )

    found = proposals(result, Costs(), Question(), heading=np.zeros(2, dtype=np.int64))
    [practitioner] = [each for each in found if each.kind is Kind.PRACTITIONER]
    of = Problem(result, [practitioner], Question())

    assert (practitioner.school, practitioner.days) == (1, 15)
    assert chosen_of(of, [1]).days == 15


# Limits -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_no_owner_gets_more_than_the_share_of_the_budget_that_is_set(seed: int) -> None:
    of = problem(seed, owner_share=0.4)

    for chosen in (greedy(of, 1_000_000), exact(of, 1_000_000, seconds=3).chosen):
        assert chosen is not None
        spent: dict[int, int] = {}
        for count, each in zip(chosen.units, of.candidates, strict=True):
            spent[each.owner] = spent.get(each.owner, 0) + count * each.cost_pence
        assert max(spent.values()) <= 400_000


def test_a_floor_comes_first_in_a_ward_that_is_worse_off() -> None:
    """Ward 0 is cheap to help and has half its days, ward 1 is dear and has none."""
    result = measured(
        a_snapshot(
            schools={"x": [0.0, 100.0], "area": [0, 1]},
            needs={"school": [0, 1], "days": [20.0, 20.0]},
            pools={"days_offered": [10.0, 1.0]},
            sites={"x": [5.0, 105.0]},
            offers={"price_pence": [10_000, 40_000]},
        )
    )

    free, bound = advice(result, 240_000), advice(result, 240_000, ward_floor=0.3, seconds=2.0)

    assert [line.candidate.pool for line in free.lines] == [0]
    assert [line.candidate.pool for line in bound.lines] == [1]
    assert bound.short_wards == {}
    assert advice(result, 0, ward_floor=0.3).short_wards == {1: 5.0}


@pytest.mark.parametrize("seed", range(6))
def test_a_question_about_one_theme_counts_only_its_days_and_takes_none_from_others(seed: int) -> None:
    plan = advice(area(seed), theme=1)

    needs = area(seed).needs
    for line in plan.lines:
        assert line.given[needs.theme != 1].sum() == pytest.approx(0, abs=1e-6)
    assert plan.unmet[needs.theme != 1].sum() == 0
    again = measured(extended(area(seed).inputs, plan.problem.candidates, plan.chosen.units).inputs)
    assert best_days(again) - best_days(area(seed)) >= plan.days - ROUNDING


@pytest.mark.parametrize("seed", range(4))
def test_more_money_never_closes_less(seed: int) -> None:
    of = few(seed, count=8)
    budgets = range(0, 2_000_001, 400_000)

    values = [found.chosen.value for budget in budgets if (found := exact(of, budget)).chosen]

    assert all(more >= less - ABSOLUTE_GAP - ROUNDING for less, more in pairwise(values))
    for budget in budgets:
        plan = advice(area(seed), budget)
        assert plan.less.days <= plan.more.days + ROUNDING
        assert plan.less.cost_pence <= 0.8 * budget and plan.more.cost_pence <= 1.2 * budget


def test_figures_that_make_no_sense_are_named() -> None:
    assert costs_from({"day_pence": 30_000}).day_pence == 30_000
    with pytest.raises(MeasureError, match="no figure called price"):
        costs_from({"price": 3})
    for name, value in (("day_pence", 3.5), ("owner_share", 2), ("block_days", 0), ("stretch", True)):
        with pytest.raises(MeasureError, match=name):
            costs_from({name: value})
