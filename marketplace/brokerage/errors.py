"""What can be wrong with a need, a request for support, a record of visit or an evaluation."""

from marketplace.kernel.errors import DomainError, NotAllowed, NotNow


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


class ComplaintInvalid(DomainError):
    """Something about the complaint, its answer or the finding is missing or can't be right."""

    code = "complaint_invalid"
    status = 422


class TermsInvalid(DomainError):
    """Something in the text of a deployment agreement is missing or can't be right."""

    code = "terms_invalid"
    status = 422


class TextChanged(NotNow):
    """The text was changed after the person opened it: what they would sign is not what they read."""

    code = "text_changed"


class AlreadySigned(NotNow):
    """This signature is given already."""

    code = "already_signed"


class BeyondDeployment(NotNow):
    """The visit would use more days than the deployment agreement allows, or lie outside its first and last day."""

    code = "beyond_deployment"


class NudgedLately(NotNow):
    """The school was reminded a short while ago."""

    code = "nudged_lately"


class RequestInvalid(DomainError):
    """Something about a request for support, or an answer to it, can't be right."""

    code = "request_invalid"
    status = 422


class AskMore(NotNow):
    """The school's ladder wants more providers asked than were chosen."""

    code = "ask_more_providers"


class TooLate(NotNow):
    """The day for questions or responses is over."""

    code = "too_late"


class StreamNotNamed(NotNow):
    """The authority pays by the agreement, and has not said from which funding stream."""

    code = "stream_not_named"


class HasInterest(NotAllowed):
    """The person has an interest in a provider that answered."""

    code = "has_interest"


class SelectionIncomplete(NotNow):
    """The selection lacks a reason it has to give."""

    code = "selection_incomplete"
