"""Files of conversations: keeping what was uploaded, handing it out, deleting it, and tidying up after uploads that came to nothing."""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from marketplace.kernel import events
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed
from marketplace.notifications.actions.conversations import person_of, side_to_write_for
from marketplace.notifications.conversations import contents, links, rules, store
from marketplace.notifications.errors import FileGone, FileRefused
from marketplace.notifications.events import ConversationChanged
from marketplace.notifications.models import Attachment, Conversation
from marketplace.notifications.queries import conversations as queries

UNSENT_KEPT_FOR = timedelta(days=1)
MOST_UNSENT = 20
MEGABYTE = 1024 * 1024


@action
def keep_file(*, actor: Actor, conversation: Conversation, name: str, content: bytes) -> Attachment:
    """Keep an uploaded file until it is sent with a message. Raises `FileRefused` for what may not be sent, and as writing does."""
    row = locked(queries.readable(actor), pk=conversation.pk)
    side_to_write_for(actor, queries.standing_of(row))
    shown = rules.clean_name(name, suffix=rules.suffix_of(name))
    most: int = settings.ATTACHMENT_MAX_BYTES
    if len(content) > most:
        raise FileRefused(
            f"{shown} is larger than {most // MEGABYTE} MB.", remedy="Send a smaller file.", field="files"
        )
    kind = contents.kind_of(content, name=shown)
    waiting = row.attachments.filter(uploaded_by=actor.user_id, message__isnull=True, deleted_at__isnull=True)
    if waiting.count() >= MOST_UNSENT:
        raise FileRefused(
            "You have uploaded many files and not sent them.", remedy="Send those first.", field="files"
        )
    stored_as = store.put(content)
    try:
        with transaction.atomic():
            return Attachment.objects.create(
                conversation=row,
                name=shown,
                file_kind=kind.name,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                stored_as=stored_as,
                uploaded_by=person_of(actor),
                uploaded_at=timezone.now(),
            )
    except BaseException:
        store.remove(stored_as)
        raise


def take_file(*, actor: Actor, reference: str, token: str) -> tuple[Attachment, bytes]:
    """A file and its content, for who takes part now and holds a fresh link made for them.

    Raises `NotFound`, `LinkUnusable`, and `FileGone` where it was deleted or is not what was uploaded.
    """
    attachment = queries.attachment_for(actor, reference)
    links.check(actor, attachment, token)
    if attachment.deleted_at:
        raise FileGone("This file was deleted.", remedy="Ask who sent it to send it again.")
    try:
        content = store.read(attachment.stored_as)
    except FileNotFoundError:
        content = b""
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise FileGone(
            "This file is damaged or lost on the exchange.", remedy="Ask who sent it to send it again."
        )
    return attachment, content


@action
def delete_file(*, actor: Actor, attachment: Attachment) -> None:
    """Delete a file one has uploaded. What was sent leaves a line that says who deleted it and when."""
    queries.attachment_for(actor, attachment.reference)
    row = locked(Attachment.objects.all(), pk=attachment.pk)
    if row.uploaded_by_id != actor.user_id:
        raise NotAllowed("You can’t delete a file somebody else has sent.", remedy="Ask them to delete it.")
    if row.deleted_at is None:
        row.deleted_at, row.deleted_by_id = timezone.now(), actor.user_id
        row.save(update_fields=["deleted_at", "deleted_by"])
        transaction.on_commit(lambda: store.remove(row.stored_as))
        events.publish(ConversationChanged(row.conversation_id))


def tidy_files() -> int:
    """Forget uploads nobody sent within a day, and files no row knows; how many files were removed."""
    before = timezone.now() - UNSENT_KEPT_FOR
    Attachment.objects.filter(message__isnull=True, uploaded_at__lt=before).delete()
    old = list(store.older_than(before))
    known = set(
        Attachment.objects.filter(stored_as__in=old, deleted_at__isnull=True).values_list(
            "stored_as", flat=True
        )
    )
    gone = [name for name in old if name not in known]
    for name in gone:
        store.remove(name)
    return len(gone)
