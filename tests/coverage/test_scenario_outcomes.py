"""What the board may see of a what-if: nothing that gives a hidden cell away by subtraction."""

from typing import Any

from marketplace.coverage.scenarios import outcomes
from marketplace.coverage.scenarios.outcomes import CellLine, Figures, Outcome


def a_cell(
    theme: str, *, ward: str = "", need: float = 40, gain: float = 12, hidden: bool = False
) -> CellLine:
    return CellLine(
        theme=theme,
        theme_name=theme,
        phase="primary",
        ward=ward,
        ward_name=ward,
        status_before="gap",
        status_after="thin",
        before=Figures(met=need / 2, capacity_gap=need / 2),
        after=Figures(met=need / 2 + gain, capacity_gap=need / 2 - gain),
        hidden=hidden,
    )


def an_outcome(*cells: CellLine, **fields: Any) -> Outcome:
    return Outcome(
        before=Figures(met=101, capacity_gap=99),
        after=Figures(met=125, capacity_gap=75),
        cells=[*cells],
        **fields,
    )


def shown(outcome: Outcome) -> list[tuple[str, str]]:
    return [(cell.theme, cell.ward) for cell in outcome.for_board().cells]


def test_days_are_in_fives_and_still_add_up() -> None:
    board = an_outcome(a_cell("phonics"), a_cell("maths")).for_board()

    for figures in (board.before, board.after, board.cells[0].before, board.cells[0].after):
        assert all(part % 5 == 0 for part in figures.parts)
    assert board.before.need == board.after.need == 200
    assert board.closed == 25


def test_the_only_change_there_is_hides_the_total_with_it() -> None:
    board = an_outcome(a_cell("phonics", hidden=True)).for_board()

    assert board.total_hidden and board.cells == [] and board.hidden == 1
    assert board.closed == 0 and board.pence_a_day is None


def test_one_hidden_change_among_several_takes_another_with_it() -> None:
    board = an_outcome(
        a_cell("phonics", hidden=True), a_cell("maths", need=20), a_cell("art", need=60)
    ).for_board()

    assert not board.total_hidden
    assert [cell.theme for cell in board.cells] == ["art"]
    assert board.hidden == 2


def test_two_hidden_changes_hide_each_other() -> None:
    outcome = an_outcome(a_cell("phonics", hidden=True), a_cell("maths", hidden=True), a_cell("art"))

    assert shown(outcome) == [("art", "")] and not outcome.for_board().total_hidden


def test_the_board_is_told_of_no_theme_in_a_ward() -> None:
    outcome = an_outcome(a_cell("phonics", need=90), a_cell("phonics", ward="Wath", need=90))

    assert shown(outcome) == [("phonics", "")]


def test_few_schools_are_not_counted() -> None:
    assert an_outcome(gained=2, lost=0).for_board().gained is None
    assert an_outcome(gained=3, lost=1).for_board().gained == 3
    assert an_outcome(gained=3, lost=1).for_board().lost is None
    assert an_outcome(gained=0).for_board().gained == 0


def test_an_outcome_is_stored_and_read_again_as_it_was() -> None:
    outcome = an_outcome(a_cell("phonics"), gained=4, spent_pence=100, unfit={3: "gone"})

    assert outcomes.stored(outcome.as_data()) == outcome


def test_a_day_has_no_price_where_nothing_is_spent_or_closed() -> None:
    assert an_outcome().pence_a_day is None
    assert an_outcome(spent_pence=2_400).pence_a_day == 100
    assert Outcome(before=Figures(met=1), after=Figures(met=1), spent_pence=5).pence_a_day is None
