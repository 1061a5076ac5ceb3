"""Prices against the same sums done in Decimal, for any numbers."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalogue.pricing import (
    BrokerageFee,
    PriceRule,
    PriceRuleInvalid,
    Quantity,
    SchoolFacts,
    price_for,
    split,
    split_whole,
)

ON = date(2026, 11, 21)
pence = st.integers(min_value=0, max_value=5_000_000)
some_pence = st.integers(min_value=1, max_value=5_000_000)
pupils = st.integers(min_value=1, max_value=4_000)
basis_points = st.integers(min_value=1, max_value=10_000)


def penny(exact):
    return int(Decimal(exact).quantize(Decimal(1), ROUND_HALF_UP))


def priced(rule, school=None, **quantity):
    school = school or SchoolFacts(name="Oakwell School")
    return price_for(PriceRule.from_data(rule), school, Quantity(**quantity), ON).total_pence


@given(pence, st.integers(min_value=1, max_value=10_000))
def test_days_are_half_the_day_price_for_each_half_day(day, half_days):
    assert priced({"kind": "per_day", "amount_pence": day}, half_days=half_days) == penny(
        Decimal(day) * half_days / 2
    )


@given(pence, some_pence, some_pence, pupils, pupils)
def test_a_flat_charge_and_rates_by_phase_add_up(flat, primary_rate, secondary_rate, primary, secondary):
    rule = {
        "kind": "flat_plus_per_pupil",
        "flat_pence": flat,
        "primary_pence": primary_rate,
        "secondary_pence": secondary_rate,
    }
    school = SchoolFacts(name="Oakwell School", primary=primary, secondary=secondary)
    assert priced(rule, school) == flat + primary_rate * primary + secondary_rate * secondary


@given(some_pence, pupils, pence, pence)
def test_floor_and_cap_bound_the_price_and_nothing_else(rate, count, one, other):
    floor, cap = sorted((one, other))
    rule = {"kind": "per_pupil_within_limits", "pupil_pence": rate, "floor_pence": floor, "cap_pence": cap}
    school = SchoolFacts(name="Oakwell School", pupils_total=count)
    assert priced(rule, school) == min(max(rate * count, floor), cap)


@given(
    some_pence, st.integers(min_value=1, max_value=500), st.integers(min_value=2, max_value=20), basis_points
)
def test_multi_buy_takes_a_share_of_the_later_places(price, places, from_number, off):
    rule = {
        "kind": "per_place",
        "amount_pence": price,
        "modifiers": [{"kind": "multi_buy", "from_number": from_number, "percent_off_bp": off}],
    }
    later = max(0, places - from_number + 1)
    assert priced(rule, places=places) == price * places - penny(Decimal(price * later * off) / 10_000)


@given(pence, st.lists(basis_points, min_size=2, max_size=2))
def test_reductions_are_rounded_once_each_and_never_go_below_zero(price, offs):
    rule = {
        "kind": "fixed",
        "amount_pence": price,
        "modifiers": [
            {"kind": "member_rate", "percent_off_bp": offs[0]},
            {"kind": "early_order", "percent_off_bp": offs[1], "order_by": "2026-12-31"},
        ],
    }
    member = SchoolFacts(name="Oakwell School", is_member=True)

    left = price - penny(Decimal(price * offs[0]) / 10_000)
    left -= penny(Decimal(left * offs[1]) / 10_000)

    assert priced(rule, member) == left >= 0


@given(some_pence, st.integers(min_value=1, max_value=200), st.data())
def test_members_pay_exactly_their_price_for_each(price, places, data):
    members = data.draw(st.integers(min_value=0, max_value=price))
    rule = {
        "kind": "per_place",
        "amount_pence": price,
        "modifiers": [{"kind": "member_rate", "amount_pence": members}],
    }
    assert priced(rule, SchoolFacts(name="Oakwell School", is_member=True), places=places) == members * places


@given(pence, st.integers(min_value=2, max_value=10), st.integers(min_value=1, max_value=2_000))
def test_a_price_that_is_not_held_grows_by_the_percentage_each_year(price, year, increase):
    rule = {
        "kind": "fixed",
        "amount_pence": price,
        "modifiers": [{"kind": "price_freeze", "years": 2, "yearly_increase_bp": increase}],
    }
    growth = (1 + Decimal(increase) / 10_000) ** (year - 1) - 1
    assert priced(rule, years=1, year_of_agreement=year) == price + penny(price * growth)
    assert priced(rule, years=2, year_of_agreement=year) == price


fees = st.builds(
    BrokerageFee,
    basis=st.sampled_from(["inclusive", "additional"]),
    kind=st.just("percent"),
    value=st.integers(min_value=0, max_value=10_000),
) | st.builds(
    BrokerageFee,
    basis=st.sampled_from(["inclusive", "additional"]),
    kind=st.just("per_day"),
    value=st.integers(min_value=0, max_value=100_000),
)


@given(pence, st.integers(min_value=1, max_value=400), fees)
def test_a_split_loses_no_penny(price, half_days, fee):
    fee_pence = (
        Decimal(price * fee.value) / 10_000 if fee.kind == "percent" else Decimal(fee.value * half_days) / 2
    )
    if fee.basis == "inclusive" and penny(fee_pence) > price:
        with pytest.raises(PriceRuleInvalid):
            split(price, half_days, fee)
        return

    buyer, releasing_school, broker = split(price, half_days, fee)

    assert broker == penny(fee_pence)
    assert buyer == releasing_school + broker
    assert (buyer if fee.basis == "inclusive" else releasing_school) == price
    assert min(buyer, releasing_school, broker) >= 0
    # What the school pays in all is divided as it came about, but for the penny that rounding twice can move.
    whole = split_whole(buyer, half_days, fee)
    assert whole.buyer == buyer and abs(whole.broker - broker) <= 1
