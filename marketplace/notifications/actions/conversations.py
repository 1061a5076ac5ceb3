"""Writing and reading in conversations. Messages of one conversation get their numbers behind its lock, in the order they commit."""

from collections.abc import Sequence

from django.utils import timezone

from marketplace.kernel import events
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.notifications.actions import telling
from marketplace.notifications.conversations import rules
from marketplace.notifications.conversations.sides import Side, Standing
from marketplace.notifications.errors import ConversationClosed, MessageUnusable
from marketplace.notifications.events import ConversationChanged, MessageWritten
from marketplace.notifications.models import Conversation, ConversationMessage, Notification, Reading, Receipt
from marketplace.notifications.queries import conversations as queries
from marketplace.notifications.rules import Kind
from marketplace.organisations.models import User


@action
def open_conversation(*, actor: Actor, kind: str, reference: str, key: str = "") -> Conversation:
    """The conversation about a subject, there already or begun now; `NotFound` for who takes no part in it."""
    place = queries.place_for(actor, kind=kind, reference=reference, key=key)
    found, _ = Conversation.objects.get_or_create(kind=kind, subject_id=place.subject_id, key=place.key)
    return found


@action
def write_message(
    *, actor: Actor, conversation: Conversation, text: str, key: str, files: Sequence[str] = ()
) -> ConversationMessage:
    """Write a message for the side the person takes part for, with files they uploaded (`files`: their references).

    The same `key` with the same text is the same message, however often it is sent. Raises `NotFound`, `MessageUnusable`,
    `ConversationClosed`.
    """
    row = locked(queries.readable(actor), pk=conversation.pk)
    if earlier := row.messages.filter(author=actor.user_id, key=_key(key)).first():
        return _again(earlier, text)
    standing = queries.standing_of(row)
    side = side_to_write_for(actor, standing)
    attached = queries.unsent_files(actor, row, files)
    if len(attached) < len(set(files)):
        raise MessageUnusable(
            "A file you chose is no longer there.", remedy="Choose it again.", field="files"
        )
    if len(attached) > rules.MOST_FILES:
        raise MessageUnusable(
            f"A message takes up to {rules.MOST_FILES} files.",
            remedy="Take some out and send them with another.",
            field="files",
        )
    now = timezone.now()
    message = ConversationMessage.objects.create(
        conversation=row,
        number=row.last_number + 1,
        author=person_of(actor),
        author_name=actor.name[:200],
        organisation_id=side.organisation_id,
        text=rules.clean_text(text, files=len(attached)),
        key=_key(key),
        sent_at=now,
    )
    for each in attached:
        each.message = message
        each.save(update_fields=["message"])
    row.last_number, row.last_at = message.number, now
    row.save(update_fields=["last_number", "last_at"])
    _follow_own(actor, row, message.number)
    events.publish(MessageWritten(message.pk))
    return message


def person_of(actor: Actor) -> User:
    """Who acts; `NotFound` for the exchange itself, which takes part in nothing."""
    found = User.objects.filter(pk=actor.user_id).first() if actor.user_id else None
    if found is None:
        raise NotFound
    return found


def _key(key: str) -> str:
    if not 0 < len(key) <= 64:
        raise MessageUnusable("The message has no key.", remedy="Reload the page and send it again.")
    return key


def _again(earlier: ConversationMessage, text: str) -> ConversationMessage:
    if earlier.text != rules.clean_text(text, files=1):
        raise NotNow(
            "Another message was sent from this form before.",
            remedy="Send it again: the form is a new one now.",
        )
    return earlier


def side_to_write_for(actor: Actor, standing: Standing) -> Side:
    """The side a person writes for; `ConversationClosed` where no more is written, `NotAllowed` for who takes no part."""
    sides = standing.sides_of(actor)
    if not sides:
        raise NotAllowed("You can’t write here.", remedy="Ask somebody who takes part.")
    if standing.closed:
        raise ConversationClosed(
            f"Nobody writes here any more. {standing.closed}", remedy="You can still read what was written."
        )
    return sides[0]


def _follow_own(actor: Actor, row: Conversation, number: int) -> None:
    """Who has read all before what they write has read that too."""
    Reading.objects.filter(conversation=row, user=actor.user_id, up_to=number - 1).update(up_to=number)


@action
def mark_conversation_read(*, actor: Actor, conversation: Conversation, up_to: int | None = None) -> bool:
    """Note that the person has read up to a number (to the end without one), and their organisation with them; whether that is news."""
    row = queries.conversation_for(actor, conversation.reference)
    number = min(row.last_number, up_to if up_to is not None else row.last_number)
    if row.up_to >= number:
        return False
    sides = queries.standing_of(row).sides_of(actor)
    if not sides:
        raise NotFound
    organisation, now = sides[0].organisation_id, timezone.now()
    values = {"organisation_id": organisation, "up_to": number, "read_at": now}
    reading, is_new = Reading.objects.get_or_create(conversation=row, user=person_of(actor), defaults=values)
    if not is_new:
        Reading.objects.filter(pk=reading.pk, up_to__lt=number).update(**values)
    _mark_told(actor, row)
    if not Receipt.objects.filter(conversation=row, organisation=organisation, up_to__gte=number).exists():
        # Two colleagues may read in the same moment: one receipt is enough.
        Receipt.objects.bulk_create(
            [Receipt(conversation=row, organisation_id=organisation, up_to=number, read_at=now)],
            ignore_conflicts=True,
        )
        events.publish(ConversationChanged(row.pk))
    return True


@action
def mark_all_conversations_read(*, actor: Actor) -> int:
    """Mark every conversation as read; how many had something new."""
    rows = list(queries.unread_conversations(actor))
    return sum(mark_conversation_read(actor=actor, conversation=row) for row in rows)


def _mark_told(actor: Actor, conversation: Conversation) -> None:
    """What the exchange told the person of these messages is read with them."""
    told = Notification.objects.filter(
        user=actor.user_id,
        kind=Kind.MESSAGE_WAITING,
        effect__startswith=f"conversation:{conversation.pk}:",
        read_at__isnull=True,
    )
    if told.update(read_at=timezone.now()):
        telling.show_unread(actor)
