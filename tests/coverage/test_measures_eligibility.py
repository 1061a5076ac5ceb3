"""Which offers count for which needs, how much, and why the others do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from marketplace.coverage.measures import Decay, Inputs, MeasureError, Mode, Phase, Result, Settings, measure
from marketplace.coverage.measures.eligibility import REASON_WORDS, Reason
from marketplace.coverage.measures.weights import distance_weight
from tests.coverage.measures_builders import a_random_area, a_snapshot

NAN = float("nan")


def measured(**tables: Any) -> Result:
    return measure(a_snapshot(**tables), checks=False, empty_cells=False)


def weights(found: Result) -> list[float]:
    return [round(weight, 4) for weight in found.base.arcs.weight]


def only_reason(found: Result) -> Reason:
    counted = found.candidates.excluded.sum(axis=0)
    assert counted.sum() == 1
    assert not len(found.base.arcs)
    return Reason(int(np.argmax(counted)))


def test_the_smallest_snapshot_has_one_arc_of_full_weight() -> None:
    found = measured()

    assert weights(found) == [1.0]
    assert found.base.met.tolist() == [10.0]
    assert found.candidates.excluded.sum() == 0


@pytest.mark.parametrize(
    ("kilometres", "weight"), [(0, 1), (10, 1), (25, 0.5), (28, 0.4), (39.5, 0.05), (40, 0.05)]
)
def test_weight_falls_from_ten_kilometres_to_the_radius(kilometres: float, weight: float) -> None:
    found = measured(sites={"x": [kilometres]}, offers={"reach_m": [60_000.0]})

    assert weights(found) == [weight]


@pytest.mark.parametrize(
    ("reason", "tables"),
    [
        (Reason.INACTIVE, {"offers": {"active": [False]}}),
        (Reason.INACTIVE, {"pools": {"active": [False]}}),
        (Reason.THEME, {"offers": {"themes": [[False]]}}),
        (Reason.PHASE, {"offers": {"phases": [[True, False, True, True, True]]}}),
        (Reason.REACH, {"sites": {"x": [40.1]}, "offers": {"reach_m": [60_000.0]}}),
        (Reason.REACH, {"sites": {"x": [25.1]}}),  # 25 km is the reach of an offer that gives none
        (Reason.REACH, {"sites": {"x": [12.0]}, "themes": {"radius_m": [11_000.0]}}),
        (Reason.REACH, {"sites": {"barrier": [1]}, "schools": {"x": [0.0], "barrier": [2]}}),
        (Reason.NO_CAPACITY, {"pools": {"days_committed": [8.0], "days_held": [4.0]}}),
        (Reason.NO_CAPACITY, {"offers": {"cap_days": [0.0]}}),
        (Reason.PRICE, {"needs": {"max_price_pence": [39_999]}, "offers": {"price_pence": [40_000]}}),
        (Reason.OWN_SCHOOL, {"pools": {"home_school": [0]}}),
        (Reason.SAME_TRUST, {"pools": {"trust": [7]}, "schools": {"x": [0.0], "trust": [7]}}),
        (
            Reason.OTHER_TRUST,
            {"pools": {"trust": [7]}, "schools": {"x": [0.0], "trust": [8]}, "offers": {"internal": [True]}},
        ),
        (Reason.OTHER_TRUST, {"offers": {"internal": [True]}}),
        (Reason.CONFLICT, {"conflicts": [(0, 0)]}),
        (Reason.UNCONFIRMED, {"offers": {"confirmed_days_ago": [180.5]}}),
        (Reason.UNCONFIRMED, {"offers": {"confirmed_days_ago": [NAN]}}),
        (Reason.UNCONFIRMED, {"pools": {"confirmed_days_ago": [181.0]}}),
    ],
)
def test_an_offer_is_excluded_for_its_first_hard_reason(reason: Reason, tables: dict[str, Any]) -> None:
    for name in ("pools", "needs", "offers"):
        if name in tables and name == "pools":
            tables = tables | {"pools": {"days_offered": [12.0]} | tables["pools"]}

    found = measured(**tables)

    assert only_reason(found) is reason
    assert found.base.reach_gap.tolist() == [10.0]


@pytest.mark.parametrize(
    "tables",
    [
        {"needs": {"max_price_pence": [40_000]}, "offers": {"price_pence": [40_000]}},
        {"sites": {"barrier": [1]}},  # only the site's side of the water is known
        {
            "pools": {"trust": [7], "days_offered": [12.0]},
            "schools": {"x": [0.0], "trust": [7]},
            "offers": {"internal": [True]},
        },
        {"offers": {"confirmed_days_ago": [180.0]}},
        {"pools": {"trust": [-1], "days_offered": [12.0]}, "schools": {"x": [0.0], "trust": [-1]}},
    ],
)
def test_at_the_limit_an_offer_still_counts(tables: dict[str, Any]) -> None:
    assert weights(measured(**tables)) == [1.0]


def test_every_pair_of_need_and_offer_is_either_an_arc_or_excluded_once() -> None:
    for seed in range(60):
        found = measure(a_random_area(seed), checks=False, empty_cells=False)
        excluded = found.candidates.excluded
        assert len(found.base.arcs) + excluded.sum() == len(found.needs) * len(found.inputs.offers)
        per_need = np.bincount(found.base.arcs.need, minlength=len(found.needs)) + excluded.sum(axis=1)
        assert (per_need == len(found.inputs.offers)).all()


def test_every_reason_has_words() -> None:
    assert REASON_WORDS.keys() == set(Reason)


def test_remote_support_reaches_anywhere_at_the_fit_of_the_theme() -> None:
    tables: dict[str, Any] = {
        "schools": {"x": [0.0, 55.0]},
        "themes": {"remote_fit": [0.6]},
        "needs": {"school": [0, 1], "days": [5.0, 5.0], "remote_ok": [True, True]},
        "offers": {"mode": [Mode.BOTH]},
    }

    assert weights(measured(**tables)) == [1.0, 0.6]
    assert weights(measured(**tables | {"offers": {"mode": [Mode.REMOTE]}})) == [0.6, 0.6]
    assert weights(measured(**tables | {"offers": {"mode": [Mode.IN_PERSON]}})) == [1.0]


def test_remote_support_needs_both_a_need_and_a_theme_that_allow_it() -> None:
    far: dict[str, Any] = {"sites": {"x": [60.0]}, "offers": {"mode": [Mode.BOTH]}}

    refused = measured(**far, themes={"remote_fit": [0.6]}, needs={"remote_ok": [False]})
    practical = measured(**far, themes={"remote_fit": [0.0]}, needs={"remote_ok": [True]})

    assert only_reason(refused) is Reason.REACH
    assert only_reason(practical) is Reason.REACH


def test_an_unlocated_school_is_reported_as_unlocated_and_never_as_a_reach_gap() -> None:
    found = measured(schools={"x": [NAN]})

    assert found.base.unlocated.tolist() == [10.0]
    assert found.base.reach_gap.tolist() == [0.0]
    cell = found.cells[0]
    assert (cell.unlocated, cell.reach_gap, cell.no_reach) == (10.0, 0.0, 0.0)


def test_an_unlocated_school_can_be_helped_remotely() -> None:
    found = measured(
        schools={"x": [NAN]},
        themes={"remote_fit": [0.6]},
        needs={"remote_ok": [True]},
        offers={"mode": [Mode.BOTH]},
    )

    assert weights(found) == [0.6]
    assert found.base.unlocated.tolist() == [0.0]
    assert found.base.met.tolist() == [10.0]


def test_an_area_wide_offer_serves_an_unlocated_school_of_the_area_only() -> None:
    offers = {"area_wide": [True]}

    inside = measured(schools={"x": [NAN]}, offers=offers)
    outside = measured(schools={"x": [NAN], "inside": [False]}, offers=offers)
    located = measured(sites={"x": [30.0]}, offers=offers)

    assert weights(inside) == [Settings().min_weight]
    assert weights(outside) == []
    assert only_reason(located) is Reason.REACH


def test_the_nearest_site_of_a_pool_counts() -> None:
    found = measured(sites={"pool": [0, 0, 0], "x": [39.0, 16.0, -22.0]})

    assert weights(found) == [0.8]
    assert found.base.arcs.distance.tolist() == [16_000.0]


def test_a_nearer_site_across_the_water_does_not_count() -> None:
    found = measured(
        schools={"x": [0.0], "barrier": [1]}, sites={"pool": [0, 0], "x": [3.0, 16.0], "barrier": [2, 1]}
    )

    assert weights(found) == [0.8]


def test_a_pool_without_a_site_helps_only_remotely() -> None:
    nowhere: dict[str, Any] = {"sites": {"pool": [], "x": []}}

    assert only_reason(measured(**nowhere)) is Reason.REACH
    remote = measured(
        **nowhere,
        themes={"remote_fit": [0.3]},
        needs={"remote_ok": [True]},
        offers={"mode": [Mode.REMOTE]},
    )
    assert weights(remote) == [0.3]


def test_days_not_stated_count_for_reach_but_not_for_days() -> None:
    found = measured(pools={"days_offered": [NAN]})

    assert weights(found) == [1.0]
    assert found.base.met.tolist() == [0.0]
    assert found.base.capacity_gap.tolist() == [10.0]
    assert found.base.reach_gap.tolist() == [0.0]


def test_committed_and_held_days_are_taken_off_what_is_offered() -> None:
    found = measured(pools={"days_offered": [12.0], "days_committed": [4.0], "days_held": [1.5]})

    assert found.base.met.tolist() == [6.5]


def test_a_withdrawn_offer_keeps_the_days_already_committed() -> None:
    two_offers: dict[str, Any] = {
        "pools": {"days_offered": [12.0], "days_committed": [5.0]},
        "offers": {"pool": [0, 0], "active": [False, True]},
    }

    assert measured(**two_offers).base.met.tolist() == [7.0]


@pytest.mark.parametrize(
    ("decay", "expected"),
    [
        ("linear", [1.0, 1.0, 0.5, 1 / 3, 0.05, 0.0]),
        ("gaussian", [1.0, 1.0, 0.05**0.25, 0.05 ** (4 / 9), 0.05, 0.0]),
        ("stepped", [1.0, 1.0, 0.68, 0.22, 0.22, 0.0]),
    ],
)
def test_a_weight_falls_as_the_area_has_chosen(decay: str, expected: list[float]) -> None:
    metres = np.array([0.0, 10.0, 25.0, 30.0, 40.0, 40.1]) * 1000

    found = distance_weight(
        metres,
        reach=np.full(6, 50_000.0),
        radius=np.full(6, 40_000.0),
        settings=Settings(decay=decay),
    )

    assert found.tolist() == pytest.approx(expected)


def test_however_a_weight_falls_it_never_rises_with_distance_and_keeps_the_least_weight() -> None:
    metres = np.linspace(0, 40_000, 401)
    for decay in Decay:
        for least in (0.01, 0.05, 0.3, 1.0):
            settings = Settings(decay=decay, min_weight=least)
            found = distance_weight(
                metres, reach=np.full(401, 40_000.0), radius=np.full(401, 40_000.0), settings=settings
            )
            assert (np.diff(found) <= 1e-12).all() and found[0] == 1.0 and found.min() >= least


def test_a_way_of_falling_that_nobody_knows_is_refused() -> None:
    with pytest.raises(MeasureError, match="decay must be one of linear, gaussian, stepped"):
        Settings(decay="cubic")


def test_a_mainstream_offer_does_not_count_for_a_special_school_unless_declared() -> None:
    special = {"x": [0.0], "phase": [Phase.SPECIAL]}
    mainstream = [[True, True, True, True, False]]

    assert only_reason(measured(schools=special, offers={"phases": mainstream})) is Reason.PHASE
    assert weights(measured(schools=special)) == [1.0]


def test_a_need_whose_phase_nobody_can_tell_matches_no_offer() -> None:
    found = measured(schools={"x": [0.0], "phase": [Phase.BLANK]})

    assert only_reason(found) is Reason.PHASE


def test_neighbours_compete_for_the_same_pools_but_are_not_reported() -> None:
    found = measured(
        schools={"x": [0.0, 8.0], "inside": [True, False]},
        needs={"school": [0, 1], "days": [10.0, 30.0]},
        pools={"days_offered": [12.0]},
    )

    assert found.base.shares.of_need.tolist() == [3.0, 9.0]
    assert found.by()[0].need_days == 10.0
    assert found.base.best.tolist() == [10.0, 9.0]  # the pool is the area's own: it may all be brokered


def test_a_neighbours_pool_keeps_for_its_own_what_they_would_get() -> None:
    tables: dict[str, Any] = {
        "schools": {"x": [0.0, 8.0], "inside": [True, False]},
        "needs": {"school": [0, 1], "days": [10.0, 30.0]},
        "pools": {"days_offered": [12.0], "inside": [False]},
    }

    fenced = measured(**tables)
    pooled = measure(a_snapshot(**tables), Settings(pool_the_region=True), checks=False)

    assert fenced.base.capacity.tolist() == [3.0]
    assert fenced.base.best[0] == pytest.approx(3.0)
    assert pooled.base.best[0] == pytest.approx(10.0)


def test_a_neighbours_capped_offer_keeps_its_part_too() -> None:
    # of the capped offer's 4 days 1 falls inside; the pool's other 8 serve another theme inside
    found = measured(
        schools={"x": [0.0, 0.0, 0.0], "inside": [True, False, True]},
        themes={"remote_fit": [0.0, 0.0]},
        needs={"school": [0, 1, 2], "theme": [0, 0, 1], "days": [10.0, 30.0, 40.0]},
        pools={"days_offered": [12.0], "inside": [False]},
        offers={"pool": [0, 0], "cap_days": [4.0, NAN], "themes": [[True, False], [False, True]]},
    )

    assert found.base.shares.of_need.tolist() == [1.0, 3.0, 8.0]
    assert found.base.most_days.tolist() == [1.0, np.inf]
    assert found.base.best.tolist() == [1.0, 3.0, 8.0]


def test_inputs_that_make_no_sense_are_refused_with_every_reason() -> None:
    with pytest.raises(MeasureError) as refused:
        a_snapshot(
            needs={"school": [5], "days": [-1.0]},
            offers={"pool": [3], "mode": [9]},
            themes={"remote_fit": [1.5]},
        )

    text = " ".join(refused.value.problems)
    for part in ("needs.school row 0 is 5", "needs.days", "offers.pool", "offers.mode", "remote_fit"):
        assert part in text


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(MeasureError, match=r"needs.days has 2 rows where 1 were expected"):
        a_snapshot(needs={"school": [0], "days": [1.0, 2.0]})


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(MeasureError, match="radius_m"):
        Settings(radius_m=0)


def test_a_snapshot_of_nothing_has_no_cells() -> None:
    empty = a_snapshot(
        schools={"x": [], "phase": []},
        needs={"school": [], "days": []},
        pools={"days_offered": []},
    )
    assert isinstance(empty, Inputs)

    found = measure(empty)

    assert len(found.cells) == 0
    assert found.pools.idle.total == 0
