"""Booked sessions as entries of calendar feeds: those that were ordered, and what became of them."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from marketplace.bookings import queries as bookings
from marketplace.bookings.ical import place_of, status_of
from marketplace.bookings.models import Booking
from marketplace.kernel.access import Actor
from marketplace.kernel.models import HistoryEntry
from marketplace.notifications.feeds.changes import changes_of
from marketplace.notifications.feeds.entries import Entry, Span

_TYPE = Booking._meta.label_lower


class BookingEntries:
    """The source of bookings. A time held and let go again is nobody's appointment: only what was ordered is shown."""

    def of_person(self, actor: Actor, span: Span) -> Iterable[Entry]:
        """Sessions the person gives, and those they ordered."""
        own = Q(practitioner__user=actor.user_id) | Q(requested_by=actor.user_id)
        return _entries(_ordered(actor, span).filter(own))

    def of_organisation(self, actor: Actor, organisation_id: int, span: Span) -> Iterable[Entry]:
        """Sessions the organisation receives, provides or releases somebody for."""
        here = (
            Q(receiving_school=organisation_id)
            | Q(provider=organisation_id)
            | Q(releasing_organisation=organisation_id)
        )
        return _entries(_ordered(actor, span).filter(here))


def _ordered(actor: Actor, span: Span) -> QuerySet[Booking]:
    order = HistoryEntry.objects.filter(subject_type=_TYPE, subject_id=OuterRef("pk"), verb="order")
    within = bookings.visible_to(actor).filter(ends_at__gte=span.start, starts_at__lt=span.end)
    return within.filter(Exists(order)).order_by("starts_at", "pk")


def _entries(rows: QuerySet[Booking]) -> list[Entry]:
    found = list(rows)
    changes = changes_of(Booking, [row.pk for row in found])
    host = urlsplit(settings.SITE_URL).hostname
    return [
        Entry(
            uid=f"{row.reference}@{host}",
            sequence=changes[row.pk][0],
            changed_at=changes[row.pk][1],
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            status=status_of(row),
            summary=f"{row.theme}: {row.practitioner} for {row.receiving_school}",
            place=place_of(row),
            description=f"Booking {row.reference}, {row.get_status_display().lower()}.",
            path=reverse("bookings:booking", args=[row.reference]),
        )
        for row in found
    ]
