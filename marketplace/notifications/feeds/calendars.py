"""Writing a calendar feed (RFC 5545), in the time of London with its rules for summer and winter, so that a reader's program needs none.

The same entries make the same bytes: nothing in them says when they were asked for. That lets a program be told that nothing changed.
"""

from collections.abc import Iterable
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Event, vDuration, vUri

from marketplace.notifications.feeds.entries import Entry

LONDON = ZoneInfo("Europe/London")
ASK_AGAIN = timedelta(hours=1)
BUSY = "Busy"
CANCELLED = "CANCELLED"


def write(name: str, entries: Iterable[Entry], *, details: bool) -> bytes:
    """The calendar called `name`. Without `details` each entry says when the time is taken, or what day it marks, and nothing else."""
    calendar = Calendar()
    calendar.add("prodid", "-//School Support Exchange//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", LONDON.key)
    calendar.add("x-published-ttl", vDuration(ASK_AGAIN))
    calendar.add("refresh-interval", vDuration(ASK_AGAIN), parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry, details=details))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(entry: Entry, *, details: bool) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at.astimezone(UTC).replace(microsecond=0))
    for name, moment in (("dtstart", entry.starts_at), ("dtend", entry.ends_at)):
        here = moment.astimezone(LONDON)
        event.add(name, here.date() if entry.marks_day else here)
    event.add("status", entry.status)
    event.add("transp", "TRANSPARENT" if entry.marks_day or entry.status == CANCELLED else "OPAQUE")
    if not details:
        event.add("summary", entry.marks_day or BUSY)
        event.add("class", "PRIVATE")
        return event
    event.add("summary", entry.summary)
    if entry.place:
        event.add("location", entry.place)
    if entry.description:
        event.add("description", entry.description)
    if entry.path:
        event.add("url", vUri(settings.SITE_URL + entry.path))
    return event
