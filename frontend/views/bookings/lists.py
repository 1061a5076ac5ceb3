"""The list of bookings and a booking's own page."""

from collections.abc import Iterator

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from frontend.forms.bookings import BookingFilterForm
from frontend.views.bookings import presenting
from frontend.views.tools import csv_response, page_of, query_string, signed_in
from marketplace.billing import queries as billing
from marketplace.bookings import ical, queries
from marketplace.bookings.models import Booking
from marketplace.brokerage import queries as brokerage
from marketplace.kernel.access import Role
from marketplace.kernel.money import pounds

SORTS = {
    "day": "starts_at",
    "person": "practitioner__name",
    "school": "receiving_school__name",
    "status": "status",
    "price": "net_pence",
}
HEADINGS = (
    "Reference",
    "Status",
    "Day",
    "Session",
    "Half-days",
    "Person",
    "Releasing organisation",
    "School",
    "URN",
    "Provider",
    "Theme",
    "Price before VAT",
    "Paid by",
    "Purchase order",
)


@signed_in
def bookings(request: HttpRequest) -> HttpResponseBase:
    """Bookings the person is a party to or convenes, filtered and sorted, as a page or as CSV."""
    form = BookingFilterForm(request.GET)
    rows = _sorted(request, _filtered(request, form))
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows), "bookings.csv")
    context = {
        "filter_form": form,
        "page": page_of(request, rows),
        "csv_query": query_string(request, page=None, format="csv"),
        "may_complain": bool(request.actor.organisations(*brokerage.COMPLAINERS)),
        "may_close": bool(
            request.actor.organisations(*queries.DECLARERS) or request.actor.in_area(Role.CONVENOR)
        ),
    }
    return render(request, "frontend/bookings/list.html", context)


@signed_in
def booking(request: HttpRequest, reference: str) -> HttpResponse:
    """One booking: what was agreed, where it stands, what can be done, and its history."""
    found = queries.booking_for(request.actor, reference)
    verbs = queries.verbs_for(request.actor, found, now=timezone.now())
    standing = {
        "booking": found,
        "buttons": presenting.buttons(found, verbs)
        + presenting.more_buttons(request.actor, found, now=timezone.now()),
    }
    if request.htmx:  # something happened while the page was open
        return render(request, "frontend/bookings/_standing.html", standing)
    context = standing | {
        "visit": presenting.visit_rows(found),
        "payment": presenting.payment_rows(found),
        "price_lines": presenting.price_lines(found),
        "terms": presenting.cancellation_terms(found),
        "history": queries.history_for(request.actor, found),
        "record": brokerage.record_of(found),
        "evaluation": brokerage.evaluation_of(found),
        "documents": billing.documents_visible_to(request.actor).filter(booking=found),
    }
    return render(request, "frontend/bookings/booking.html", context)


@signed_in
def calendar(request: HttpRequest, reference: str) -> HttpResponse:
    """The booking as a calendar file; the same one again updates the entry it made before."""
    found = queries.booking_for(request.actor, reference)
    answer = HttpResponse(ical.calendar_of([found], now=timezone.now()), content_type="text/calendar")
    answer["Content-Disposition"] = f'attachment; filename="{found.reference}.ics"'
    return answer


def _filtered(request: HttpRequest, form: BookingFilterForm) -> QuerySet[Booking]:
    rows = queries.visible_to(request.actor)
    if not form.is_valid():
        return rows
    asked = form.cleaned_data
    if text := asked["q"]:
        rows = rows.filter(
            Q(reference__iexact=text)
            | Q(practitioner__name__icontains=text)
            | Q(receiving_school__name__icontains=text)
            | Q(provider__name__icontains=text)
        )
    if asked["status"]:
        rows = rows.filter(status=asked["status"])
    if asked["first_day"]:
        rows = rows.filter(day__gte=asked["first_day"])
    if asked["last_day"]:
        rows = rows.filter(day__lte=asked["last_day"])
    return rows


def _sorted(request: HttpRequest, rows: QuerySet[Booking]) -> QuerySet[Booking]:
    asked = request.GET.get("sort", "-day")
    field = SORTS.get(asked.removeprefix("-"), "starts_at")
    return rows.order_by(f"-{field}" if asked.startswith("-") else field, "-pk")


def _csv(rows: QuerySet[Booking]) -> Iterator[tuple[object, ...]]:
    yield HEADINGS
    for row in rows.iterator(chunk_size=500):
        yield (
            row.reference,
            row.get_status_display(),
            row.day.isoformat(),
            row.get_session_display(),
            row.half_days,
            row.practitioner.name,
            row.releasing_organisation.name,
            row.receiving_school.name,
            row.receiving_school.school.urn,
            row.provider.name,
            row.theme.name,
            pounds(row.net_pence),
            row.get_route_display(),
            row.purchase_order_number,
        )
