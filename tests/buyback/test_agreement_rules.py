"""Contract years of a term, ending early, converting to an academy, and next year's price: the rules, as pure functions."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.buyback.rules import (
    ConversionInvalid,
    EndingInvalid,
    Ground,
    PriceChange,
    check_calling_off,
    check_ending,
    convert,
    cost_of_ending,
    notice_by,
    notice_sentence,
    part_of_year,
    share_by_months,
    split_year,
    year_of_term_on,
    years_of_term,
)
from marketplace.buyback.rules.years import first_of_month_from, months_on
from marketplace.kernel.dates import ACADEMIC, FINANCIAL, ContractCalendar, Period, contract_year

YEAR = Period(date(2027, 4, 1), date(2028, 3, 31))
LINE = {"1": 120_000}

amounts = st.dictionaries(st.integers(1, 99).map(str), st.integers(0, 50_000_00), min_size=1, max_size=6)
days_of_the_year = st.integers(0, 365).map(lambda n: YEAR.start + timedelta(days=n))
calendars = st.sampled_from([FINANCIAL, ACADEMIC])


# Contract years -------------------------------------------------------------------------------------------------------


def test_a_three_year_term_has_three_contract_years() -> None:
    term = Period(date(2027, 9, 1), date(2030, 8, 31))

    years = years_of_term(ACADEMIC, term)

    assert [(year.number, year.period.start.year, year.months) for year in years] == [
        (1, 2027, 12),
        (2, 2028, 12),
        (3, 2029, 12),
    ]


def test_who_joins_late_has_a_first_year_of_the_months_left() -> None:
    term = Period(date(2027, 11, 1), date(2029, 3, 31))

    first, second = years_of_term(FINANCIAL, term)

    assert (first.months, first.period.end) == (5, date(2028, 3, 31))
    assert (second.number, second.months) == (2, 12)
    assert part_of_year(120_000, first.months) == 50_000


@given(calendars, st.integers(0, 11), st.integers(1, 5))
def test_the_years_of_a_term_cover_it_without_gap(calendar: ContractCalendar, late: int, years: int) -> None:
    first = contract_year(calendar, date(2027, 5, 5)).start
    term = Period(months_on(first, late), months_on(first, 12 * years) - timedelta(days=1))

    parts = years_of_term(calendar, term)

    assert (parts[0].period.start, parts[-1].period.end) == term
    assert sum(part.months for part in parts) == 12 * years - late
    assert all(
        after.period.start - before.period.end == timedelta(days=1) for before, after in pairwise(parts)
    )
    assert all(year_of_term_on(calendar, term, part.period.start) == part for part in parts)


def test_outside_the_term_there_is_no_year() -> None:
    assert year_of_term_on(FINANCIAL, YEAR, date(2028, 4, 1)) is None


@given(amounts, days_of_the_year)
def test_a_split_year_adds_up_line_by_line_and_is_never_negative(pence: dict[str, int], day: date) -> None:
    parts = split_year(pence, YEAR, day)

    assert {line: parts.before[line] + parts.after[line] for line in pence} == pence
    assert min([*parts.before.values(), *parts.after.values()]) >= 0
    assert parts.months_before + parts.months_after == 12


@given(amounts, days_of_the_year, days_of_the_year)
def test_the_later_the_split_the_more_is_paid_before_it(
    pence: dict[str, int], one: date, other: date
) -> None:
    earlier, later = sorted([one, other])

    assert split_year(pence, YEAR, earlier).before_pence <= split_year(pence, YEAR, later).before_pence


@given(amounts, st.lists(st.integers(1, 11), min_size=2, max_size=4))
def test_instalments_by_months_add_up(pence: dict[str, int], months: list[int]) -> None:
    shares = share_by_months(pence, months)

    assert {line: sum(share[line] for share in shares) for line in pence} == pence


def test_a_year_of_1200_pounds_is_700_and_500_by_sevenths_and_fifths() -> None:
    assert share_by_months(LINE, [7, 5]) == [{"1": 70_000}, {"1": 50_000}]


def test_months_on_stays_inside_the_month() -> None:
    assert months_on(date(2027, 11, 30), 3) == date(2028, 2, 29)
    assert months_on(date(2028, 4, 1), -1) == date(2028, 3, 1)
    assert first_of_month_from(date(2027, 1, 1)) == date(2027, 1, 1)
    assert first_of_month_from(date(2027, 1, 2)) == date(2027, 2, 1)


# Ending early ---------------------------------------------------------------------------------------------------------


def test_a_school_that_gives_notice_pays_the_year_it_leaves_in() -> None:
    cost = cost_of_ending(Ground.BUYER_NOTICE, date(2027, 9, 30), YEAR, LINE)

    assert (cost.credit_pence, cost.still_due_pence, cost.months_not_run) == (0, 120_000, 6)
    assert "nothing is credited" in " ".join(cost.sentences)


@pytest.mark.parametrize("ground", [Ground.AGREED, Ground.SELLER_NOTICE, Ground.SELLER_BREACH])
def test_the_months_not_run_are_credited_where_the_seller_ends_or_agrees(ground: Ground) -> None:
    cost = cost_of_ending(ground, date(2027, 9, 15), YEAR, LINE)

    assert (cost.months_not_run, cost.not_run, cost.still_due_pence) == (6, {"1": 60_000}, 60_000)


def test_before_the_year_begins_nothing_is_due() -> None:
    cost = cost_of_ending(Ground.AGREED, date(2027, 3, 1), None, {})

    assert (cost.credit_pence, cost.still_due_pence) == (0, 0)


@given(st.sampled_from(Ground), amounts, days_of_the_year)
def test_what_is_credited_and_what_stays_due_are_the_years_price(
    ground: Ground, pence: dict[str, int], last_day: date
) -> None:
    cost = cost_of_ending(ground, last_day, YEAR, pence)

    assert cost.credit_pence + cost.still_due_pence == sum(pence.values())
    assert min(cost.not_run.values()) >= 0 and cost.still_due_pence >= 0


def test_notice_is_three_months_and_a_breach_has_thirty_days_to_be_put_right() -> None:
    told = date(2027, 6, 15)
    check_ending(Ground.BUYER_NOTICE, told, date(2027, 9, 15), YEAR, today=told)
    check_ending(Ground.SELLER_BREACH, told, date(2027, 7, 15), YEAR, today=told)

    with pytest.raises(EndingInvalid, match="15 September 2027 at the earliest"):
        check_ending(Ground.BUYER_NOTICE, told, date(2027, 9, 14), YEAR, today=told)
    with pytest.raises(EndingInvalid, match="30 days"):
        check_ending(Ground.BUYER_BREACH, told, date(2027, 7, 14), YEAR, today=told)


def test_both_sides_may_agree_to_any_day_of_the_term_before_its_last() -> None:
    today = date(2027, 6, 15)
    check_ending(Ground.AGREED, today, date(2027, 5, 31), YEAR, today=today)

    for outside in (date(2027, 3, 31), YEAR.end):
        with pytest.raises(EndingInvalid, match="can’t end early"):
            check_ending(Ground.AGREED, today, outside, YEAR, today=today)
    with pytest.raises(EndingInvalid, match="future"):
        check_ending(Ground.AGREED, date(2027, 6, 16), date(2027, 8, 31), YEAR, today=today)


def test_a_school_calls_off_free_of_charge_up_to_a_month_ahead() -> None:
    check_calling_off(Ground.BUYER_NOTICE, date(2027, 3, 1), YEAR)
    check_calling_off(Ground.SELLER_NOTICE, date(2027, 3, 31), YEAR)

    with pytest.raises(EndingInvalid, match="1 March 2027"):
        check_calling_off(Ground.BUYER_NOTICE, date(2027, 3, 2), YEAR)


# Conversion -----------------------------------------------------------------------------------------------------------


def test_the_academys_agreement_opens_the_day_after_the_maintained_one_ends() -> None:
    conversion = convert(LINE, YEAR, date(2027, 9, 1), YEAR)

    assert (conversion.last_day, conversion.first_day) == (date(2027, 8, 31), date(2027, 9, 1))
    assert (conversion.parts.before_pence, conversion.parts.after_pence) == (50_000, 70_000)
    assert conversion.money_from == date(2027, 9, 1)


def test_inside_a_month_the_money_splits_on_the_first_of_the_next_and_says_so() -> None:
    conversion = convert(LINE, YEAR, date(2027, 9, 15), YEAR)

    assert (conversion.last_day, conversion.first_day) == (date(2027, 9, 14), date(2027, 9, 15))
    assert conversion.money_from == date(2027, 10, 1)
    assert conversion.parts.before_pence == conversion.parts.after_pence == 60_000
    assert any("the money is split on 1 October 2027" in sentence for sentence in conversion.sentences)


def test_in_the_last_month_nothing_is_left_for_the_academy_to_pay() -> None:
    conversion = convert(LINE, YEAR, date(2028, 3, 15), YEAR)

    assert (conversion.parts.after_pence, conversion.money_from) == (0, date(2028, 3, 1))
    assert "pays all of this year" in " ".join(conversion.sentences)


@pytest.mark.parametrize("on", [YEAR.start, YEAR.end, date(2028, 4, 1)])
def test_outside_the_term_nothing_converts(on: date) -> None:
    with pytest.raises(ConversionInvalid):
        convert(LINE, YEAR, on, YEAR)


@given(amounts, st.integers(1, 364).map(lambda n: YEAR.start + timedelta(days=n)))
def test_the_halves_of_a_conversion_add_up(pence: dict[str, int], on: date) -> None:
    conversion = convert(pence, YEAR, on, YEAR)

    assert conversion.parts.before_pence + conversion.parts.after_pence == sum(pence.values())
    assert conversion.first_day - conversion.last_day == timedelta(days=1)
    assert conversion.money_from.day == 1 and conversion.money_from <= YEAR.end


# Next year's price ----------------------------------------------------------------------------------------------------


def test_a_price_change_says_how_much_more_and_by_when_to_say_no() -> None:
    change = PriceChange("Leadership package", 120_000, 126_000)

    assert (change.difference_pence, change.difference_bp) == (6_000, 500)
    said = (
        "Leadership package costs £1,260.00 next year instead of £1,200.00: £60.00 more, up 5%. The new price holds from "
        "1 April 2028."
    )
    say_no = " If you do not want it at that price, say so by 1 March 2028."
    assert notice_sentence(change, date(2028, 4, 1), on=date(2028, 3, 1)) == said + say_no
    assert notice_sentence(change, date(2028, 4, 1), on=date(2028, 3, 2)) == said


def test_notice_is_needed_of_a_change_and_with_an_inflation_rate_of_more_than_that() -> None:
    change = PriceChange("Package", 100_000, 103_000)

    assert change.needs_notice()
    assert not change.needs_notice(inflation_bp=300)
    assert PriceChange("Package", 100_000, 103_100).needs_notice(inflation_bp=300)
    assert not PriceChange("Package", 100_000, 100_000).needs_notice()
    assert PriceChange("Package", 100_000, None).needs_notice(inflation_bp=300)
    assert PriceChange("Package", 0, 100).sentence.endswith("£1.00 more.")
    assert "less, down 2%" in PriceChange("Package", 100_000, 98_000).sentence
    assert "the same" in PriceChange("Package", 100_000, 100_000).sentence


def test_a_school_says_no_a_month_before_the_new_year() -> None:
    assert notice_by(date(2028, 9, 1)) == date(2028, 8, 1)
