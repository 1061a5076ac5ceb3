"""Courses as calendar events: one entry a date, each with a stable UID, so that a second file updates the first."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event, vUri

from marketplace.bookings.ical import CANCELLED, CONFIRMED, TENTATIVE
from marketplace.bookings.models import CourseDate, CourseEvent, EventStatus
from marketplace.catalogue.models import DeliveryMode
from marketplace.kernel import history

STATUSES = {EventStatus.PLANNED: TENTATIVE, EventStatus.CANCELLED: CANCELLED}


def calendar_of_course(event: CourseEvent, *, now: datetime, with_joining: bool) -> bytes:
    """A calendar file of a course's dates. How to join is in it only where the caller has shown that the reader may know."""
    calendar = Calendar()
    calendar.add("prodid", "-//School Support Exchange//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    sequence = history.of(event).count()
    for date in event.dates.all():
        calendar.add_component(_entry(event, date, sequence, now, with_joining))
    return calendar.to_ical()


def _entry(event: CourseEvent, date: CourseDate, sequence: int, now: datetime, with_joining: bool) -> Event:
    entry = Event()
    entry.add("uid", f"{event.reference}-{date.number}@{urlsplit(settings.SITE_URL).hostname}")
    entry.add("sequence", sequence)
    entry.add("dtstamp", now.astimezone(UTC))
    entry.add("dtstart", date.starts_at.astimezone(UTC))
    entry.add("dtend", date.ends_at.astimezone(UTC))
    entry.add("status", STATUSES.get(EventStatus(event.status), CONFIRMED))
    entry.add("summary", event.title)
    entry.add("location", "Remote" if event.mode == DeliveryMode.REMOTE else event.venue)
    joining = event.joining if with_joining else ""
    entry.add(
        "description", "\n".join(filter(None, [f"Course {event.reference}, {event.provider}.", joining]))
    )
    entry.add("url", vUri(f"{settings.SITE_URL}/courses/{event.reference}/"))
    return entry
