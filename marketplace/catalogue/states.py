"""The two machines of an offer, as data.

`OFFER` is where the listing stands; `VERSION` is where one version of its content stands. A first version takes the offer along
with it: submitting, returning and approving move both. Later versions move alone, and the listing stays as it is.
"""

from marketplace.catalogue.models import OfferStatus, VersionStatus
from marketplace.kernel.transitions import Edge, Transitions

PROVIDER = "provider"
CONVENOR = "convenor"

OFFER = Transitions(
    "offer",
    [
        Edge(OfferStatus.DRAFT, "submit", PROVIDER, OfferStatus.SUBMITTED),
        Edge(OfferStatus.RETURNED, "submit", PROVIDER, OfferStatus.SUBMITTED),
        Edge(OfferStatus.SUBMITTED, "take_back", PROVIDER, OfferStatus.DRAFT),
        Edge(OfferStatus.SUBMITTED, "return", CONVENOR, OfferStatus.RETURNED),
        Edge(OfferStatus.SUBMITTED, "publish", CONVENOR, OfferStatus.PUBLISHED),
        Edge(OfferStatus.PUBLISHED, "pause", PROVIDER, OfferStatus.PAUSED),
        Edge(OfferStatus.PAUSED, "resume", PROVIDER, OfferStatus.PUBLISHED),
        Edge(OfferStatus.DRAFT, "withdraw", PROVIDER, OfferStatus.WITHDRAWN),
        Edge(OfferStatus.SUBMITTED, "withdraw", PROVIDER, OfferStatus.WITHDRAWN),
        Edge(OfferStatus.RETURNED, "withdraw", PROVIDER, OfferStatus.WITHDRAWN),
        Edge(OfferStatus.PUBLISHED, "withdraw", PROVIDER, OfferStatus.WITHDRAWN),
        Edge(OfferStatus.PAUSED, "withdraw", PROVIDER, OfferStatus.WITHDRAWN),
    ],
)

VERSION = Transitions(
    "version of the offer",
    [
        Edge(VersionStatus.DRAFT, "submit", PROVIDER, VersionStatus.SUBMITTED),
        Edge(VersionStatus.RETURNED, "submit", PROVIDER, VersionStatus.SUBMITTED),
        Edge(VersionStatus.SUBMITTED, "take_back", PROVIDER, VersionStatus.DRAFT),
        Edge(VersionStatus.SUBMITTED, "return", CONVENOR, VersionStatus.RETURNED),
        Edge(VersionStatus.SUBMITTED, "approve", CONVENOR, VersionStatus.APPROVED),
        Edge(VersionStatus.DRAFT, "discard", PROVIDER, VersionStatus.DISCARDED),
        Edge(VersionStatus.SUBMITTED, "discard", PROVIDER, VersionStatus.DISCARDED),
        Edge(VersionStatus.RETURNED, "discard", PROVIDER, VersionStatus.DISCARDED),
    ],
)
