"""What a visit was and what it changed: the record of visit and the evaluation."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from frontend.forms.brokerage import EvaluationForm, VisitRecordForm
from frontend.views.tools import add_domain_error, signed_in
from marketplace.bookings import queries as bookings
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.brokerage import actions, queries, rules
from marketplace.kernel.errors import DomainError


@signed_in
def record(request: HttpRequest, reference: str) -> HttpResponse:
    """Read the record of visit, or write it where it is missing and the person may."""
    booking = bookings.booking_for(request.actor, reference)
    form = VisitRecordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_visit(actor=request.actor, booking=booking, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Record of visit saved. {_next_word(booking)}")
            return redirect("bookings:booking", reference)
    context = {
        "form": form,
        "booking": booking,
        "written": queries.record_of(booking),
        "may_write": queries.may_write_record(request.actor, booking),
        "can_be_written": form.is_bound or booking.status == BookingStatus.CONFIRMED,
        "due_on": rules.record_due_on(booking.day),
    }
    return render(request, "frontend/brokerage/record.html", context, status=422 if form.errors else 200)


def _next_word(booking: Booking) -> str:
    if queries.is_evaluated_alone(booking):
        return "The school is asked to evaluate the support."
    return "The school evaluates the deployment as a whole at its end."


@signed_in
def evaluate(request: HttpRequest, reference: str) -> HttpResponse:
    """Read the evaluation, or write it where it is missing and the person may."""
    booking = bookings.booking_for(request.actor, reference)
    form = EvaluationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.evaluate(actor=request.actor, booking=booking, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Thank you. Your evaluation is saved.")
            return redirect("bookings:booking", reference)
    context = {
        "form": form,
        "booking": booking,
        "record": queries.record_of(booking),
        "evaluation": queries.evaluation_of(booking),
        "is_evaluated_alone": queries.is_evaluated_alone(booking),
        "may_evaluate": request.actor.holds(*queries.EVALUATORS, at=booking.receiving_school_id),
    }
    return render(request, "frontend/brokerage/evaluate.html", context, status=422 if form.errors else 200)
