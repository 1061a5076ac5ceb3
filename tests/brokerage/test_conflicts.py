"""The conflicts table is the published one, and each window closes on its day."""

from datetime import date, timedelta

import pytest

from marketplace.brokerage.rules.ranking import (
    CONFLICTS,
    ConflictFacts,
    ConflictKind,
    ConflictTable,
    Effect,
    conflicts_in,
)
from marketplace.organisations.rules import months_before

TODAY = date(2026, 11, 30)
SUPPORT, REVIEW, LEAD = ConflictTable


@pytest.mark.parametrize(
    ("kind", "support", "review", "lead"),
    [
        ("own_school", "block", "block", "block"),
        ("declared", "block", "block", "block"),
        ("same_trust", "block", "block", "block"),
        ("reciprocal", "warn", "block", "block"),
        ("employed", "warn", "block", "block"),
        ("worked_together", "strength", "warn", "block"),
        ("competitor", "none", "warn", "warn"),
        ("decision_maker", "bar_person", "bar_person", "bar_person"),
    ],
)
def test_each_row_means_what_the_table_says(kind: str, support: str, review: str, lead: str) -> None:
    row = next(row for row in CONFLICTS if row.kind == kind)

    assert [row.effect(table) for table in (SUPPORT, REVIEW, LEAD)] == [support, review, lead]


def test_the_table_has_every_kind_once() -> None:
    assert [row.kind for row in CONFLICTS] == list(ConflictKind)


@pytest.mark.parametrize(
    ("field", "months", "kind"),
    [
        ("helped_by_school_on", 24, "reciprocal"),
        ("employed_until", 36, "employed"),
        ("worked_together_on", 24, "worked_together"),
    ],
)
def test_a_window_closes_the_day_after_its_last(field: str, months: int, kind: str) -> None:
    last = months_before(TODAY, months)

    inside = conflicts_in(ConflictFacts(**{field: last}), SUPPORT, on=TODAY)
    outside = conflicts_in(ConflictFacts(**{field: last - timedelta(days=1)}), SUPPORT, on=TODAY)

    assert [found.kind for found in inside] == [kind]
    assert outside == ()


def test_a_near_school_of_the_same_phase_matters_to_a_review_only() -> None:
    facts = ConflictFacts(same_phase=True, metres=3_000)

    assert conflicts_in(facts, SUPPORT, on=TODAY) == ()
    assert [found.effect for found in conflicts_in(facts, REVIEW, on=TODAY)] == [Effect.WARN]
    assert conflicts_in(ConflictFacts(same_phase=True, metres=3_001), REVIEW, on=TODAY) == ()


def test_conflicts_come_in_the_order_of_the_table_with_a_sentence_each() -> None:
    facts = ConflictFacts(
        own_school=True, same_round=True, worked_together_on=TODAY, decision_makers=2, declared=True
    )

    found = conflicts_in(facts, LEAD, on=TODAY)

    assert [each.kind for each in found] == [
        "own_school",
        "declared",
        "reciprocal",
        "worked_together",
        "decision_maker",
    ]
    assert all(each.sentence.endswith(".") for each in found)
