"""Bookings as calendar events (RFC 5545): one stable UID for the life of a booking, so that a second file updates the first."""

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event, vUri

from marketplace.bookings.models import LIVE, Booking, BookingStatus
from marketplace.catalogue.models import DeliveryMode
from marketplace.kernel import history

TENTATIVE, CONFIRMED, CANCELLED = "TENTATIVE", "CONFIRMED", "CANCELLED"
TOOK_PLACE = frozenset({BookingStatus.DELIVERED, BookingStatus.EVALUATED, BookingStatus.COMPLETED})


def calendar_of(bookings: Iterable[Booking], *, now: datetime) -> bytes:
    """A calendar file of the bookings. The caller has already shown that the reader may see them."""
    calendar = Calendar()
    calendar.add("prodid", "-//School Support Exchange//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for booking in bookings:
        calendar.add_component(event_of(booking, now=now))
    return calendar.to_ical()


def event_of(booking: Booking, *, now: datetime) -> Event:
    """The session of a booking, with its status now and as many changes as its history tells."""
    event = Event()
    event.add("uid", f"{booking.reference}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", history.of(booking).count())
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", booking.starts_at.astimezone(UTC))
    event.add("dtend", booking.ends_at.astimezone(UTC))
    event.add("status", status_of(booking))
    event.add("summary", f"{booking.theme}: {booking.practitioner} for {booking.receiving_school}")
    event.add("location", place_of(booking))
    event.add("description", f"Booking {booking.reference}, {booking.get_status_display().lower()}.")
    event.add("url", vUri(f"{settings.SITE_URL}/bookings/{booking.reference}/"))
    return event


def status_of(booking: Booking) -> str:
    """How sure it is: confirmed, still to be decided, or off."""
    if booking.status == BookingStatus.CONFIRMED or booking.status in TOOK_PLACE:
        return CONFIRMED
    return TENTATIVE if booking.status in LIVE else CANCELLED


def place_of(booking: Booking) -> str:
    """Where it takes place, in a line."""
    if booking.mode == DeliveryMode.REMOTE:
        return "Remote"
    school = booking.receiving_school.school
    return ", ".join(
        part for part in (str(booking.receiving_school), school.street, school.town, school.postcode) if part
    )
