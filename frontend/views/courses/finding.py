"""Coming courses, a course's own page, its calendar file, and what one's schools have."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from frontend.forms.courses import CourseFilterForm
from frontend.views.courses import presenting
from frontend.views.tools import page_of, signed_in
from marketplace.bookings import course_ical
from marketplace.bookings.models import CourseEvent, EventStatus, WaitingStatus
from marketplace.bookings.queries import courses as queries
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.quotes import priced
from marketplace.kernel import history
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError

OPEN_WAITING = (WaitingStatus.WAITING, WaitingStatus.OFFERED)


@signed_in
def coming(request: HttpRequest) -> HttpResponse:
    """Coming courses with filters, each with what a place costs the person's school."""
    now = timezone.now()
    form = CourseFilterForm(request.GET)
    school = catalogue.acting_school(request.actor)
    page = page_of(request, queries.coming_events(request.actor, form.finding(school), now=now))
    facts = catalogue.school_facts(school) if school else None
    today = local(now).date()
    rows = [
        {
            "event": event,
            "when": presenting.when(event),
            "where": presenting.place_of(event),
            "seats": presenting.seats_words(event, now),
            "themes": ", ".join(str(theme) for theme in event.offer_version.themes.all()),
            "price": priced(
                event.offer_version.price_rule,
                event.offer_version.brokerage_fee,
                facts,
                on_date=today,
                starts_on=local(event.starts_at).date(),
            )
            if facts
            else None,
        }
        for event in page
    ]
    context = {"filter_form": form, "page": page, "rows": rows, "school": school}
    context |= presenting.parts(request.actor, "coming")
    return render(request, "frontend/courses/coming.html", context)


@signed_in
def event(request: HttpRequest, reference: str) -> HttpResponse:
    """One course: what it is, what a place costs, what cancelling costs, and what can be done."""
    found = queries.event_for(request.actor, reference)
    now = timezone.now()
    actor = request.actor
    school = catalogue.acting_school(actor)
    own = list(queries.orders_visible_to(actor).filter(event=found).prefetch_related("places"))
    waiting = list(
        queries.waiting_visible_to(actor).filter(event=found, status__in=OPEN_WAITING).order_by("pk")
    )
    buying = queries.schools_to_book_for(actor)
    on_list = {entry.school_id for entry in waiting}
    runs = queries.may_run(actor, found)
    registers = queries.may_take_register(actor, found)
    context = {
        "event": found,
        "rows": presenting.event_rows(found, now),
        "dates": [(row, presenting.when(row)) for row in found.dates.select_related("register_by")],
        "version": found.offer_version,
        "terms": presenting.terms_of(found.cancellation_tariff),
        "quote": _quote(found, school),
        "school": school,
        "closed": queries.why_closed(found, now),
        "books": bool(buying),
        "may_wait": any(each.pk not in on_list for each in buying),
        "offered": [
            entry
            for entry in waiting
            if entry.status == WaitingStatus.OFFERED and queries.may_order(actor, entry.school_id)
        ],
        "joins": queries.joins(actor, found),
        "orders": own,
        "waiting": [(entry, number) for number, entry in enumerate(waiting, start=1)]
        if runs
        else [(entry, queries.position_of(entry)) for entry in waiting],
        "runs": runs,
        "registers": registers,
        "decide_by": queries.decide_by(found),
        "too_few": found.status == EventStatus.OPEN and found.seats_taken < found.minimum_places,
        "is_over": found.ends_at <= now,
        "has_begun": found.starts_at <= now,
        "to_release": [
            lead
            for lead in found.leads.select_related("practitioner__releasing_organisation")
            if lead.status == "awaiting_release" and queries.may_release(actor, lead)
        ],
        "leads": list(found.leads.select_related("practitioner__releasing_organisation")),
        "history": history.of(found),
    }
    return render(request, "frontend/courses/event.html", context)


@signed_in
def calendar(request: HttpRequest, reference: str) -> HttpResponse:
    """The course as a calendar file; how to join is in it for those with a place."""
    found = queries.event_for(request.actor, reference)
    body = course_ical.calendar_of_course(
        found, now=timezone.now(), with_joining=queries.joins(request.actor, found)
    )
    answer = HttpResponse(body, content_type="text/calendar")
    answer["Content-Disposition"] = f'attachment; filename="{found.reference}.ics"'
    return answer


@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """Places and waiting lists of one's schools; convenors see those of their area's schools."""
    orders = queries.orders_visible_to(request.actor).prefetch_related("places")
    waiting = queries.waiting_visible_to(request.actor).filter(status__in=OPEN_WAITING)
    context = {
        "page": page_of(request, orders),
        "waiting": [(entry, queries.position_of(entry)) for entry in waiting[:20]],
        **presenting.parts(request.actor, "mine"),
    }
    return render(request, "frontend/courses/mine.html", context)


def _quote(event: CourseEvent, school: Any) -> Any:
    if school is None:
        return None
    try:
        return queries.quote(event, school, 1, today=local(timezone.now()).date())
    except DomainError:
        return None
