"""What messages add to the world: a conversation about a booking with a file in it, and a calendar address."""

from typing import Any

from marketplace.notifications.actions import issue_feed
from marketplace.notifications.choosing import default_of
from marketplace.notifications.rules import Kind
from tests.builders import a_conversation, a_file, a_message


def lay_out(world: Any) -> None:
    """The school's staff have written about the confirmed booking and sent a file; they follow their own calendar."""
    staff = world.scene.buyer
    world.conversation = a_conversation(staff, world.confirmed)
    world.file = a_file(staff, world.conversation)
    a_message(staff, world.conversation, files=[world.file.reference])
    world.feed, _ = issue_feed(actor=staff)


VALUES: dict[str, Any] = {
    "messages reference": lambda w: w.conversation.reference,
    "messages:about kind": lambda w: "booking",
    "messages:about reference": lambda w: w.confirmed.reference,
    **{
        f"messages:{name} reference": lambda w: w.file.reference
        for name in ("file", "delete_file", "take_file")
    },
    **{
        f"messages:{name} reference": lambda w: w.feed.reference
        for name in ("calendar_details", "stop_calendar")
    },
    "messages:take_file token": lambda w: "forged",
    "messages:calendar_feed token": lambda w: "forged",
    "notifications:stop token": lambda w: "forged",
    "conversation reference": lambda w: w.conversation.reference,
    "calendarfeed reference": lambda w: w.feed.reference,
    "preference kind": lambda w: "booking_ended",
}
BODIES: dict[str, Any] = {
    "messages:conversation": lambda w: {"text": "Yes.", "key": "world"},
    "messages:about": lambda w: {"text": "Yes.", "key": "world"},
    "messages:issue_calendar": lambda w: {"organisation": ""},
    "messages:calendar_details": lambda w: {"details": "on"},
    "notifications:settings": lambda w: (
        {kind: default_of(kind) for kind in Kind} | {"booking_ended": "daily"}
    ),
    "conversation-list": lambda w: {"about": "booking", "reference": w.confirmed.reference, "text": "Yes."},
    "conversation-messages": lambda w: {"text": "Yes."},
    "preference-detail": lambda w: {"choice": "daily"},
}
