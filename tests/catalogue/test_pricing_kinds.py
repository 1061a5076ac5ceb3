"""What each kind of price does with what it is given, and with what it is not."""

from datetime import date

import pytest

from marketplace.catalogue.pricing import (
    PriceCannotBeWorkedOut,
    PriceInputInvalid,
    PriceRule,
    PupilPhase,
    Quantity,
    SchoolFacts,
    price_for,
)

ON = date(2026, 11, 21)
PER_PUPIL = {"kind": "per_pupil", "primary_pence": 114, "secondary_pence": 205}


def a_school(**facts):
    return SchoolFacts(**{"name": "Oakwell School", "census_date": date(2026, 1, 15)} | facts)


def priced(rule, school=None, quantity=None):
    return price_for(PriceRule.from_data(rule), school or a_school(), quantity or Quantity(), ON)


def refused(rule, school=None, quantity=None):
    with pytest.raises(PriceCannotBeWorkedOut) as refusal:
        priced(rule, school, quantity)
    assert refusal.value.remedy
    return refusal.value


# Pupils


@pytest.mark.parametrize("rule", [PER_PUPIL, {"kind": "banded_by_pupils", "bands": [{"amount_pence": 100}]}])
@pytest.mark.parametrize("facts", [{}, {"pupils_total": 0}, {"primary": 0}])
def test_a_school_without_pupils_on_record_is_told_what_to_do(rule, facts):
    assert "Oakwell School" in refused(rule, a_school(**facts)).message


def test_a_total_belongs_to_the_one_phase_of_the_school():
    price = priced(PER_PUPIL, a_school(phases=(PupilPhase.SECONDARY,), pupils_total=1000))
    assert price.lines == (("1,000 secondary pupils (January 2026 census) × £2.05", 2050_00),)


def test_a_nursery_class_counts_with_the_primary_pupils():
    phases = PupilPhase.of_support(["primary", "early_years"])
    price = priced(PER_PUPIL, a_school(phases=phases, pupils_total=230))
    assert price.lines == (("230 primary pupils (January 2026 census) × £1.14", 262_20),)


def test_sixth_formers_are_secondary_pupils():
    assert PupilPhase.of_support(["secondary", "post_16"]) == (PupilPhase.SECONDARY,)
    assert PupilPhase.of_support(["special_ap"]) == (PupilPhase.SPECIAL,)


def test_an_undivided_total_cannot_be_priced_by_phase():
    school = a_school(phases=(PupilPhase.PRIMARY, PupilPhase.SECONDARY), pupils_total=800)
    assert "only the total of 800" in refused(PER_PUPIL, school).message


def test_an_undivided_total_can_be_priced_where_all_its_phases_cost_the_same():
    rule = {"kind": "per_pupil", "pupil_pence": 500, "special_pence": 800}
    school = a_school(phases=(PupilPhase.PRIMARY, PupilPhase.SECONDARY), pupils_total=800)
    assert priced(rule, school).lines == (("800 pupils (January 2026 census) × £5.00", 4000_00),)


def test_pupils_of_a_phase_without_a_rate_are_not_charged_for_and_shown():
    price = priced({"kind": "per_pupil", "primary_pence": 114}, a_school(primary=300, secondary=500))
    assert price.total_pence == 342_00
    assert price.lines[1] == ("500 secondary pupils (January 2026 census): not charged for", 0)


def test_a_school_with_no_phase_the_price_covers_has_no_price():
    assert (
        "secondary" in refused({"kind": "per_pupil", "primary_pence": 114}, a_school(secondary=500)).message
    )


def test_a_census_without_a_date_says_so():
    price = priced(PER_PUPIL, a_school(primary=1, census_date=None))
    assert price.lines == (("1 primary pupil (census date not recorded) × £1.14", 1_14),)


def test_floor_and_cap_are_lines_of_their_own():
    rule = {
        "kind": "per_pupil_within_limits",
        "pupil_pence": 1900,
        "floor_pence": 6000_00,
        "cap_pence": 12500_00,
    }

    assert priced(rule, a_school(pupils_total=210)).lines[1] == (
        "Raised to the least any school pays, £6,000.00",
        2010_00,
    )
    assert priced(rule, a_school(pupils_total=900)).lines[1] == (
        "Lowered to the most any school pays, £12,500.00",
        -4600_00,
    )
    assert len(priced(rule, a_school(pupils_total=400)).lines) == 1


@pytest.mark.parametrize(
    ("pupils", "pence"), [(1, 100_00), (100, 100_00), (101, 180_00), (420, 180_00), (421, 250_00)]
)
def test_a_band_reaches_up_to_and_with_its_limit(pupils, pence):
    bands = [
        {"up_to_pupils": 100, "amount_pence": 100_00},
        {"up_to_pupils": 420, "amount_pence": 180_00},
        {"amount_pence": 250_00},
    ]
    assert priced({"kind": "banded_by_pupils", "bands": bands}, a_school(primary=pupils)).total_pence == pence


def test_a_school_beyond_the_last_band_has_no_price():
    rule = {"kind": "banded_by_pupils", "bands": [{"up_to_pupils": 100, "amount_pence": 100}]}
    assert "end at 100 pupils" in refused(rule, a_school(primary=101)).message


# Other things a price needs


def test_staff_not_on_record_are_asked_for():
    assert "staff" in refused({"kind": "base_plus_staff", "base_pence": 100, "head_pence": 10}).remedy


@pytest.mark.parametrize(
    ("kind", "unit"),
    [("per_day", "day"), ("per_half_day", "half day"), ("per_session", "session"), ("per_place", "place")],
)
def test_a_price_for_each_needs_to_know_how_many(kind, unit):
    assert refused({"kind": kind, "amount_pence": 100}).remedy == f"Say how many {unit}s you want."


def test_days_asked_of_packages_are_needed_and_limited():
    rule = {"kind": "package_of_days", "packages": [{"half_days": 12, "amount_pence": 100}]}
    assert "6 days" in refused(rule, quantity=Quantity(half_days=13)).message
    assert refused(rule).remedy == "Say how many days you want."


@pytest.mark.parametrize("level", [None, "Gold"])
def test_a_level_is_chosen_by_its_name(level):
    rule = {"kind": "levels", "levels": [{"name": "Core", "visits": 3, "hours": 3, "amount_pence": 100}]}
    assert refused(rule, quantity=Quantity(level=level)).remedy == "Choose one of: Core."


@pytest.mark.parametrize(
    "quantity", [{"half_days": -1}, {"places": 10_001}, {"years": 0}, {"half_days": True}, {"sessions": 1.5}]
)
def test_an_impossible_quantity_is_refused(quantity):
    with pytest.raises(PriceInputInvalid):
        Quantity.from_data(quantity)


def test_half_days_are_pro_rata_and_rounded_once():
    price = priced({"kind": "per_day", "amount_pence": 350_01}, quantity=Quantity(half_days=3))
    assert price.lines == (("1½ days × £350.01 a day", 525_02),)


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "per_day", "amount_pence": 350_00},
        {"kind": "per_half_day", "amount_pence": 200_00},
        {"kind": "per_session", "amount_pence": 90_00},
        {"kind": "per_place", "amount_pence": 120_00},
        {"kind": "fixed", "amount_pence": 800_00},
        {"kind": "package_of_days", "packages": [{"half_days": 12, "amount_pence": 2100_00}]},
        {"kind": "levels", "levels": [{"name": "Core", "visits": 3, "hours": 3, "amount_pence": 2944_00}]},
    ],
)
def test_the_smallest_quantity_can_always_be_priced(rule):
    rule = PriceRule.from_data(rule)
    assert price_for(rule, a_school(), rule.smallest_quantity(), ON).total_pence > 0
