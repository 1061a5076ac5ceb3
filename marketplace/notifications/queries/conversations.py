"""What one may read of conversations: those one takes part in at this moment.

Three things are asked each time and never remembered: which conversations (`conversations_visible_to`), how each stands and who takes part
(`standing_of`), and who has read how far.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from marketplace.kernel.access import Actor
from marketplace.kernel.errors import NotFound
from marketplace.kernel.work import WorkItem
from marketplace.notifications.conversations.sides import Place, Standing
from marketplace.notifications.conversations.subjects import KINDS
from marketplace.notifications.models import (
    Attachment,
    Conversation,
    ConversationMessage,
    Reading,
    Receipt,
)

SHOWN_AT_ONCE = 50
"""Messages of a conversation on one page."""


def conversations_visible_to(actor: Actor) -> QuerySet[Conversation]:
    """The conversations the person takes part in, the one written in last on top; `up_to` is how far they have read."""
    read = Reading.objects.filter(conversation=OuterRef("pk"), user=actor.user_id).values("up_to")
    return (
        Conversation.objects.filter(KINDS.readable(actor), last_number__gt=0)
        .annotate(up_to=Coalesce(Subquery(read, output_field=IntegerField()), Value(0)))
        .order_by("-last_at", "-pk")
    )


def unread_conversations(actor: Actor) -> QuerySet[Conversation]:
    """Those with a message of somebody else that the person has not read."""
    waiting = ConversationMessage.objects.filter(
        conversation=OuterRef("pk"), number__gt=OuterRef("up_to")
    ).exclude(author=actor.user_id)
    return conversations_visible_to(actor).filter(Exists(waiting))


def with_unread_counts(actor: Actor, rows: QuerySet[Conversation]) -> QuerySet[Any]:
    """`rows` with `unread`: how many messages of others the person has not read."""
    waiting = (
        ConversationMessage.objects.filter(conversation=OuterRef("pk"), number__gt=OuterRef("up_to"))
        .exclude(author=actor.user_id)
        .order_by()
        .values("conversation")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return rows.annotate(unread=Coalesce(Subquery(waiting, output_field=IntegerField()), Value(0)))


def conversation_for(actor: Actor, reference: str) -> Any:
    """One conversation by its reference; `NotFound` where there is none for this person."""
    found = conversations_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def place_for(actor: Actor, *, kind: str, reference: str, key: str = "") -> Place:
    """Where a conversation about a subject belongs; `NotFound` where the person takes no part in it."""
    entry = KINDS.entries.get(kind)
    if entry is None:
        raise NotFound
    return entry.find(actor, reference, key)


def conversation_about(
    actor: Actor, *, kind: str, reference: str, key: str = ""
) -> tuple[Conversation | None, Standing]:
    """The conversation about a subject, if anybody has written yet, and how it stands; `NotFound` for who takes no part."""
    place = place_for(actor, kind=kind, reference=reference, key=key)
    found = Conversation.objects.filter(kind=kind, subject_id=place.subject_id, key=place.key).first()
    asked = found or Conversation(pk=0, kind=kind, subject_id=place.subject_id, key=place.key)
    return found if found and found.last_number else None, standing_of(asked)


def standing_of(conversation: Conversation) -> Standing:
    """How a conversation stands; `NotFound` where its subject has gone."""
    found = KINDS.standing([conversation]).get(conversation.pk)
    if found is None:
        raise NotFound
    return found


def with_standing(rows: Sequence[Conversation]) -> list[tuple[Conversation, Standing]]:
    """Each conversation with how it stands, in a few queries for all of them."""
    standing = KINDS.standing(rows)
    return [(row, standing[row.pk]) for row in rows if row.pk in standing]


def messages_of(conversation: Conversation, *, before: int | None = None) -> QuerySet[ConversationMessage]:
    """The messages of a conversation the person was shown to take part in, oldest first; only those before a number, if given."""
    rows = conversation.messages.select_related("organisation").prefetch_related("attachments__deleted_by")
    return rows.filter(number__lt=before) if before is not None else rows


def newest_of(
    conversation: Conversation, *, before: int | None = None
) -> tuple[list[ConversationMessage], bool]:
    """The newest messages, oldest of them first, and whether there are earlier ones."""
    rows = list(messages_of(conversation, before=before).order_by("-number")[: SHOWN_AT_ONCE + 1])
    return list(reversed(rows[:SHOWN_AT_ONCE])), len(rows) > SHOWN_AT_ONCE


@dataclass(frozen=True)
class ReadBy:
    """Who has read a message: other organisations with the time somebody there had read it first, and colleagues by name."""

    organisations: tuple[tuple[str, datetime], ...] = ()
    colleagues: tuple[str, ...] = ()


def read_by(
    actor: Actor,
    conversation: Conversation,
    messages: Sequence[ConversationMessage],
    standing: Standing,
) -> dict[int, ReadBy]:
    """Number → who has read it, for the person's own side's messages. Of other organisations nobody is named. Two queries."""
    mine = {side.organisation_id for side in standing.sides_of(actor)}
    sent = [each for each in messages if each.organisation_id in mine]
    if not sent:
        return {}
    receipts: dict[int, list[Receipt]] = defaultdict(list)
    for receipt in Receipt.objects.filter(conversation=conversation).order_by("up_to"):
        receipts[receipt.organisation_id].append(receipt)
    readings = list(
        Reading.objects.filter(conversation=conversation, organisation__in=mine)
        .exclude(user=actor.user_id)
        .select_related("user")
        .order_by("user__name")
    )
    names = {side.organisation_id: side.name for side in standing.sides}
    found = {}
    for message in sent:
        others = tuple(
            (names[pk], first.read_at)
            for pk, rows in receipts.items()
            if pk in names and pk != message.organisation_id
            if (first := next((each for each in rows if each.up_to >= message.number), None))
        )
        colleagues = tuple(
            str(each.user)
            for each in readings
            if each.up_to >= message.number
            and each.organisation_id == message.organisation_id
            and each.user_id != message.author_id
        )
        found[message.number] = ReadBy(others, colleagues)
    return found


def attachment_for(actor: Actor, reference: str) -> Attachment:
    """A file of a conversation the person takes part in now, or one they have uploaded and not sent; `NotFound` else."""
    found = (
        Attachment.objects.filter(reference=reference, conversation__in=readable(actor))
        .select_related("conversation", "message")
        .first()
    )
    if found is None or (found.message_id is None and found.uploaded_by_id != actor.user_id):
        raise NotFound
    return found


def unsent_files(actor: Actor, conversation: Conversation, references: Sequence[str]) -> list[Attachment]:
    """Files the person has uploaded to a conversation and not sent yet, of those named."""
    return list(
        Attachment.objects.filter(
            conversation=conversation,
            uploaded_by=actor.user_id,
            message__isnull=True,
            deleted_at__isnull=True,
            reference__in=references,
        )
    )


def readable(actor: Actor) -> QuerySet[Conversation]:
    """The conversations the person takes part in, those nobody has written in yet among them."""
    return Conversation.objects.filter(KINDS.readable(actor))


def awaiting(actor: Actor) -> list[WorkItem]:
    """One line for all conversations in which somebody has written and the person has not read it. One query."""
    if actor.user_id is None:
        return []
    references = list(unread_conversations(actor).values_list("reference", flat=True)[:100])
    if not references:
        return []
    if len(references) == 1:
        return [
            WorkItem(
                "Read", "New messages in a conversation", "", None, "messages:conversation", (references[0],)
            )
        ]
    many = "100 or more" if len(references) == 100 else str(len(references))
    return [WorkItem("Read", f"New messages in {many} conversations", "", None, "messages:list", ())]
