"""What can be wrong with a document."""

from marketplace.kernel.errors import NotNow


class AlreadyCredited(NotNow):
    """The document has been credited in full."""

    code = "already_credited"
