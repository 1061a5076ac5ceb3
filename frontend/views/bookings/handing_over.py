"""Handing a booked session over to another school of the family, and taking one over."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from frontend.forms.bookings import HandOverForm, PayByForm
from frontend.views.bookings import presenting
from frontend.views.tools import add_domain_error, signed_in
from marketplace.bookings import actions, queries
from marketplace.bookings.models import Booking
from marketplace.kernel.errors import DomainError


@signed_in
def hand_over(request: HttpRequest, reference: str) -> HttpResponse:
    """Offer a confirmed session to another school of the trust, federation or cluster, or see the offer made."""
    booking = queries.booking_for(request.actor, reference)
    if not (queries.may(request.actor, booking, "cancel_by_buyer") and queries.may_change_hands(booking)):
        return presenting.too_late(request, booking, "handed over")
    schools = list(queries.schools_to_hand_to(booking))
    form = HandOverForm(request.POST or None, schools=schools)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.offer_session(
                actor=request.actor,
                booking=booking,
                school=form.schools[form.cleaned_data["school"]],
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request, f"{made.to_school} is asked. Until it says yes the session stays yours."
            )
            return redirect("bookings:booking", reference)
    context = _context(booking) | {
        "form": form,
        "schools": schools,
        "on_offer": queries.open_hand_over(booking),
    }
    return render(request, "frontend/bookings/hand_over.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def take_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep the session after all."""
    booking = queries.booking_for(request.actor, reference)
    on_offer = queries.open_hand_over(booking)
    if on_offer is not None:
        actions.take_offer_back(actor=request.actor, hand_over=on_offer)
        messages.success(request, "The session stays yours.")
    return redirect("bookings:booking", reference)


@signed_in
def take_over(request: HttpRequest, reference: str) -> HttpResponse:
    """Another school offers a session: take it over and say how it is paid, or say no."""
    asked = queries.hand_over_for(request.actor, reference)
    booking = asked.booking
    form = PayByForm(request.POST or None, ways=queries.ways_to_pay(booking, school_id=asked.to_school_id))
    if request.method == "POST":
        if "refuse" in request.POST:
            actions.refuse_session(actor=request.actor, hand_over=asked)
            messages.success(request, f"{asked.from_school} keeps the session.")
            return redirect("home:home")
        if form.is_valid():
            try:
                actions.accept_session(actor=request.actor, hand_over=asked, **form.payment())
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, f"The session is now for {asked.to_school}.")
                return redirect("bookings:booking", reference)
    package_terms = presenting.package_terms(form.ways, booking)
    context = _context(booking) | {
        "form": form,
        "asked": asked,
        "package_terms": package_terms,
        "rows": presenting.visit_facts(booking),
    }
    return render(request, "frontend/bookings/take_over.html", context, status=422 if form.errors else 200)


def _context(booking: Booking) -> dict[str, Any]:
    return {
        "booking": booking,
        "rows": presenting.visit_rows(booking),
        "price_lines": presenting.price_lines(booking),
        "terms": presenting.cancellation_terms(booking),
    }
