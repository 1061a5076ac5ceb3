"""The two machines of an offer, as data.

`OFFER` is where the listing stands; `VERSION` is where one version of its content stands. A first version takes the offer along
with it: submitting, returning and approving move both. Later versions move alone, and the listing stays as it is.
"""

from marketplace.kernel.transitions import Edge, Transitions

PROVIDER = "provider"
CONVENOR = "convenor"

OFFER = Transitions(
    "offer",
    [
        Edge("draft", "submit", PROVIDER, "submitted"),
        Edge("returned", "submit", PROVIDER, "submitted"),
        Edge("submitted", "take_back", PROVIDER, "draft"),
        Edge("submitted", "return", CONVENOR, "returned"),
        Edge("submitted", "publish", CONVENOR, "published"),
        Edge("published", "pause", PROVIDER, "paused"),
        Edge("paused", "resume", PROVIDER, "published"),
        Edge("draft", "withdraw", PROVIDER, "withdrawn"),
        Edge("submitted", "withdraw", PROVIDER, "withdrawn"),
        Edge("returned", "withdraw", PROVIDER, "withdrawn"),
        Edge("published", "withdraw", PROVIDER, "withdrawn"),
        Edge("paused", "withdraw", PROVIDER, "withdrawn"),
    ],
)

VERSION = Transitions(
    "version of the offer",
    [
        Edge("draft", "submit", PROVIDER, "submitted"),
        Edge("returned", "submit", PROVIDER, "submitted"),
        Edge("submitted", "take_back", PROVIDER, "draft"),
        Edge("submitted", "return", CONVENOR, "returned"),
        Edge("submitted", "approve", CONVENOR, "approved"),
        Edge("draft", "discard", PROVIDER, "discarded"),
        Edge("submitted", "discard", PROVIDER, "discarded"),
        Edge("returned", "discard", PROVIDER, "discarded"),
    ],
)
