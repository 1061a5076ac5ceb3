"""From a need to evidence of what changed.

A school declares a `Need` per theme and phase, or confirms in a `NeedsReturn` that it has none: both count as an answer. A
booking made for a need is tied to it by `NeedBooking`. After the session comes the `VisitRecord`, due in five working days,
and the receiving head's `ImpactEvaluation`. A `SupportRequest` asks several providers at once (see `requests`). `UnmetDemand`
keeps the searches that found nothing and the requests that came to nothing; a `NeedsNudge` reminds a school that has not answered.

A `Deployment` is support by one person over many visits, for objectives, by an agreement that four people sign: see `deployments`
for the agreement and `deployment_work` for what happens under it. A `Complaint` is what a school says went wrong, the provider's
answer and a convenor's finding.

A need is sensitive: only the school itself, its trust's lead and the area's convenors see it, through `queries.visible_to`.
"""

from marketplace.brokerage.models.complaints import (
    Complaint,
    ComplaintStatus,
    ComplaintSubject,
)
from marketplace.brokerage.models.deployment_funding import DeploymentFunding
from marketplace.brokerage.models.deployment_work import (
    Answer,
    ConcernStatus,
    DeploymentConcern,
    DeploymentEvaluation,
    DeploymentVisit,
    Listener,
    MidPointCheck,
    ObjectiveNote,
    ObjectiveOutcome,
    Outcome,
    ProgressReview,
    Rag,
    ReviewRating,
    VisitComment,
    VisitKind,
)
from marketplace.brokerage.models.deployments import (
    RUNNING,
    CaseStudyConsent,
    Deployment,
    DeploymentObjective,
    DeploymentSignature,
    DeploymentStatus,
    DeploymentVersion,
    deployment_reference,
)
from marketplace.brokerage.models.needs import (
    LEVEL_HALF_DAYS,
    Need,
    NeedBooking,
    NeedLevel,
    NeedsReturn,
    NeedStatus,
    UnmetCause,
    UnmetDemand,
    Urgency,
    need_reference,
)
from marketplace.brokerage.models.nudges import (
    NeedsNudge,
    NudgeRound,
)
from marketplace.brokerage.models.requests import (
    DeclineReason,
    InvitationStatus,
    LossReason,
    RequestInvitation,
    RequestQuestion,
    RequestResponse,
    RequestStatus,
    SupportRequest,
)
from marketplace.brokerage.models.visits import (
    ImpactEvaluation,
    VisitRecord,
)

__all__ = [
    "LEVEL_HALF_DAYS",
    "RUNNING",
    "Answer",
    "CaseStudyConsent",
    "Complaint",
    "ComplaintStatus",
    "ComplaintSubject",
    "ConcernStatus",
    "DeclineReason",
    "Deployment",
    "DeploymentConcern",
    "DeploymentEvaluation",
    "DeploymentFunding",
    "DeploymentObjective",
    "DeploymentSignature",
    "DeploymentStatus",
    "DeploymentVersion",
    "DeploymentVisit",
    "ImpactEvaluation",
    "InvitationStatus",
    "Listener",
    "LossReason",
    "MidPointCheck",
    "Need",
    "NeedBooking",
    "NeedLevel",
    "NeedStatus",
    "NeedsNudge",
    "NeedsReturn",
    "NudgeRound",
    "ObjectiveNote",
    "ObjectiveOutcome",
    "Outcome",
    "ProgressReview",
    "Rag",
    "RequestInvitation",
    "RequestQuestion",
    "RequestResponse",
    "RequestStatus",
    "ReviewRating",
    "SupportRequest",
    "UnmetCause",
    "UnmetDemand",
    "Urgency",
    "VisitComment",
    "VisitKind",
    "VisitRecord",
    "deployment_reference",
    "need_reference",
]
