"""How an agreement moves, from the basket to its end; and before it an edition on sale and a basket."""

from marketplace.buyback.models import AgreementStatus as S
from marketplace.buyback.models import BasketStatus, EditionStatus
from marketplace.kernel.transitions import Edge, Transitions

SCHOOL = "school or trust"
APPROVER = "approver of the ladder"
SELLER = "seller"
EITHER_SIDE = "school or seller"
EXCHANGE = "the exchange"

AGREEMENT = Transitions(
    "agreement",
    [
        Edge(S.DRAFT, "submit", SCHOOL, S.AWAITING_APPROVAL),
        Edge(S.DRAFT, "withdraw", SCHOOL, S.WITHDRAWN),
        Edge(S.AWAITING_APPROVAL, "approve", APPROVER, S.SUBMITTED),
        Edge(S.AWAITING_APPROVAL, "refuse_approval", APPROVER, S.WITHDRAWN),
        Edge(S.AWAITING_APPROVAL, "withdraw", SCHOOL, S.WITHDRAWN),
        Edge(S.SUBMITTED, "activate", EXCHANGE, S.ACTIVE),
        Edge(S.SUBMITTED, "terminate", EITHER_SIDE, S.TERMINATED),
        Edge(S.SUBMITTED, "supersede", EXCHANGE, S.SUPERSEDED),
        Edge(S.ACTIVE, "end", EXCHANGE, S.ENDED),
        Edge(S.ACTIVE, "terminate", EITHER_SIDE, S.TERMINATED),
        Edge(S.ACTIVE, "supersede", EXCHANGE, S.SUPERSEDED),
    ],
)

EDITION = Transitions(
    "edition",
    [
        Edge(EditionStatus.DRAFT, "publish", SELLER, EditionStatus.PUBLISHED),
        Edge(EditionStatus.PUBLISHED, "withdraw", SELLER, EditionStatus.WITHDRAWN),
    ],
)

BASKET = Transitions(
    "basket",
    [
        Edge(BasketStatus.OPEN, "submit", SCHOOL, BasketStatus.SUBMITTED),
        Edge(BasketStatus.OPEN, "empty", SCHOOL, BasketStatus.EMPTIED),
    ],
)
