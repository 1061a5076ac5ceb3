"""What a secondment costs: a council's own figures, in pence."""

from __future__ import annotations

import pytest

from marketplace.coverage.measures.errors import MeasureError
from marketplace.coverage.measures.secondment import Terms, costing

COUNCIL = Terms(post_budget=112_327_00, full_time_cost=137_437_00, weeks=39)


@pytest.mark.parametrize(
    ("half_days", "cost", "saving"),
    [(4, 54_975, 57_352), (6, 82_462, 29_865), (8, 109_950, 2_377), (10, 137_437, -25_110)],
)
def test_rows_of_the_councils_table_add_up(half_days: int, cost: int, saving: int) -> None:
    line = costing(COUNCIL, half_days=half_days)

    assert (line.cost, line.saving) == (cost * 100, saving * 100)
    assert line.cost + line.saving == COUNCIL.post_budget


def test_past_the_break_even_it_warns() -> None:
    assert COUNCIL.break_even_days == pytest.approx(4.08649, abs=1e-5)
    assert costing(COUNCIL, half_days=8).warning == ""

    full_time = costing(COUNCIL, half_days=10)

    assert full_time.past_break_even
    assert full_time.warning == "5 days a week cost £25,110 more than the post; it breaks even at 4.09 days."


def test_saving_is_shown_for_each_day_of_capacity_kept() -> None:
    assert costing(COUNCIL, half_days=4).saving_per_day_kept == round(57_352_00 / (2 * 39))
    assert costing(COUNCIL, half_days=10).saving_per_day_kept == -round(25_110_00 / (5 * 39))


def test_a_day_of_the_secondment_is_dearer_than_a_day_of_the_post() -> None:
    assert COUNCIL.unit_price_above_post == pytest.approx(0.22, abs=0.005)
    assert Terms(post_budget=0, full_time_cost=1).unit_price_above_post is None


def test_half_pounds_round_up() -> None:
    assert costing(Terms(post_budget=0, full_time_cost=2_50), half_days=2).cost == 100  # 50p
    assert costing(Terms(post_budget=0, full_time_cost=2_45), half_days=2).cost == 0  # 49p


@pytest.mark.parametrize("half_days", [0, 11])
def test_a_week_has_up_to_five_days(half_days: int) -> None:
    with pytest.raises(MeasureError, match="half a day to 5 days"):
        costing(COUNCIL, half_days=half_days)


def test_terms_that_make_no_sense_are_refused_with_every_reason() -> None:
    with pytest.raises(MeasureError) as refused:
        Terms(post_budget=-1, full_time_cost=0, weeks=0)

    assert len(refused.value.problems) == 3
