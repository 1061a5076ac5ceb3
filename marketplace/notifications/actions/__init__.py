"""The verbs of notifications."""

from marketplace.notifications.actions.attachments import delete_file, keep_file, take_file, tidy_files
from marketplace.notifications.actions.conversations import (
    mark_all_conversations_read,
    mark_conversation_read,
    open_conversation,
    write_message,
)
from marketplace.notifications.actions.digests import send_digest
from marketplace.notifications.actions.feeds import (
    issue_feed,
    note_asked,
    revoke_feed,
    revoke_of_departed,
    show_details,
)
from marketplace.notifications.actions.preferences import choose_emails, stop_emails
from marketplace.notifications.actions.telling import mark_all_read, mark_read, tell

__all__ = [
    "choose_emails",
    "delete_file",
    "issue_feed",
    "keep_file",
    "mark_all_conversations_read",
    "mark_all_read",
    "mark_conversation_read",
    "mark_read",
    "note_asked",
    "open_conversation",
    "revoke_feed",
    "revoke_of_departed",
    "send_digest",
    "show_details",
    "stop_emails",
    "take_file",
    "tell",
    "tidy_files",
    "write_message",
]
