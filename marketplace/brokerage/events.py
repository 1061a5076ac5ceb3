"""What brokerage announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NeedsChanged:
    """A school declared, changed, withdrew or confirmed its needs."""

    school_id: int
    verb: str


@dataclass(frozen=True)
class SupportEvaluated:
    """A receiving head judged a delivered booking."""

    booking_id: int


@dataclass(frozen=True)
class ComplaintMoved:
    """A complaint was raised, answered, settled, decided or withdrawn."""

    complaint_id: int
    verb: str


@dataclass(frozen=True)
class DeploymentDraftedForSchool:
    """A convenor wrote an agreement that the school is to send."""

    deployment_id: int


@dataclass(frozen=True)
class DeploymentMoved:
    """A deployment went along `verb` to `after` (values of `DeploymentStatus`)."""

    deployment_id: int
    verb: str
    after: str


@dataclass(frozen=True)
class DeploymentTextChanged:
    """A new version of an agreement that was shown to others lies on the table, and whatever was signed before no longer counts."""

    version_id: int


@dataclass(frozen=True)
class DeploymentSigned:
    """Somebody signed a version of a deployment agreement."""

    signature_id: int


@dataclass(frozen=True)
class DeploymentChangeDropped:
    """A change of a running agreement was not agreed: version `number` came to nothing."""

    deployment_id: int
    number: int


@dataclass(frozen=True)
class DeploymentNoted:
    """Something was written under a deployment: `what` is review, mid_point, visit_comment or practitioner_comment; `row_id` its row."""

    deployment_id: int
    what: str
    row_id: int


@dataclass(frozen=True)
class ConcernMoved:
    """A concern about a deployment was raised (`raise`) or went along `verb`."""

    concern_id: int
    verb: str


@dataclass(frozen=True)
class NeedsNudged:
    """A school that has not confirmed its needs is to be reminded."""

    nudge_id: int


@dataclass(frozen=True)
class RequestMoved:
    """A request for support was opened, closed, lapsed, awarded, ended or withdrawn."""

    request_id: int
    verb: str
    after: str


@dataclass(frozen=True)
class ProviderInvited:
    """A provider is asked to answer a request for support."""

    invitation_id: int


@dataclass(frozen=True)
class InvitationAnswered:
    """A provider responded to a request for support, or declined. Says nothing of what it responded."""

    invitation_id: int
    verb: str


@dataclass(frozen=True)
class QuestionAsked:
    """Somebody asked a question about a request for support."""

    question_id: int


@dataclass(frozen=True)
class QuestionAnswered:
    """The school answered a question: everybody asked can read both."""

    question_id: int


@dataclass(frozen=True)
class SupportRequestAwarded:
    """A school chose one of the responses to its request: what follows is a booking or a deployment."""

    request_id: int
