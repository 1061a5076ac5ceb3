"""The sentence that says a cell, its parts adding up as shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from marketplace.coverage.measures import Result, measure, sentence
from marketplace.coverage.measures.wording import in_quarters
from tests.coverage.measures_builders import a_snapshot

NAN = float("nan")


def the_cell_of_the_specification() -> Result:
    """40 days by 7 schools: 24 met, 6 brokerable, 8 short, 2 out of reach; 5 of 9 schools replied."""
    return measure(
        a_snapshot(
            schools={"x": [0.0] * 9, "replied_days_ago": [1.0] * 5 + [NAN] * 4},
            needs={"school": list(range(7)), "days": [20.0, 5.0, 5.0, 5.0, 2.0, 2.0, 1.0]},
        )
    )


def test_the_sentence_says_the_parts_and_how_sure_they_are() -> None:
    cell = the_cell_of_the_specification().cells[0]
    assert cell.confidence is not None
    shown = replace(
        cell,
        need_days=40.0,
        met=24.0,
        brokerable=6.0,
        capacity_gap=8.0,
        reach_gap=2.0,
        expected=0.6,
        without_largest=0.25,
        confidence=replace(cell.confidence, letter="B", agreeing=6),
    )

    assert sentence(shown, theme="Phonics", phase="primary", area="Wath ward", largest="Provider P") == (
        "Phonics, primary, Wath ward: 40 days needed by 7 schools. 24 would be met as things stand; 6 more by brokering capacity "
        "already offered; 8 need more capacity; 2 are beyond every offer's reach. Without Provider P expected cover falls from 60% "
        "to 25%. Confidence B: 5 of 9 schools replied; same answer in 6 of 9 checks."
    )


def test_the_sentence_leaves_out_parts_that_are_not_there() -> None:
    cell = measure(a_snapshot(needs={"days": [1.0]}), checks=False).cells[0]

    assert sentence(cell) == (
        "1 day needed by 1 school. 1 would be met as things stand. Without the largest provider expected cover falls from 100% to 0%."
    )


def test_the_sentence_of_an_unlocated_need_says_so() -> None:
    cell = measure(a_snapshot(schools={"x": [NAN]})).cells[0]

    assert sentence(cell) == (
        "10 days needed by 1 school. 0 would be met as things stand; 10 are for schools whose place is not known. "
        "Not enough information: 0 of 1 schools replied."
    )


def test_the_sentence_of_an_unused_cell() -> None:
    cell = measure(a_snapshot(needs={"school": [], "days": []}), checks=False).cells[0]

    assert sentence(cell, theme="Phonics") == "Phonics: No need declared; 12 days offered."


def test_parts_in_quarters_add_up_as_shown() -> None:
    assert in_quarters([1 / 3, 1 / 3, 1 / 3]) == (0.5, 0.25, 0.25)
    for seed in range(50):
        parts = np.random.default_rng(seed).dirichlet(np.ones(5)) * 40
        rounded = in_quarters(list(parts))
        assert sum(rounded) == 40
        assert max(abs(np.array(rounded) - parts)) < 0.25


def test_the_sentence_says_when_nobody_would_be_missed() -> None:
    cell = measure(a_snapshot(pools={"days_offered": [40.0, 40.0]}), checks=False).cells[0]

    assert "Without A expected cover stays at 100%." in sentence(cell, largest="A")
