"""Whose turn it is, as a rule."""

from hypothesis import given
from hypothesis import strategies as st

from marketplace.bookings.rules import Turn, share_out, whose_turn


def test_the_smallest_share_of_agreed_days_goes_first() -> None:
    assert whose_turn([Turn(1, 30, 10, 1), Turn(2, 10, 3, 9), Turn(3, 20, 10, 0)]) == Turn(2, 10, 3, 9)


def test_of_two_alike_the_one_with_fewer_bookings_then_the_lower_id() -> None:
    assert whose_turn([Turn(1, 30, 6, 4), Turn(2, 30, 6, 3)]) == Turn(2, 30, 6, 3)
    assert whose_turn([Turn(9, 30, 6, 3), Turn(2, 30, 6, 3)]) == Turn(2, 30, 6, 3)


def test_who_has_no_days_agreed_comes_last() -> None:
    assert whose_turn([Turn(1, 0, 0, 0), Turn(2, 10, 12, 9)]) == Turn(2, 10, 12, 9)
    assert whose_turn([]) is None


def test_one_person_who_is_free_on_all_dates_is_preferred() -> None:
    turns = [Turn(1, 30, 0, 0), Turn(2, 30, 20, 9)]

    assert share_out(turns, [{1, 2}, {2}, {1, 2}], 2) == [2, 2, 2]


def test_otherwise_dates_are_given_out_in_turn_with_what_was_given_counted() -> None:
    turns = [Turn(1, 30, 0, 0), Turn(2, 30, 0, 0), Turn(3, 30, 0, 0)]

    assert share_out(turns, [{1, 2}, {1, 2}, {3}], 2) == [1, 2, 3]
    assert share_out(turns, [{1}, set()], 2) is None


people = st.lists(
    st.builds(Turn, st.integers(1, 9), st.integers(0, 40), st.integers(0, 40), st.integers(0, 9)),
    min_size=1,
    unique_by=lambda turn: turn.person,
)


@given(people, st.data())
def test_nobody_is_sent_who_is_not_free_and_the_order_of_the_list_does_not_matter(
    turns: list[Turn], data: st.DataObject
) -> None:
    ids = [turn.person for turn in turns]
    free = data.draw(st.lists(st.sets(st.sampled_from(ids)), min_size=1, max_size=5))

    sent = share_out(turns, free, 2)

    assert sent == share_out(list(reversed(turns)), free, 2)
    assert (sent is None) == any(not people for people in free)
    assert sent is None or all(person in people for person, people in zip(sent, free, strict=True))
