"""What would change a status, how a graph is laid out, and what lies near: pure rules."""

from typing import Any

import numpy as np
import pytest

from marketplace.coverage.measures import Status, Thresholds
from marketplace.coverage.measures.layout import layout
from marketplace.coverage.measures.nearby import NONE_NEAR, distances, nearest
from marketplace.coverage.measures.turning import Standing, what_would_change


def a_standing(**fields: Any) -> Standing:
    """Ten days needed and met by two owners, 12 days falling here."""
    defaults: dict[str, Any] = {
        "status": Status.ADEQUATE,
        "need_days": 10.0,
        "met": 10.0,
        "best_days": 10.0,
        "brokerable": 0.0,
        "supply_days": 12.0,
        "without_largest": 0.6,
        "owners": 2,
        "replied": 8,
        "asked": 10,
    }
    return Standing(**defaults | fields)


def said(**fields: Any) -> list[str]:
    return [f"{turn.to}: {turn.words}" for turn in what_would_change(a_standing(**fields), Thresholds())]


def test_a_gap_says_how_many_days_lift_its_best_case_to_the_limit() -> None:
    turns = said(status=Status.GAP, met=4.0, best_days=6.0, brokerable=2.0)

    assert turns[0].startswith("no longer a gap: 2 days more")
    assert "2.5 days of those left short" in turns[1]


def test_a_thin_cell_says_which_limit_it_misses_and_what_brokering_could_do() -> None:
    turns = said(
        status=Status.THIN, met=6.0, best_days=9.0, brokerable=3.0, supply_days=8.0, without_largest=0.3
    )

    assert turns[0] == (
        "no longer thin in cover: 2 days more met as things stand, which is 80%."
        " Brokering could meet 2 days of these from what is offered already."
    )
    assert "4 days more falling here" in turns[1]
    assert "2 days of what the largest provider meets" in turns[2]


def test_an_adequate_cell_says_what_it_can_lose_and_what_is_wanting_for_duplicated() -> None:
    turns = said(supply_days=15.0)

    assert turns[0] == "thin: More than 2.5 days needed on top of today’s, with nothing more offered."
    assert turns[1].startswith("thin: More than 3 days of those falling here")
    assert turns[-1] == (
        "duplicated: 5 days more falling here (2 for each day needed); 4 days more met without the largest provider."
    )


def test_a_duplicated_cell_says_what_could_be_used_elsewhere() -> None:
    turns = said(status=Status.DUPLICATED, supply_days=23.0, without_largest=1.0)

    assert turns[0].startswith("adequate: More than 3 days of those falling here used elsewhere")


def test_too_few_replies_say_how_many_schools_are_missing() -> None:
    assert said(enough_information=False, replied=1, asked=10) == [
        "shown with a status: 1 more school says what it needs, be it nothing: 2 of 10 is a fifth."
    ]


@pytest.mark.parametrize("status", [Status.NONE, Status.UNUSED])
def test_a_cell_nobody_needs_waits_for_a_need(status: Status) -> None:
    assert said(status=status) == ["needed: A school of the phase declares a need."]


def test_the_same_graph_is_always_drawn_the_same_and_what_is_tied_lies_nearer() -> None:
    first, second, strength = np.array([0, 2]), np.array([1, 3]), np.array([1.0, 1.0])

    places = layout(6, first, second, strength)

    assert (places == layout(6, first, second, strength)).all()
    assert places.min() >= 0 and places.max() <= 1
    apart = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1))
    loose = apart[np.triu_indices(6, 1)].mean()
    assert apart[0, 1] < loose and apart[2, 3] < loose
    assert layout(0, first[:0], first[:0], strength[:0]).shape == (0, 2)


def test_the_nearest_allowed_place_is_found_and_unknown_places_are_not() -> None:
    far = distances(
        np.array([0.0, np.nan]), np.array([0.0, 0.0]), np.array([5.0, 3.0, 1.0]), np.array([0.0, 0.0, 0.0])
    )

    found = nearest(far, np.array([[True, True, False], [True, True, True]]))

    assert found.tolist() == [1, NONE_NEAR]
