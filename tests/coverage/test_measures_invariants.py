"""What must hold whatever the numbers: each invariant on 300 random areas with everything odd in them."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
from scipy.optimize import linprog

from marketplace.coverage.measures import Inputs, Needs, Offers, Pools, Result, Settings, Sites, measure
from marketplace.coverage.measures.cells import cell_measures
from marketplace.coverage.measures.demand import prepared
from marketplace.coverage.measures.eligibility import find_candidates
from tests.coverage.measures_builders import a_random_area

SEEDS = range(300)
ROUNDING = 0.001


@cache
def area(seed: int) -> Inputs:
    return a_random_area(seed)


def measured(inputs: Inputs) -> Result:
    return measure(inputs, checks=False, empty_cells=False)


@cache
def result(seed: int) -> Result:
    return measured(area(seed))


def with_columns(table: Any, **columns: Any) -> Any:
    return replace(table, **columns)


def appended(table: Any, rows: Any) -> Any:
    columns = {c.name: np.concatenate([getattr(table, c.name), getattr(rows, c.name)]) for c in fields(table)}
    return type(table)(**columns)


def same_allocation(first: Result, second: Result, *, atol: float = 1e-6) -> None:
    for part in ("met", "best", "brokerable", "capacity_gap", "reach_gap", "unlocated"):
        np.testing.assert_allclose(
            getattr(first.base, part), getattr(second.base, part), atol=atol, err_msg=part
        )


def same_cells(first: Result, second: Result) -> None:
    np.testing.assert_array_equal(first.cells.status, second.cells.status)
    for ratio in ("k", "n_eff", "without_largest", "backup"):
        np.testing.assert_allclose(
            getattr(first.cells.measures, ratio),
            getattr(second.cells.measures, ratio),
            atol=1e-6,
            err_msg=ratio,
        )


def given_by_pool(found: Result) -> Any:
    return np.bincount(found.base.arcs.pool, found.base.shares.by_arc, len(found.inputs.pools))


def test_shares_add_up_to_the_days_of_pools_with_any_eligible_need() -> None:
    uncapped_pools = capped_pools = 0
    for seed in SEEDS:
        found = result(seed)
        arcs, days = found.base.arcs, found.needs.days
        offers, capacity = found.inputs.offers, found.inputs.pools.free_days
        given = given_by_pool(found)
        useful = np.zeros(len(capacity), dtype=bool)
        useful[arcs.pool[days[arcs.need] > 0]] = True
        capped = np.zeros(len(capacity), dtype=bool)
        capped[arcs.pool[~np.isnan(offers.cap_days[arcs.offer])]] = True

        free = useful & ~capped
        np.testing.assert_allclose(given[free], capacity[free])
        assert (given[~useful] == 0).all()
        assert (given <= capacity + 1e-9).all()
        uncapped_pools += free.sum()

        by_offer = np.bincount(arcs.offer, found.base.shares.by_arc, len(offers))
        assert (by_offer <= offers.most_days + 1e-9).all()
        serving = np.unique(arcs.offer[days[arcs.need] > 0])
        for pool in np.flatnonzero(useful & capped & (given < capacity - 1e-6)):
            of_pool = serving[offers.pool[serving] == pool]
            np.testing.assert_allclose(by_offer[of_pool], offers.most_days[of_pool])
            capped_pools += 1
    assert uncapped_pools > 1000 and capped_pools > 20


def test_the_parts_are_never_negative_and_sum_to_the_need() -> None:
    unlocated = 0
    for seed in SEEDS:
        found = result(seed)
        base = found.base
        parts = [base.met, base.brokerable, base.capacity_gap, base.reach_gap, base.unlocated]
        assert min(part.min() for part in parts) >= 0
        np.testing.assert_allclose(sum(parts), found.needs.days)
        located = found.inputs.schools.located[found.needs.school]
        assert (base.unlocated[located] == 0).all()
        assert (base.reach_gap[~located] == 0).all()
        unlocated += (base.unlocated > 0).sum()
    assert unlocated > 50


def test_best_is_at_least_met_for_every_need() -> None:
    assert all((result(seed).base.best >= result(seed).base.met).all() for seed in SEEDS)
    assert sum((result(seed).base.brokerable > 0.5).any() for seed in SEEDS) > 30


def total_by_linear_programme(found: Result) -> float:
    """The largest total of days over all flows from pools through capped offers to needs inside the area."""
    base = found.base
    arcs = base.inner_arcs
    if not len(arcs):
        return 0.0
    rows = [arcs.need == need for need in range(len(base.days))]
    limits = list(base.days)
    rows += [arcs.pool == pool for pool in range(len(base.capacity))]
    limits += list(base.capacity)
    for offer in np.flatnonzero(np.isfinite(base.most_days)):
        rows.append(arcs.offer == offer)
        limits.append(base.most_days[offer])
    answer = linprog(-np.ones(len(arcs)), A_ub=np.array(rows, dtype=float), b_ub=limits, method="highs")
    return float(-answer.fun)


def test_total_best_is_the_maximum_flow() -> None:
    for seed in SEEDS:
        found = result(seed)
        inside = found.inputs.schools.inside[found.needs.school]
        best = found.base.best[inside].sum()
        assert abs(best - total_by_linear_programme(found)) <= ROUNDING, seed


def test_more_capacity_never_lowers_the_total_of_the_best_case() -> None:
    for seed in SEEDS:
        inputs = a_random_area(seed, neighbours=False)
        before = measured(inputs).base.best.sum()
        richer = inputs.pools.days_offered.copy()
        richer[seed % len(richer)] += 3
        after = measured(
            replace(inputs, pools=with_columns(inputs.pools, days_offered=richer))
        ).base.best.sum()
        assert after >= before - ROUNDING


def test_a_pool_without_days_changes_nothing() -> None:
    for seed in SEEDS:
        inputs = area(seed)
        pools = appended(inputs.pools, Pools(owner=[999], days_offered=[8.0], days_held=[8.0]))
        sites = appended(inputs.sites, Sites(pool=[len(inputs.pools)], x=[30_000.0], y=[30_000.0]))
        offers = appended(inputs.offers, an_offer_of_everything(inputs, pool=len(inputs.pools)))
        after = measured(replace(inputs, pools=pools, sites=sites, offers=offers))
        same_allocation(result(seed), after)
        same_cells(result(seed), after)


def test_an_offer_that_is_not_eligible_changes_nothing() -> None:
    for seed in SEEDS:
        inputs = area(seed)
        lapsed = an_offer_of_everything(inputs, pool=0, confirmed_days_ago=[181.0])
        paused = an_offer_of_everything(inputs, pool=0, active=[False])
        after = measured(replace(inputs, offers=appended(appended(inputs.offers, lapsed), paused)))
        same_allocation(result(seed), after)
        same_cells(result(seed), after)


def an_offer_of_everything(inputs: Inputs, *, pool: int, **columns: Any) -> Offers:
    themes = np.ones((1, len(inputs.themes)), dtype=bool)
    phases = np.ones((1, inputs.offers.phases.shape[1]), dtype=bool)
    return Offers(pool=[pool], themes=themes, phases=phases, reach_m=[40_000.0], mode=[2], **columns)


def test_splitting_a_pool_into_two_of_one_owner_changes_neither_met_nor_status() -> None:
    split_pools = 0
    for seed in SEEDS:
        inputs, found = area(seed), result(seed)
        given = np.where(found.inputs.pools.stated, given_by_pool(found), 0)
        pool = int(np.argmax(given))
        split_pools += given[pool] > 0
        after = measured(with_pool_split(inputs, pool))
        np.testing.assert_allclose(found.base.met, after.base.met, atol=1e-6)
        same_cells(found, after)
    assert split_pools > 250


def with_pool_split(inputs: Inputs, pool: int) -> Inputs:
    """The pool's days, sites, offers and caps shared by two pools, in quarters of a day."""
    whole = inputs.pools.free_days[pool]
    part = np.floor(whole * 2) / 4
    share = part / whole if whole else 0.0
    days, committed, held = (
        getattr(inputs.pools, name).copy() for name in ("days_offered", "days_committed", "days_held")
    )
    days[pool], committed[pool], held[pool] = part, 0.0, 0.0
    twin = with_columns(
        inputs.pools.take(np.array([pool])), days_offered=[whole - part], days_committed=[0.0]
    )
    pools = appended(
        with_columns(inputs.pools, days_offered=days, days_committed=committed, days_held=held), twin
    )
    number = len(inputs.pools)
    sites = inputs.sites.take(inputs.sites.pool == pool)
    own = inputs.offers.pool == pool
    offers = inputs.offers.take(own)
    caps = inputs.offers.cap_days.copy()
    caps[own] *= share
    barred = inputs.conflicts[inputs.conflicts[:, 1] == pool].copy()
    barred[:, 1] = number
    return replace(
        inputs,
        pools=pools,
        sites=appended(inputs.sites, with_columns(sites, pool=np.full(len(sites), number))),
        offers=appended(
            with_columns(inputs.offers, cap_days=caps),
            with_columns(offers, pool=np.full(len(offers), number), cap_days=offers.cap_days * (1 - share)),
        ),
        conflicts=np.concatenate([inputs.conflicts, barred]),
    )


def test_scaling_days_scales_every_part() -> None:
    for seed in SEEDS:
        inputs = area(seed)
        scaled = replace(
            inputs,
            needs=with_columns(inputs.needs, days=inputs.needs.days * 3),
            pools=with_columns(
                inputs.pools,
                days_offered=inputs.pools.days_offered * 3,
                days_committed=inputs.pools.days_committed * 3,
            ),
            offers=with_columns(inputs.offers, cap_days=inputs.offers.cap_days * 3),
        )
        after, before = measured(scaled), result(seed)
        for part in ("met", "brokerable", "capacity_gap", "reach_gap", "unlocated"):
            np.testing.assert_allclose(
                getattr(after.base, part),
                3 * getattr(before.base, part),
                atol=ROUNDING,
                err_msg=f"{part} {seed}",
            )


def test_the_order_of_rows_does_not_matter() -> None:
    for seed in SEEDS:
        inputs = area(seed)
        rng = np.random.default_rng(seed)
        needs, pools, offers, sites, schools = (
            rng.permutation(len(getattr(inputs, name)))
            for name in ("needs", "pools", "offers", "sites", "schools")
        )
        pool_at, school_at = np.argsort(pools), np.argsort(schools)
        home = inputs.pools.home_school[pools]
        shuffled = Inputs(
            schools=inputs.schools.take(schools),
            themes=inputs.themes,
            needs=with_columns(inputs.needs.take(needs), school=school_at[inputs.needs.school[needs]]),
            pools=with_columns(
                inputs.pools.take(pools), home_school=np.where(home >= 0, school_at[home], -1)
            ),
            sites=with_columns(inputs.sites.take(sites), pool=pool_at[inputs.sites.pool[sites]]),
            offers=with_columns(inputs.offers.take(offers), pool=pool_at[inputs.offers.pool[offers]]),
            conflicts=np.stack([school_at[inputs.conflicts[:, 0]], pool_at[inputs.conflicts[:, 1]]], axis=1),
        )
        before, after = result(seed), measured(shuffled)
        first, second = in_order(before.needs), in_order(after.needs)
        for part in ("met", "best", "capacity_gap", "reach_gap", "unlocated"):
            np.testing.assert_allclose(
                getattr(before.base, part)[first], getattr(after.base, part)[second], atol=1e-6, err_msg=part
            )
        same_cells(before, after)


def in_order(needs: Needs) -> Any:
    return np.lexsort((needs.phase, needs.id))


def test_the_remote_floor_never_lowers_a_weight() -> None:
    raised = 0
    for seed in SEEDS:
        settings = Settings()
        inputs = prepared(area(seed), settings)
        nobody = with_columns(inputs.needs, remote_ok=np.zeros(len(inputs.needs), dtype=bool))
        everybody = with_columns(nobody, remote_ok=np.ones(len(inputs.needs), dtype=bool))
        without, floored = (
            find_candidates(inputs.with_needs(needs), settings).arcs(settings).matrix().toarray()
            for needs in (nobody, everybody)
        )
        assert (floored >= without).all()
        raised += (floored > without).any()
    assert raised > 200


def test_priority_weights_never_change_counted_days() -> None:
    reordered = 0
    for seed in SEEDS:
        inputs = area(seed)
        weight = np.random.default_rng(seed).uniform(1, 3, len(inputs.needs))
        after = measured(inputs.with_needs(with_columns(inputs.needs, choice_weight=weight)))
        same_allocation(result(seed), after, atol=0)
        reordered += list(after.most_pressing()) != list(result(seed).most_pressing())
    assert reordered > 200


def test_losing_a_pool_never_loses_more_than_its_days() -> None:
    for seed in SEEDS:
        pools = result(seed).pools
        assert (pools.lost >= 0).all()
        assert (pools.lost <= pools.usable_days + 1e-9).all()
        assert (
            pools.replaceable.sum()
            == ((pools.usable_days > 0) & (pools.lost <= 0.01 * pools.usable_days + 1e-9)).sum()
        )


def test_idle_days_by_group_are_the_days_not_used() -> None:
    for seed in SEEDS:
        found = result(seed)
        inside = found.inputs.schools.inside[found.needs.school]
        used = found.base.best[inside].sum()
        assert abs(found.pools.idle.total - (found.base.capacity.sum() - used)) <= ROUNDING


def test_cells_sum_to_the_whole_area() -> None:
    for seed in SEEDS:
        found = result(seed)
        whole = found.by()
        for name in (
            "need_days",
            "met",
            "brokerable",
            "capacity_gap",
            "reach_gap",
            "unlocated",
            "supply_days",
        ):
            total = getattr(whole.measures, name).sum()
            np.testing.assert_allclose(getattr(found.cells.measures, name).sum(), total, atol=1e-9)
            np.testing.assert_allclose(getattr(found.by("theme").measures, name).sum(), total, atol=1e-9)


def test_a_status_can_be_worked_out_again_from_what_is_shown() -> None:
    seen = set()
    for seed in range(100):
        found = measure(a_random_area(seed, needs=4 + seed % 20, width_km=25), checks=False)
        for cell in found.by("theme", "phase"):
            seen.add(cell.status.value)
            if not cell.need_days:
                expected = "unused" if cell.days_in_reach else "none"
            elif round(cell.best, 9) < 0.8:
                expected = "gap"
            elif (
                min(
                    round(cell.expected, 9) - 0.8,
                    round(cell.k, 9) - 1.2,
                    round(cell.without_largest, 9) - 0.5,
                )
                < 0
            ):
                expected = "thin"
            elif (
                cell.k >= 2
                and cell.without_largest >= 0.995
                and cell.owners >= 2
                and cell.supply_days - cell.need_days >= 5
            ):
                expected = "duplicated"
            else:
                expected = "adequate"
            assert cell.status == expected
    assert seen >= {"unused", "gap", "thin", "duplicated", "adequate"}


def test_what_falls_on_a_cell_without_its_largest_owner_is_worked_out_by_removing_it() -> None:
    for seed in range(60):
        found = result(seed)
        base, owner = found.base, found.inputs.pools.owner
        label = found.cells.label
        measures = cell_measures(base, label=label, cells=len(found.cells), owner=owner)
        for cell in np.flatnonzero(measures.owners > 0):
            leaving = owner[base.arcs.pool] == measures.top_owner[cell]
            left = np.bincount(base.arcs.need, np.where(leaving, 0, base.shares.by_arc), len(base.days))
            mine = label == cell
            share = np.minimum(left, base.days)[mine].sum() / base.days[mine].sum()
            assert abs(measures.without_largest[cell] - share) < 1e-9
