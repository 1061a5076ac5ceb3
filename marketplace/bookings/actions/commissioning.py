"""The authority pays: an order is put on a funding stream of the school's area, and comes off it again."""

from marketplace.bookings.actions import funding
from marketplace.bookings.actions.steps import BookingRef, lock_booking
from marketplace.bookings.errors import CannotBeCommissioned
from marketplace.bookings.models import Booking, PaymentRoute
from marketplace.bookings.queries import commissioning as queries
from marketplace.buyback import queries as streams
from marketplace.buyback.models import FundingStream
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import financial_year
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotAllowed
from marketplace.kernel.supply import route_for
from marketplace.organisations import queries as organisations
from marketplace.organisations.legal import legal_facts


@action
def commission_booking(*, actor: Actor, booking: BookingRef, stream: FundingStream) -> Booking:
    """Let a funding stream of the school's area pay for an order. One that is approved already is committed at once.

    Raises `CannotBeCommissioned` where the stream may not pay for this school or this year, `BudgetExceeded` where it is empty,
    `InterestInTheWay` for whoever declared an interest in those who are paid.
    """
    row = _lock(actor, booking)
    organisations.check_no_interest(
        actor,
        row.provider,
        row.releasing_organisation,
        decision="let a funding stream pay for this",
        remedy="Another convenor of the area has to.",
    )
    if why_not := queries.why_not_commissioned(row):
        raise CannotBeCommissioned(why_not, remedy="Choose another order.")
    stream = streams.stream_for(actor, stream.reference)
    if why_not := streams.why_not_for(stream, row.receiving_school):
        raise CannotBeCommissioned(why_not, remedy="Choose another funding stream.", field="stream")
    if stream.financial_year != financial_year(row.day):
        raise CannotBeCommissioned(
            f"“{stream}” is for {stream.financial_year}, and the session is in {financial_year(row.day)}.",
            remedy="Choose a funding stream of that year.",
            field="stream",
        )
    before = row.route
    row.funding_stream, row.route = stream, PaymentRoute.COMMISSIONED
    row.route_reason = f"Commissioned: the local authority pays from “{stream}”."
    row.save(update_fields=["funding_stream", "route", "route_reason"])
    history.write(row, verb="commission", by=actor, note=f"{stream} pays, not the school (was: {before})")
    if row.status in funding.COMMITTED:
        funding.commit(row, actor=actor)
    return row


@action
def uncommission_booking(*, actor: Actor, booking: BookingRef) -> Booking:
    """Let the school pay for the order itself again, as long as nobody has approved it."""
    row = _lock(actor, booking)
    if not queries.may_uncommission(row):
        raise CannotBeCommissioned(
            "The order is not on a funding stream that it could come off.",
            remedy="Once it is approved it stays where it is.",
        )
    route = route_for(legal_facts(row.receiving_school), legal_facts(row.provider))
    history.write(row, verb="uncommission", by=actor, note=f"The school pays, not {row.funding_stream}")
    row.funding_stream, row.route, row.route_reason = None, PaymentRoute(route.kind), route.reason
    row.save(update_fields=["funding_stream", "route", "route_reason"])
    return row


def _lock(actor: Actor, booking: BookingRef) -> Booking:
    row = lock_booking(actor, booking)
    if not queries.may_commission(actor, row):
        raise NotAllowed(
            "You can’t put this order on a funding stream.", remedy="Ask the convenor of the school’s area."
        )
    return row
