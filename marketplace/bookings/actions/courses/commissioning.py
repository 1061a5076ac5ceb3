"""The authority pays for places: an order is put on a funding stream of the school's area before or after it is approved."""

from marketplace.bookings.actions.courses import money
from marketplace.bookings.actions.courses.steps import OrderRef, lock_order
from marketplace.bookings.errors import CannotBeCommissioned
from marketplace.bookings.models import PLACES_LIVE, PaymentRoute, PlaceOrder, PlaceOrderStatus
from marketplace.bookings.queries.courses import scopes
from marketplace.buyback import queries as streams
from marketplace.buyback.models import FundingStream
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import financial_year, local
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotAllowed

BY_THE_SCHOOL = (PaymentRoute.JOURNAL, PaymentRoute.INVOICE)


@action
def commission_places(*, actor: Actor, order: OrderRef, stream: FundingStream) -> PlaceOrder:
    """Let a funding stream of the school's area pay for an order of places; one that is confirmed already is committed at once.

    Raises `CannotBeCommissioned` where the stream may not pay for this school or year, `BudgetExceeded` where it is empty.
    """
    row = lock_order(actor, order)
    if not scopes.may_commission(actor, row):
        raise NotAllowed(
            "You can’t put this order on a funding stream.", remedy="Ask the convenor of the school’s area."
        )
    if row.status not in PLACES_LIVE or row.route not in BY_THE_SCHOOL:
        raise CannotBeCommissioned(
            "Only orders still to come that the school pays for itself can be put on a funding stream.",
            remedy="Choose another order.",
        )
    stream = streams.stream_for(actor, stream.reference)
    if why_not := streams.why_not_for(stream, row.school):
        raise CannotBeCommissioned(why_not, remedy="Choose another funding stream.", field="stream")
    year = financial_year(local(row.event.starts_at).date())
    if stream.financial_year != year:
        raise CannotBeCommissioned(
            f"“{stream}” is for {stream.financial_year}, and the course is in {year}.",
            remedy="Choose a funding stream of that year.",
            field="stream",
        )
    before = row.route
    row.funding_stream, row.route = stream, PaymentRoute.COMMISSIONED
    row.route_reason = f"Commissioned: the local authority pays from “{stream}”."
    row.save(update_fields=["funding_stream", "route", "route_reason"])
    history.write(row, verb="commission", by=actor, note=f"{stream} pays, not the school (was: {before})")
    if row.status == PlaceOrderStatus.CONFIRMED:
        money.commit(row, actor=actor)
    return row
