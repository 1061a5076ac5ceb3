"""Visits of a deployment: booked with its person, taken in, recorded, noted, commented on."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.deployments import BookForm, CommentForm, FreeTimeForm, NotesForm, RecordForm, TieForm
from frontend.views.deployments import presenting
from frontend.views.tools import add_domain_error, signed_in
from marketplace.bookings import queries as bookings
from marketplace.brokerage import actions, queries
from marketplace.brokerage.models import Deployment, DeploymentStatus, DeploymentVisit
from marketplace.catalogue.models import DeliveryMode
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.errors import DomainError, NotAllowed

DAYS_LOOKED_AHEAD = 92
TIMES_SHOWN = 20


@signed_in
def book(request: HttpRequest, reference: str) -> HttpResponse:
    """Book the deployment's person: kind and length, then one of the free times; the time chosen is held."""
    found = queries.deployment_for(request.actor, reference)
    _must(request, found, "book")
    offered = found.offer_version.offer.shown
    asked = BookForm(
        request.GET if "session" in request.GET else None,
        minimum=offered.minimum_half_days,
        mode=offered.mode,
        scoping_only=found.status != DeploymentStatus.ACTIVE,
        initial={"kind": "visit", "session": "day", "first_day": _first_day(found, None)},
    )
    times, form = [], None
    if asked.is_valid():
        times = _times(found, **{name: asked.cleaned_data[name] for name in ("session", "mode", "first_day")})
        form = FreeTimeForm(request.POST or None, times=times)
        if request.method == "POST" and form.is_valid():
            try:
                booking = actions.book_visit(
                    actor=request.actor,
                    deployment=found,
                    day=form.cleaned_data["day"],
                    session=asked.cleaned_data["session"],
                    mode=asked.cleaned_data["mode"],
                    kind=asked.cleaned_data["kind"],
                )
            except DomainError as error:
                add_domain_error(form, error)
            else:
                return redirect("bookings:order", booking.reference)
    taken = queries.half_days_taken(found)
    context = {
        "deployment": found,
        "asked": asked,
        "form": form,
        "times": times,
        "taken": taken,
        "left": max(0, found.half_days - taken),
        "may_tie": queries.bookings_to_tie(found).exists(),
    }
    wrong = form is not None and form.errors
    return render(request, "frontend/deployments/book.html", context, status=422 if wrong else 200)


@signed_in
def tie(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a booking of the same person for the school into the deployment."""
    found = queries.deployment_for(request.actor, reference)
    _must(request, found, "book")
    choices = [
        (
            each,
            f"{long_date(each.day)}, {each.get_session_display().lower()}, {each.get_status_display().lower()} ({each.reference})",
        )
        for each in queries.bookings_to_tie(found)[:TIMES_SHOWN]
    ]
    form = TieForm(request.POST or None, bookings=choices)
    if request.method == "POST" and form.is_valid():
        try:
            actions.tie_visit(
                actor=request.actor,
                deployment=found,
                booking=form.chosen,
                kind=form.cleaned_data["kind"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "The booking is part of the deployment now.")
            return redirect("deployments:deployment", reference)
    context = {
        "form": form,
        "deployment": found,
        "title": "Take in a booking",
        "intro": f"Bookings of {found.practitioner} for {found.receiving_school} that belong to no deployment yet."
        if choices
        else f"There is no booking of {found.practitioner} for {found.receiving_school} that could be taken in.",
        "button": "Take it in" if choices else "",
    }
    return render(request, "frontend/deployments/form.html", context, status=422 if form.errors else 200)


@signed_in
def visit(request: HttpRequest, reference: str, booking: str) -> HttpResponse:
    """One visit: its record with a note on each objective, written where it is missing, and what the school says to it."""
    found = queries.deployment_for(request.actor, reference)
    row = queries.visit_for(found, booking)
    verbs = queries.verbs_for_deployment(request.actor, found)
    form, comment = _record_form(request, row), CommentForm(_if(request, "comment"))
    if request.method == "POST":
        if "comment" in request.POST:
            done = comment.is_valid() and _comment(request, row, comment)
        else:
            done = form is not None and form.is_valid() and _write(request, row, form)
        if done:
            return redirect("deployments:visit", reference, booking)
    errors = (form is not None and form.errors) or comment.errors
    context = presenting.visit_shown(row, local(timezone.now()).date()) | {
        "deployment": found,
        "form": form,
        "comment": comment,
        "may_comment": "comment" in verbs,
        "is_overseer": queries.is_overseer_only(request.actor, found),
    }
    return render(request, "frontend/deployments/visit.html", context, status=422 if errors else 200)


# Steps -------------------------------------------------------------------------------------------------------------------


def _if(request: HttpRequest, name: str) -> Any:
    return request.POST if request.method == "POST" and name in request.POST else None


def _record_form(request: HttpRequest, row: DeploymentVisit) -> RecordForm | NotesForm | None:
    """The record where it is missing, the notes that are missing where it is there; nothing for who may write neither."""
    found = row.deployment
    noted = {note.objective_id for note in row.notes.all()}
    open_objectives = [
        each for each in found.objectives.all() if not each.is_dropped and each.pk not in noted
    ]
    data = request.POST if request.method == "POST" and "comment" not in request.POST else None
    booking = row.booking
    if booking.status == "confirmed" and booking.ends_at < timezone.now():
        may = queries.may_write_record(request.actor, booking)
        # Where the deployment rests only the record itself can be written.
        objectives = open_objectives if found.status == DeploymentStatus.ACTIVE else []
        return RecordForm(data, objectives=objectives) if may else None
    has_record = getattr(booking, "visit_record", None) is not None
    if has_record and open_objectives and "note" in queries.verbs_for_deployment(request.actor, found):
        return NotesForm(data, objectives=open_objectives)
    return None


def _write(request: HttpRequest, row: DeploymentVisit, form: RecordForm | NotesForm) -> bool:
    try:
        if isinstance(form, RecordForm):
            data = form.cleaned_data
            actions.record_deployment_visit(
                actor=request.actor,
                visit=row,
                happened=data["happened"],
                next_steps=data["next_steps"],
                notes=form.notes(),
            )
        else:
            actions.note_objectives(actor=request.actor, visit=row, notes=form.notes())
    except DomainError as error:
        add_domain_error(form, error)
        return False
    messages.success(request, "Saved.")
    return True


def _comment(request: HttpRequest, row: DeploymentVisit, form: CommentForm) -> bool:
    try:
        actions.comment_on_visit(actor=request.actor, visit=row, text=form.cleaned_data["text"])
    except DomainError as error:
        add_domain_error(form, error)
        return False
    messages.success(request, "Your comment is saved.")
    return True


def _first_day(found: Deployment, asked: date | None) -> date:
    """Not before today; a scoping visit may come before the first day."""
    today = local(timezone.now()).date()
    start = found.starts_on if found.status == DeploymentStatus.ACTIVE else today
    return max(today, asked or start)


def _times(found: Deployment, session: str, mode: str, first_day: date | None) -> list[tuple[str, str]]:
    """The next free times of that length within the deployment, each with its words."""
    first = _first_day(found, first_day)
    last = min(found.ends_on, first + timedelta(days=DAYS_LOOKED_AHEAD))
    if last < first:
        return []
    answers = bookings.free_sessions(
        found.practitioner,
        first,
        last,
        now=timezone.now(),
        remote=mode == DeliveryMode.REMOTE,
        school=found.receiving_school,
    )
    free = [
        answer.day
        for answer in answers
        if any(each.session == session and each.is_free for each in answer.sessions)
    ]
    return [(day.isoformat(), f"{day:%A} {long_date(day)}") for day in free[:TIMES_SHOWN]]


def _must(request: HttpRequest, found: Deployment, verb: str) -> None:
    if not queries.may_in_deployment(request.actor, found, verb):
        raise NotAllowed(
            "You can’t book visits of this deployment.", remedy="The receiving school books them."
        )
