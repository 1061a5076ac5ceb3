"""The life of a declared need."""

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
