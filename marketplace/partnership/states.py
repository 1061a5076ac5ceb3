"""How a call for offers, an answer to one and a commission move."""

from marketplace.kernel.transitions import Edge, Transitions
from marketplace.partnership.models import CallStatus as Call
from marketplace.partnership.models import CommissionStatus as Stage
from marketplace.partnership.models import ResponseStatus as Response

CONVENOR = "convenor"
PROVIDER = "provider"

OFFER_CALL = Transitions(
    "call for offers",
    [
        Edge(Call.OPEN, "extend", CONVENOR, Call.OPEN),
        Edge(Call.OPEN, "close", "convenor, or the exchange after the last day", Call.CLOSED),
        Edge(Call.OPEN, "withdraw", CONVENOR, Call.WITHDRAWN),
    ],
)

CALL_RESPONSE = Transitions(
    "answer to a call",
    [
        Edge(Response.SUBMITTED, "change", PROVIDER, Response.SUBMITTED),
        Edge(Response.SUBMITTED, "take_back", PROVIDER, Response.TAKEN_BACK),
        Edge(Response.TAKEN_BACK, "respond", PROVIDER, Response.SUBMITTED),
        Edge(Response.SUBMITTED, "pass_over", CONVENOR, Response.PASSED_OVER),
    ],
)

COMMISSION = Transitions(
    "commission",
    [
        Edge(Stage.DRAFT, "decide", "convenor, for a maintained school", Stage.READY),
        Edge(Stage.DRAFT, "inform", "convenor, of an academy’s responsible body", Stage.READY),
        Edge(Stage.DRAFT, "withdraw", CONVENOR, Stage.WITHDRAWN),
        Edge(Stage.READY, "start", CONVENOR, Stage.ACTIVE),
        Edge(Stage.READY, "withdraw", CONVENOR, Stage.WITHDRAWN),
        Edge(Stage.ACTIVE, "pause", CONVENOR, Stage.PAUSED),
        Edge(Stage.PAUSED, "resume", CONVENOR, Stage.ACTIVE),
        Edge(Stage.ACTIVE, "exit", CONVENOR, Stage.EXITED),
        Edge(Stage.PAUSED, "exit", CONVENOR, Stage.EXITED),
    ],
)
