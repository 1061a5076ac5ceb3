"""Taking a booking back, declining it, cancelling it with its charge shown, and recording that nobody came."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.bookings import OptionalReasonForm, ReasonForm
from frontend.views.bookings import presenting
from frontend.views.tools import add_domain_error, signed_in
from marketplace.bookings import actions, queries
from marketplace.bookings.actions.ending import ABSENT, CANCELLERS
from marketplace.bookings.models import Booking
from marketplace.kernel.days import format_days
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.money import pounds


@signed_in
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a hold or an order back before it is confirmed."""
    order = queries.booking_for(request.actor, reference).order
    if order is not None:
        return redirect("bookings:withdraw_dates", order.reference)
    return _ask(
        request,
        reference,
        verb="withdraw",
        form_class=OptionalReasonForm,
        act=lambda booking, reason: actions.withdraw_booking(
            actor=request.actor, booking=booking, reason=reason
        ),
        title="Withdraw this booking",
        explanation="It is not confirmed yet, so there is nothing to pay. The time becomes free for others.",
        button="Withdraw it",
        done="The booking is withdrawn.",
        undone="withdrawn",
    )


@signed_in
def decline(request: HttpRequest, reference: str) -> HttpResponse:
    """The provider says no before it is confirmed."""
    return _ask(
        request,
        reference,
        verb="decline",
        act=lambda booking, reason: actions.decline_booking(
            actor=request.actor, booking=booking, reason=reason
        ),
        title="Decline this booking",
        explanation="The school is told, with your reason, and pays nothing.",
        button="Decline it",
        done="The booking is declined.",
        undone="declined",
    )


@signed_in
def cancel(request: HttpRequest, reference: str, by: str) -> HttpResponse:
    """Call a confirmed visit off: what it costs stands on the page before anybody agrees to it."""
    if by not in CANCELLERS:
        raise NotFound
    return _ask(
        request,
        reference,
        verb=f"cancel_by_{by}",
        charged_as=by,
        act=lambda booking, reason: actions.cancel_booking(
            actor=request.actor, booking=booking, by=by, reason=reason
        ),
        title="Cancel this visit",
        explanation="Everybody who is part of it is told, with your reason.",
        button="Cancel the visit",
        done="The visit is cancelled.",
        undone="cancelled",
    )


@signed_in
def no_show(request: HttpRequest, reference: str, absent: str) -> HttpResponse:
    """Record that a visit did not take place because the other side was not there."""
    if absent not in ABSENT:
        raise NotFound
    return _ask(
        request,
        reference,
        verb=f"no_show_{absent}",
        charged_as=ABSENT[absent],
        act=lambda booking, reason: actions.record_no_show(
            actor=request.actor, booking=booking, absent=absent, reason=reason
        ),
        title="Nobody came" if absent == "provider" else "The school was not ready",
        explanation="Record this only if the visit did not take place. The other side is told, with your reason.",
        button="Record it",
        done="Recorded: the visit did not take place.",
        undone="recorded",
    )


@signed_in
def waive(request: HttpRequest, reference: str) -> HttpResponse:
    """The provider lets a charge go, with the reason, which all concerned read."""
    booking = queries.booking_for(request.actor, reference)
    if not (queries.may_waive(request.actor, booking) and booking.is_charged):
        return presenting.too_late(request, booking, "waived")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.waive_charge(actor=request.actor, booking=booking, reason=form.cleaned_data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "The charge is waived.")
            return redirect("bookings:booking", reference)
    context = {
        "form": form,
        "booking": booking,
        "rows": presenting.visit_rows(booking) + presenting.payment_rows(booking),
        "title": "Waive the charge",
        "explanation": f"{booking.receiving_school} then owes nothing for this visit. Days or credits that were kept go back, a"
        " document that was issued is credited. Your name and your reason are kept.",
        "button": "Waive the charge",
        "leave": "Leave the charge as it is",
    }
    return render(request, "frontend/bookings/end.html", context, status=422 if form.errors else 200)


def _ask(
    request: HttpRequest,
    reference: str,
    *,
    verb: str,
    act: Callable[[Booking, str], Any],
    title: str,
    explanation: str,
    button: str,
    done: str,
    undone: str,
    charged_as: str = "",
    form_class: type[ReasonForm] = ReasonForm,
) -> HttpResponse:
    """The page that asks for a reason and, where money is due, says how much before the button."""
    booking = queries.booking_for(request.actor, reference)
    if verb not in queries.verbs_for(request.actor, booking, now=timezone.now()):
        return presenting.too_late(request, booking, undone)
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act(booking, form.cleaned_data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, done)
            return redirect("bookings:booking", reference)
    outcome = queries.cancellation_quote(booking, by=charged_as, now=timezone.now()) if charged_as else None
    if outcome is not None and outcome.charge_pence:
        button = f"{button} and charge {pounds(outcome.charge_pence)}"
    elif outcome is not None and outcome.kept_half_days:
        button = f"{button} and give up {format_days(outcome.kept_half_days)}"
    context = {
        "form": form,
        "booking": booking,
        "rows": presenting.visit_rows(booking),
        "terms": presenting.cancellation_terms(booking) if charged_as else [],
        "outcome": outcome,
        "title": title,
        "explanation": explanation,
        "button": button,
    }
    return render(request, "frontend/bookings/end.html", context, status=422 if form.errors else 200)
