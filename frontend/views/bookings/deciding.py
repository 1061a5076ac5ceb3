"""The budget holder's and the releasing headteacher's decisions."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from frontend.forms.bookings import ApprovalForm, ConsentForm
from frontend.views.bookings import presenting
from frontend.views.bookings.ordering import why_somebody_else
from frontend.views.tools import add_domain_error, signed_in
from marketplace.bookings import actions, queries
from marketplace.bookings.models import Booking
from marketplace.buyback import queries as buyback
from marketplace.catalogue import queries as catalogue
from marketplace.kernel.dates import academic_year
from marketplace.kernel.errors import DomainError


@signed_in
def approve(request: HttpRequest, reference: str) -> HttpResponse:
    """Commit the school's money, or not."""
    booking = queries.booking_for(request.actor, reference)
    if booking.order is not None:
        return redirect("bookings:approve_dates", booking.order.reference)
    if not _may_decide(request, booking, "approve"):
        return presenting.too_late(request, booking, "decided")
    requirement = queries.requirement_of(booking)
    form = ApprovalForm(
        request.POST or None,
        question="Do you approve this order?",
        yes="Yes, approve it",
        no="No, refuse it",
        hint="A reason is needed if you refuse. The person who ordered reads it.",
    )
    evidence = booking.quotes_evidence
    minute = booking.minute_reference or (evidence.minute_reference if evidence else "")
    if minute or not requirement.minute_needed:
        del form.fields["minute_reference"]
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        try:
            if form.is_yes:
                actions.approve_booking(
                    actor=request.actor,
                    booking=booking,
                    note=note,
                    minute_reference=form.cleaned_data.get("minute_reference", ""),
                )
            else:
                actions.refuse_approval(actor=request.actor, booking=booking, reason=note)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Order approved." if form.is_yes else "Order refused.")
            return redirect("bookings:booking", reference)
    context = {
        "form": form,
        "booking": booking,
        "rows": presenting.visit_rows(booking) + presenting.payment_rows(booking),
        "price_lines": presenting.price_lines(booking),
        "terms": presenting.cancellation_terms(booking),
        "requirement": requirement,
        "why": why_somebody_else(requirement)
        if booking.committed_pence
        else "The school pays nothing for it: what is needed is a yes to the visit.",
        "own": buyback.is_own_order(request.actor, requirement, booking.requested_by_id),
        "tied": queries.has_interest_in(request.actor, booking),
        "evidence": evidence,
        "minute": minute,
    }
    return render(request, "frontend/bookings/approve.html", context, status=422 if form.errors else 200)


@signed_in
def consent(request: HttpRequest, reference: str) -> HttpResponse:
    """Release the person, or not, seeing the load against the days agreed for the year."""
    booking = queries.booking_for(request.actor, reference)
    if booking.order is not None:
        return redirect("bookings:consent_dates", booking.order.reference)
    if not _may_decide(request, booking, "consent"):
        return presenting.too_late(request, booking, "decided")
    year = academic_year(booking.day)
    load = queries.load_of(booking.practitioner, year, without=booking)
    left_after = load.left - booking.half_days
    form = ConsentForm(
        request.POST or None,
        question=f"Do you release {booking.practitioner} for this visit?",
        yes="Yes, I consent",
        no="No",
        hint="A reason is needed if you say no. The school and the provider read it.",
    )
    if left_after >= 0:
        del form.fields["beyond_agreed"]
    if request.method == "POST" and form.is_valid():
        try:
            _consent_or_refuse(request, booking, form)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            said = (
                f"The visit is confirmed: {presenting.when(booking)}." if form.is_yes else "Release refused."
            )
            messages.success(request, said)
            return redirect("bookings:booking", reference)
    context = {
        "form": form,
        "booking": booking,
        "rows": presenting.visit_rows(booking),
        "year": year,
        "load": load,
        "left_after": left_after,
        "assured": catalogue.assured_on(booking.practitioner_id, booking.day),
    }
    return render(request, "frontend/bookings/consent.html", context, status=422 if form.errors else 200)


def _consent_or_refuse(request: HttpRequest, booking: Booking, form: ConsentForm) -> None:
    data: dict[str, Any] = form.cleaned_data
    if form.is_yes:
        actions.consent_to_release(
            actor=request.actor,
            booking=booking,
            note=data["note"],
            beyond_agreed=data.get("beyond_agreed", False),
        )
    else:
        actions.refuse_release(actor=request.actor, booking=booking, reason=data["note"])


def _may_decide(request: HttpRequest, booking: Booking, verb: str) -> bool:
    """Whether the question still stands for this person; otherwise the booking's own page says where it is."""
    stands = booking.status == {"approve": "awaiting_approval", "consent": "awaiting_release"}[verb]
    if request.method == "GET" and not stands and queries.may(request.actor, booking, verb):
        messages.info(request, f"This is decided: {booking.get_status_display().lower()}.")
    return stands and queries.may(request.actor, booking, verb)
