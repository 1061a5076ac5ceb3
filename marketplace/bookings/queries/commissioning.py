"""Which orders the authority can pay for from a funding stream, and who says so: the convenor of the school's area."""

from django.db.models import QuerySet

from marketplace.bookings.models import PROMISED, Booking, BookingStatus, PaymentRoute
from marketplace.bookings.queries.scopes import visible_to
from marketplace.kernel.access import Actor, Role

BY_THE_SCHOOL = (PaymentRoute.JOURNAL, PaymentRoute.INVOICE)


def may_commission(actor: Actor, booking: Booking) -> bool:
    """Whether the person may let the authority pay for it: a convenor of the school's area."""
    return actor.convenes(booking.receiving_school.area_id)


def to_commission(actor: Actor) -> QuerySet[Booking]:
    """Orders still to come that the school would pay for itself, those waiting for approval first."""
    return (
        visible_to(actor)
        .filter(
            receiving_school__area__in=actor.in_area(Role.CONVENOR),
            status__in=PROMISED,
            route__in=BY_THE_SCHOOL,
        )
        .order_by("status", "starts_at")
    )


def why_not_commissioned(booking: Booking) -> str:
    """Why the order can't be put on a funding stream, in a sentence; empty where it can."""
    if booking.funding_stream_id:
        return f"“{booking.funding_stream}” pays for it already."
    if booking.status not in PROMISED:
        return "Only orders that are still to come can be put on a funding stream."
    if booking.route not in BY_THE_SCHOOL:
        return f"It is paid otherwise: {booking.get_route_display().lower()}."
    return ""


def may_uncommission(booking: Booking) -> bool:
    """Whether it can come off its funding stream: as long as nobody has approved it."""
    return booking.funding_stream_id is not None and booking.status == BookingStatus.AWAITING_APPROVAL
