"""The lives of a declared need, of a complaint, of a request for support, and of the invitation of one provider to it."""

from marketplace.brokerage.deployment_states import CONCERN, DEPLOYMENT  # noqa: F401 – drawn with the others
from marketplace.brokerage.models import ComplaintStatus as Complaint
from marketplace.kernel.transitions import Edge, Transitions

NEED = Transitions(
    "need",
    [
        Edge("open", "meet", "school", "met"),
        Edge("open", "withdraw", "school", "withdrawn"),
        Edge("met", "reopen", "school", "open"),
        Edge("withdrawn", "reopen", "school", "open"),
    ],
)

COMPLAINT = Transitions(
    "complaint",
    [
        Edge(Complaint.RAISED, "answer", "provider", Complaint.ANSWERED),
        Edge(Complaint.RAISED, "withdraw", "school", Complaint.WITHDRAWN),
        Edge(Complaint.RAISED, "uphold", "convenor", Complaint.UPHELD),
        Edge(Complaint.RAISED, "uphold_in_part", "convenor", Complaint.PARTLY_UPHELD),
        Edge(Complaint.RAISED, "dismiss", "convenor", Complaint.NOT_UPHELD),
        Edge(Complaint.ANSWERED, "settle", "school", Complaint.SETTLED),
        Edge(Complaint.ANSWERED, "withdraw", "school", Complaint.WITHDRAWN),
        Edge(Complaint.ANSWERED, "uphold", "convenor", Complaint.UPHELD),
        Edge(Complaint.ANSWERED, "uphold_in_part", "convenor", Complaint.PARTLY_UPHELD),
        Edge(Complaint.ANSWERED, "dismiss", "convenor", Complaint.NOT_UPHELD),
    ],
)

SUPPORT_REQUEST = Transitions(
    "support request",
    [
        Edge("draft", "open", "school", "open"),
        Edge("draft", "withdraw", "school", "withdrawn"),
        Edge("open", "close", "the exchange", "closed"),
        Edge("open", "lapse", "the exchange", "unsuccessful"),
        Edge("open", "withdraw", "school", "withdrawn"),
        Edge("closed", "award", "headteacher, budget holder or trust", "awarded"),
        Edge("closed", "end", "headteacher, budget holder or trust", "unsuccessful"),
        Edge("closed", "withdraw", "school", "withdrawn"),
    ],
)

INVITATION = Transitions(
    "request invitation",
    [
        Edge("invited", "respond", "provider", "responded"),
        Edge("invited", "decline", "provider", "declined"),
        Edge("responded", "respond", "provider", "responded"),
        Edge("responded", "decline", "provider", "declined"),
        Edge("declined", "respond", "provider", "responded"),
        Edge("invited", "lapse", "the exchange", "no_answer"),
        Edge("responded", "choose", "school", "chosen"),
        Edge("responded", "pass_over", "school", "not_chosen"),
    ],
)
