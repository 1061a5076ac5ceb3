"""Booking places, joining a waiting list, and answering what it offers."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from frontend.forms.courses import BookPlacesForm, PlacesForm
from frontend.views.courses import presenting
from frontend.views.courses.finding import OPEN_WAITING
from frontend.views.tools import add_domain_error, signed_in
from marketplace.bookings.actions import courses as actions
from marketplace.bookings.models import CourseEvent, WaitingStatus
from marketplace.bookings.queries import courses as queries
from marketplace.buyback import queries as buyback
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import School


@signed_in
def book(request: HttpRequest, reference: str) -> HttpResponse:
    """First how many places for which school, then the price, the terms and who comes, then the order."""
    event = queries.event_for(request.actor, reference)
    chosen = PlacesForm(request.GET or None, schools=queries.schools_to_book_for(request.actor))
    if not chosen.schools or queries.why_closed(event, timezone.now()):
        return redirect("courses:event", reference)
    if not chosen.is_bound or not chosen.is_valid():
        context = {"event": event, "form": chosen, "rows": presenting.event_rows(event, timezone.now())}
        return render(
            request, "frontend/courses/places.html", context, status=422 if chosen.is_bound else 200
        )
    return _order(request, event, chosen.chosen_school, chosen.cleaned_data["places"])


@signed_in
def wait(request: HttpRequest, reference: str) -> HttpResponse:
    """Join the waiting list of a full course."""
    event = queries.event_for(request.actor, reference)
    on_list = set(
        queries.waiting_visible_to(request.actor)
        .filter(event=event, status__in=OPEN_WAITING)
        .values_list("school", flat=True)
    )
    schools = [each for each in queries.schools_to_book_for(request.actor) if each.pk not in on_list]
    form = PlacesForm(request.POST or None, schools=schools)
    if on_list and not schools:
        messages.info(request, "Your school is on the waiting list already, or has places offered to it.")
    if not form.schools or queries.why_closed(event, timezone.now()):
        return redirect("courses:event", reference)
    if request.method == "POST" and form.is_valid():
        try:
            entry = actions.join_waiting(
                actor=request.actor,
                event=event,
                school=form.chosen_school,
                places=form.cleaned_data["places"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "You are on the waiting list.")
            return redirect("courses:waiting", entry.reference)
    context = {"event": event, "form": form, "rows": presenting.event_rows(event, timezone.now())}
    return render(request, "frontend/courses/wait.html", context, status=422 if form.errors else 200)


@signed_in
def waiting(request: HttpRequest, reference: str) -> HttpResponse:
    """Where a school stands on a list; what is offered to it can be taken or declined here, and the list left."""
    entry = queries.waiting_for(request.actor, reference)
    event = queries.event_for(request.actor, entry.event.reference)
    answers = queries.may_order(request.actor, entry.school_id)
    if request.method == "POST" and {"decline", "leave"} & request.POST.keys():
        declining = "decline" in request.POST
        verb = actions.decline_offer if declining else actions.leave_waiting
        verb(actor=request.actor, entry=entry)
        messages.success(
            request, "The places go to the next school." if declining else "You have left the waiting list."
        )
        return redirect("courses:mine")
    if entry.status == WaitingStatus.OFFERED and answers:
        return _order(request, event, entry.school.school, entry.offered_places, waited=entry.reference)
    context = {
        "entry": entry,
        "event": event,
        "rows": presenting.event_rows(event, timezone.now()),
        "position": queries.position_of(entry),
        "may_leave": answers and entry.status == WaitingStatus.WAITING,
        "orders": entry.orders.all(),
    }
    return render(request, "frontend/courses/waiting.html", context)


def _order(
    request: HttpRequest, event: CourseEvent, school: School, places: int, *, waited: str = ""
) -> HttpResponse:
    try:
        quote = queries.quote(event, school, places, today=local(timezone.now()).date())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("courses:event", event.reference)
    requirement = buyback.requirement_for(school.organisation, quote.gross_pence)
    form = BookPlacesForm(
        request.POST or None,
        places=places,
        requirement=requirement,
        evidence=list(buyback.complete_evidence_of(request.actor, school.organisation)),
        ways=queries.ways_to_pay(event, school.pk, places),
    )
    if request.method == "POST" and form.is_valid():
        try:
            order = _place(request, event, school, form, waited)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            words = (
                "The places are booked." if order.status == "confirmed" else "The places are kept for you."
            )
            messages.success(request, words)
            return redirect("courses:order", order.reference)
    context: dict[str, Any] = {
        "event": event,
        "form": form,
        "waited": queries.waiting_for(request.actor, waited) if waited else None,
        "school": school,
        "places": places,
        "rows": presenting.event_rows(event, timezone.now()),
        "quote": quote,
        "price_lines": [{"text": line.sentence, "amount": line.pence} for line in quote.price.lines],
        "terms": quote.cancellation_terms,
        "requirement": requirement,
        "alone": buyback.may_approve_under(request.actor, school.pk, requirement, request.actor.user_id),
        "back": reverse("courses:event", args=[event.reference]),
    }
    return render(request, "frontend/courses/book.html", context, status=422 if form.errors else 200)


def _place(
    request: HttpRequest, event: CourseEvent, school: School, form: BookPlacesForm, waited: str
) -> Any:
    given = form.order()
    if waited:
        # Fewer people may come than places were offered: those named, or all where nobody is named yet.
        named = [each for each in given["attendees"] if each.name]
        given["attendees"] = named or given["attendees"]
        return actions.take_offer(actor=request.actor, entry=waited, **given)
    return actions.book_places(actor=request.actor, event=event, school=school, **given)
