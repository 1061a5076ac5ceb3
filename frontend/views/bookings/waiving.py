"""A school asks for a charge to be waived, of a cancelled visit or of a late move, and a lead of the provider decides."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from frontend.forms.bookings import DecisionForm, ReasonForm
from frontend.views.bookings import presenting
from frontend.views.tools import add_domain_error, signed_in
from marketplace.bookings import actions, queries
from marketplace.bookings.models import Booking, BookingMove, WaiverStatus
from marketplace.kernel.dates import long_date
from marketplace.kernel.errors import DomainError, NotAllowed


@signed_in
def ask_waiver(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask the provider to let the charge go."""
    booking = queries.booking_for(request.actor, reference)
    asked = queries.waiver_request_of(booking)
    if not booking.is_charged or asked is not None or not queries.may_ask_waiver(request.actor, booking):
        return presenting.too_late(request, booking, "asked")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_for_waiver(actor=request.actor, booking=booking, reason=form.cleaned_data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{booking.provider} is asked. Its answer will stand on this page.")
            return redirect("bookings:booking", reference)
    context = {
        "form": form,
        "booking": booking,
        "rows": presenting.visit_rows(booking) + presenting.payment_rows(booking),
        "title": "Ask for the charge to be waived",
        "explanation": f"A lead of {booking.provider} decides and reads your reason. Until then the charge stands. You can ask once.",
        "button": "Ask the provider",
        "leave": "Leave the charge as it is",
    }
    return render(request, "frontend/bookings/end.html", context, status=422 if form.errors else 200)


@signed_in
def decide_waiver(request: HttpRequest, reference: str) -> HttpResponse:
    """The provider lets the charge go, or says why not."""
    asked = queries.waiver_request_for(request.actor, reference)
    booking = queries.booking_for(request.actor, reference)
    if asked.status != WaiverStatus.WAITING:
        return presenting.too_late(request, booking, "decided")
    form = DecisionForm(
        request.POST or None,
        question="Do you waive the charge?",
        yes="Yes, nothing is owed",
        no="No, the charge stands",
        hint="A reason is needed if you say no. All concerned read it.",
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.decide_waiver(
                actor=request.actor, booking=booking, approve=form.is_yes, note=form.cleaned_data["note"]
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{booking.receiving_school} is told.")
            return redirect("bookings:booking", reference)
    context = {
        "form": form,
        "booking": booking,
        "rows": presenting.visit_rows(booking) + presenting.payment_rows(booking),
        "title": "Waive the charge?",
        "explanation": f"{asked.asked_by or booking.receiving_school} asks for {booking.receiving_school}: {asked.reason}",
        "button": "Send the answer",
        "leave": "Decide later",
    }
    return render(request, "frontend/bookings/end.html", context, status=422 if form.errors else 200)


# Late moves ----------------------------------------------------------------------------------------------------------


@signed_in
def ask_move_waiver(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Ask the provider to let the charge of a late move go."""
    booking = queries.booking_for(request.actor, reference)
    move = queries.move_of(booking, number)
    if (
        not move.is_charged
        or queries.move_waiver_of(move) is not None
        or not queries.may_ask_waiver(request.actor, booking)
    ):
        return presenting.too_late(request, booking, "asked")
    form = ReasonForm(request.POST or None)

    def ask() -> str:
        actions.ask_for_move_waiver(
            actor=request.actor, booking=booking, number=number, reason=form.cleaned_data["reason"]
        )
        return f"{booking.provider} is asked. Its answer will stand on this page."

    return _about_move(
        request,
        booking,
        move,
        form,
        ask,
        title="Ask for the charge to be waived",
        explanation=f"A lead of {booking.provider} decides and reads your reason. Until then the charge stands. You can ask once.",
        button="Ask the provider",
        leave="Leave the charge as it is",
    )


@signed_in
def waive_move(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """The provider lets the charge of a late move go without being asked."""
    booking = queries.booking_for(request.actor, reference)
    move = queries.move_of(booking, number)
    if not queries.may_waive(request.actor, booking):
        raise NotAllowed("You can’t waive this charge.", remedy="This is for a lead of the provider.")
    form = ReasonForm(request.POST or None)

    def waive() -> str:
        actions.waive_move_charge(
            actor=request.actor, booking=booking, number=number, reason=form.cleaned_data["reason"]
        )
        return "The charge is waived. All concerned are told."

    return _about_move(
        request,
        booking,
        move,
        form,
        waive,
        title="Waive the charge",
        explanation="Nothing is owed for the move. What was billed for it is credited, and half-days or credits it cost go back.",
        button="Waive the charge",
        leave="Leave the charge as it is",
    )


@signed_in
def decide_move_waiver(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """The provider lets the charge of a late move go, or says why not."""
    asked = queries.move_waiver_for(request.actor, reference, number)
    booking = queries.booking_for(request.actor, reference)
    if asked.status != WaiverStatus.WAITING:
        return presenting.too_late(request, booking, "decided")
    form = DecisionForm(
        request.POST or None,
        question="Do you waive the charge?",
        yes="Yes, nothing is owed",
        no="No, the charge stands",
        hint="A reason is needed if you say no. All concerned read it.",
    )

    def decide() -> str:
        actions.decide_move_waiver(
            actor=request.actor,
            booking=booking,
            number=number,
            approve=form.is_yes,
            note=form.cleaned_data["note"],
        )
        return f"{booking.receiving_school} is told."

    return _about_move(
        request,
        booking,
        asked.move,
        form,
        decide,
        title="Waive the charge?",
        explanation=f"{asked.asked_by or booking.receiving_school} asks for {booking.receiving_school}: {asked.reason}",
        button="Send the answer",
        leave="Decide later",
    )


def _about_move(
    request: HttpRequest,
    booking: Booking,
    move: BookingMove,
    form: Any,
    act: Callable[[], str],
    **words: str,
) -> HttpResponse:
    """Show the form with what the move cost; carry it out and go back to the booking."""
    if request.method == "POST" and form.is_valid():
        try:
            done = act()
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, done)
            return redirect("bookings:booking", booking.reference)
    rows = [
        ("Moved", f"From {long_date(move.from_day)} to {long_date(move.to_day)}: {move.reason}"),
        *presenting.visit_rows(booking),
        *presenting.payment_rows(booking),
    ]
    context = {"form": form, "booking": booking, "rows": rows, **words}
    return render(request, "frontend/bookings/end.html", context, status=422 if form.errors else 200)
