"""Courses as entries of calendar feeds: one for each date, for those who lead, run or have places on them."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from marketplace.bookings.course_ical import STATUSES
from marketplace.bookings.ical import CONFIRMED
from marketplace.bookings.models import PLACES_LIVE, CourseDate, CourseEvent, EventStatus, PlaceOrder
from marketplace.bookings.queries.courses import events_visible_to
from marketplace.catalogue.models import DeliveryMode
from marketplace.kernel.access import Actor
from marketplace.notifications.feeds.changes import changes_of
from marketplace.notifications.feeds.entries import Entry, Span


class CourseEntries:
    """The source of courses. How to join one is never in a feed: its page shows that to those who have a place."""

    def of_person(self, actor: Actor, span: Span) -> Iterable[Entry]:
        """Dates of courses the person leads, and of those they ordered places on."""
        ordered = _orders().filter(requested_by=actor.user_id)
        return _entries(_dates(actor, span, Q(event__leads__practitioner__user=actor.user_id), ordered))

    def of_organisation(self, actor: Actor, organisation_id: int, span: Span) -> Iterable[Entry]:
        """Dates of courses the organisation runs, and of those it has places on."""
        ordered = _orders().filter(school=organisation_id)
        return _entries(_dates(actor, span, Q(event__provider=organisation_id), ordered))


def _orders() -> QuerySet[PlaceOrder]:
    rows: QuerySet[PlaceOrder] = PlaceOrder.objects.scoped().filter(
        event=OuterRef("event"), status__in=PLACES_LIVE
    )
    return rows


def _dates(actor: Actor, span: Span, given: Q, ordered: QuerySet[PlaceOrder]) -> QuerySet[CourseDate]:
    visible = events_visible_to(actor).order_by().values("pk")
    within = CourseDate.objects.filter(event__in=visible, ends_at__gte=span.start, starts_at__lt=span.end)
    mine = within.filter(given | Q(Exists(ordered))).select_related("event__provider")
    return mine.distinct().order_by("starts_at", "pk")


def _entries(dates: QuerySet[CourseDate]) -> list[Entry]:
    found = list(dates)
    changes = changes_of(CourseEvent, {date.event_id for date in found})
    host = urlsplit(settings.SITE_URL).hostname
    return [
        Entry(
            uid=f"{date.event.reference}-{date.number}@{host}",
            sequence=changes[date.event_id][0],
            changed_at=changes[date.event_id][1],
            starts_at=date.starts_at,
            ends_at=date.ends_at,
            status=STATUSES.get(EventStatus(date.event.status), CONFIRMED),
            summary=date.event.title,
            place="Remote" if date.event.mode == DeliveryMode.REMOTE else date.event.venue,
            description=f"Course {date.event.reference}, {date.event.provider}.",
            path=reverse("courses:event", args=[date.event.reference]),
        )
        for date in found
    ]
