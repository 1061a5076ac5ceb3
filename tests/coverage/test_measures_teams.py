"""Teams for peer reviews: seats, one lead, loads, trusts, wishes, and what is done without."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from marketplace.coverage.measures import MeasureError
from marketplace.coverage.measures.teams import (
    EMPTY_SEAT,
    KEPT_OF_SMALLEST,
    NO_LEAD,
    NO_THEME,
    Reviews,
    Wish,
    assigned,
)

NAN = float("nan")


def teams(score: list[list[float]], **given: Any) -> Any:
    """Two seats in each review, everybody may lead and takes one, unless told otherwise."""
    scores = np.array(score)
    reviews, people = scores.shape
    columns: dict[str, Any] = {
        "seats": [2] * reviews,
        "leads": [True] * people,
        "most": [1] * people,
        "trust": [-1] * people,
    }
    columns |= given
    wishes = columns.pop("wishes", ())
    arrays = {name: np.array(column) for name, column in columns.items()}
    return assigned(Reviews(score=scores, wishes=wishes, **arrays))


def people_of(found: Any) -> list[list[int]]:
    return [np.flatnonzero(row).tolist() for row in found.members]


def test_a_weak_team_is_not_left_for_a_strong_one() -> None:
    # {0, 1} and {2, 3} come to more together, but then the second team has next to nothing
    found = teams([[1.0, 1.0, 0.5, 0.5], [0.45, 0.45, 0.0, 0.1]])

    assert (found.smallest, found.total) == (pytest.approx(0.9), pytest.approx(1.9))
    assert people_of(found) == [[2, 3], [0, 1]]


def test_a_conflict_leaves_nobody_in_and_the_empty_seat_is_told() -> None:
    found = teams([[NAN, 0.5]])

    assert people_of(found) == [[1]]
    assert (found.empty_seats.tolist(), found.total) == ([1], pytest.approx(0.5 - EMPTY_SEAT))


def test_two_of_one_trust_do_not_sit_in_a_team() -> None:
    assert people_of(teams([[0.9, 0.8, 0.1]], trust=[7, 7, -1])) == [[0, 2]]


def test_a_team_without_anybody_who_may_lead_says_so() -> None:
    found = teams([[0.9, 0.8]], leads=[False, False])

    assert (people_of(found), found.lead.tolist()) == ([[0, 1]], [-1])
    assert found.total == pytest.approx(1.7 - NO_LEAD)


def test_nobody_takes_more_reviews_than_they_can() -> None:
    found = teams([[0.9, 0.1], [0.9, 0.1]], seats=[1, 1], most=[1, 1])

    assert sorted(people_of(found)) == [[0], [1]]


def test_a_focus_theme_is_covered_where_it_can_be_and_missed_at_its_price() -> None:
    knows = np.array([[False, False, True]])

    covered = teams([[0.9, 0.8, 0.1]], wishes=[Wish(knows, NO_THEME)])
    missed = teams([[0.9, 0.8, NAN]], wishes=[Wish(knows, NO_THEME)])

    assert people_of(covered) == [[0, 2]]
    assert missed.total == pytest.approx(1.7 - NO_THEME)


def test_small_random_teams_equal_those_found_by_trying_everything() -> None:
    for seed in range(25):
        scores = np.random.default_rng(seed).uniform(0, 1, (2, 5)).round(2)

        found = teams(scores.tolist())

        tried = [
            (scores[0, list(one)].sum(), scores[1, list(other)].sum())
            for one in combinations(range(5), 2)
            for other in combinations(sorted(set(range(5)) - set(one)), 2)
        ]
        smallest = max(min(pair) for pair in tried)
        best = max(sum(pair) for pair in tried if min(pair) >= KEPT_OF_SMALLEST * smallest - 1e-9)
        assert found.proved
        assert found.total == pytest.approx(best)


def test_no_review_or_nobody_to_ask_is_refused() -> None:
    with pytest.raises(MeasureError):
        assigned(
            Reviews(
                score=np.zeros((0, 3)),
                seats=np.zeros(0, dtype=int),
                leads=np.ones(3, dtype=bool),
                most=np.ones(3, dtype=int),
                trust=np.full(3, -1),
            )
        )
