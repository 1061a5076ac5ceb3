"""Moving a visit to another time, calling off a person's days, and saying that schools are closed."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.bookings import CancelDaysForm, ClosureForm, MoveForm, VisitsForm
from frontend.forms.bookings.moving import sessions_like
from frontend.views.bookings import presenting
from frontend.views.bookings.calendar import month_asked_for, month_of, next_month
from frontend.views.tools import add_domain_error, page_of, query_string, signed_in
from marketplace.bookings import actions, queries
from marketplace.bookings.models import Booking
from marketplace.catalogue.models import DeliveryMode
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Area, Organisation

SIDES = {"provider": "The provider", "releasing_school": "The releasing organisation"}


@signed_in
def reschedule(request: HttpRequest, reference: str) -> HttpResponse:
    """The calendar of the person once more: choosing a day moves the visit there, with what that costs shown before."""
    booking = queries.booking_for(request.actor, reference)
    now = timezone.now()
    if "reschedule" not in queries.verbs_for(request.actor, booking, now=now):
        return presenting.too_late(request, booking, "moved")
    choices = dict(sessions_like(booking))
    session = request.GET.get("session", booking.session)
    if session not in choices:
        raise NotFound
    form = MoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            moved = actions.reschedule_booking(
                actor=request.actor,
                booking=booking,
                day=data["day"],
                session=session,
                reason=data["reason"],
            )
        except DomainError as error:
            form.add_error("reason" if error.field == "reason" else "day", str(error))
        else:
            messages.success(request, f"The visit is moved: {presenting.when(moved)}.")
            return redirect("bookings:booking", reference)
    outcome = queries.moving_quote(booking, now=now)
    charge = outcome.charge_pence if outcome else 0
    context = {
        "form": form,
        "booking": booking,
        "rows": presenting.visit_rows(booking)[:3],
        "outcome": outcome,
        "terms": presenting.cancellation_terms(booking),
        "sessions": [
            {"text": label, "href": f"?{query_string(request, session=value)}", "current": value == session}
            for value, label in choices.items()
        ],
        "month": _month(request, booking, session),
        "button": f"Move it and charge {pounds(charge)}" if charge else "Move it",
    }
    return render(request, "frontend/bookings/reschedule.html", context, status=422 if form.errors else 200)


def _month(request: HttpRequest, booking: Booking, session: str) -> dict[str, Any]:
    first_day = month_asked_for(request) or booking.day.replace(day=1)
    last_day = next_month(first_day) - timedelta(days=1)
    remote = booking.mode == DeliveryMode.REMOTE
    person = booking.practitioner
    answers = queries.free_sessions(
        person,
        first_day,
        last_day,
        now=timezone.now(),
        sessions=(session,),
        remote=remote,
        school=booking.receiving_school,
    )
    return month_of(request, answers, session, people=[person.reference])


# A person's days --------------------------------------------------------------------------------------------------------


@signed_in
def cancel_days(request: HttpRequest, reference: str) -> HttpResponse:
    """Which days, and why; then everything on them, listed before it is called off."""
    person = queries.diaries_editable_by(request.actor).filter(reference=reference).first()
    if person is None:
        raise NotFound
    sides = [(side, SIDES[side]) for side in queries.sides_over(request.actor, person)]
    if not sides:
        raise NotAllowed(
            f"You can’t call off the visits of {person}.",
            remedy="This is for a lead of the provider, or the releasing headteacher.",
        )
    form = CancelDaysForm(request.POST or None, sides=sides)
    affected: list[Booking] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        days = {"first_day": data["first_day"], "last_day": data["last_day"]}
        affected = list(queries.diary_bookings(person, **days, now=timezone.now()))
        if data["by"] not in queries.sides_of(request.actor, person, affected):
            form.add_error(
                None, "Something on these days is another provider’s: ask its lead to call that off first."
            )
        elif "confirmed" in request.POST:
            try:
                ended = actions.cancel_days(actor=request.actor, practitioner=person, **data)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                what = "1 booking is" if len(ended) == 1 else f"{len(ended)} bookings are"
                messages.success(request, f"The days are closed, {what} called off.")
                return redirect("bookings:diary", reference)
    context = {
        "form": form,
        "person": person,
        "sent": _sent(request, [name for name in request.POST if not name.startswith(("csrf", "confirmed"))]),
        "asked": form.is_bound and form.is_valid() and not form.errors,
        "bookings": [{"booking": booking, "when": presenting.when(booking)} for booking in affected],
        **(form.cleaned_data if form.is_bound and form.is_valid() else {}),
    }
    return render(request, "frontend/bookings/cancel_days.html", context, status=422 if form.errors else 200)


# Closed schools ---------------------------------------------------------------------------------------------------------


@signed_in
def closures(request: HttpRequest) -> HttpResponse:
    """Say what is closed; then what becomes of each visit; and what was closed before."""
    places = _places(request)
    if not places:
        raise NotAllowed(
            "You can’t say that a school is closed.",
            remedy="This is for its headteacher or, for an area, its convenor.",
        )
    choices = [
        (key, f"All schools of {place}" if isinstance(place, Area) else str(place))
        for key, place in places.items()
    ]
    form = ClosureForm(request.POST or None, places=choices)
    context: dict[str, Any] = {"form": form}
    shown: Any = form
    if request.method == "POST" and form.is_valid() and _is_closable(form, places):
        data = form.cleaned_data
        place = places[data["place"]]
        visits = list(queries.visits_on(place, data["day"], now=timezone.now()))
        answered = "confirmed" in request.POST
        shown = answers = VisitsForm(request.POST if answered else None, visits=visits)
        if answered and answers.is_valid():
            try:
                actions.declare_closure(
                    actor=request.actor,
                    place=place,
                    day=data["day"],
                    reason=data["reason"],
                    remote=answers.remote(),
                )
            except DomainError as error:
                answers.add_error(None, str(error))
            else:
                messages.success(request, f"{place} is closed on that day. Everybody concerned is told.")
                return redirect("bookings:closures")
        names = ("place", "reason", "day-day", "day-month", "day-year")
        context |= {"asked": True, "visits": visits, **data, "place": place, "sent": _sent(request, names)}
    context |= {"form": shown, "page": page_of(request, queries.closures_declared_by(request.actor))}
    return render(request, "frontend/bookings/closures.html", context, status=422 if shown.errors else 200)


def _is_closable(form: ClosureForm, places: dict[str, Area | Organisation]) -> bool:
    """Looked at before visits are chosen, so that a day that can't be is told beside the day."""
    try:
        actions.must_be_closable(places[form.cleaned_data["place"]], form.cleaned_data["day"])
    except DomainError as error:
        add_domain_error(form, error)
    return form.is_valid()


def _sent(request: HttpRequest, names: Iterable[str]) -> list[tuple[str, str]]:
    """What was typed, to be sent once more with the answer to what it led to."""
    return [(name, request.POST[name]) for name in names if name in request.POST]


def _places(request: HttpRequest) -> dict[str, Area | Organisation]:
    areas, schools = queries.places_to_close(request.actor)
    found: dict[str, Area | Organisation] = {f"area-{area.pk}": area for area in areas}
    return found | {f"school-{school.pk}": school for school in schools}
