"""Who hears of messages: open pages at once, and those who have not read them by a notification, once until they do.

Neither carries a word of what was written, nor the name of a file: a notification says who has written about what, a frame only that
something changed. E-mails leave the exchange and can be forwarded, read on lock screens and kept; the page asks who is there.
"""

from django.urls import reverse
from procrastinate.contrib.django import app

from marketplace.kernel.events import subscribe
from marketplace.notifications import live
from marketplace.notifications.actions import tell, tidy_files
from marketplace.notifications.conversations.sides import Standing
from marketplace.notifications.events import ConversationChanged, MessageWritten
from marketplace.notifications.live import Audience
from marketplace.notifications.models import Conversation, ConversationMessage, Reading
from marketplace.notifications.queries import readable, standing_of
from marketplace.notifications.rules import Kind, Message, Recipient
from marketplace.organisations.models import User
from marketplace.organisations.queries import actor_for


@subscribe(MessageWritten)
def show_message(event: MessageWritten) -> None:
    """Open pages of everybody who takes part ask again."""
    message = _message(event)
    _show(message.conversation, standing_of(message.conversation))


@subscribe(ConversationChanged)
def show_conversation(event: ConversationChanged) -> None:
    """The same where a file was deleted or somebody has read."""
    conversation = Conversation.objects.get(pk=event.conversation_id)
    _show(conversation, standing_of(conversation))


@subscribe(MessageWritten)
def tell_of_message(event: MessageWritten) -> None:
    """Tell the others who take part, each once for all they have not read; never the person who wrote."""
    message = _message(event)
    conversation = message.conversation
    standing = standing_of(conversation)
    read = dict(Reading.objects.filter(conversation=conversation).values_list("user", "up_to"))
    words = words_of(message, standing)
    for recipient in _everybody(conversation, standing):
        up_to = read.get(recipient.user_id, 0)
        if recipient.user_id != message.author_id and up_to < message.number:
            # Whoever has not read since is told once, however much is written; after reading, anew.
            tell(to=[recipient], message=words, effect=f"conversation:{conversation.pk}:after:{up_to}")


def _message(event: MessageWritten) -> ConversationMessage:
    rows = ConversationMessage.objects.select_related("conversation", "organisation")
    return rows.get(pk=event.message_id)


def words_of(message: ConversationMessage, standing: Standing) -> Message:
    """What the others are told: who has written, about what, and where to read it."""
    return Message(
        Kind.MESSAGE_WAITING,
        f"Message from {message.organisation}: {standing.title}",
        f"{message.organisation} has written to you. Sign in to read it and to answer.",
        reverse("messages:conversation", args=[message.conversation.reference]),
    )


def _everybody(conversation: Conversation, standing: Standing) -> list[Recipient]:
    """Those of the sides who may read it: an interest can keep somebody out whose role is the right one."""
    on_a_side = [each for side in standing.sides for each in side.recipients()]
    by_person = {each.user_id: each for each in reversed(on_a_side)}
    users = User.objects.in_bulk(by_person)
    return [
        each
        for pk, each in by_person.items()
        if readable(actor_for(users[pk])).filter(pk=conversation.pk).exists()
    ]


def _show(conversation: Conversation, standing: Standing) -> None:
    audiences = [
        Audience(user=each.user_id, organisation=each.organisation_id)
        for each in _everybody(conversation, standing)
    ]
    live.broadcast_all("conversation", audiences, {"reference": conversation.reference})


@app.periodic(cron="50 3 * * *")
@app.task(name="tidy_attachments", queue="notifications")
def tidy_attachments(timestamp: int) -> None:
    """Every night: files that were uploaded and never sent, and those nothing refers to, are removed."""
    del timestamp
    tidy_files()
