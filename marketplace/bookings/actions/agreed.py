"""A visit follows what an agreement made beforehand says of its price and payer."""

from marketplace.bookings.actions import funding
from marketplace.bookings.actions.steps import BookingRef, lock_booking
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.bookings.queries import commissioning
from marketplace.bookings.queries.agreed import Agreed
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action


def set_agreed(booking: Booking, agreed: Agreed) -> list[str]:
    """Let the agreement decide; the names of the fields that were set."""
    fields = agreed.fields(booking)
    for name, value in fields.items():
        setattr(booking, name, value)
    return list(fields)


@action
def follow_agreement(*, actor: Actor, booking: BookingRef, agreed: Agreed) -> Booking:
    """Let an agreement decide on price and payer of an order that was made without it. The caller has authorised it.

    What somebody has approved keeps its price; the authority pays for it all the same, as long as the visit is to come and the school
    would pay by journal or invoice. Raises `BudgetExceeded` where the stream is empty.
    """
    row = lock_booking(actor, booking)
    is_approved = row.status != BookingStatus.AWAITING_APPROVAL
    if commissioning.why_not_commissioned(row):
        return row
    if is_approved and agreed.stream is None:
        return row
    if is_approved:
        agreed = Agreed(reason=agreed.reason, stream=agreed.stream)
    row.save(update_fields=set_agreed(row, agreed))
    history.write(row, verb="follow_agreement", by=actor, note=agreed.reason)
    if agreed.stream is not None and row.status in funding.COMMITTED:
        funding.commit(row, actor=actor)
    return row
