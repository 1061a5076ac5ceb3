"""Reductions and changes after the base price."""

from datetime import date

import pytest

from marketplace.catalogue.pricing import PriceRule, PriceRuleInvalid, Quantity, SchoolFacts, price_for

ON = date(2026, 11, 21)


def lines(base, *modifiers, member=False, on=ON, **quantity):
    rule = PriceRule.from_data(base | {"modifiers": list(modifiers)})
    school = SchoolFacts(name="Oakwell School", is_member=member)
    return price_for(rule, school, Quantity(**quantity), on).lines


def invalid(base, *modifiers):
    with pytest.raises(PriceRuleInvalid) as refusal:
        PriceRule.from_data(base | {"modifiers": list(modifiers)})
    assert refusal.value.remedy
    return refusal.value


DAY = {"kind": "per_day", "amount_pence": 350_00}
PLACE = {"kind": "per_place", "amount_pence": 150_00}
YEAR = {"kind": "fixed", "amount_pence": 1000_00}


# Multi-buy


def test_later_days_are_cheaper_also_in_halves():
    off = {"kind": "multi_buy", "percent_off_bp": 1000, "from_number": 3}

    assert lines(DAY, off, half_days=4) == (("2 days × £350.00 a day", 700_00),)
    assert lines(DAY, off, half_days=5) == (
        ("2½ days × £350.00 a day", 875_00),
        ("10% off the third and later days", -17_50),
    )


def test_a_later_half_day_is_reduced_from_its_own_price():
    day = DAY | {"half_day_pence": 200_00}
    assert lines(day, {"kind": "multi_buy", "percent_off_bp": 5000}, half_days=3)[-1].pence == -100_00


def test_multi_buy_needs_something_counted():
    refusal = invalid(YEAR, {"kind": "multi_buy", "percent_off_bp": 1000})
    assert refusal.field == "modifiers-0"


def test_a_free_place_stays_free():
    assert lines(
        {"kind": "per_place", "amount_pence": 0}, {"kind": "multi_buy", "percent_off_bp": 1000}, places=3
    ) == (("3 places × £0.00", 0),)


# Longer agreements

STEPS = {
    "kind": "multi_year_discount",
    "steps": [{"years": 2, "percent_off_bp": 500}, {"years": 3, "percent_off_bp": 1000}],
}


@pytest.mark.parametrize(("years", "pence"), [(1, 1000_00), (2, 950_00), (3, 900_00), (5, 900_00)])
def test_a_longer_agreement_costs_less_each_year(years, pence):
    assert sum(line.pence for line in lines(YEAR, STEPS, years=years)) == pence


FREEZE = {"kind": "price_freeze", "years": 2, "yearly_increase_bp": 300}


def test_an_agreement_of_two_years_keeps_its_first_price():
    assert lines(YEAR, FREEZE, years=2, year_of_agreement=1) == (
        ("Fixed price for the whole service", 1000_00),
    )
    assert lines(YEAR, FREEZE, years=2, year_of_agreement=2) == (
        ("Fixed price for the whole service", 1000_00),
        ("Year 2: price held, because the agreement is for 2 years", 0),
    )


def test_a_yearly_agreement_rises_each_year():
    assert lines(YEAR, FREEZE, years=1, year_of_agreement=3)[-1] == (
        "Year 3: price rises 3% each year after the first",
        60_90,
    )


# Members


def test_members_pay_their_price_and_others_pay_as_they_go():
    rate = {"kind": "member_rate", "amount_pence": 95_00}

    assert lines(PLACE, rate, places=2) == (("2 places × £150.00", 300_00),)
    assert lines(PLACE, rate, places=2, member=True)[-1] == (
        "Members’ rate: £95.00 a place instead of £150.00",
        -110_00,
    )


def test_members_can_have_a_percentage_off_any_price():
    rate = {"kind": "member_rate", "percent_off_bp": 1250}
    assert lines(YEAR, rate, member=True)[-1] == ("Members’ rate: 12.5% off", -125_00)


@pytest.mark.parametrize(
    ("base", "rate", "says"),
    [
        (PLACE, {}, "either a price or a reduction"),
        (PLACE, {"amount_pence": 1, "percent_off_bp": 1}, "either a price or a reduction"),
        (PLACE, {"amount_pence": 151_00}, "more than the pay-as-you-go price"),
        (YEAR, {"amount_pence": 1}, "needs a price for each"),
        (DAY | {"half_day_pence": 200_00}, {"amount_pence": 300_00}, "half day"),
    ],
)
def test_a_contradictory_members_rate_is_refused(base, rate, says):
    assert says in invalid(base, {"kind": "member_rate"} | rate).message


# Early orders


@pytest.mark.parametrize(("on", "count"), [(date(2026, 12, 31), 2), (date(2027, 1, 1), 1)])
def test_an_order_by_the_date_is_cheaper(on, count):
    early = {"kind": "early_order", "percent_off_bp": 500, "order_by": "2026-12-31"}
    assert len(lines(YEAR, early, on=on)) == count


def test_an_order_well_ahead_is_cheaper():
    early = {"kind": "early_order", "percent_off_bp": 1000, "days_ahead": 28}

    assert lines(YEAR, early, starts_on=date(2026, 12, 19))[-1] == (
        "10% off for ordering by 21 November 2026",
        -100_00,
    )
    assert len(lines(YEAR, early, starts_on=date(2026, 12, 18))) == 1
    assert len(lines(YEAR, early)) == 1
    assert len(lines(YEAR, early, starts_on=date(1, 1, 1))) == 1


# Together


def test_reductions_one_after_another_multiply():
    total = sum(
        line.pence
        for line in lines(
            PLACE,
            {"kind": "member_rate", "amount_pence": 100_00},
            {"kind": "multi_buy", "percent_off_bp": 2000},
            {"kind": "early_order", "percent_off_bp": 1000, "order_by": "2026-12-31"},
            member=True,
            places=2,
        )
    )
    assert total == 162_00  # 2 × £100, £20 off the second, 10% off £180


def test_the_same_change_twice_is_refused():
    rate = {"kind": "member_rate", "percent_off_bp": 100}
    assert invalid(YEAR, rate, rate).field == "modifiers-1"


@pytest.mark.parametrize(
    ("modifier", "field"),
    [
        ({"kind": "half_price"}, "modifiers-0-kind"),
        ({"kind": "early_order", "percent_off_bp": 100}, "modifiers-0-order_by"),
        ({"kind": "early_order", "percent_off_bp": 0, "days_ahead": 3}, "modifiers-0-percent_off_bp"),
        ({"kind": "early_order", "percent_off_bp": 10_001, "days_ahead": 3}, "modifiers-0-percent_off_bp"),
        ({"kind": "multi_year_discount", "steps": []}, "modifiers-0-steps"),
        ({"kind": "multi_year_discount", "steps": STEPS["steps"][::-1]}, "modifiers-0-steps-1-years"),
        ("10% off", "modifiers-0-kind"),
    ],
)
def test_a_faulty_change_names_its_field(modifier, field):
    assert invalid(YEAR, modifier).field == field
