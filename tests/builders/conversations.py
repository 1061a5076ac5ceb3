"""Makers for conversations, files and calendar feeds."""

import io
import itertools
import zipfile
from typing import Any

from marketplace.bookings.models import Booking
from marketplace.kernel.access import Actor
from marketplace.notifications import actions
from marketplace.notifications.models import Attachment, Conversation, ConversationMessage
from tests.builders.bookings import Scene, a_booking

_count = itertools.count(1)

__all__ = [
    "PDF",
    "PNG",
    "a_conversation",
    "a_file",
    "a_message",
    "a_scenes_booking",
    "an_office_file",
]

PDF = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 20 + b"\x00\x00\x00\x00IEND\xaeB`\x82"

_TYPES = {
    "docx": (
        "word/document.xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    ),
    "xlsx": ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
}


def an_office_file(kind: str = "docx", *, content_type: str = "", **parts: bytes) -> bytes:
    """A Word or Excel file of the fewest parts, and those given: `vba="word/vbaProject.bin"` is a part of that name."""
    main, usual = _TYPES[kind]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml", f'<Types><Override ContentType="{content_type or usual}"/></Types>'
        )
        archive.writestr(main, "<document/>")
        for path, content in parts.items():
            archive.writestr(path, content)
    return packed.getvalue()


def a_scenes_booking(scene: Scene, **fields: Any) -> Booking:
    """A booking between the parties of a scene."""
    defaults = {"school": scene.school, "offer": scene.offer, "practitioner": scene.practitioner}
    return a_booking(**defaults | {"day": scene.day} | fields)


def a_conversation(actor: Actor, booking: Booking) -> Conversation:
    """The conversation about a booking, as the person finds it."""
    return actions.open_conversation(actor=actor, kind="booking", reference=booking.reference)


def a_message(
    actor: Actor, conversation: Conversation, text: str = "Shall we start at nine?", **fields: Any
) -> ConversationMessage:
    """Something the person writes in a conversation."""
    defaults = {"key": f"test-{next(_count)}"}
    return actions.write_message(actor=actor, conversation=conversation, text=text, **defaults | fields)


def a_file(
    actor: Actor, conversation: Conversation, name: str = "Plan.pdf", content: bytes = PDF
) -> Attachment:
    """A file the person has uploaded and not sent yet."""
    return actions.keep_file(actor=actor, conversation=conversation, name=name, content=content)
