"""The lives of a declared need, of a complaint, of a request for support, and of the invitation of one provider to it."""

from marketplace.brokerage.deployment_states import CONCERN, DEPLOYMENT  # noqa: F401 – drawn with the others
from marketplace.brokerage.models import ComplaintStatus as Complaint
from marketplace.brokerage.models import InvitationStatus as Invited
from marketplace.brokerage.models import NeedStatus as Need
from marketplace.brokerage.models import RequestStatus as Request
from marketplace.kernel.transitions import Edge, Transitions

NEED = Transitions(
    "need",
    [
        Edge(Need.OPEN, "meet", "school", Need.MET),
        Edge(Need.OPEN, "withdraw", "school", Need.WITHDRAWN),
        Edge(Need.MET, "reopen", "school", Need.OPEN),
        Edge(Need.WITHDRAWN, "reopen", "school", Need.OPEN),
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
        Edge(Request.DRAFT, "open", "school", Request.OPEN),
        Edge(Request.DRAFT, "withdraw", "school", Request.WITHDRAWN),
        Edge(Request.OPEN, "close", "the exchange", Request.CLOSED),
        Edge(Request.OPEN, "lapse", "the exchange", Request.UNSUCCESSFUL),
        Edge(Request.OPEN, "withdraw", "school", Request.WITHDRAWN),
        Edge(Request.CLOSED, "award", "headteacher, budget holder or trust", Request.AWARDED),
        Edge(Request.CLOSED, "end", "headteacher, budget holder or trust", Request.UNSUCCESSFUL),
        Edge(Request.CLOSED, "withdraw", "school", Request.WITHDRAWN),
    ],
)

INVITATION = Transitions(
    "request invitation",
    [
        Edge(Invited.INVITED, "respond", "provider", Invited.RESPONDED),
        Edge(Invited.INVITED, "decline", "provider", Invited.DECLINED),
        Edge(Invited.RESPONDED, "respond", "provider", Invited.RESPONDED),
        Edge(Invited.RESPONDED, "decline", "provider", Invited.DECLINED),
        Edge(Invited.DECLINED, "respond", "provider", Invited.RESPONDED),
        Edge(Invited.INVITED, "lapse", "the exchange", Invited.NO_ANSWER),
        Edge(Invited.RESPONDED, "choose", "school", Invited.CHOSEN),
        Edge(Invited.RESPONDED, "pass_over", "school", Invited.NOT_CHOSEN),
    ],
)
