"""Published tariffs of English school support, worked out to the penny."""

from datetime import date

import pytest

from marketplace.catalogue.pricing import (
    BrokerageFee,
    PriceRule,
    PriceRuleInvalid,
    PupilPhase,
    Quantity,
    SchoolFacts,
    price_again,
    price_for,
    split,
)

ON = date(2026, 11, 21)
CENSUS = date(2026, 1, 15)


def a_school(**facts):
    return SchoolFacts(**{"name": "Oakwell Primary School", "census_date": CENSUS} | facts)


def priced(rule, school=None, quantity=None, on=ON):
    """The price of a rule given as data; its snapshot must give the same price again."""
    explanation = price_for(PriceRule.from_data(rule), school or a_school(), quantity or Quantity(), on)
    assert price_again(explanation.to_data()) == explanation
    return explanation


def test_flat_charge_plus_price_per_primary_pupil():
    rule = {"kind": "flat_plus_per_pupil", "flat_pence": 466_14, "primary_pence": 1_14}

    price = priced(rule, a_school(primary=210))

    assert price.total_pence == 705_54
    assert price.lines == (
        ("Flat charge", 466_14),
        ("210 primary pupils (January 2026 census) × £1.14", 239_40),
    )


@pytest.mark.parametrize(("pupils", "pence"), [(210, 6_000_00), (400, 7_600_00), (900, 12_500_00)])
def test_price_per_pupil_with_a_floor_and_a_cap(pupils, pence):
    rule = {
        "kind": "per_pupil_within_limits",
        "pupil_pence": 19_00,
        "floor_pence": 6_000_00,
        "cap_pence": 12_500_00,
    }

    assert priced(rule, a_school(pupils_total=pupils)).total_pence == pence


def test_price_per_pupil_by_phase_for_an_all_through_school():
    rule = {
        "kind": "per_pupil",
        "nursery_pence": 5_07,
        "primary_pence": 5_07,
        "secondary_pence": 6_35,
        "special_pence": 8_39,
    }

    price = priced(rule, a_school(primary=300, secondary=500))

    assert price.total_pence == 4_696_00
    assert [line.pence for line in price.lines] == [1_521_00, 3_175_00]


THREE_DAYS = Quantity(half_days=6)


def test_brokerage_of_15_percent_inside_the_price():
    price = priced({"kind": "per_day", "amount_pence": 350_00}, quantity=THREE_DAYS)
    fee = BrokerageFee(basis="inclusive", kind="percent", value=1500)

    assert split(price.total_pence, 6, fee) == (1_050_00, 892_50, 157_50)


def test_brokerage_of_15_percent_on_top_of_the_price():
    price = priced({"kind": "per_day", "amount_pence": 420_00}, quantity=THREE_DAYS)
    fee = BrokerageFee(basis="additional", kind="percent", value=1500)

    assert split(price.total_pence, 6, fee) == (1_449_00, 1_260_00, 189_00)


@pytest.mark.parametrize(("day_rate", "releasing"), [(350_00, 297_50), (450_00, 382_50), (550_00, 467_50)])
def test_brokerage_of_15_percent_at_the_region_wide_day_rates(day_rate, releasing):
    fee = BrokerageFee(basis="inclusive", kind="percent", value=1500)

    assert split(day_rate, 2, fee) == (day_rate, releasing, day_rate - releasing)


def test_a_fixed_brokerage_of_50_pounds_a_day():
    fee = BrokerageFee(basis="inclusive", kind="per_day", value=50_00)

    assert split(350_00, 2, fee) == (350_00, 300_00, 50_00)
    assert split(525_00, 3, fee) == (525_00, 450_00, 75_00)


@pytest.mark.parametrize(("half_days", "pence"), [(1, 200_00), (2, 350_00), (3, 550_00), (6, 1_050_00)])
def test_a_day_rate_whose_half_day_has_its_own_price(half_days, pence):
    rule = {"kind": "per_day", "amount_pence": 350_00, "half_day_pence": 200_00}

    assert priced(rule, quantity=Quantity(half_days=half_days)).total_pence == pence


def test_levels_with_visits_included():
    rule = {
        "kind": "levels",
        "levels": [
            {"name": "Level 1", "visits": 3, "hours": 3, "amount_pence": 2_944_00},
            {"name": "Level 5", "visits": 11, "hours": 6, "amount_pence": 5_871_00},
        ],
    }

    assert priced(rule, quantity=Quantity(level="level 5")).lines == (
        ("Level 5: 11 visits of 6 hours", 5_871_00),
    )
    assert priced(rule, quantity=Quantity(level="Level 1")).total_pence == 2_944_00


def test_20_percent_off_the_second_and_later_places_of_a_course():
    rule = {
        "kind": "per_place",
        "amount_pence": 145_00,
        "modifiers": [{"kind": "multi_buy", "percent_off_bp": 2000}],
    }

    assert priced(rule, quantity=Quantity(places=1)).lines == (("1 place × £145.00", 145_00),)
    assert priced(rule, quantity=Quantity(places=3)).lines == (
        ("3 places × £145.00", 435_00),
        ("20% off the second and later places", -58_00),
    )


def test_base_price_plus_members_of_staff():
    rule = {"kind": "base_plus_staff", "base_pence": 600_00, "head_pence": 21_50}

    price = priced(rule, a_school(staff_heads=34))

    assert price.lines == (("Base price", 600_00), ("34 members of staff × £21.50", 731_00))


@pytest.mark.parametrize(
    ("half_days", "pence"), [(1, 2_100_00), (12, 2_100_00), (13, 3_000_00), (24, 3_800_00)]
)
def test_packages_of_6_9_and_12_days(half_days, pence):
    rule = {
        "kind": "package_of_days",
        "packages": [
            {"half_days": 12, "amount_pence": 2_100_00},
            {"half_days": 18, "amount_pence": 3_000_00},
            {"half_days": 24, "amount_pence": 3_800_00},
        ],
    }

    assert priced(rule, quantity=Quantity(half_days=half_days)).total_pence == pence


def test_academies_banded_by_the_pupils_of_the_whole_trust():
    rule = {
        "kind": "banded_by_pupils",
        "pupils_of": "trust",
        "amount_is": "per_pupil",
        "bands": [{"up_to_pupils": 1_000, "amount_pence": 6_35}, {"amount_pence": 5_71}],
    }
    academy = a_school(is_academy=True, primary=210, trust_pupils=4_200)

    assert priced(rule, academy).total_pence == 210 * 5_71
    assert priced(rule, a_school(primary=210)).total_pence == 210 * 6_35


def test_a_service_free_to_schools_says_so():
    assert priced({"kind": "fixed", "amount_pence": 0}).lines == (("Free of charge", 0),)


def test_a_special_school_with_only_a_total_is_priced_in_its_phase():
    rule = {"kind": "per_pupil", "primary_pence": 5_07, "special_pence": 8_39}
    school = a_school(phases=(PupilPhase.SPECIAL,), pupils_total=120)

    assert priced(rule, school).lines == (("120 special pupils (January 2026 census) × £8.39", 1_006_80),)


@pytest.mark.parametrize(
    "fee",
    [
        {"basis": "inclusive", "kind": "percent", "value": 10_001},
        {"basis": "beside", "kind": "percent", "value": 1},
        {"basis": "inclusive", "kind": "percent"},
        {"basis": "inclusive", "kind": "per_hour", "value": 1},
    ],
)
def test_a_faulty_fee_is_refused(fee):
    with pytest.raises(PriceRuleInvalid):
        BrokerageFee.from_data(fee)


def test_a_fee_describes_itself():
    assert (
        BrokerageFee(basis="inclusive", kind="percent", value=1500).describe()
        == "Broker’s fee of 15%, included in the price"
    )
    assert (
        BrokerageFee(basis="additional", kind="per_day", value=5000).describe()
        == "Broker’s fee of £50.00 a day, added to the price"
    )
