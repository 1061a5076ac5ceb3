"""What every subject of conversation has in common: its sides, how it stands, and what an entry of `subjects.KINDS` answers.

An entry knows its subject and answers four questions: which conversation a reference means (`find`, only for who may take part), which
conversations a person may read now (`readable`, as a condition so that lists stay one query), how each of some conversations stands
(`standing`: title, page, sides, whether it is closed) and, by the sides, who takes part. Nothing of it is stored, so a role that ended a
second ago counts no longer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Q

from marketplace.kernel.access import Actor, Role
from marketplace.notifications.models import Conversation
from marketplace.notifications.people import holders
from marketplace.notifications.rules import Recipient


@dataclass(frozen=True)
class Side:
    """One organisation of a conversation: those who hold one of `roles` there take part for it, and the people named by id."""

    organisation_id: int
    name: str
    roles: frozenset[Role] = frozenset()
    people: frozenset[int] = frozenset()

    def includes(self, actor: Actor) -> bool:
        """Whether the person takes part for this organisation now."""
        return actor.user_id in self.people or bool(
            actor.roles.get(self.organisation_id, frozenset()) & self.roles
        )

    def recipients(self) -> list[Recipient]:
        """Everybody who takes part for it. Those named by id are bound to no organisation: it is their own work."""
        named = [Recipient(pk) for pk in sorted(self.people)]
        return named + [r for r in holders(self.organisation_id, self.roles) if r.user_id not in self.people]


@dataclass(frozen=True)
class Standing:
    """How a conversation stands now: what it is about in a line, the page of that, who takes part. `closed` says why no more is written."""

    title: str
    path: str
    sides: tuple[Side, ...]
    closed: str = ""

    def sides_of(self, actor: Actor) -> list[Side]:
        """The sides the person takes part for; the organisation they act for first."""
        mine = [side for side in self.sides if side.includes(actor)]
        return sorted(mine, key=lambda side: side.organisation_id != actor.current)


@dataclass(frozen=True)
class Place:
    """Where a conversation belongs: the subject's id, and the key that tells several about one subject apart."""

    subject_id: int
    key: str = ""


class SubjectKind(Protocol):
    """What an entry answers."""

    label: str

    def find(self, actor: Actor, reference: str, key: str) -> Place:
        """The place of a subject's conversation; `NotFound` where the person takes no part in it."""

    def readable(self, actor: Actor) -> Q:
        """Which conversations of this kind the person may read now."""

    def standing(self, conversations: Sequence[Conversation]) -> dict[int, Standing]:
        """Conversation id → how it stands, for several at once. What has gone altogether is left out."""


def merged(sides: Iterable[Side]) -> tuple[Side, ...]:
    """The sides with two of the same organisation made one."""
    found: dict[int, Side] = {}
    for side in sides:
        if there := found.get(side.organisation_id):
            side = Side(side.organisation_id, side.name, there.roles | side.roles, there.people | side.people)
        found[side.organisation_id] = side
    return tuple(found.values())
