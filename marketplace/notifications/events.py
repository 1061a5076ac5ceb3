"""What is announced of conversations."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MessageWritten:
    """Somebody has written in a conversation."""

    message_id: int


@dataclass(frozen=True)
class ConversationChanged:
    """Something of a conversation looks otherwise: a file was deleted, an organisation has read."""

    conversation_id: int
