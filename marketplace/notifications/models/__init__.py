"""Who was told what, what people write to each other, and the calendars they subscribe to.

* `told`: a `Notification` is one message of the exchange for one person; a `LiveFrame` tells open pages that something changed.
* `conversations`: a `Conversation` belongs to a subject (a booking, say) and is between the organisations that have to do with it.
  Its messages are numbered and stay as they were written; who has read how far is kept for each person and for each organisation.
* `preferences`: how each person wants to be e-mailed about each kind of notification, and the daily digests sent.
* `feeds`: calendar addresses, each for one person, known only by the hash of their token.
"""

from marketplace.notifications.models.conversations import (
    Attachment,
    Conversation,
    ConversationMessage,
    Reading,
    Receipt,
    attachment_reference,
    conversation_reference,
    message_reference,
)
from marketplace.notifications.models.feeds import CalendarFeed, feed_reference
from marketplace.notifications.models.preferences import Choice, Digest, Preference
from marketplace.notifications.models.told import LiveFrame, Notification, notification_reference

__all__ = [
    "Attachment",
    "CalendarFeed",
    "Choice",
    "Conversation",
    "ConversationMessage",
    "Digest",
    "LiveFrame",
    "Notification",
    "Preference",
    "Reading",
    "Receipt",
    "attachment_reference",
    "conversation_reference",
    "feed_reference",
    "message_reference",
    "notification_reference",
]
