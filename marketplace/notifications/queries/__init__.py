"""What one may read of notifications, conversations, preferences and calendar feeds."""

from marketplace.notifications.queries.conversations import (
    ReadBy,
    attachment_for,
    awaiting,
    conversation_about,
    conversation_for,
    conversations_visible_to,
    messages_of,
    newest_of,
    place_for,
    read_by,
    standing_of,
    unread_conversations,
    unsent_files,
    with_standing,
    with_unread_counts,
)
from marketplace.notifications.queries.feeds import calendar_at, calendars_of, feed_for, feeds_of
from marketplace.notifications.queries.preferences import (
    choices_of,
    chosen_by,
    digest_day,
    people_to_summarise,
)
from marketplace.notifications.queries.told import (
    Badge,
    badge_of,
    notification_for,
    unread_count,
    visible_to,
)

__all__ = [
    "Badge",
    "ReadBy",
    "attachment_for",
    "awaiting",
    "badge_of",
    "calendar_at",
    "calendars_of",
    "choices_of",
    "chosen_by",
    "conversation_about",
    "conversation_for",
    "conversations_visible_to",
    "digest_day",
    "feed_for",
    "feeds_of",
    "messages_of",
    "newest_of",
    "notification_for",
    "people_to_summarise",
    "place_for",
    "read_by",
    "standing_of",
    "unread_conversations",
    "unread_count",
    "unsent_files",
    "visible_to",
    "with_standing",
    "with_unread_counts",
]
