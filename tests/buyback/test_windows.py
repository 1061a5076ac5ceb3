"""What a window lets schools do on a day, and what a late order buys."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.buyback.rules.windows import (
    FULL_PRICE,
    PRO_RATA,
    REFUSED,
    WindowDates,
    WindowInvalid,
    WindowState,
    check_dates,
    first_year,
    late_charge,
    standing,
)
from marketplace.kernel.dates import ACADEMIC, FINANCIAL, whole_months_remaining
from marketplace.kernel.money import pro_rata

EAST_SUSSEX = WindowDates(
    calendar=FINANCIAL,
    first_day=date(2027, 4, 1),
    prices_visible_from=date(2027, 1, 15),
    orders_from=date(2027, 4, 1),
    closes_on=date(2027, 4, 30),
)
"""Prices in mid-January, orders from 1 April to the end of April, whole-year price after that (domain 1.1)."""


@pytest.mark.parametrize(
    ("day", "state", "words"),
    [
        (date(2027, 1, 14), "hidden", "from 15 January 2027"),
        (date(2027, 1, 15), "early", "Orders are taken from 1 April 2027 to 30 April 2027"),
        (date(2027, 3, 31), "early", "fill your basket now"),
        (date(2027, 4, 1), "open", "until 30 April 2027"),
        (date(2027, 4, 30), "open", "until 30 April 2027"),
        (date(2027, 5, 1), "late", "the whole year’s price"),
        (date(2028, 3, 31), "late", "Orders closed on 30 April 2027"),
        (date(2028, 4, 1), "closed", "Nothing is left"),
    ],
)
def test_prices_show_then_orders_open_then_come_late(day: date, state: str, words: str) -> None:
    stands = standing(EAST_SUSSEX, day)

    assert stands.state == state
    assert words in stands.sentence


def test_a_basket_fills_early_and_is_ordered_only_once_orders_are_taken() -> None:
    early, opened = standing(EAST_SUSSEX, date(2027, 2, 1)), standing(EAST_SUSSEX, date(2027, 4, 1))

    assert early.can_fill and not early.can_submit
    assert opened.can_fill and opened.can_submit


def test_after_the_close_late_orders_are_refused_where_the_window_says_so() -> None:
    stands = standing(replace(EAST_SUSSEX, late_rule=REFUSED), date(2027, 5, 1))

    assert stands.state is WindowState.CLOSED
    assert "Late orders are not taken" in stands.sentence


def test_a_late_order_pro_rata_buys_the_whole_months_that_are_left() -> None:
    dates = replace(EAST_SUSSEX, late_rule=PRO_RATA, late_charge_pence=5_000)

    bought = first_year(dates, date(2027, 10, 2))

    assert bought.starts_on == date(2027, 11, 1)
    assert bought.months == 5
    assert bought.share_of(120_000) == 50_000
    assert "5 of 12 months" in standing(dates, date(2027, 10, 2)).sentence
    assert "£50.00 before VAT" in standing(dates, date(2027, 10, 2)).sentence
    assert first_year(dates, date(2027, 10, 1)) == (date(2027, 10, 1), 6)


def test_a_late_order_at_the_whole_price_buys_the_whole_year() -> None:
    dates = replace(EAST_SUSSEX, late_rule=FULL_PRICE)

    assert first_year(dates, date(2027, 10, 2)) == (date(2027, 4, 1), 12)


def test_a_late_order_before_the_year_begins_buys_the_whole_year_whatever_the_rule() -> None:
    dates = WindowDates(
        calendar=ACADEMIC,
        first_day=date(2027, 9, 1),
        prices_visible_from=date(2027, 4, 1),
        orders_from=date(2027, 5, 1),
        closes_on=date(2027, 6, 30),
        late_rule=PRO_RATA,
        late_charge_pence=2_500,
    )

    assert first_year(dates, date(2027, 8, 20)) == (date(2027, 9, 1), 12)
    assert late_charge(dates, date(2027, 8, 20)) == 2_500
    assert late_charge(dates, date(2027, 6, 30)) == 0


def test_in_the_last_month_nothing_whole_is_left_to_buy_pro_rata() -> None:
    dates = replace(EAST_SUSSEX, late_rule=PRO_RATA)

    assert standing(dates, date(2028, 3, 1)).state is WindowState.LATE
    assert standing(dates, date(2028, 3, 2)).state is WindowState.CLOSED


@given(day=st.dates(date(2026, 12, 1), date(2028, 6, 1)), pence=st.integers(0, 10_000_000))
def test_what_a_late_order_pays_is_its_months_and_never_more_than_the_year(day: date, pence: int) -> None:
    dates = replace(EAST_SUSSEX, late_rule=PRO_RATA)
    bought = first_year(dates, day)

    assert 0 <= bought.share_of(pence) <= pence
    if day > dates.closes_on:
        assert bought.months == whole_months_remaining(day, dates.last_day)
        assert bought.share_of(pence) == pro_rata(pence, bought.months, 12)
        assert bought.starts_on >= day and bought.starts_on.day == 1
    else:
        assert bought == (dates.first_day, 12)


@given(day=st.dates(date(2026, 12, 1), date(2028, 6, 1)))
def test_every_day_has_one_state_and_states_come_in_order(day: date) -> None:
    order = list(WindowState)
    today, tomorrow = standing(EAST_SUSSEX, day), standing(EAST_SUSSEX, day + timedelta(days=1))

    assert order.index(tomorrow.state) - order.index(today.state) in {0, 1}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first_day": date(2027, 4, 2)}, "year"),
        ({"orders_from": date(2027, 1, 14)}, "orders_from"),
        ({"closes_on": date(2027, 3, 31)}, "closes_on"),
        ({"closes_on": date(2028, 4, 1)}, "closes_on"),
        ({"late_charge_pence": 100_001}, "late_charge"),
        ({"late_charge_pence": 100, "late_rule": REFUSED}, "late_charge"),
    ],
)
def test_a_window_that_contradicts_itself_is_refused_with_the_field(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(WindowInvalid) as refused:
        check_dates(replace(EAST_SUSSEX, **changes))  # type: ignore[arg-type]

    assert refused.value.field == field
    assert refused.value.remedy
