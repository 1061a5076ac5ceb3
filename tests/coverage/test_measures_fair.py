"""The fair best case and the loss of a pool against slower ways of working them out: linear programmes and doing without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from marketplace.coverage.measures import MeasureError
from marketplace.coverage.measures.allocation import Allocation, allocate
from marketplace.coverage.measures.eligibility import Arcs
from marketplace.coverage.measures.fair import fair_best_case
from marketplace.coverage.measures.pools import idle_days, leave_one_out, overlaps
from marketplace.coverage.measures.shares import expected_shares
from tests.coverage.measures_builders import an_allocation

SLACK = 1e-5  # wider than the tolerance of the solver


def a_random_problem(seed: int) -> tuple[Arcs, Any, Any, Any]:
    """A handful of needs and pools; some pools have two offers, some offers a cap, and days come in quarters."""
    rng = np.random.default_rng(seed)
    needs, pools, offers = rng.integers(2, 8), rng.integers(1, 6), rng.integers(1, 8)
    pool_of = np.concatenate([np.arange(pools), rng.integers(0, pools, max(0, offers - pools))])
    weight = np.where(rng.random((needs, len(pool_of))) < 0.5, rng.uniform(0.05, 1, (needs, len(pool_of))), 0)
    cap = np.where(rng.random(len(pool_of)) < 0.3, rng.integers(1, 30, len(pool_of)) / 4, np.inf)
    arcs = Arcs.of_matrix(weight, pool_of_offer=pool_of, pools=int(pools))
    return arcs, rng.integers(1, 60, needs) / 4, rng.integers(1, 60, pools) / 4, cap


def lexicographic_by_linear_programmes(arcs: Arcs, days: Any, met: Any, capacity: Any, cap: Any) -> Any:
    """Raise the lowest x/D as far as it goes, fix the needs that cannot go higher, and again."""
    needs, size = len(days), len(arcs)
    gives = np.array([arcs.need == need for need in range(needs)], dtype=float).reshape(needs, size)
    limits = [np.array(arcs.pool == pool, dtype=float) for pool in range(len(capacity))]
    bounds = list(capacity)
    for offer in np.flatnonzero(np.isfinite(cap)):
        limits.append(np.array(arcs.offer == offer, dtype=float))
        bounds.append(cap[offer])

    def solve(objective: Any, low: Any, level_of: Any = None) -> Any:
        """Maximise over flows (and a level, last variable) with every need between its `low` and its days."""
        with_level = np.zeros((needs, 1)) if level_of is None else -np.where(level_of, days, 0)[:, None]
        rows = [np.r_[row, 0] for row in limits]
        most = list(bounds)
        for need in range(needs):
            rows.append(np.r_[gives[need], 0])
            most.append(days[need])
            rows.append(-np.r_[gives[need], 0])
            most.append(-low[need] + SLACK)
            rows.append(-np.r_[gives[need], with_level[need]])
            most.append(SLACK)
        total_row = np.r_[-gives.sum(axis=0), 0]
        rows.append(total_row)
        most.append(-total + 10 * SLACK)
        answer = linprog(
            -np.asarray(objective), A_ub=np.array(rows), b_ub=most, bounds=[(0, None)] * (size + 1)
        )
        assert answer.status == 0, answer.message
        return answer

    total = 0.0
    level_objective = np.r_[np.zeros(size), 1.0]
    total = -solve(np.r_[gives.sum(axis=0), 0], np.zeros(needs)).fun
    low, fixed = met.copy(), np.zeros(needs, dtype=bool)
    fixed |= gives.sum(axis=1) == 0
    while not fixed.all():
        answer = solve(level_objective, low, ~fixed)
        level = answer.x[-1]
        reached = np.where(fixed, low, np.maximum(low, np.minimum(level, 1.0) * days))
        newly = []
        for need in np.flatnonzero(~fixed):
            most = -solve(np.r_[gives[need], 0], reached).fun
            if most <= reached[need] + 100 * SLACK:
                newly.append(need)
        assert newly
        low = reached
        fixed[newly] = True
    return low


@pytest.mark.parametrize("floor", [True, False])
def test_the_best_case_is_the_fairest_of_all_maximum_flows(floor: bool) -> None:
    moved = 0
    for seed in range(60):
        arcs, days, capacity, cap = a_random_problem(seed)
        shares = expected_shares(arcs, days=days, capacity=capacity, most_days=cap)
        met = np.minimum(shares.of_need, days) * floor

        best = fair_best_case(arcs, days=days, met=met, capacity=capacity, most_days=cap)

        oracle = lexicographic_by_linear_programmes(arcs, days, met, capacity, cap)
        np.testing.assert_allclose(best, oracle, atol=0.005, err_msg=str(seed))
        moved += (best > met + 0.1).any()
    assert moved > 20


def test_shares_equal_the_formula_worked_out_arc_by_arc() -> None:
    for seed in range(40):
        arcs, days, capacity, _ = a_random_problem(seed)
        weight = arcs.matrix().toarray()
        shares = expected_shares(arcs, days=days, capacity=capacity, most_days=np.full(arcs.shape[1], np.inf))

        for need in range(len(days)):
            expected = 0.0
            for pool, offered in enumerate(capacity):
                weighted_need = sum(days[other] * weight[other, pool] for other in range(len(days)))
                if weighted_need:
                    expected += offered * days[need] * weight[need, pool] / weighted_need
            assert shares.of_need[need] == pytest.approx(expected, abs=1e-9)


def test_what_is_lost_with_a_pool_is_the_best_total_less_the_total_without_it() -> None:
    rerouted = 0
    for seed in range(150):
        arcs, days, capacity, cap = a_random_problem(seed)
        lost = leave_one_out(arcs, days=days, capacity=capacity, most_days=cap)

        def total(offered: Any, arcs: Arcs = arcs, days: Any = days, cap: Any = cap) -> float:
            found = fair_best_case(arcs, days=days, met=np.zeros(len(days)), capacity=offered, most_days=cap)
            return float(found.sum())

        for pool in range(len(capacity)):
            without = capacity.copy()
            without[pool] = 0
            assert lost[pool] == pytest.approx(total(capacity) - total(without), abs=0.001)
            rerouted += 0.1 < lost[pool] < capacity[pool] - 0.1
    assert rerouted > 20


def test_a_capped_offer_leaves_the_rest_of_its_pool_to_the_others() -> None:
    found = an_allocation([10, 10], [12], [[1, 0], [0, 1]], cap=[3, np.inf], pool_of_offer=[0, 0])

    np.testing.assert_allclose(found.shares.of_need, [3, 9])
    np.testing.assert_allclose(found.best, [3, 9])
    np.testing.assert_allclose(found.capacity_gap, [7, 1])


def test_excess_over_a_cap_stays_idle_if_no_other_offer_can_use_it() -> None:
    found = an_allocation([10], [12], [[1]], cap=[4])

    np.testing.assert_allclose(found.shares.of_need, [4])
    assert idle_days(found.arcs, days=found.days, best=found.best, capacity=found.capacity).total == 8


def test_two_offers_of_one_pool_do_not_count_its_need_twice() -> None:
    single = an_allocation([10, 10], [12], [[1], [1]])
    doubled = an_allocation([10, 10], [12], [[1, 0.5], [1, 0]], pool_of_offer=[0, 0])

    np.testing.assert_allclose(doubled.shares.of_need, single.shares.of_need)


def test_a_third_of_ten_days_is_not_rounded_to_hundredths() -> None:
    found = an_allocation([10, 10, 10], [10], [[1], [1], [1]])

    np.testing.assert_allclose(found.best, [10 / 3] * 3, atol=1e-12)


def test_days_that_are_not_hundredths_still_settle() -> None:
    found = an_allocation([1 / 3, 2 / 7, 0.001], [1 / 9, 0.005], [[1, 1], [1, 0], [0, 1]])

    assert found.best.sum() == pytest.approx(1 / 9 + 0.005, abs=0.02)
    assert (found.best >= found.met).all()


def test_more_days_than_one_flow_can_hold_are_refused_in_words() -> None:
    with pytest.raises(MeasureError, match="measure area by area"):
        an_allocation([30_000_000], [5], [[1]])


def test_needs_without_days_take_nothing() -> None:
    found = an_allocation([0, 8], [5], [[1], [1]])

    np.testing.assert_allclose(found.shares.of_need, [0, 5])
    np.testing.assert_allclose(found.best, [0, 5])


def test_nothing_at_all_can_be_measured() -> None:
    found: Allocation = allocate(
        Arcs.of_matrix(np.zeros((0, 0))), days=np.zeros(0), capacity=np.zeros(0), most_days=np.zeros(0)
    )

    assert found.best.sum() == 0 and len(found.met) == 0


def test_overlap_edges_are_the_strongest_and_at_most_three_to_a_pool() -> None:
    found = an_allocation([6, 4, 5], [1] * 6, [[1] * 6, [1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 0, 0]])
    pairs = overlaps(found.arcs, days=found.days)

    edges = pairs.edges(at_least=0.5, per_pool=3)

    assert len(pairs.jaccard) == 15
    degree = np.bincount(np.r_[edges.first, edges.second], minlength=6)
    assert degree.max() == 3
    assert list(zip(edges.first[:3], edges.second[:3], strict=True)) == [(0, 1), (0, 2), (0, 3)]
    assert edges.jaccard[:3] == pytest.approx([1, 1, 1])
    assert (edges.jaccard >= 0.5).all()
    assert degree[4] == degree[5] == 1  # the two weakest only have each other left: 6/10


def test_overlap_of_one_pair_is_worked_out_by_hand() -> None:
    found = an_allocation([6, 4, 5], [1, 1], [[1, 0.5], [1, 1], [0, 1]])

    pairs = overlaps(found.arcs, days=found.days)

    assert pairs.jaccard == pytest.approx([7 / 15])
