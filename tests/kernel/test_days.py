"""Half-days as people say and type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.days import DaysNotUnderstood, format_days, parse_days


@pytest.mark.parametrize(
    ("half_days", "text"),
    [
        (0, "0 days"),
        (1, "half a day"),
        (2, "1 day"),
        (3, "1½ days"),
        (6, "3 days"),
        (-1, "−½ day"),
        (-2, "−1 day"),
        (-3, "−1½ days"),
        (2001, "1,000½ days"),
    ],
)
def test_half_days_read_as_people_say_them(half_days, text):
    assert format_days(half_days) == text


@given(st.integers(min_value=-19_999, max_value=19_999))
def test_written_days_read_back(half_days):
    assert parse_days(format_days(half_days)) == half_days


@pytest.mark.parametrize(
    ("text", "half_days"),
    [
        ("3", 6),
        ("1.5", 3),
        ("1.0 day", 2),
        ("1½ days", 3),
        ("1 ½", 3),
        ("½", 1),
        (".5", 1),
        ("Half a day", 1),
        ("a day and a half", 3),
        (" 2  Days ", 4),
    ],
)
def test_typed_days_are_understood(text, half_days):
    assert parse_days(text) == half_days


@pytest.mark.parametrize("text", ["", "days", "1.25", "1,5", "three", "1e3", "nan", "-", "1.5.5"])
def test_other_text_is_refused_with_a_remedy(text):
    with pytest.raises(DaysNotUnderstood) as refused:
        parse_days(text)
    assert "half a day" in refused.value.remedy


@pytest.mark.parametrize("text", ["99999999", "100,000", "1,000,000.5"])
def test_a_number_of_days_too_large_is_called_too_large(text):
    with pytest.raises(DaysNotUnderstood) as refused:
        parse_days(text)
    assert "more days than this service handles (99,999)" in refused.value.message
