"""What a school pays for an offer, fee included, and what is said where that can't be worked out."""

from datetime import date

import pytest

from marketplace.catalogue import tariffs
from marketplace.catalogue.presets import TARIFFS, preset_of
from marketplace.catalogue.pricing import PriceCannotBeWorkedOut, SchoolFacts
from marketplace.catalogue.quotes import priced, quote

DAY = date(2026, 11, 21)
SCHOOL = SchoolFacts(name="Meadow Primary", pupils_total=210)
PER_DAY = {"kind": "per_day", "amount_pence": 42_000}


def test_without_a_fee_the_provider_gets_the_price() -> None:
    price = quote(PER_DAY, {}, SCHOOL, on_date=DAY, half_days=6)
    assert price.total_pence == 126_000
    assert price.split == (126_000, 126_000, 0)


def test_a_fee_on_top_is_a_line_of_the_price() -> None:
    fee = {"basis": "additional", "kind": "percent", "value": 1_500}
    price = quote(PER_DAY, fee, SCHOOL, on_date=DAY, half_days=6)
    assert price.total_pence == 144_900 == sum(line.pence for line in price.lines)
    assert price.split == (144_900, 126_000, 18_900)
    assert "fee of 15%" in price.lines[-1].sentence
    assert price.to_data()["total_pence"] == 144_900


def test_a_fee_inside_changes_who_gets_what_and_not_the_price() -> None:
    fee = {"basis": "inclusive", "kind": "percent", "value": 1_500}
    price = quote({"kind": "per_day", "amount_pence": 35_000}, fee, SCHOOL, on_date=DAY, half_days=6)
    assert price.split == (105_000, 89_250, 15_750)
    assert sum(line.pence for line in price.lines) == 105_000


def test_the_least_that_can_be_bought_is_priced_unless_more_is_asked_for() -> None:
    assert quote(PER_DAY, {}, SCHOOL, on_date=DAY).quantity.half_days == 2
    assert quote(PER_DAY, {}, SCHOOL, on_date=DAY, minimum_half_days=6).quantity.half_days == 6
    assert quote(PER_DAY, {}, SCHOOL, on_date=DAY, half_days=1, minimum_half_days=4).quantity.half_days == 4
    assert quote(PER_DAY, {}, SCHOOL, on_date=DAY, half_days=1).total_pence == 21_000


def test_what_cannot_be_worked_out_is_told_in_words() -> None:
    per_pupil = {"kind": "per_pupil", "pupil_pence": 500}
    unknown = SchoolFacts(name="Meadow Primary")
    with pytest.raises(PriceCannotBeWorkedOut):
        quote(per_pupil, {}, unknown, on_date=DAY)
    told = priced(per_pupil, {}, unknown, on_date=DAY)
    assert told.quote is None and "number of pupils" in told.problem


def test_a_missing_or_broken_rule_is_told_in_words() -> None:
    assert "not set a price" in priced({}, {}, SCHOOL, on_date=DAY).problem
    assert priced({"kind": "barter"}, {}, SCHOOL, on_date=DAY).problem
    assert priced(PER_DAY, {"basis": "sideways"}, SCHOOL, on_date=DAY).problem


@pytest.mark.parametrize("key", TARIFFS)
def test_every_preset_is_a_cancellation_tariff_that_bookings_understands(key: str) -> None:
    tariff = tariffs.CancellationTariff.from_data(TARIFFS[key].data)
    assert tariffs.describe(tariff)
    assert preset_of(TARIFFS[key].data) == TARIFFS[key]


def test_the_standard_preset_is_the_standard_tariff() -> None:
    assert tariffs.CancellationTariff.from_data(TARIFFS["standard"].data) == tariffs.STANDARD_TARIFF
