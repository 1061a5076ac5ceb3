"""How courses and places are put into words and rows on their pages."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse

from marketplace.bookings.models import CourseDate, CourseEvent, PlaceOrder
from marketplace.bookings.queries import courses as queries
from marketplace.catalogue import tariffs
from marketplace.catalogue.models import DeliveryMode
from marketplace.catalogue.tariffs import CancellationTariff
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import (
    clock_words,
    deadline_words,
    last_day_before,
    local,
    long_date,
    moment_words,
)
from marketplace.kernel.money import pounds


def when(row: CourseEvent | CourseDate) -> str:
    """`Tuesday 9 March 2027, 9am to 12pm`, in London time."""
    starts, ends = local(row.starts_at), local(row.ends_at)
    if starts.date() != ends.date():
        return f"{starts:%A} {long_date(starts.date())} to {ends:%A} {long_date(ends.date())}"
    return (
        f"{starts:%A} {long_date(starts.date())}, {clock_words(starts.time())} to {clock_words(ends.time())}"
    )


def place_of(event: CourseEvent) -> str:
    """Where it is."""
    return "Remote" if event.mode == DeliveryMode.REMOTE else event.venue


def seats_words(event: CourseEvent, now: datetime) -> str:
    """How many places are left, or why none can be had."""
    if why := queries.why_closed(event, now):
        return why
    if event.seats_left <= 0:
        return "Full: join the waiting list"
    return f"{event.seats_left} of {event.seats} places left"


def event_rows(event: CourseEvent, now: datetime) -> list[tuple[str, str]]:
    """What a course is, for its page and for the pages of its places."""
    dates = [when(row) for row in event.dates.all()]
    leads = [str(lead.practitioner) for lead in event.leads.all() if lead.status != "refused"]
    return [
        ("Provider", str(event.provider)),
        ("Dates" if len(dates) > 1 else "Date", "; ".join(dates)),
        ("Where", place_of(event)),
        ("Led by", ", ".join(leads)),
        ("Places", seats_words(event, now)),
        ("Last day to book", long_date(last_day_to_book(event))),
    ]


def last_day_to_book(event: CourseEvent) -> date:
    """The closing day: bookings end with it, or when the course begins on it."""
    return last_day_before(event.closes_at)


def order_rows(order: PlaceOrder) -> list[tuple[str, str]]:
    """What was ordered and how it is paid."""
    rows = [
        ("School", str(order.school)),
        ("Price before VAT", pounds(order.net_pence)),
        ("Price with VAT as it stands", pounds(order.gross_pence)),
        ("Paid by", f"{order.get_route_display()}. {order.route_reason}"),
        ("Ordered by", f"{order.requested_by}, {moment_words(order.created_at)}"),
    ]
    if order.purchase_order_number:
        rows.append(("Purchase order", order.purchase_order_number))
    if order.approved_by and order.approved_at:
        rows.append(("Approved by", f"{order.approved_by}, {moment_words(order.approved_at)}"))
    elif order.status == "awaiting_approval":
        rows.append(("Kept until", deadline_words(order.approve_by)))
    return rows


def price_lines(price: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of a price snapshot for the explanation."""
    return [{"text": line["sentence"], "amount": line["pence"]} for line in price.get("lines", [])]


def terms_of(data: dict[str, Any]) -> list[str]:
    """The tariff in sentences."""
    return tariffs.describe(CancellationTariff.from_data(data))


def parts(actor: Actor, current: str) -> dict[str, Any]:
    """The tabs over the lists of courses: those who run or lead courses have one more."""
    runs = queries.events_run_by(actor).exists() or queries.offers_to_schedule(actor).exists()
    pages = [("coming", "Coming courses"), ("mine", "Our places")]
    pages += [("run", "Courses we run")] if runs or current == "run" else []
    return {
        "parts": [
            {"href": reverse(f"courses:{name}"), "text": text, "current": name == current}
            for name, text in pages
        ]
    }
