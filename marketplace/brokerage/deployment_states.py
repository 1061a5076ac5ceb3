"""How a deployment moves, and a concern raised about one."""

from marketplace.kernel.transitions import Edge, Transitions

SCHOOL = "receiving school"
HEAD = "receiving headteacher"
PARTY = "releasing head, practitioner or broker"
HEAD_OR_BROKER = "receiving headteacher or broker"
EXCHANGE = "the exchange"

DEPLOYMENT = Transitions(
    "deployment",
    [
        Edge("draft", "send", SCHOOL, "to_sign"),
        Edge("draft", "withdraw", SCHOOL, "withdrawn"),
        Edge("to_sign", "withdraw", SCHOOL, "withdrawn"),
        Edge("to_sign", "decline", PARTY, "declined"),
        Edge("to_sign", "activate", f"{EXCHANGE}, on the last signature", "active"),
        Edge("active", "pause", HEAD_OR_BROKER, "paused"),
        Edge("paused", "resume", HEAD_OR_BROKER, "active"),
        Edge("active", "stop", HEAD_OR_BROKER, "stopped"),
        Edge("paused", "stop", HEAD_OR_BROKER, "stopped"),
        Edge("active", "evaluate", HEAD, "finished"),
    ],
)

CONCERN = Transitions(
    "concern",
    [
        Edge("open", "answer", "whom it was raised with", "answered"),
        Edge("answered", "close", "whom it was raised with", "closed"),
        Edge("answered", "reopen", "who raised it", "open"),
        Edge("closed", "reopen", "who raised it", "open"),
    ],
)
