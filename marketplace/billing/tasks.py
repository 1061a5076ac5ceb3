"""What billing does when a booking moves."""

from marketplace.billing import actions
from marketplace.bookings.events import BookingMoved
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.events import subscribe


@subscribe(BookingMoved)
def issue_what_the_move_calls_for(event: BookingMoved) -> None:
    """A delivered booking gets its document; a booking cancelled late gets one for the charge."""
    booking = (
        Booking.objects.scoped()
        .select_related("provider", "receiving_school__school", "practitioner", "offer_version__support_type")
        .get(pk=event.booking_id)
    )
    if event.after == BookingStatus.DELIVERED:
        actions.issue_for_delivery(actor=SYSTEM, booking=booking)
    elif booking.cancellation_charge_pence and event.after == booking.status:
        actions.issue_for_cancellation(actor=SYSTEM, booking=booking)
