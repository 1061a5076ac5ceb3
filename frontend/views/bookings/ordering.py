"""The last look before an order, and the page that says it is placed."""

from datetime import datetime
from math import ceil
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from frontend.forms.bookings import OrderForm, session_query
from frontend.views.bookings import presenting
from frontend.views.tools import add_domain_error, signed_in
from marketplace.bookings import actions, queries, rules
from marketplace.bookings.errors import HoldExpired
from marketplace.bookings.models import UNCONFIRMED, Booking, BookingStatus
from marketplace.buyback import queries as buyback
from marketplace.buyback.models import QuotesEvidence
from marketplace.buyback.rules import Approver, Requirement
from marketplace.catalogue import queries as catalogue
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import clock_words, local
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds
from marketplace.organisations.models import OrganisationKind


@signed_in
def order(request: HttpRequest, reference: str) -> HttpResponse:
    """Check the answers while the time is held, then order or let it go."""
    booking = queries.booking_for(request.actor, reference)
    now = timezone.now()
    if booking.status not in {BookingStatus.HELD, BookingStatus.EXPIRED}:
        return redirect("bookings:booking", reference)
    if booking.order is not None:
        return redirect("bookings:order_dates", booking.order.reference)
    if not queries.may(request.actor, booking, "order"):
        return redirect("bookings:booking", reference)
    if booking.status == BookingStatus.EXPIRED or booking.hold_expires_at <= now:
        return _too_late(request, booking)
    form = OrderForm(
        request.POST or None,
        initial={"focus": booking.focus},
        requirement=queries.requirement_of(booking),
        evidence=_evidence_for(request.actor, booking),
        ways=queries.ways_to_pay(booking),
    )
    if request.method == "POST":
        if "let_go" in request.POST:
            actions.withdraw_booking(actor=request.actor, booking=booking)
            messages.success(request, "The time is free for others again.")
            return redirect(_choose_again(booking))
        if form.is_valid():
            try:
                actions.order_booking(actor=request.actor, booking=booking, **form.order())
            except HoldExpired:
                return _too_late(request, booking)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                return redirect("bookings:ordered", reference)
    return render(
        request,
        "frontend/bookings/order.html",
        _context(request.actor, booking, form, now),
        status=422 if form.errors else 200,
    )


@signed_in
def ordered(request: HttpRequest, reference: str) -> HttpResponse:
    """The order is placed: its reference, what happens next, and the calendar file."""
    booking = queries.booking_for(request.actor, reference)
    if booking.status in {BookingStatus.HELD, BookingStatus.EXPIRED}:
        return redirect("bookings:order", reference)
    context = {
        "booking": booking,
        "rows": presenting.visit_rows(booking),
        "next_steps": next_steps(booking),
    }
    return render(request, "frontend/bookings/ordered.html", context)


def next_steps(booking: Booking) -> list[str]:
    """What happens from here on, in sentences."""
    if booking.status == BookingStatus.CONFIRMED:
        return ["The visit is confirmed: nobody else has to agree. The calendar file below says so."]
    if booking.status not in UNCONFIRMED:
        return []
    steps = []
    if booking.status == BookingStatus.AWAITING_APPROVAL:
        approver = queries.requirement_of(booking).approver
        steps.append(f"The order has to be approved by {approver.in_full}.")
    steps.append(release_words(booking))
    steps.append("You are told as soon as the visit is confirmed, and the calendar file then says so.")
    return [step for step in steps if step]


def release_words(booking: Booking) -> str:
    """Who has to let the person go."""
    is_school = booking.releasing_organisation.kind == OrganisationKind.SCHOOL
    automatic = rules.release_is_automatic(
        provider_id=booking.provider_id,
        releasing_id=booking.releasing_organisation_id,
        releasing_is_school=is_school,
    )
    if automatic:
        return f"{booking.practitioner} works for {booking.provider} itself: nobody else has to agree."
    who = "The headteacher" if is_school else "The lead"
    return f"{who} of {booking.releasing_organisation} is asked to release {booking.practitioner}."


def approval_words(actor: Actor, booking: Booking) -> str:
    """Who has to approve the order when this person places it, and why somebody else where it is somebody else."""
    requirement = queries.requirement_of(booking)
    if queries.has_interest_in(actor, booking):
        return (
            "You have declared an interest in those who are paid, so somebody else has to approve it: "
            f"{requirement.approver.in_full}."
        )
    if buyback.may_approve_under(actor, booking.receiving_school_id, requirement, actor.user_id):
        return "You may commit this amount yourself: ordering approves it, on record."
    if requirement.approver == Approver.ANY_ORDERER:
        return f"A budget holder of {booking.receiving_school}, its headteacher or its trust’s lead has to approve it."
    return f"{why_somebody_else(requirement)} It has to be approved by {requirement.approver.in_full}."


def why_somebody_else(requirement: Requirement) -> str:
    """The step of the ladder that an order has reached, in a sentence."""
    if not requirement.from_pence:
        return f"This is what the approval ladder of {requirement.source} asks for every order."
    return (
        f"Orders of {pounds(requirement.from_pence)} or more, VAT included, are on this step of the approval ladder"
        f" of {requirement.source}."
    )


def _evidence_for(actor: Actor, booking: Booking) -> list[QuotesEvidence]:
    """Complete evidence of the school that could stand behind this order."""
    return list(buyback.complete_evidence_of(actor, booking.receiving_school))


def _context(actor: Actor, booking: Booking, form: OrderForm, now: datetime) -> dict[str, Any]:
    return {
        "form": form,
        "booking": booking,
        "held_until": clock_words(local(booking.hold_expires_at).time()),
        "minutes_left": max(1, ceil((booking.hold_expires_at - now).total_seconds() / 60)),
        "sections": [
            {"title": "The visit", "rows": presenting.visit_rows(booking)},
            {"title": "What you pay", "rows": presenting.payment_rows(booking)},
            {
                "title": "Who has to agree",
                "rows": [
                    ("Approval", approval_words(actor, booking)),
                    ("Release", release_words(booking)),
                ],
            },
        ],
        "price_lines": presenting.price_lines(booking),
        "terms": presenting.cancellation_terms(booking),
        "package_terms": presenting.package_terms(form.ways, booking),
        "requirement": queries.requirement_of(booking),
        "new_evidence": _new_evidence(booking),
        "assured": catalogue.assured_on(booking.practitioner_id, booking.day) is not None,
        "choose_again": _choose_again(booking),
    }


def _new_evidence(booking: Booking) -> str:
    """Where evidence for this order is started, and from where it leads back here."""
    query = urlencode(
        {
            "organisation": booking.receiving_school.reference,
            "subject": f"{booking.offer_version.title}: {booking.theme}",
            "pence": booking.committed_pence,
            "offer": booking.offer_version.offer.reference,
            "next": reverse("bookings:order", args=[booking.reference]),
        }
    )
    return f"{reverse('approvals:new_evidence')}?{query}"


def _too_late(request: HttpRequest, booking: Booking) -> HttpResponse:
    context = {
        "booking": booking,
        "held_until": clock_words(local(booking.hold_expires_at).time()),
        "when": presenting.when(booking),
        "choose_again": _choose_again(booking),
    }
    return render(request, "frontend/bookings/hold_ended.html", context, status=409)


def _choose_again(booking: Booking) -> str:
    """The calendar as it was when the time was chosen."""
    query = {
        "offer": booking.offer_version.offer.reference,
        "practitioner": booking.practitioner.reference,
        "school": booking.receiving_school.school.urn,
        "theme": booking.theme.code,
        "phase": booking.phase,
        "mode": booking.mode,
        "month": f"{booking.day:%Y-%m}",
    } | session_query(booking.session)
    return f"{reverse('bookings:dates')}?{urlencode(query)}"
