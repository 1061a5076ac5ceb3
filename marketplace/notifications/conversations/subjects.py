"""What a conversation can be about: one line per kind. See `sides.py` for what an entry answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from marketplace.kernel.access import Actor
from marketplace.notifications.conversations.bookings import BookingConversations
from marketplace.notifications.conversations.deployments import DeploymentConversations
from marketplace.notifications.conversations.requests import RequestConversations
from marketplace.notifications.conversations.sides import Standing, SubjectKind
from marketplace.notifications.models import Conversation


@dataclass(frozen=True)
class Kinds:
    """The kinds by name."""

    entries: dict[str, SubjectKind] = field(default_factory=dict)

    def readable(self, actor: Actor) -> Q:
        """Which conversations of any kind the person may read now."""
        if actor.user_id is None:
            return Q(pk__in=[])
        found = Q(pk__in=[])
        for name, entry in self.entries.items():
            found |= Q(kind=name) & entry.readable(actor)
        return found

    def standing(self, conversations: Sequence[Conversation]) -> dict[int, Standing]:
        """How each stands: one question to each kind among them."""
        found: dict[int, Standing] = {}
        for name, entry in self.entries.items():
            if mine := [each for each in conversations if each.kind == name]:
                found |= entry.standing(mine)
        return found


KINDS = Kinds(
    {
        "booking": BookingConversations(),
        "deployment": DeploymentConversations(),
        "request": RequestConversations(),
    }
)
