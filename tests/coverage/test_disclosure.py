"""What the board may see of needs: hidden parts, hidden a second time, and fives of days."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.coverage.disclosure import Part, banded, hidden, rounded, rounded_parts

TOTAL = "total"


def parts_and_line(schools: list[int], days: list[float]) -> tuple[dict[object, Part], list[object]]:
    parts: dict[object, Part] = {at: Part(n, d) for at, (n, d) in enumerate(zip(schools, days, strict=True))}
    parts[TOTAL] = Part(sum(schools), sum(days))
    return parts, list(parts)


def test_the_worked_case_of_suppression(open_data: Callable[[str], Path]) -> None:
    """W12: ward 2 has three schools of five; ward 5, the smallest other, goes with it."""
    case = json.loads(open_data("coverage/worked_cases.json").read_text())["W12_suppression"]
    parts, line = parts_and_line(case["counts"], case["values"])

    gone = hidden(parts, [line], least=5)

    shown = [None if at in gone else rounded(days) for at, days in enumerate(case["values"])]
    assert shown == case["shown"]
    assert TOTAL not in gone


def test_two_hidden_parts_hide_each_other() -> None:
    parts, line = parts_and_line([2, 1, 8, 9], [5, 5, 30, 40])

    assert hidden(parts, [line]) == {0, 1}


def test_a_total_all_of_whose_other_parts_are_empty_goes_with_its_part() -> None:
    parts, line = parts_and_line([2, 0, 0], [8, 0, 0])

    assert hidden(parts, [line]) == {0, TOTAL}


def test_one_school_with_most_of_the_days_hides_the_cell() -> None:
    parts = {"a": Part(6, 20, largest=0.7), "b": Part(6, 20, largest=0.3), "c": Part(7, 20, largest=0.2)}

    assert hidden(parts, [list(parts)]) == {"a", "b"}


def test_hiding_a_part_of_a_row_is_followed_through_its_column() -> None:
    parts = {(row, column): Part(5 + row + column, 20) for row in range(2) for column in range(3)}
    parts[0, 0] = Part(1, 3)
    rows = [[(row, column) for column in range(3)] for row in range(2)]
    columns = [[(row, column) for row in range(2)] for column in range(3)]

    gone = hidden(parts, rows + columns)

    for line in rows + columns:
        assert len([key for key in line if key in gone]) != 1


@given(st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=2, max_size=6))
def test_no_sum_is_ever_left_with_a_single_hidden_part(table: list[list[int]]) -> None:
    parts: dict[tuple[int | None, int | None], Part] = {}
    for row, schools in enumerate(table):
        for column, count in enumerate(schools):
            parts[row, column] = Part(count, 3.0 * count)
    width = range(3)
    for row, schools in enumerate(table):
        parts[row, None] = Part(sum(schools), 3.0 * sum(schools))
    for column in width:
        of_column = sum(schools[column] for schools in table)
        parts[None, column] = Part(of_column, 3.0 * of_column)
    sums = [[(row, column) for column in (*width, None)] for row in range(len(table))]
    sums += [[(row, column) for row in (*range(len(table)), None)] for column in width]

    gone = hidden(parts, sums)

    for line in sums:
        with_need = [key for key in line if parts[key].schools]
        assert len(gone & set(with_need)) != 1
    assert all(key in gone for key, part in parts.items() if 0 < part.schools < 3)
    assert not any(key in gone for key, part in parts.items() if part.schools == 0)


@given(st.lists(st.floats(0, 200), min_size=1, max_size=5))
def test_parts_in_fives_add_up_to_their_rounded_total(parts: list[float]) -> None:
    fives = rounded_parts(parts)

    assert sum(fives) == rounded(sum(parts))
    assert all(five % 5 == 0 and five >= 0 for five in fives)


@pytest.mark.parametrize(
    ("balance", "middle"), [(-1, -0.75), (-0.2, -0.02), (0.167, 0.33), (0.5, 0.75), (1, 0.75), (None, None)]
)
def test_a_balance_is_told_by_its_class_only(balance: float | None, middle: float | None) -> None:
    assert banded(balance) == middle
