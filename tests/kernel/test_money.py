"""Whole pence: rounding, reading, writing and sharing out."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.money import (
    AmountNotUnderstood,
    CannotSplit,
    parse_pounds,
    percent,
    percent_of,
    pounds,
    pro_rata,
    round_half_up,
    split_pence,
)

amounts = st.integers(min_value=-99_999_999_999, max_value=99_999_999_999)


@pytest.mark.parametrize(
    ("exact", "pence"),
    [
        (Fraction(1, 2), 1),
        (Fraction(-1, 2), -1),
        (Decimal("2.5"), 3),
        (Decimal("2.4999999999999999999"), 2),
        (Decimal("-2.5"), -3),
        (Fraction(1, 3), 0),
        (7, 7),
        (0, 0),
    ],
)
def test_half_a_penny_rounds_away_from_zero(exact, pence):
    assert round_half_up(exact) == pence


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_rounding_agrees_with_decimal_half_up(exact):
    assert round_half_up(exact) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@given(amounts, st.integers(min_value=0, max_value=10_000))
def test_a_percentage_of_a_credit_mirrors_that_of_the_charge(pence, basis_points):
    assert percent_of(-pence, basis_points) == -percent_of(pence, basis_points)


@pytest.mark.parametrize(
    ("pence", "text"),
    [
        (0, "£0.00"),
        (5, "£0.05"),
        (123450, "£1,234.50"),
        (-123450, "−£1,234.50"),
        (100_000_000, "£1,000,000.00"),
    ],
)
def test_amounts_read_as_people_write_them(pence, text):
    assert pounds(pence) == text


@given(amounts)
def test_a_written_amount_reads_back(pence):
    assert parse_pounds(pounds(pence)) == pence


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("£1,200", 120_000),
        ("1200.5", 120_050),
        (" £ 1,200.50 ", 120_050),
        ("0", 0),
        ("007.10", 710),
        ("-3.20", -320),
        ("−£3.20", -320),
    ],
)
def test_typed_amounts_are_understood(text, pence):
    assert parse_pounds(text) == pence


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "£",
        "abc",
        "1.234",
        "1,20",
        "12,00.5",
        "1.2.3",
        "1e5",
        "nan",
        "--3",
        "£-",
        "٣",
        "1 200",
        ".50",
        "9" * 10,
        "5p",
    ],
)
def test_other_text_is_refused_with_a_remedy(text):
    with pytest.raises(AmountNotUnderstood) as refused:
        parse_pounds(text)
    assert refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("basis_points", "text"), [(2000, "20%"), (1750, "17.5%"), (25, "0.25%"), (10_000, "100%")]
)
def test_percentages_read_as_people_write_them(basis_points, text):
    assert percent(basis_points) == text


def test_an_academic_year_package_splits_over_two_financial_years():
    assert split_pence(120_000, [7, 5]) == [70_000, 50_000]


def test_odd_pennies_go_to_the_largest_remainders_first():
    assert split_pence(100, [1, 1, 1]) == [34, 33, 33]
    assert split_pence(101, [1, 2, 2]) == [20, 41, 40]
    assert split_pence(-100, [1, 1, 1]) == [-34, -33, -33]


@given(amounts, st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=40).filter(any))
def test_shares_add_up_and_are_within_a_penny(total, weights):
    shares = split_pence(total, weights)

    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [3, -1]])
def test_weights_that_share_nothing_out_are_refused(weights):
    with pytest.raises(CannotSplit):
        split_pence(100, weights)


def test_pro_rata_is_whole_months_of_twelve():
    assert pro_rata(100_000, 5, 12) == 41_667
    with pytest.raises(CannotSplit):
        pro_rata(100, 1, 0)
