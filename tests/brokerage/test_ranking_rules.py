"""The published score: worked by hand, and what holds whatever the offers are."""

import random
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.brokerage.rules.ranking import (
    HARD_REASONS,
    WEIGHTS,
    Facts,
    HardReason,
    SchoolContext,
    Table,
    changes_to_be_first,
    context_share,
    first_reason,
    losses,
    place_of,
    ranked,
    score,
)
from marketplace.brokerage.rules.ranking.scoring import totals_of
from marketplace.catalogue import rules as catalogue

A = Facts(1, 1.0, 1.0, 1.0, 12, 0, 0, 1_000, 0.5)
B = Facts(2, 0.6, 0.5, 0.5, 6, 200, 2, 2_000, 1.0)
HALF_DAYS = 12

shares = st.integers(0, 100).map(lambda n: n / 100)
some_facts = st.builds(
    Facts,
    id=st.just(0),
    expertise=st.sampled_from([0.6, 1.0]),
    phase=st.sampled_from([0.5, 1.0]),
    distance=shares,
    free_half_days=st.one_of(st.none(), st.integers(1, 60)),
    rating_total=st.just(0),
    rating_count=st.integers(0, 12),
    price_pence=st.one_of(st.none(), st.integers(0, 500_000)),
    context=shares,
    deployments=st.integers(0, 5),
    reason=st.one_of(st.none(), st.sampled_from(list(HardReason))),
).map(lambda facts: facts._replace(rating_total=facts.rating_count * 80))
some_offers = st.lists(some_facts, min_size=1, max_size=14).map(
    lambda rows: [row._replace(id=number) for number, row in enumerate(rows, start=10)]
)


def order_of(rows: list[Facts]) -> list[int]:
    table = Table.of(rows)
    return [int(table.ids[row]) for row in ranked(table, score(table, half_days=HALF_DAYS))]


def test_the_weights_add_up_to_a_hundred() -> None:
    assert [weight.hundredths for weight in WEIGHTS] == [30, 10, 15, 15, 15, 10, 5]


def test_two_offers_worked_by_hand() -> None:
    # A: .30 + .10 + .15 + .15 + .15×.7 + .10 + .05×.5 = .93
    # B: .30×.6 + .10×.5 + .15×.5 + .15×(6/12) + .15×(550/700) + 0 + .05 = .547857
    table = Table.of([A, B])

    scored = score(table, half_days=HALF_DAYS)

    assert scored.totals == pytest.approx([0.93, 0.547857], abs=1e-6)
    assert scored.share("quality", 0) == pytest.approx(0.7)
    assert scored.share("quality", 1) == pytest.approx(550 / 700)
    assert [scored.share("price", row) for row in (0, 1)] == [1.0, 0.0]
    assert ranked(table, scored) == [0, 1]


def test_what_costs_most_worked_by_hand() -> None:
    table = Table.of([A, B])

    [dearest, *rest] = losses(score(table, half_days=HALF_DAYS), 1, 0)

    assert (dearest.weight.key, dearest.points) == ("expertise", pytest.approx(12.0))
    assert sum(loss.points for loss in [dearest, *rest]) == pytest.approx(93 - 54.7857, abs=1e-3)


def test_equal_scores_go_to_fewer_deployments_then_to_the_smaller_id() -> None:
    rows = [A._replace(id=5, deployments=2), A._replace(id=4, deployments=3), A._replace(id=9, deployments=2)]

    assert order_of(rows) == [5, 9, 4]


def test_days_that_are_not_stated_count_as_none_and_leave_nobody_out() -> None:
    table = Table.of([A._replace(free_half_days=None)])

    scored = score(table, half_days=HALF_DAYS)

    assert scored.share("availability", 0) == 0
    assert ranked(table, scored) == [0]


def test_a_price_that_is_not_known_is_worth_nothing() -> None:
    assert score(Table.of([A._replace(price_pence=None)]), half_days=2).share("price", 0) == 0


def test_one_good_visit_neither_makes_nor_breaks_an_offer() -> None:
    quality = [
        score(Table.of([A._replace(rating_total=total, rating_count=count)]), half_days=2).share("quality", 0)
        for total, count in ((0, 0), (100, 1), (20, 1), (10_000, 100))
    ]

    assert quality == pytest.approx([0.7, 0.75, 370 / 600, 10_350 / 10_500])


def test_the_reason_counted_is_the_first_in_the_published_order() -> None:
    assert first_reason({HardReason.SUSPENDED, HardReason.REACH}) == HardReason.REACH
    assert first_reason(()) is None
    assert [reason.value for reason in HARD_REASONS[:9]] == [
        "theme",
        "phase",
        "reach",
        "no_capacity",
        "own_school",
        "same_trust",
        "reciprocal",
        "suspended",
        "declared_conflict",
    ]


@given(rows=some_offers, seed=st.integers(0, 99))
def test_the_order_does_not_depend_on_the_order_of_the_rows(rows: list[Facts], seed: int) -> None:
    mixed = random.Random(seed).sample(rows, len(rows))

    assert order_of(mixed) == order_of(rows)


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 17, 64, 1_000])
def test_equal_offers_have_equal_totals_wherever_they_stand(rows: int) -> None:
    shares = np.random.default_rng(rows).random((7, 1))

    alone, together = totals_of(shares), totals_of(np.repeat(shares, rows, axis=1))

    assert set(together.tolist()) == set(alone.tolist())


@given(rows=some_offers, half_days=st.integers(1, 40))
def test_shares_and_totals_run_from_0_to_1(rows: list[Facts], half_days: int) -> None:
    scored = score(Table.of(rows), half_days=half_days)

    assert np.all((scored.shares >= 0) & (scored.shares <= 1))
    assert np.all((scored.totals >= 0) & (scored.totals <= 1 + 1e-12))


@given(rows=some_offers)
def test_the_first_five_are_the_first_five_of_all(rows: list[Facts]) -> None:
    table = Table.of(rows)
    scored = score(table, half_days=HALF_DAYS)

    assert ranked(table, scored, limit=5) == ranked(table, scored)[:5]


@given(rows=some_offers)
def test_who_is_left_out_changes_nothing_for_the_others(rows: list[Facts]) -> None:
    kept = [row for row in rows if row.reason is None]

    assert order_of(rows) == (order_of(kept) if kept else [])


@given(rows=some_offers)
def test_prices_are_placed_as_the_search_places_them(rows: list[Facts]) -> None:
    rows = [row._replace(reason=None) for row in rows]
    expected = [share or 0.0 for share in catalogue.price_shares(row.price_pence for row in rows)]

    scored = score(Table.of(rows), half_days=HALF_DAYS)

    assert [scored.share("price", row) for row in range(len(rows))] == pytest.approx(expected)


@given(rows=some_offers)
def test_quality_is_that_of_the_search(rows: list[Facts]) -> None:
    scored = score(Table.of(rows), half_days=HALF_DAYS)

    for place, row in enumerate(rows):
        hundredths = catalogue.quality_hundredths(row.rating_total, row.rating_count)
        assert scored.share("quality", place) * 100 == pytest.approx(hundredths, abs=0.51)


@given(rows=some_offers, key=st.sampled_from(["expertise", "phase", "distance", "context"]))
def test_more_of_a_part_never_lowers_a_place(rows: list[Facts], key: str) -> None:
    table = Table.of([row._replace(reason=None) for row in rows])
    before = place_of(table, score(table, half_days=HALF_DAYS), 0)

    better = table.changed(0, **{key: 1.0})

    assert place_of(better, score(better, half_days=HALF_DAYS), 0) <= before


@given(rows=some_offers, key=st.sampled_from(["expertise", "phase", "distance", "context"]))
def test_a_part_that_is_the_same_for_all_decides_nothing(rows: list[Facts], key: str) -> None:
    level = [row._replace(**{key: 0.5}) for row in rows]
    without = [row._replace(**{key: 0.0}) for row in rows]

    assert order_of(level) == order_of(without)


@given(rows=some_offers)
def test_places_are_those_of_the_order(rows: list[Facts]) -> None:
    table = Table.of(rows)
    scored = score(table, half_days=HALF_DAYS)

    for place, row in enumerate(ranked(table, scored), start=1):
        assert place_of(table, scored, row) == place


# The smallest change --------------------------------------------------------------------------------------------------


def test_the_smallest_change_worked_by_hand() -> None:
    # Both .93 but for C’s distance: .15 × (1 − .9) = .015 behind. Prices 1,000 and 1,000: both 1.
    table = Table.of([A, A._replace(id=2, distance=0.9)])

    found = changes_to_be_first(table, 1, half_days=HALF_DAYS)

    keys = {change.weight.key: change for change in found.alone}
    # The ids break the tie, so it has to be better than A by a millionth: two ratings of 5 out of 5 give
    # .15 × (550/700 − .7) = .0129, three .15 × (650/800 − .7) = .0169.
    assert keys["quality"].amount == 3
    assert "distance" not in keys, "at its best it ties, and the smaller id goes first"
    assert found.alone[0].by == min(change.by for change in found.alone)


def test_the_first_needs_no_change_and_who_is_left_out_gets_none() -> None:
    table = Table.of([A, B._replace(reason=HardReason.SUSPENDED)])

    assert not changes_to_be_first(table, 0, half_days=HALF_DAYS).alone
    assert not changes_to_be_first(table, 1, half_days=HALF_DAYS).alone


def test_where_no_single_change_is_enough_several_are_named() -> None:
    table = Table.of([A, B])

    found = changes_to_be_first(table, 1, half_days=HALF_DAYS)

    assert found.alone == ()
    assert next(change.weight.key for change in found.together) == "expertise"


@given(rows=some_offers)
def test_each_change_makes_it_first_and_a_step_less_does_not(rows: list[Facts]) -> None:
    rows = [row._replace(reason=None) for row in rows]
    table = Table.of(rows)
    row = len(rows) - 1

    for change in changes_to_be_first(table, row, half_days=HALF_DAYS).alone:
        key = change.weight.key
        if key in ("expertise", "phase"):
            assert order_of_changed(table, row, **{key: 1.0}) == row
        elif key == "price":
            assert order_of_changed(table, row, price=change.amount) == row
            if change.amount + 1 < rows[row].price_pence:  # type: ignore[operator]
                assert order_of_changed(table, row, price=change.amount + 1) != row
        elif key == "availability":
            free = rows[row].free_half_days or 0
            assert order_of_changed(table, row, free=free + change.amount) == row
            assert order_of_changed(table, row, free=free + change.amount - 1) != row


def order_of_changed(table: Table, row: int, **values: float) -> int:
    changed = table.changed(row, **values)
    return ranked(changed, score(changed, half_days=HALF_DAYS))[0]


# How alike ------------------------------------------------------------------------------------------------------------

SCHOOL = SchoolContext(200, 2_000, "2", "4")


@pytest.mark.parametrize(
    ("other", "share"),
    [
        (SCHOOL, 1.0),
        (SchoolContext(100, 500, "2", "10"), (0.5 + 0.5 + 0.5) / 3),
        (SchoolContext(400, 8_000, "4", "10"), (0.5 + 0 + 0) / 3),
        (SchoolContext(None, None, "", ""), 0.5),
        (None, 0.5),
    ],
)
def test_how_alike_two_schools_are(other: SchoolContext | None, share: float) -> None:
    assert context_share(SCHOOL, other) == pytest.approx(share)


def test_a_table_has_a_column_for_each_fact() -> None:
    assert len({len(getattr(Table.of([A, B]), each.name)) for each in fields(Table)}) == 1
