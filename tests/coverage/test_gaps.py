"""The worst gaps: what each hangs on, and what no list of them can rank."""

from typing import Any

import pytest

from marketplace.coverage import queries
from marketplace.coverage.queries import ShownCell
from marketplace.coverage.queries.shown import HELD


def a_cell(theme: str, **fields: Any) -> ShownCell:
    shown: dict[str, Any] = {
        "theme_name": theme.title(),
        "phase": "primary",
        "ward": "",
        "ward_name": "",
        "exact": True,
    }
    return ShownCell(theme=theme, **shown | fields)


def test_a_gap_of_schools_without_a_place_says_that_they_have_to_be_put_on_the_map() -> None:
    cells = [
        a_cell("oracy", status="gap", need=30, unlocated=30),
        a_cell("maths", status="gap", need=20, met=5, brokerable=2, reach_gap=13),
    ]

    oracy, maths = queries.worst_gaps(cells, 5)

    assert oracy.cause == "of schools whose place is not known: put them on the map first"
    assert maths.cause.startswith("out of every offer’s reach")


def test_what_cannot_be_ranked_is_named_with_its_days_by_the_reason_why() -> None:
    cells = [
        a_cell("oracy", status="unknown", need=60),
        a_cell("maths", status=HELD, need=40, met=10),
        a_cell("art", status="unknown", need=5, met=5),
        a_cell("music", hidden=True),
        a_cell("", status="unknown", need=65),
    ]

    left_out = queries.unranked(cells)

    assert left_out.hidden == 1
    assert [cell.theme for cell in left_out.held] == ["maths"]
    assert [cell.theme for cell in left_out.unknown] == ["oracy"]


@pytest.mark.parametrize(("schools", "ward"), [(4, ""), (5, "W1"), (None, "")])
def test_providers_are_asked_in_fives_of_days_and_by_ward_only_where_enough_schools_need_it(
    schools: int | None, ward: str
) -> None:
    cell = a_cell("oracy", ward="W1", need=7, reach_gap=6.2, schools=schools)

    assert queries.days_short(cell) == 7
    assert queries.told_to_providers(cell) == (10, ward)
