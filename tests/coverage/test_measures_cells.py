"""Cells: their measures, status, confidence, sentence, and the rows behind them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from marketplace.coverage.measures import Phase, Status, Thresholds, measure
from marketplace.coverage.measures.cells import cell_measures
from marketplace.coverage.measures.confidence import enough_information, letter
from marketplace.coverage.measures.equity import equity, gini
from marketplace.coverage.measures.status import percent
from tests.coverage.measures_builders import a_borough, a_random_area, a_snapshot, an_allocation

NAN = float("nan")


def one_cell(
    need: Any, pool: Any, weight: Any, *, owner: Any = None, thresholds: Thresholds | None = None
) -> Any:
    allocation = an_allocation(need, pool, weight)
    owners = np.arange(len(pool)) if owner is None else np.array(owner)
    cells = cell_measures(allocation, label=np.zeros(len(need), dtype=int), cells=1, owner=owners)
    status = list(Status)[cells.status(thresholds or Thresholds())[0]]
    return cells, status


# --- measures and status


def test_duplicate_listings_of_one_owner_count_as_one() -> None:
    cells, status = one_cell([4], [10, 10], [[1, 1]], owner=[3, 3])

    assert cells.n_eff[0] == 1
    assert cells.owners[0] == 1
    assert cells.top_owner[0] == 3
    assert cells.backup[0] == 0
    assert status is Status.THIN  # without that owner nothing is left


def test_of_two_equally_large_owners_the_one_missed_most_is_taken_away() -> None:
    cells, _ = one_cell([5, 5], [10, 10], [[0, 1], [1, 1]])

    # V: the second pool gives 5 to each need, the first 10 to the second need, which has enough without it
    assert cells.top_owner[0] == 1
    assert cells.without_largest[0] == pytest.approx(0.5)


def test_backup_counts_owners_in_reach_whether_or_not_they_stated_days() -> None:
    found = measure(
        a_snapshot(
            schools={"x": [0.0, 30.0]},
            needs={"school": [0, 1], "days": [6.0, 2.0]},
            pools={"days_offered": [9.0, NAN]},
            sites={"x": [5.0, -20.0]},
        ),
        checks=False,
    )

    cell = found.by()[0]

    assert cell.backup == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("pools", "status"),
    [
        ([7.9], Status.GAP),
        ([8, 0.001], Status.THIN),  # best is exactly .80
        ([11.9, 0.05], Status.THIN),  # k below 1.2
        ([6, 6], Status.ADEQUATE),  # k exactly 1.2
        ([10, 9.9], Status.ADEQUATE),
        ([10, 10], Status.DUPLICATED),
        ([20, 9], Status.ADEQUATE),  # without the largest .9
        ([20], Status.THIN),
    ],
)
def test_the_first_rule_that_fires_names_the_status(pools: list[float], status: Status) -> None:
    assert one_cell([10], pools, [[1] * len(pools)])[1] is status


def test_a_small_surplus_is_no_duplication() -> None:
    assert one_cell([2], [2, 2], [[1, 1]])[1] is Status.ADEQUATE
    assert one_cell([5], [5, 5], [[1, 1]])[1] is Status.DUPLICATED


def test_thresholds_are_settings() -> None:
    assert one_cell([10], [7.9, 7.9], [[1, 1]], thresholds=Thresholds(thin_k=1.6))[1] is Status.THIN


def test_balance_breaks_where_the_statuses_do() -> None:
    for k, balance in ((0.8, -0.2), (1.2, 1 / 6), (2.0, 0.5)):
        assert one_cell([10], [10 * k], [[1]])[0].balance[0] == pytest.approx(balance)


def test_a_cell_without_need_has_no_ratios() -> None:
    cells, status = one_cell([0], [5], [[1]])

    assert status is Status.UNUSED
    assert all(np.isnan(getattr(cells, name)[0]) for name in ("k", "expected", "best", "balance", "backup"))


def test_a_share_below_a_limit_is_never_shown_as_reaching_it() -> None:
    assert percent(0.79996) == "79.9%"
    assert percent(0.8) == "80%"


# --- grouping


def two_wards() -> dict[str, Any]:
    """Two primary schools in ward 1, one secondary in ward 2; a provider in each ward, one theme asked for, one not."""
    return {
        "schools": {
            "x": [0.0, 1.0, 20.0],
            "phase": [Phase.PRIMARY, Phase.PRIMARY, Phase.SECONDARY],
            "area": [1, 1, 2],
            "replied_days_ago": [10.0, NAN, 400.0],
        },
        "themes": {"remote_fit": [0.0, 0.0]},
        "needs": {"school": [0, 1, 2], "theme": [0, 0, 0], "days": [6.0, 4.0, 5.0]},
        "pools": {"days_offered": [9.0, 8.0], "area": [1, 2], "owner": [11, 12]},
        "sites": {"x": [2.0, 21.0]},
        "offers": {"themes": [[True, False], [True, True]], "reach_m": [15_000.0, 10_000.0]},
    }


def test_cells_are_theme_phase_and_area_of_the_needing_school() -> None:
    found = measure(a_snapshot(**two_wards()), checks=False)

    cells = {(c.theme, c.phase, c.area): c for c in found.cells}

    first = cells[0, Phase.PRIMARY, 1]
    assert (first.need_days, first.schools, first.needs) == (10.0, 2, 2)
    assert first.met == pytest.approx(9.0)
    assert first.providers_here == 1
    assert first.top_owner == 11
    assert cells[0, Phase.SECONDARY, 2].need_days == 5.0


def test_days_nobody_asked_for_make_a_cell_unused() -> None:
    found = measure(a_snapshot(**two_wards()), checks=False)

    unused = found.cells.find(theme=1, phase=Phase.SECONDARY, area=2)

    assert unused is not None and unused.status is Status.UNUSED
    assert unused.days_in_reach == 8.0
    assert unused.k is None
    assert found.cells.find(theme=1, phase=Phase.PRIMARY, area=1) is None  # that pool does not reach ward 1


def test_a_cell_only_a_neighbour_asks_in_is_unused() -> None:
    found = measure(
        a_snapshot(schools={"x": [0.0, 1.0], "inside": [False, True]}, needs={"school": [0], "days": [5.0]}),
        checks=False,
    )

    assert [(cell.status, cell.need_days, cell.days_in_reach) for cell in found.cells] == [
        ("unused", 0.0, 12.0)
    ]


def test_cells_group_by_any_of_the_three() -> None:
    found = measure(a_snapshot(**two_wards()), checks=False)

    assert [c.need_days for c in found.by()] == [15.0]
    assert [(c.area, c.need_days, c.theme, c.phase) for c in found.by("area")] == [
        (1, 10.0, None, None),
        (2, 5.0, None, None),
    ]
    assert [(c.theme, c.need_days) for c in found.by("theme")] == [(0, 15.0), (1, 0.0)]
    with pytest.raises(ValueError, match="theme, phase, area"):
        found.by("ward")


def test_each_number_of_a_cell_opens_to_the_rows_it_is_made_of() -> None:
    found = measure(a_random_area(5), checks=False)

    for cell in found.cells:
        rows = found.behind(cell)
        assert rows.share.sum() == pytest.approx(cell.supply_days)
        plain = (
            np.isnan(found.inputs.offers.cap_days[found.inputs.offers.pool == rows.pool[0]]).all()
            if len(rows.pool)
            else False
        )
        single = len(rows.pool) == 1 or len(np.unique(rows.pool)) == len(rows.pool)
        if plain and single:
            np.testing.assert_allclose(rows.share[0], rows.rate[0] * rows.need_days[0] * rows.weight[0])
    assert len(found.behind_everything().need) == len(found.base.arcs)


def test_no_cell_is_lost_between_groupings_of_a_borough() -> None:
    found = measure(a_borough(), checks=False)

    assert found.cells.measures.need_days.sum() == pytest.approx(found.by()[0].need_days)
    assert len({(c.theme, c.phase, c.area) for c in found.cells}) == len(found.cells)


# --- confidence


def test_the_letter_is_the_best_that_all_four_reach() -> None:
    assert letter(0.7, 0.8, 7 / 9, 0.95) == "A"
    assert letter(0.69, 0.8, 7 / 9, 0.95) == "B"
    assert letter(0.7, 0.5, 7 / 9, 0.95) == "B"
    assert letter(0.7, 0.8, 5 / 9, 0.95) == "B"
    assert letter(0.7, 0.8, 7 / 9, 0.9) == "B"
    assert letter(0.39, 1, 1, 1) == "C"
    assert letter(1, 1, 1, 0.89) == "C"
    assert enough_information(0.2) and not enough_information(0.19)


def test_replies_are_counted_among_schools_of_the_cells_phase_and_area() -> None:
    found = measure(a_snapshot(**two_wards()))

    primary = found.cells.find(theme=0, phase=Phase.PRIMARY, area=1)
    secondary = found.cells.find(theme=0, phase=Phase.SECONDARY, area=2)

    assert primary is not None and primary.confidence is not None
    assert (primary.confidence.replied, primary.confidence.asked) == (1, 2)
    assert secondary is not None and secondary.confidence is not None
    assert (secondary.confidence.replied, secondary.confidence.asked) == (0, 1)  # 400 days ago is too long
    assert secondary.shown_status is Status.NOT_ENOUGH_INFORMATION
    assert secondary.status is not Status.NOT_ENOUGH_INFORMATION
    other_theme = found.cells.find(theme=1, phase=Phase.SECONDARY, area=2)
    assert other_theme is not None and other_theme.confidence is not None
    assert other_theme.confidence.asked == 1  # replies are about needs of any theme
    whole = found.by()[0].confidence
    assert whole is not None and (whole.replied, whole.asked) == (1, 3)


def test_a_school_of_two_phases_is_asked_once() -> None:
    schools = {"x": [0.0], "phase": [Phase.ALL_THROUGH], "replied_days_ago": [1.0]}

    found = measure(a_snapshot(schools=schools))

    confidence = found.by()[0].confidence
    assert confidence is not None and (confidence.replied, confidence.asked) == (1, 1)
    assert [c.confidence.asked for c in found.by("phase") if c.confidence] == [1, 1]


def test_days_of_offers_not_confirmed_lower_confidence_but_are_not_counted() -> None:
    found = measure(
        a_snapshot(pools={"days_offered": [9.0, 3.0]}, offers={"confirmed_days_ago": [5.0, 200.0]})
    )

    cell = found.cells[0]

    assert cell.supply_days == 9.0
    assert cell.confidence is not None and cell.confidence.q2 == pytest.approx(0.75)


def test_checks_count_how_often_the_status_stays() -> None:
    sure = measure(a_snapshot(pools={"days_offered": [40.0, 40.0]})).cells[0]
    on_the_edge = measure(a_snapshot(pools={"days_offered": [6.0, 6.0]})).cells[0]

    assert sure.confidence is not None and (sure.confidence.agreeing, sure.confidence.checks) == (9, 9)
    # k is 1.2: with a fifth less it is thin, with a fifth more still adequate; the radius changes nothing at 5 km
    assert on_the_edge.status is Status.ADEQUATE
    assert on_the_edge.confidence is not None and on_the_edge.confidence.agreeing == 6


def test_checks_see_pools_a_wider_radius_brings_in() -> None:
    far = a_snapshot(sites={"x": [45.0]}, offers={"reach_m": [50_000.0]})

    cell = measure(far).cells[0]

    assert cell.status is Status.GAP
    assert cell.reach_gap == 10.0
    # at 50 km it reaches: 9.6 days are thin, 12 thin too (one owner)
    assert cell.confidence is not None and cell.confidence.agreeing == 6


def test_the_located_share_is_by_days() -> None:
    found = measure(a_snapshot(schools={"x": [0.0, NAN]}, needs={"school": [0, 1], "days": [9.0, 1.0]}))

    confidence = found.by()[0].confidence
    assert confidence is not None and confidence.q4 == pytest.approx(0.9)


# --- equity


def test_equity_compares_the_most_with_the_least_disadvantaged_fifth() -> None:
    found = equity(
        days=np.array([4.0, 4.0, 2.0]), best=np.array([4.0, 1.0, 0.0]), fsm_fifth=np.array([1, 5, 0])
    )

    assert found.most_less_least == pytest.approx(-0.75)
    assert found.by_fifth[0] == 1.0 and np.isnan(found.by_fifth[2])


def test_gini_equals_the_sum_over_pairs() -> None:
    rng = np.random.default_rng(3)
    x, w = rng.random(40), rng.integers(1, 20, 40).astype(float)

    pairs = (w[:, None] * w[None, :] * abs(x[:, None] - x[None, :])).sum()

    assert gini(x, w) == pytest.approx(pairs / (2 * w.sum() ** 2 * np.average(x, weights=w)))
    assert gini(np.zeros(3), np.ones(3)) == 0


def test_most_pressing_needs_come_by_unmet_days_times_their_weight() -> None:
    found = measure(
        a_snapshot(
            needs={"school": [0, 0, 0], "days": [10.0, 8.0, 1.0], "choice_weight": [1.0, 2.0, 1.0]},
            pools={"days_offered": [NAN]},
        ),
        checks=False,
    )

    assert found.most_pressing().tolist() == [1, 0, 2]


def test_equity_of_a_result_looks_inside_only() -> None:
    found = measure(
        a_snapshot(
            schools={"x": [0.0, 1.0], "inside": [True, False], "fsm_fifth": [5, 1]},
            needs={"school": [0, 1], "days": [6.0, 6.0]},
        ),
        checks=False,
    )

    assert found.equity.gini == 0.0
    assert np.isnan(found.equity.by_fifth[0]) and found.equity.by_fifth[4] == pytest.approx(1.0)
