"""What can be wrong with a message, a file, a choice or a calendar address, in words for the person it happens to."""

from marketplace.kernel.errors import DomainError, NotNow


class MessageUnusable(DomainError):
    """There is nothing to send, or too much."""

    code = "message_unusable"
    status = 422


class ConversationClosed(NotNow):
    """What it is about is over or has gone to somebody else: it can still be read."""

    code = "conversation_closed"


class FileRefused(DomainError):
    """The file is none of the kinds that may be sent, or not what its name says."""

    code = "file_refused"
    status = 422


class FileGone(DomainError):
    """The file was deleted, or is no longer what was uploaded."""

    code = "file_gone"
    status = 410


class FeedGone(DomainError):
    """The calendar address was taken back."""

    code = "feed_gone"
    status = 410


class LinkUnusable(DomainError):
    """A signed link that is too old, or was made for somebody else."""

    code = "link_unusable"
    status = 404


class ChoiceUnusable(DomainError):
    """The kind of notification is not known, or can't be turned off."""

    code = "choice_unusable"
    status = 422
