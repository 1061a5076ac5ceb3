"""What counts as taking part, and the tables the board may see: dates and sums done by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from marketplace.coverage.engagement import rules
from marketplace.coverage.engagement.rules import (
    ACCOUNTS,
    ENGAGING,
    TAKES_PART,
    Dimension,
    Signal,
    Standing,
    table,
)

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SINCE = NOW - rules.WINDOW
LATELY, LONG_AGO = NOW - timedelta(days=30), NOW - timedelta(days=400)


def a_standing(pk: int = 1, *, last: dict[Signal, datetime] | None = None, **fields: Any) -> Standing:
    return Standing(
        pk=pk, urn=900_000 + pk, reference=f"ORG-{pk}", name=f"School {pk}", latest=last or {}, **fields
    )


@pytest.mark.parametrize("signal", sorted(ENGAGING))
def test_any_one_thing_done_in_twelve_months_is_taking_part(signal: Signal) -> None:
    assert a_standing(last={signal: LATELY}).takes_part(SINCE)
    assert not a_standing(last={signal: LONG_AGO}).takes_part(SINCE)


def test_signing_in_alone_is_not() -> None:
    assert not a_standing(last={Signal.SIGNED_IN: LATELY}).takes_part(SINCE)


@pytest.mark.parametrize(
    ("people", "last", "missing"),
    [
        (0, {Signal.GAVE: LONG_AGO}, "Nobody at the school has an account"),
        (2, {}, "Nobody has signed in yet"),
        (2, {Signal.SIGNED_IN: LONG_AGO}, "Nobody has signed in for a year"),
        (2, {Signal.SIGNED_IN: LATELY}, "People sign in, and have said and booked nothing"),
    ],
)
def test_what_is_missing_is_told_as_far_as_it_is_known(
    people: int, last: dict[Signal, datetime], missing: str
) -> None:
    assert a_standing(people=people, last=last).missing(SINCE) == missing


def test_what_followed_a_reminder_is_what_was_done_after_it() -> None:
    school = a_standing(last={Signal.SIGNED_IN: NOW, Signal.NEEDS: LATELY, Signal.BOOKED: LONG_AGO})

    assert school.since(LATELY - timedelta(days=1)) == (Signal.NEEDS, Signal.SIGNED_IN)
    assert school.last == (Signal.SIGNED_IN, NOW)
    assert a_standing().last is None


def test_a_table_counts_each_group_and_all_schools() -> None:
    holm, fell = ("E05000001", "Holm"), ("E05000002", "Fell")
    schools = [
        a_standing(1, ward=holm, last={Signal.NEEDS: LATELY}, people=1),
        a_standing(2, ward=holm),
        a_standing(3, ward=fell, people=2),
        a_standing(4),
    ]

    lines, whole = table(schools, Dimension.WARD, SINCE)

    assert [(line.name, line.schools, line.figures[TAKES_PART].schools) for line in lines] == [
        ("Fell", 1, 0),
        ("Holm", 2, 1),
        ("Ward not known", 1, 0),
    ]
    assert lines[1].figures[TAKES_PART].percent == 50
    assert (whole.figures[TAKES_PART].schools, whole.figures[ACCOUNTS].schools, whole.schools) == (1, 2, 4)


def test_a_school_of_two_phases_counts_in_both_and_once_in_all() -> None:
    phases = (("primary", "Primary"), ("secondary", "Secondary"))

    lines, whole = table([a_standing(phases=phases)], Dimension.PHASE, SINCE)

    assert [line.schools for line in lines] == [1, 1]
    assert whole.schools == 1


def shown_to_the_board(*groups: tuple[int, int]) -> dict[str, int | None]:
    """Groups as (take part, do not), and how many the board reads of each, `None` where it is hidden."""
    schools = [
        a_standing(
            100 * number + each,
            ward=(f"W{number}", f"Ward {number}"),
            last={Signal.NEEDS: LATELY} if each < does else {},
        )
        for number, (does, does_not) in enumerate(groups)
        for each in range(does + does_not)
    ]
    lines, whole = table(schools, Dimension.WARD, SINCE, least=3)
    figures = {line.name: line.figures[TAKES_PART] for line in [*lines, whole]}
    return {name: None if figure.hidden else figure.schools for name, figure in figures.items()}


def test_the_board_reads_groups_with_three_schools_on_either_side() -> None:
    assert shown_to_the_board((4, 3), (3, 5)) == {"Ward 0": 4, "Ward 1": 3, "All schools": 7}


def test_one_or_two_schools_on_either_side_hide_the_figure_and_another_from_which_it_follows() -> None:
    assert shown_to_the_board((4, 2), (3, 5), (9, 9)) == {
        "Ward 0": None,
        "Ward 1": None,
        "Ward 2": 9,
        "All schools": 16,
    }


def test_two_hidden_groups_need_no_third() -> None:
    shown = shown_to_the_board((1, 8), (2, 8), (9, 9))

    assert shown == {"Ward 0": None, "Ward 1": None, "Ward 2": 9, "All schools": 12}


def test_all_or_none_of_a_large_group_may_be_told() -> None:
    assert shown_to_the_board((0, 5), (6, 0)) == {"Ward 0": 0, "Ward 1": 6, "All schools": 6}


def test_the_words_of_a_reminder_name_the_school() -> None:
    assert rules.words_for("", "Holm").startswith("We have not heard from Holm on")
    assert rules.words_for("Dear [school], [school]!", "Holm") == "Dear Holm, Holm!"
    assert len(rules.DEFAULT_WORDS) < rules.LONGEST_WORDS
