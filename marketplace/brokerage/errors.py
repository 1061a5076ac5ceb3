"""What can be wrong with a need, a record of visit or an evaluation."""

from marketplace.kernel.errors import DomainError, NotNow


class AlreadyDeclared(NotNow):
    """The school has an open need for the same theme and phase this year."""

    code = "need_already_declared"


class NeedInvalid(DomainError):
    """Something about the need can't be right."""

    code = "need_invalid"
    status = 422


class TooEarly(NotNow):
    """The session has not happened yet."""

    code = "not_yet"


class AlreadyWritten(NotNow):
    """The record or evaluation is there already."""

    code = "already_written"
