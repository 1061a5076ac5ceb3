"""Overlaps, duplication and belonging: sums done by hand."""

import pytest

from marketplace.organisations.belonging import (
    Grouping,
    Place,
    by_place,
    jaccard,
    pairs,
    spread,
    times_belonging,
)


def a_grouping(name: str, *schools: int, kind: str = "cluster", themes: tuple[str, ...] = ()) -> Grouping:
    return Grouping(
        name, name, kind, kind, frozenset(schools), frozenset(themes), is_network=True, compared_as=kind
    )


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        ({1, 2, 3}, {2, 3, 4}, 0.5),
        ({1, 2}, {1, 2}, 1.0),
        ({1}, {2}, 0.0),
        (set(), set(), 0.0),
        ({1}, set(), 0.0),
    ],
)
def test_overlap_is_schools_in_both_over_schools_in_either(
    first: set[int], second: set[int], overlap: float
) -> None:
    assert jaccard(frozenset(first), frozenset(second)) == overlap


def test_pairs_are_those_that_share_a_school_the_largest_overlap_first() -> None:
    first, second, third = a_grouping("A", 1, 2, 3), a_grouping("B", 3, 4), a_grouping("C", 1, 2)

    found = pairs([first, second, third])

    assert [(pair.first.name, pair.second.name, pair.shared) for pair in found] == [
        ("A", "C", 2),
        ("A", "B", 1),
    ]
    assert found[0].overlap == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (a_grouping("B", 1, 2, 4), "the same kind"),
        (a_grouping("B", 1, 2, 4, kind="subject", themes=("inclusion",)), "a theme in common"),
        (a_grouping("B", 1, 2, 4, themes=("inclusion",)), "the same kind and a theme in common"),
        (a_grouping("B", 1, 2, 4, kind="subject"), ""),
        (a_grouping("B", 1, 4, 5), ""),
    ],
    ids=["kind", "theme", "both", "neither", "too little in common"],
)
def test_half_of_the_schools_and_one_kind_or_theme_may_be_one_thing_twice(second: Grouping, why: str) -> None:
    first = a_grouping("A", 1, 2, 3, themes=("inclusion", "achievement"))

    [pair] = pairs([first, second])

    assert pair.duplicates == why


def test_what_schools_do_not_choose_is_never_duplication() -> None:
    trust = Grouping("t", "Trust", "trust", "Trust", frozenset({1, 2}))

    [pair] = pairs([trust, a_grouping("B", 1, 2)])

    assert (pair.overlap, pair.duplicates) == (1.0, "")


def test_schools_are_counted_by_how_many_they_belong_to() -> None:
    networks = [a_grouping(str(n), *range(n)) for n in range(1, 7)]

    times = times_belonging(networks, range(8))

    assert times == {0: 6, 1: 5, 2: 4, 3: 3, 4: 2, 5: 1, 6: 0, 7: 0}
    assert [(bar.text, bar.schools) for bar in spread(times)] == [
        ("0", 2),
        ("1", 1),
        ("2", 1),
        ("3", 1),
        ("4 or more", 3),
    ]


def test_a_ward_has_the_share_of_its_schools_in_one_or_more() -> None:
    places = by_place({1: 2, 2: 0, 3: 1}, {1: "HOLM", 2: "HOLM", 3: "FELL", 4: ""})

    assert places == {"HOLM": Place(2, 1), "FELL": Place(1, 1), "": Place(1, 0)}
    assert places["HOLM"].share == 0.5
    assert Place(0, 0).share is None
