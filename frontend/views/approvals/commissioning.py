"""The authority pays: orders of schools that can be put on a funding stream, and putting one on."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from frontend.forms.approvals import FundForm
from frontend.views.bookings import presenting
from frontend.views.tools import add_domain_error, page_of, signed_in
from marketplace.bookings import actions as bookings
from marketplace.bookings import queries as booking_queries
from marketplace.bookings.models import Booking
from marketplace.buyback import actions, queries
from marketplace.buyback.models import FundingStream, ServiceAgreement
from marketplace.kernel.dates import financial_year
from marketplace.kernel.errors import DomainError, NotAllowed
from marketplace.kernel.money import pounds


@signed_in
def orders(request: HttpRequest) -> HttpResponse:
    """Orders of the area's schools that the authority could pay for."""
    if not queries.may_commission(request.actor):
        raise NotAllowed("You can’t put orders on a funding stream.", remedy="Ask the area’s convenor.")
    context = {
        "page": page_of(request, booking_queries.to_commission(request.actor)),
        "agreements": queries.agreements_to_commission(request.actor),
    }
    return render(request, "frontend/approvals/orders.html", context)


@signed_in
def fund_booking(request: HttpRequest, reference: str) -> HttpResponse:
    """Put an order on a pot, or take it off again while it waits for approval."""
    booking = booking_queries.booking_for(request.actor, reference)
    if not booking_queries.may_commission(request.actor, booking):
        raise NotAllowed("You can’t put this order on a funding stream.", remedy="Ask the area’s convenor.")
    choices = queries.streams_for(
        request.actor, booking.receiving_school, financial_year(booking.day), booking.net_pence
    )

    def put(stream: FundingStream) -> None:
        bookings.commission_booking(actor=request.actor, booking=booking, stream=stream)

    def take_off() -> None:
        bookings.uncommission_booking(actor=request.actor, booking=booking)

    context = {
        "order": booking,
        "caption": booking.reference,
        "rows": [*presenting.visit_rows(booking), *presenting.payment_rows(booking)],
        "pence": booking.net_pence,
        "may_put": booking_queries.why_not_commissioned(booking) == "",
        "why_not": booking_queries.why_not_commissioned(booking),
        "may_take_off": booking_queries.may_uncommission(booking),
    }
    return _fund(request, context, choices, put, take_off, "bookings:booking")


@signed_in
def fund_agreement(request: HttpRequest, reference: str) -> HttpResponse:
    """Put an agreement on a pot while it waits for approval, or take it off again."""
    agreement: ServiceAgreement = queries.agreement_for(request.actor, reference)
    if not queries.may_commission_agreement(request.actor, agreement):
        raise NotAllowed(
            "You can’t put this agreement on a funding stream.", remedy="Ask the area’s convenor."
        )
    pence = queries.first_year_pence(agreement)
    choices = queries.streams_for(request.actor, agreement.buyer, financial_year(agreement.starts_on), pence)

    def put(stream: FundingStream) -> None:
        actions.commission_agreement(actor=request.actor, agreement=agreement, stream=stream)

    def take_off() -> None:
        actions.uncommission_agreement(actor=request.actor, agreement=agreement)

    waiting = agreement.status == "awaiting_approval"
    why_not = queries.why_agreement_not_commissioned(agreement)
    context = {
        "order": agreement,
        "caption": agreement.reference,
        "rows": [
            ("School", str(agreement.buyer)),
            ("Seller", str(agreement.seller)),
            ("First year before VAT", pounds(pence)),
        ],
        "pence": pence,
        "may_put": waiting and agreement.funding_stream is None and not why_not,
        "why_not": why_not
        if waiting
        else "Only agreements that wait for approval can be put on a funding stream.",
        "may_take_off": waiting and agreement.funding_stream is not None,
    }
    return _fund(request, context, choices, put, take_off, "agreements:agreement")


def _fund(
    request: HttpRequest,
    context: dict[str, Any],
    choices: list[tuple[FundingStream, str, str]],
    put: Callable[[FundingStream], None],
    take_off: Callable[[], None],
    done: str,
) -> HttpResponse:
    """Show the choice, carry it out, and go on to the order's own page."""
    order: Booking | ServiceAgreement = context["order"]
    usable = [(stream, hint) for stream, hint, why_not in choices if not why_not]
    form = FundForm(request.POST if "put" in request.POST else None, streams=usable)
    if request.method == "POST":
        try:
            if "take_off" in request.POST:
                take_off()
                messages.success(request, "The school pays for this order itself again.")
                return redirect(done, order.reference)
            if form.is_valid():
                put(form.chosen)
                messages.success(request, f"{form.chosen} pays for this order.")
                return redirect(done, order.reference)
        except DomainError as error:
            add_domain_error(form, error)
    context |= {
        "form": form,
        "usable": usable,
        "refused": [(stream, why_not) for stream, _, why_not in choices if why_not],
    }
    return render(request, "frontend/approvals/fund.html", context, status=422 if form.errors else 200)
