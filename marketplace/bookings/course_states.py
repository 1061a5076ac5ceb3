"""How course events, places and waiting lists move."""

from marketplace.bookings.models import EventStatus as E
from marketplace.bookings.models import LeadStatus as L
from marketplace.bookings.models import PlaceOrderStatus as O
from marketplace.bookings.models import PlaceStatus as P
from marketplace.bookings.models import WaitingStatus as W
from marketplace.kernel.transitions import Edge, Transitions

SCHOOL = "school"
BUDGET_HOLDER = "budget holder"
PROVIDER = "provider"
RELEASING = "releasing headteacher"
EXCHANGE = "the exchange"

COURSE_EVENT = Transitions(
    "course event",
    [
        Edge(E.PLANNED, "open", EXCHANGE, E.OPEN),
        Edge(E.PLANNED, "cancel", PROVIDER, E.CANCELLED),
        Edge(E.OPEN, "cancel", PROVIDER, E.CANCELLED),
        Edge(E.OPEN, "deliver", PROVIDER, E.DELIVERED),
    ],
)

COURSE_LEAD = Transitions(
    "course lead",
    [
        Edge(L.AWAITING_RELEASE, "consent", RELEASING, L.RELEASED),
        Edge(L.AWAITING_RELEASE, "refuse_release", RELEASING, L.REFUSED),
    ],
)

PLACE_ORDER = Transitions(
    "place order",
    [
        Edge(O.AWAITING_APPROVAL, "approve", BUDGET_HOLDER, O.CONFIRMED),
        Edge(O.AWAITING_APPROVAL, "agree", BUDGET_HOLDER, O.AGREED),
        Edge(O.AWAITING_APPROVAL, "refuse_approval", BUDGET_HOLDER, O.WITHDRAWN),
        Edge(O.AWAITING_APPROVAL, "withdraw", SCHOOL, O.WITHDRAWN),
        Edge(O.AWAITING_APPROVAL, "expire", EXCHANGE, O.EXPIRED),
        Edge(O.AWAITING_APPROVAL, "fall_through", EXCHANGE, O.FELL_THROUGH),
        Edge(O.AWAITING_APPROVAL, "cancel_by_provider", PROVIDER, O.CANCELLED_BY_PROVIDER),
        Edge(O.AGREED, "confirm", EXCHANGE, O.CONFIRMED),
        Edge(O.AGREED, "withdraw", SCHOOL, O.WITHDRAWN),
        Edge(O.AGREED, "fall_through", EXCHANGE, O.FELL_THROUGH),
        Edge(O.AGREED, "cancel_by_provider", PROVIDER, O.CANCELLED_BY_PROVIDER),
        Edge(O.CONFIRMED, "cancel_by_buyer", SCHOOL, O.CANCELLED_BY_BUYER),
        Edge(O.CONFIRMED, "cancel_by_provider", PROVIDER, O.CANCELLED_BY_PROVIDER),
        Edge(O.CONFIRMED, "deliver", EXCHANGE, O.DELIVERED),
    ],
)

PLACE = Transitions(
    "place",
    [
        Edge(P.RESERVED, "book", BUDGET_HOLDER, P.BOOKED),
        Edge(P.RESERVED, "let_go", SCHOOL, P.LET_GO),
        Edge(P.RESERVED, "cancel_by_provider", PROVIDER, P.CANCELLED_BY_PROVIDER),
        Edge(P.BOOKED, "cancel_by_buyer", SCHOOL, P.CANCELLED_BY_BUYER),
        Edge(P.BOOKED, "cancel_by_provider", PROVIDER, P.CANCELLED_BY_PROVIDER),
        Edge(P.BOOKED, "attend", PROVIDER, P.ATTENDED),
        Edge(P.BOOKED, "no_show", PROVIDER, P.ABSENT),
    ],
)

WAITING = Transitions(
    "waiting list entry",
    [
        Edge(W.WAITING, "offer", EXCHANGE, W.OFFERED),
        Edge(W.WAITING, "leave", SCHOOL, W.LEFT),
        Edge(W.WAITING, "close", EXCHANGE, W.CLOSED),
        Edge(W.OFFERED, "take", SCHOOL, W.TAKEN),
        Edge(W.OFFERED, "take_part", SCHOOL, W.WAITING),
        Edge(W.OFFERED, "decline", SCHOOL, W.DECLINED),
        Edge(W.OFFERED, "lapse", EXCHANGE, W.LAPSED),
        Edge(W.OFFERED, "close", EXCHANGE, W.CLOSED),
    ],
)
