"""An order of places: who comes, approving it, taking it back, giving one place back with its charge shown."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.bookings import ApprovalForm, OptionalReasonForm, ReasonForm
from frontend.forms.courses import NameForm, StreamForm
from frontend.views.courses import presenting
from frontend.views.tools import add_domain_error, signed_in, too_late
from marketplace.billing.actions.courses import document_of
from marketplace.bookings.actions import courses as actions
from marketplace.bookings.models import PLACES_LIVE, Place, PlaceOrder
from marketplace.bookings.queries import courses as queries
from marketplace.brokerage import queries as brokerage
from marketplace.buyback import queries as buyback
from marketplace.catalogue.tariffs import CancelledBy
from marketplace.kernel import history
from marketplace.kernel.errors import DomainError, NotFound


@signed_in
def order(request: HttpRequest, reference: str) -> HttpResponse:
    """What was ordered, who comes, where it stands, what can be done, and its history."""
    found = queries.order_for(request.actor, reference)
    now = timezone.now()
    verbs = queries.order_verbs(request.actor, found, now=now)
    with_names = queries.may_order(request.actor, found.school_id) or queries.may_take_register(
        request.actor, found.event
    )
    context = {
        "order": found,
        "event": found.event,
        "rows": presenting.order_rows(found),
        "event_rows": [row for row in presenting.event_rows(found.event, now) if row[0] != "Places"],
        "places": list(found.places.all()),
        "with_names": with_names,
        "verbs": verbs,
        "may_waive": queries.may_run(request.actor, found.event),
        "joins": found.status in ("confirmed", "delivered") and queries.joins(request.actor, found.event),
        "terms": presenting.terms_of(found.cancellation_tariff),
        "price_lines": presenting.price_lines(found.price),
        "may_commission": found.status in PLACES_LIVE
        and found.route in ("journal", "invoice")
        and queries.may_commission(request.actor, found),
        "may_complain": brokerage.may_complain_of_places(request.actor, found),
        "document": document_of(found),
        "history": history.of(found),
    }
    return render(request, "frontend/courses/order.html", context)


@signed_in
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """The budget holder’s word on an order."""
    found = queries.order_for(request.actor, reference)
    verbs = queries.order_verbs(request.actor, found, now=timezone.now())
    if not {"approve", "refuse_approval"} & set(verbs):
        return _come_too_late(request, found, "decided")
    requirement = queries.requirement_of(found)
    form = ApprovalForm(
        request.POST or None,
        question="Do you approve these places?",
        yes="Yes, approve them",
        no="No, refuse them",
        hint="If you refuse, the person who ordered reads your reason.",
    )
    if not requirement.minute_needed:
        del form.fields["minute_reference"]
    if request.method == "POST" and form.is_valid():
        try:
            _decide(request, found, form)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "The places are approved." if form.is_yes else "The order is refused.")
            return redirect("courses:order", reference)
    context = _context(found, form, title="Approve these places?", button="Save")
    context |= {"explanation": requirement.words, "keep": "Decide later"}
    return render(request, "frontend/courses/act.html", context, status=422 if form.errors else 200)


def _decide(request: HttpRequest, found: PlaceOrder, form: ApprovalForm) -> None:
    data = form.cleaned_data
    if form.is_yes:
        actions.approve_places(
            actor=request.actor,
            order=found,
            note=data["note"],
            minute_reference=data.get("minute_reference", ""),
        )
    else:
        actions.refuse_places(actor=request.actor, order=found, reason=data["note"])


@signed_in
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Take an order back before it is confirmed."""
    found = queries.order_for(request.actor, reference)
    if "withdraw" not in queries.order_verbs(request.actor, found, now=timezone.now()):
        return _come_too_late(request, found, "withdrawn")
    form = OptionalReasonForm(request.POST or None)
    explanation = "It is not confirmed yet, so there is nothing to pay. The seats become free for others."
    if found.group_id:
        explanation += " The group booking falls through for every school of it."
    return _act(
        request,
        found,
        form,
        lambda: actions.withdraw_places(actor=request.actor, order=found, reason=form.cleaned_data["reason"]),
        title="Withdraw this order",
        button="Withdraw it",
        done="The order is withdrawn.",
        explanation=explanation,
    )


@signed_in
def name(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Say who comes, or send a colleague instead, free of charge until the course begins."""
    found, place = _place(request, reference, number)
    if not queries.may_order(request.actor, found.school_id):
        raise NotFound
    form = NameForm(request.POST or None, initial={"name": place.attendee, "job_title": place.job_title})
    return _act(
        request,
        found,
        form,
        lambda: actions.name_attendee(actor=request.actor, order=found, number=number, **form.cleaned_data),
        title="Who comes?" if not place.attendee else "Send a colleague instead",
        button="Save",
        done="Saved.",
        explanation="Free of charge until the course begins.",
    )


@signed_in
def cancel(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Give one place back: what it costs stands on the page before anybody agrees to it."""
    found, place = _place(request, reference, number)
    if (
        "cancel" not in queries.order_verbs(request.actor, found, now=timezone.now())
        or place.status != "booked"
    ):
        return _come_too_late(request, found, "given back")
    form = OptionalReasonForm(request.POST or None)
    place.order, place.event = found, found.event
    outcome = queries.cancellation_quote(place, by=CancelledBy.BUYER, now=timezone.now())
    return _act(
        request,
        found,
        form,
        lambda: actions.cancel_place(
            actor=request.actor, order=found, number=number, reason=form.cleaned_data["reason"]
        ),
        title="Give this place back",
        button="Give the place back",
        done="The place is given back.",
        explanation="The seat is offered to the next school that waits. A colleague may come instead, free of charge.",
        outcome=outcome,
        terms=presenting.terms_of(found.cancellation_tariff),
        warning=True,
    )


@signed_in
def waive(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """The provider lets the charge of a place go."""
    found, place = _place(request, reference, number)
    if not (queries.may_run(request.actor, found.event) and place.is_charged):
        return _come_too_late(request, found, "waived")
    form = ReasonForm(request.POST or None)
    return _act(
        request,
        found,
        form,
        lambda: actions.waive_place_charge(
            actor=request.actor, order=found, number=number, reason=form.cleaned_data["reason"]
        ),
        title="Waive the charge",
        button="Waive the charge",
        done="The charge is waived.",
        explanation=f"{found.school} then owes nothing for this place. Your name and your reason are kept.",
    )


@signed_in
def commission(request: HttpRequest, reference: str) -> HttpResponse:
    """The convenor lets a funding stream of the area pay."""
    found = queries.order_for(request.actor, reference)
    if not queries.may_commission(request.actor, found):
        raise NotFound
    streams = [
        s for s in buyback.streams_visible_to(request.actor) if not buyback.why_not_for(s, found.school)
    ]
    form = StreamForm(request.POST or None, streams=streams)
    return _act(
        request,
        found,
        form,
        lambda: actions.commission_places(
            actor=request.actor, order=found, stream=form.streams[form.cleaned_data["stream"]]
        ),
        title="Pay from a funding stream",
        button="Let it pay",
        done="The funding stream pays.",
        explanation="The school then pays nothing for these places.",
    )


def _place(request: HttpRequest, reference: str, number: int) -> tuple[PlaceOrder, Place]:
    found = queries.order_for(request.actor, reference)
    place = found.places.filter(number=number).first()
    if place is None:
        raise NotFound
    return found, place


def _act(
    request: HttpRequest,
    found: PlaceOrder,
    form: forms.Form,
    act: Callable[[], object],
    *,
    done: str,
    **words: Any,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, done)
            return redirect("courses:order", found.reference)
    context = _context(found, form, **words)
    return render(request, "frontend/courses/act.html", context, status=422 if form.errors else 200)


def _context(found: PlaceOrder, form: forms.Form, **words: Any) -> dict[str, Any]:
    return {"order": found, "event": found.event, "form": form, "rows": presenting.order_rows(found)} | words


def _come_too_late(request: HttpRequest, found: PlaceOrder, done: str) -> HttpResponse:
    """Back to the order, for whoever comes when nothing can be `done` any more."""
    stands = f"this order is {found.get_status_display().lower()}"
    return too_late(request, done, stands, "courses:order", found.reference)
