"""State machines as data: a table of (from, verb, who, to); every other pair is refused.

`Transitions.move()` is the one place where the status of a row changes: it compares and swaps in a single UPDATE, so that of
two people acting at once one is refused, and writes the history row beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models

from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.errors import NotNow


@dataclass(frozen=True)
class Edge:
    """From state `source`, `verb` leads to `target`; `who` names those who may, for the documents and the pages."""

    source: str
    verb: str
    who: str
    target: str


class Transitions:
    """The allowed moves of one kind of record."""

    def __init__(self, noun: str, edges: Iterable[Edge]) -> None:
        self.noun = noun
        self.edges = tuple(edges)
        self._targets = {(edge.source, edge.verb): edge.target for edge in self.edges}
        self._labels = {str(state): _label(state) for state in self.states}
        if len(self._targets) != len(self.edges):
            raise ValueError(f"{noun}: a state has two edges for one verb")

    @property
    def states(self) -> frozenset[str]:
        return frozenset(s for edge in self.edges for s in (edge.source, edge.target))

    def verbs_from(self, state: str) -> tuple[str, ...]:
        """What can be done next, for pages that show only the buttons that work."""
        return tuple(edge.verb for edge in self.edges if edge.source == state)

    def target(self, state: str, verb: str) -> str:
        """Where `verb` leads from `state`; `NotNow` if nowhere."""
        try:
            return self._targets[state, verb]
        except KeyError:
            raise NotNow(
                f"This can’t be done now: the {self.noun} stands at “{self._labels.get(state, words(state))}”.",
                remedy="Somebody may have changed it while you were looking. Open it again to see where it stands.",
            ) from None

    def move(self, row: models.Model, verb: str, *, by: Actor, note: str = "", **also: Any) -> None:
        """Move `row.status` along `verb`, set the fields in `also`, and write history; `NotNow` if the row moved meanwhile."""
        before: str = row.status  # type: ignore[attr-defined]
        after = self.target(before, verb)
        changed = type(row)._base_manager.filter(pk=row.pk, status=before).update(status=after, **also)
        if not changed:
            raise NotNow(
                f"Somebody else changed this {self.noun} a moment ago.",
                remedy="Open it again to see where it stands.",
            )
        row.status = after  # type: ignore[attr-defined]
        for name, value in also.items():
            setattr(row, name, value)
        history.write(row, verb=verb, before=before, after=after, by=by, note=note)

    def diagram(self) -> str:
        """The table as a Mermaid state diagram, for the documents."""
        lines = [f"    {e.source} --> {e.target}: {words(e.verb)} ({e.who})" for e in self.edges]
        return "\n".join(["stateDiagram-v2", *lines])


def _label(state: str) -> str:
    """What pages call a state; states are members of choices, whose labels those are."""
    return str(getattr(state, "label", words(state)))


def words(name: str) -> str:
    """`awaiting_release` → `awaiting release`."""
    return name.replace("_", " ")
