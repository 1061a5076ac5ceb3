"""Rules as data: reading, refusing, writing back, forms and days of validity."""

import json
from datetime import date

import pytest

from marketplace.catalogue.pricing import (
    KINDS,
    MODIFIERS,
    PriceCannotBeWorkedOut,
    PriceRule,
    PriceRuleInvalid,
    Quantity,
    SchoolFacts,
    price_again,
    price_for,
    read_form,
    rule_in_force,
)

SCHOOL = SchoolFacts(
    name="Oakwell School", primary=210, staff_heads=30, census_date=date(2026, 1, 15), is_member=True
)
EVERYTHING = Quantity(half_days=3, sessions=3, places=3, level="Core", years=3, year_of_agreement=2)

ONE_OF_EACH = [
    {"kind": "per_day", "amount_pence": 35000, "half_day_pence": 20000},
    {"kind": "per_half_day", "amount_pence": 20000},
    {"kind": "per_session", "amount_pence": 9000},
    {
        "kind": "per_place",
        "amount_pence": 12000,
        "modifiers": [{"kind": "multi_buy", "from_number": 2, "percent_off_bp": 2000}],
    },
    {"kind": "fixed", "amount_pence": 80000, "effective_from": "2026-04-01", "effective_to": "2027-03-31"},
    {"kind": "per_pupil", "pupil_pence": 500, "special_pence": 800},
    {"kind": "flat_plus_per_pupil", "primary_pence": 114, "flat_pence": 46614},
    {"kind": "per_pupil_within_limits", "pupil_pence": 1900, "floor_pence": 600000},
    {
        "kind": "banded_by_pupils",
        "bands": [{"amount_pence": 900}],
        "pupils_of": "school",
        "amount_is": "whole",
    },
    {"kind": "base_plus_staff", "base_pence": 60000, "head_pence": 2150},
    {"kind": "levels", "levels": [{"name": "Core", "visits": 3, "hours": 3, "amount_pence": 294400}]},
    {
        "kind": "package_of_days",
        "packages": [{"half_days": 12, "amount_pence": 210000}],
        "modifiers": [
            {"kind": "member_rate", "percent_off_bp": 1000},
            {"kind": "multi_year_discount", "steps": [{"years": 3, "percent_off_bp": 500}]},
            {"kind": "price_freeze", "years": 2, "yearly_increase_bp": 300},
            {"kind": "early_order", "percent_off_bp": 500, "order_by": "2026-12-31"},
        ],
    },
]


def test_there_is_an_example_of_every_kind():
    assert {rule["kind"] for rule in ONE_OF_EACH} == set(KINDS)
    assert {change["kind"] for rule in ONE_OF_EACH for change in rule.get("modifiers", ())} == set(MODIFIERS)


@pytest.mark.parametrize("data", ONE_OF_EACH, ids=lambda rule: rule["kind"])
def test_a_rule_is_written_back_as_it_was_read(data):
    rule = PriceRule.from_data(data)

    assert rule.to_data() == data
    assert PriceRule.from_data(json.loads(json.dumps(rule.to_data()))) == rule
    assert all(rule.describe())


@pytest.mark.parametrize("data", ONE_OF_EACH, ids=lambda rule: rule["kind"])
def test_a_price_can_be_derived_again_from_its_stored_snapshot(data):
    price = price_for(PriceRule.from_data(data), SCHOOL, EVERYTHING, date(2026, 11, 21))

    again = price_again(json.loads(json.dumps(price.to_data())))

    assert again == price
    assert again.total_pence == sum(line["pence"] for line in price.to_data()["lines"])
    assert all(line.sentence for line in price.lines)


def test_a_snapshot_holds_pupils_and_census_date():
    price = price_for(PriceRule.from_data(ONE_OF_EACH[5]), SCHOOL, Quantity(), date(2026, 11, 21))

    assert price.inputs["pupils"] == 210
    assert price.inputs["census_date"] == "2026-01-15"
    assert price.inputs["on_date"] == "2026-11-21"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (None, "kind"),
        ([], "kind"),
        ({}, "kind"),
        ({"kind": "per_dya"}, "kind"),
        ({"kind": ["per_day"]}, "kind"),
        ({"kind": "per_day"}, "amount_pence"),
        ({"kind": "per_day", "amount_pence": None}, "amount_pence"),
        ({"kind": "per_day", "amount_pence": 350.0}, "amount_pence"),
        ({"kind": "per_day", "amount_pence": "350"}, "amount_pence"),
        ({"kind": "per_day", "amount_pence": True}, "amount_pence"),
        ({"kind": "per_day", "amount_pence": -1}, "amount_pence"),
        ({"kind": "per_day", "amount_pence": 10**12}, "amount_pence"),
        ({"kind": "per_day", "amount_pence": 1, "amuont": 2}, "amuont"),
        ({"kind": "per_pupil"}, "pupil_pence"),
        ({"kind": "per_pupil", "primary_pence": 0}, "pupil_pence"),
        ({"kind": "per_pupil_within_limits", "pupil_pence": 1}, "floor_pence"),
        (
            {"kind": "per_pupil_within_limits", "pupil_pence": 1, "floor_pence": 3, "cap_pence": 2},
            "floor_pence",
        ),
        ({"kind": "banded_by_pupils", "bands": []}, "bands"),
        ({"kind": "banded_by_pupils", "bands": {"a": 1}}, "bands"),
        ({"kind": "banded_by_pupils", "bands": ["a"]}, "bands-0"),
        (
            {"kind": "banded_by_pupils", "bands": [{"amount_pence": 1}, {"amount_pence": 2}]},
            "bands-1-up_to_pupils",
        ),
        ({"kind": "banded_by_pupils", "bands": [{"amount_pence": "x"}]}, "bands-0-amount_pence"),
        ({"kind": "banded_by_pupils", "bands": [{"amount_pence": 1}], "pupils_of": "moon"}, "pupils_of"),
        ({"kind": "banded_by_pupils", "bands": [{"amount_pence": 1}], "pupils_of": []}, "pupils_of"),
        (
            {"kind": "levels", "levels": [{"name": " ", "visits": 1, "hours": 1, "amount_pence": 1}]},
            "levels-0-name",
        ),
        (
            {"kind": "levels", "levels": [{"name": "A", "visits": 1, "hours": 1, "amount_pence": 1}] * 2},
            "levels-1-name",
        ),
        (
            {"kind": "package_of_days", "packages": [{"half_days": 2, "amount_pence": 1}] * 2},
            "packages-1-half_days",
        ),
        ({"kind": "fixed", "amount_pence": 1, "modifiers": "none"}, "modifiers"),
        ({"kind": "fixed", "amount_pence": 1, "effective_from": "2026-02-30"}, "effective_from"),
        ({"kind": "fixed", "amount_pence": 1, "effective_to": 20260230}, "effective_to"),
        (
            {
                "kind": "fixed",
                "amount_pence": 1,
                "effective_from": "2026-02-02",
                "effective_to": "2026-02-01",
            },
            "effective_to",
        ),
    ],
)
def test_a_faulty_rule_names_its_field_and_a_remedy(data, field):
    with pytest.raises(PriceRuleInvalid) as refused:
        PriceRule.from_data(data)

    assert refused.value.field == field
    assert refused.value.message
    assert refused.value.remedy


# Days of validity


def a_rule(pence, first=None, last=None):
    return PriceRule.from_data(
        {"kind": "fixed", "amount_pence": pence, "effective_from": first, "effective_to": last}
    )


@pytest.mark.parametrize(
    ("on", "holds"),
    [("2026-03-31", False), ("2026-04-01", True), ("2027-03-31", True), ("2027-04-01", False)],
)
def test_a_rule_prices_orders_from_its_first_day_to_its_last(on, holds):
    rule = a_rule(100, "2026-04-01", "2027-03-31")
    on = date.fromisoformat(on)

    assert rule.holds_on(on) is holds
    if not holds:
        with pytest.raises(PriceCannotBeWorkedOut) as refused:
            price_for(rule, SCHOOL, Quantity(), on)
        assert "1 April 2026" in refused.value.remedy


def test_of_several_rules_the_latest_to_start_is_in_force():
    rules = [a_rule(100), a_rule(110, "2026-04-01"), a_rule(120, "2027-04-01")]

    assert rule_in_force(rules, date(2026, 3, 31)) == rules[0]
    assert rule_in_force(rules, date(2026, 4, 1)) == rules[1]
    assert rule_in_force(rules, date(2027, 4, 1)) == rules[2]
    with pytest.raises(PriceCannotBeWorkedOut):
        rule_in_force(rules[1:], date(2026, 3, 31))


# Forms


def test_every_kind_and_every_field_has_words_for_a_form():
    for description in (*KINDS.values(), *MODIFIERS.values()):
        assert description.label
        assert description.summary
        for field in description.fields:
            assert field.label
            assert field.type in {
                "pence",
                "integer",
                "half_days",
                "percent",
                "date",
                "text",
                "choice",
                "flag",
                "rows",
            }
            assert bool(field.columns) == (field.type == "rows")
            assert bool(field.options) == (field.type == "choice")


def test_a_form_is_read_in_pounds_and_gives_a_rule():
    posted = {"kind": "per_day", "amount_pence": "£350", "half_day_pence": " 200.50 "}

    data, problems = read_form(KINDS["per_day"].cls, posted)

    assert not problems
    assert PriceRule.from_data({"kind": "per_day"} | data).base.half_day_pence == 200_50


def test_rows_of_a_form_may_have_gaps_and_empty_ends():
    posted = {
        "bands-0-up_to_pupils": "1,000",
        "bands-0-amount_pence": "100",
        "bands-1-up_to_pupils": "",
        "bands-1-amount_pence": "",
        "bands-4-up_to_pupils": "",
        "bands-4-amount_pence": "£250",
        "amount_is": "per_pupil",
    }

    data, problems = read_form(KINDS["banded_by_pupils"].cls, posted)

    assert not problems
    assert data["bands"] == [{"up_to_pupils": 1000, "amount_pence": 10000}, {"amount_pence": 25000}]
    assert PriceRule.from_data({"kind": "banded_by_pupils"} | data).base.amount_is == "per_pupil"


def test_a_form_tells_every_problem_at_once_by_input():
    posted = {
        "packages-0-half_days": "six",
        "packages-0-amount_pence": "lots",
        "packages-1-half_days": "3",
    }

    _, problems = read_form(KINDS["package_of_days"].cls, posted)

    assert set(problems) == {"packages-0-half_days", "packages-0-amount_pence", "packages-1-amount_pence"}
    assert "half a day" in problems["packages-0-half_days"]


@pytest.mark.parametrize(
    ("text", "basis_points"), [("15", 1500), ("12.5%", 1250), (" 0.25 %", 25), (".5", 50), ("100", 10_000)]
)
def test_percentages_are_typed_as_percentages(text, basis_points):
    data, problems = read_form(MODIFIERS["multi_buy"].cls, {"mb-percent_off_bp": text}, prefix="mb-")
    assert (data, problems) == ({"percent_off_bp": basis_points}, {})


@pytest.mark.parametrize("text", ["0", "101", "-5", "ten", "1.234", "5%%", "²"])
def test_other_percentages_are_a_problem_of_their_input(text):
    _, problems = read_form(MODIFIERS["multi_buy"].cls, {"percent_off_bp": text})
    assert set(problems) == {"percent_off_bp"}
