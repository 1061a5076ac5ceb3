"""Running courses: scheduling, releasing those who lead, the register, calling a course off, and the list for certificates."""

from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.bookings import ConsentForm, ReasonForm
from frontend.forms.courses import JoiningForm, RegisterForm, ScheduleForm
from frontend.views.courses import presenting
from frontend.views.tools import add_domain_error, csv_response, page_of, signed_in
from marketplace.bookings import queries as bookings
from marketplace.bookings.actions import courses as actions
from marketplace.bookings.models import Attendance, CourseDate, CourseEvent, EventStatus
from marketplace.bookings.queries import courses as queries
from marketplace.kernel.dates import academic_year, local
from marketplace.kernel.days import format_days
from marketplace.kernel.errors import DomainError, NotFound

HEADINGS = ("Name", "Job", "School", "Order", "Dates attended", "Dates", "Attendance", "Course", "First day")


@signed_in
def run(request: HttpRequest) -> HttpResponse:
    """The courses of one’s provider, and those one leads, with how they sell; offers that can be put on dates."""
    page = page_of(request, queries.events_run_by(request.actor))
    context = {
        "page": page,
        "rows": [(event, presenting.when(event)) for event in page],
        "offers": queries.offers_to_schedule(request.actor),
        **presenting.parts(request.actor, "run"),
    }
    return render(request, "frontend/courses/run.html", context)


@signed_in
def new(request: HttpRequest, reference: str) -> HttpResponse:
    """Put a course on its dates."""
    offer = queries.offers_to_schedule(request.actor).filter(reference=reference).first()
    if offer is None:
        raise NotFound
    people = offer.shown.practitioners.filter(is_active=True).select_related("releasing_organisation")
    form = ScheduleForm(request.POST or None, version=offer.shown, people=people)
    if request.method == "POST" and form.is_valid():
        try:
            event = actions.schedule_event(actor=request.actor, offer=offer, **form.course())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            opened = event.status == EventStatus.OPEN
            messages.success(
                request,
                "The course is open for bookings."
                if opened
                else "Those who lead it have to be released first.",
            )
            return redirect("courses:event", event.reference)
    context = {"form": form, "offer": offer, "version": offer.shown}
    return render(request, "frontend/courses/new.html", context, status=422 if form.errors else 200)


@signed_in
def release(request: HttpRequest, reference: str, person: str) -> HttpResponse:
    """The headteacher’s word on somebody leading a course."""
    event = queries.event_for(request.actor, reference)
    lead = (
        event.leads.filter(practitioner__reference=person)
        .select_related("practitioner__releasing_organisation")
        .first()
    )
    if lead is None or not queries.may_release(request.actor, lead):
        raise NotFound
    if lead.status != "awaiting_release":
        return redirect("courses:event", reference)
    form = ConsentForm(
        request.POST or None,
        question=f"Do you release {lead.practitioner}?",
        yes="Yes, release them",
        no="No",
        hint="If you don’t, the provider reads your reason.",
    )
    year = academic_year(local(event.starts_at).date())
    load = bookings.load_of(lead.practitioner, year)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if form.is_yes:
                actions.consent_to_lead(
                    actor=request.actor,
                    event=event,
                    practitioner=person,
                    note=data["note"],
                    beyond_agreed=data["beyond_agreed"],
                )
            else:
                actions.refuse_to_release_lead(
                    actor=request.actor, event=event, practitioner=person, reason=data["note"]
                )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Saved. The provider is told.")
            return redirect("home:home")
    words = (
        f"{format_days(lead.half_days)} of the {format_days(load.agreed)} agreed for {year};"
        f" {format_days(load.used)} used and {format_days(load.promised)} promised, this course included."
    )
    return _page(
        request, event, form, title=f"Release {lead.practitioner}?", button="Save", explanation=words
    )


@signed_in
def register(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Who came on one date. It may be corrected until the course is finished."""
    event = queries.event_for(request.actor, reference)
    date = CourseDate.objects.filter(event=event, number=number).first()
    if date is None or not queries.may_take_register(request.actor, event):
        raise NotFound
    came = Attendance.objects.filter(date=date, came=True).values_list("place_id", flat=True)
    form = RegisterForm(
        request.POST or None,
        places=[place for place in queries.seats_of(event) if place.status == "booked"],
        initial={"came": [str(pk) for pk in came]},
    )
    return _act(
        request,
        event,
        form,
        lambda: actions.take_register(actor=request.actor, event=event, number=number, came=form.keys()),
        title=f"Register of {presenting.when(date)}",
        button="Save the register",
        done="The register is saved.",
        explanation="Names that are missing can be asked for at the door: the school’s order tells who it is.",
    )


@signed_in
def joining(request: HttpRequest, reference: str) -> HttpResponse:
    """Change how those with a place join."""
    event = _mine_to_keep(request, reference)
    form = JoiningForm(request.POST or None, initial={"joining": event.joining})
    return _act(
        request,
        event,
        form,
        lambda: actions.change_joining(
            actor=request.actor, event=event, joining=form.cleaned_data["joining"]
        ),
        title="How to join",
        button="Save",
        done="Saved.",
        explanation="Only those with a confirmed place see this.",
    )


@signed_in
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """Call a course off; the page says whether the promised notice is kept."""
    event = queries.event_for(request.actor, reference)
    if not queries.may_run(request.actor, event) or event.status not in (
        EventStatus.PLANNED,
        EventStatus.OPEN,
    ):
        return redirect("courses:event", reference)
    form = ReasonForm(request.POST or None)
    late = local(timezone.now()).date() > queries.decide_by(event)
    return _act(
        request,
        event,
        form,
        lambda: actions.cancel_event(actor=request.actor, event=event, reason=form.cleaned_data["reason"]),
        title="Call this course off",
        button="Call it off",
        done="The course is called off. Everybody is told.",
        explanation="Nobody owes anything, places of packages go back, and every school reads your reason."
        + (" This is later than the notice you promised." if late else ""),
        warning=True,
    )


@require_POST
@signed_in
def finish(request: HttpRequest, reference: str) -> HttpResponse:
    """The course is over and its registers complete."""
    event = _mine_to_keep(request, reference)
    try:
        actions.finish_event(actor=request.actor, event=event)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The course is finished. Its places are billed.")
    return redirect("courses:event", reference)


@signed_in
def attendance(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Who was expected and who came, for certificates, as CSV."""
    event = _mine_to_keep(request, reference)
    return csv_response(_certificates(event), f"{event.reference}-attendance.csv")


def _certificates(event: CourseEvent) -> Iterator[tuple[object, ...]]:
    yield HEADINGS
    day = local(event.starts_at).date().isoformat()
    for row in queries.certificates(event):
        yield (*row, event.title, day)


def _mine_to_keep(request: HttpRequest, reference: str) -> CourseEvent:
    event = queries.event_for(request.actor, reference)
    if not queries.may_take_register(request.actor, event):
        raise NotFound
    return event


def _act(
    request: HttpRequest,
    event: CourseEvent,
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
            return redirect("courses:event", event.reference)
    return _page(request, event, form, **words)


def _page(request: HttpRequest, event: CourseEvent, form: forms.Form, **words: Any) -> HttpResponse:
    context = {"event": event, "form": form, "rows": presenting.event_rows(event, timezone.now())} | words
    return render(request, "frontend/courses/act.html", context, status=422 if form.errors else 200)
