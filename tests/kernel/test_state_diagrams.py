"""Every state machine, every pair of state and verb; and the drawings in the documents."""

from io import StringIO
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from marketplace.kernel.errors import NotNow
from marketplace.kernel.management.commands.state_diagrams import document, tables
from marketplace.kernel.transitions import Transitions

TABLES = tables()


@pytest.mark.parametrize("noun", TABLES)
def test_every_pair_of_state_and_verb_is_an_edge_or_is_refused(noun: str) -> None:
    table = TABLES[noun]
    edges = {(edge.source, edge.verb): edge.target for edge in table.edges}
    verbs = {edge.verb for edge in table.edges}

    for state, verb in product(table.states, verbs):
        if (state, verb) in edges:
            assert table.target(state, verb) == edges[state, verb]
        else:
            with pytest.raises(NotNow):
                table.target(state, verb)


@pytest.mark.parametrize("noun", TABLES)
def test_every_state_can_be_reached_and_every_edge_says_who(noun: str) -> None:
    table: Transitions = TABLES[noun]
    starts = {edge.source for edge in table.edges} - {edge.target for edge in table.edges}
    reached = starts or {table.edges[0].source}
    while more := {e.target for e in table.edges if e.source in reached} - reached:
        reached |= more

    assert reached == table.states
    assert all(edge.who for edge in table.edges)


@pytest.mark.parametrize("noun", TABLES)
def test_every_state_is_a_member_of_choices_so_that_a_refusal_calls_it_as_pages_do(noun: str) -> None:
    assert [state for state in TABLES[noun].states if not hasattr(state, "label")] == []


def test_the_documents_draw_what_the_program_does() -> None:
    drawn = Path(settings.BASE_DIR) / "docs" / "states.md"

    assert drawn.read_text(encoding="utf-8") == document(), "run `python manage.py state_diagrams`"
    call_command("state_diagrams", check=True)


def test_a_drawing_that_is_out_of_date_is_told(settings: object, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path  # type: ignore[attr-defined]

    with pytest.raises(CommandError, match="run"):
        call_command("state_diagrams", check=True)
    call_command("state_diagrams", stdout=StringIO())
    call_command("state_diagrams", check=True)
