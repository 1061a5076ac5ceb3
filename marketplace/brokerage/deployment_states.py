"""How a deployment moves, and a concern raised about one."""

from marketplace.brokerage.models import ConcernStatus
from marketplace.brokerage.models import DeploymentStatus as Status
from marketplace.kernel.transitions import Edge, Transitions

SCHOOL = "receiving school"
HEAD = "receiving headteacher"
PARTY = "releasing head, practitioner or broker"
HEAD_OR_BROKER = "receiving headteacher or broker"
EXCHANGE = "the exchange"

DEPLOYMENT = Transitions(
    "deployment",
    [
        Edge(Status.DRAFT, "send", SCHOOL, Status.TO_SIGN),
        Edge(Status.DRAFT, "withdraw", SCHOOL, Status.WITHDRAWN),
        Edge(Status.TO_SIGN, "withdraw", SCHOOL, Status.WITHDRAWN),
        Edge(Status.TO_SIGN, "decline", PARTY, Status.DECLINED),
        Edge(Status.TO_SIGN, "activate", f"{EXCHANGE}, on the last signature", Status.ACTIVE),
        Edge(Status.ACTIVE, "pause", HEAD_OR_BROKER, Status.PAUSED),
        Edge(Status.PAUSED, "resume", HEAD_OR_BROKER, Status.ACTIVE),
        Edge(Status.ACTIVE, "stop", HEAD_OR_BROKER, Status.STOPPED),
        Edge(Status.PAUSED, "stop", HEAD_OR_BROKER, Status.STOPPED),
        Edge(Status.ACTIVE, "evaluate", HEAD, Status.FINISHED),
    ],
)

CONCERN = Transitions(
    "concern",
    [
        Edge(ConcernStatus.OPEN, "answer", "whom it was raised with", ConcernStatus.ANSWERED),
        Edge(ConcernStatus.ANSWERED, "close", "whom it was raised with", ConcernStatus.CLOSED),
        Edge(ConcernStatus.ANSWERED, "reopen", "who raised it", ConcernStatus.OPEN),
        Edge(ConcernStatus.CLOSED, "reopen", "who raised it", ConcernStatus.OPEN),
    ],
)
