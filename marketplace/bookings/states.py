"""How a booking moves. Every end is a state of its own, so that nobody has to guess later why nothing happened."""

from marketplace.bookings.course_states import (  # noqa: F401  (drawn with the others)
    COURSE_EVENT,
    COURSE_LEAD,
    PLACE,
    PLACE_ORDER,
    WAITING,
)
from marketplace.bookings.models import BookingStatus as S
from marketplace.kernel.transitions import Edge, Transitions

SCHOOL = "receiving school"
BUDGET_HOLDER = "budget holder"
PROVIDER = "provider"
RELEASING = "releasing headteacher"
RECEIVING_HEAD = "receiving headteacher"
EXCHANGE = "the exchange"
CLOSING = "convenor or receiving headteacher"

BOOKING = Transitions(
    "booking",
    [
        Edge(S.HELD, "order", SCHOOL, S.AWAITING_APPROVAL),
        Edge(S.HELD, "withdraw", SCHOOL, S.WITHDRAWN),
        Edge(S.HELD, "expire", EXCHANGE, S.EXPIRED),
        Edge(S.AWAITING_APPROVAL, "approve", BUDGET_HOLDER, S.AWAITING_RELEASE),
        Edge(S.AWAITING_APPROVAL, "refuse_approval", BUDGET_HOLDER, S.WITHDRAWN),
        Edge(S.AWAITING_APPROVAL, "withdraw", SCHOOL, S.WITHDRAWN),
        Edge(S.AWAITING_APPROVAL, "decline", PROVIDER, S.DECLINED),
        Edge(S.AWAITING_APPROVAL, "expire", EXCHANGE, S.EXPIRED),
        Edge(S.AWAITING_RELEASE, "consent", RELEASING, S.CONFIRMED),
        Edge(S.AWAITING_RELEASE, "release", EXCHANGE, S.CONFIRMED),
        Edge(S.AWAITING_RELEASE, "refuse_release", RELEASING, S.CANCELLED_BY_RELEASING_SCHOOL),
        Edge(S.AWAITING_RELEASE, "withdraw", SCHOOL, S.WITHDRAWN),
        Edge(S.AWAITING_RELEASE, "decline", PROVIDER, S.DECLINED),
        Edge(S.AWAITING_RELEASE, "expire", EXCHANGE, S.EXPIRED),
        Edge(S.AWAITING_APPROVAL, "refuse_release", RELEASING, S.CANCELLED_BY_RELEASING_SCHOOL),
        # To another day: who releases the person is asked again. To another time of the same day: nobody is.
        Edge(S.AWAITING_APPROVAL, "reschedule", SCHOOL, S.AWAITING_APPROVAL),
        Edge(S.AWAITING_RELEASE, "reschedule", SCHOOL, S.AWAITING_RELEASE),
        Edge(S.CONFIRMED, "reschedule", SCHOOL, S.AWAITING_RELEASE),
        Edge(S.AWAITING_APPROVAL, "retime", SCHOOL, S.AWAITING_APPROVAL),
        Edge(S.AWAITING_RELEASE, "retime", SCHOOL, S.AWAITING_RELEASE),
        Edge(S.CONFIRMED, "retime", SCHOOL, S.CONFIRMED),
        Edge(S.AWAITING_APPROVAL, "close_for_the_day", CLOSING, S.CANCELLED_BY_CLOSURE),
        Edge(S.AWAITING_RELEASE, "close_for_the_day", CLOSING, S.CANCELLED_BY_CLOSURE),
        Edge(S.CONFIRMED, "close_for_the_day", CLOSING, S.CANCELLED_BY_CLOSURE),
        Edge(S.CONFIRMED, "cancel_by_buyer", SCHOOL, S.CANCELLED_BY_BUYER),
        Edge(S.CONFIRMED, "cancel_by_provider", PROVIDER, S.CANCELLED_BY_PROVIDER),
        Edge(S.CONFIRMED, "cancel_by_releasing_school", RELEASING, S.CANCELLED_BY_RELEASING_SCHOOL),
        Edge(S.CONFIRMED, "no_show_buyer", PROVIDER, S.NO_SHOW_BUYER),
        Edge(S.CONFIRMED, "no_show_provider", SCHOOL, S.NO_SHOW_PROVIDER),
        Edge(S.CONFIRMED, "deliver", PROVIDER, S.DELIVERED),
        Edge(S.DELIVERED, "evaluate", RECEIVING_HEAD, S.EVALUATED),
        Edge(S.DELIVERED, "complete", EXCHANGE, S.COMPLETED),
    ],
)
