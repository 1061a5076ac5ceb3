"""Deployments as entries of calendar feeds: the days on which one begins, is half-way and ends. They mark a day and take no time."""

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from marketplace.brokerage.models import Deployment, DeploymentStatus
from marketplace.brokerage.queries import deployments_visible_to
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, to_utc
from marketplace.notifications.feeds.changes import changes_of
from marketplace.notifications.feeds.entries import Entry, Span

TENTATIVE, CONFIRMED, CANCELLED = "TENTATIVE", "CONFIRMED", "CANCELLED"
NEVER_CAME_ABOUT = (DeploymentStatus.DECLINED, DeploymentStatus.WITHDRAWN)
MARKS = (("starts", "starts_on"), ("mid-point", "mid_point_on"), ("ends", "ends_on"))


class DeploymentEntries:
    """The source of deployments. One nobody has been shown yet is a paper on somebody's desk, and in no calendar."""

    def of_person(self, actor: Actor, span: Span) -> Iterable[Entry]:
        """Those under which the person is deployed, and those they wrote."""
        own = Q(practitioner__user=actor.user_id) | Q(created_by=actor.user_id)
        return _entries(_shown(actor, span).filter(own), span)

    def of_organisation(self, actor: Actor, organisation_id: int, span: Span) -> Iterable[Entry]:
        """Those of which the organisation is the receiving school, the provider or the employer."""
        here = (
            Q(receiving_school=organisation_id)
            | Q(provider=organisation_id)
            | Q(releasing_organisation=organisation_id)
        )
        return _entries(_shown(actor, span).filter(here), span)


def _shown(actor: Actor, span: Span) -> QuerySet[Deployment]:
    first, last = local(span.start).date(), local(span.end).date()
    rows = deployments_visible_to(actor).filter(sent_at__isnull=False)
    return rows.filter(ends_on__gte=first, starts_on__lte=last).order_by("starts_on", "pk")


def _entries(rows: QuerySet[Deployment], span: Span) -> list[Entry]:
    found = list(rows)
    changes = changes_of(Deployment, [row.pk for row in found])
    return [entry for row in found for entry in _marks(row, changes[row.pk], span)]


def _marks(row: Deployment, changed: tuple[int, object], span: Span) -> Iterator[Entry]:
    host = urlsplit(settings.SITE_URL).hostname
    sequence, changed_at = changed
    for word, field in MARKS:
        day: date = getattr(row, field)
        starts_at = to_utc(day, time())
        if span.start <= starts_at < span.end:
            what = "Deployment mid-point" if word == "mid-point" else f"Deployment {word}"
            yield Entry(
                uid=f"{row.reference}-{word}@{host}",
                sequence=sequence,
                changed_at=changed_at,  # type: ignore[arg-type]
                starts_at=starts_at,
                ends_at=to_utc(day + timedelta(days=1), time()),
                status=_status(row, day),
                summary=f"{what}: {row.practitioner} at {row.receiving_school}",
                description=f"Deployment {row.reference}, {row.get_status_display().lower()}.",
                path=reverse("deployments:deployment", args=[row.reference]),
                marks_day=what,
            )


def _status(row: Deployment, day: date) -> str:
    ended = row.status == DeploymentStatus.STOPPED and row.ended_at and day > local(row.ended_at).date()
    if ended or row.status in NEVER_CAME_ABOUT:
        return CANCELLED
    return TENTATIVE if row.status == DeploymentStatus.TO_SIGN else CONFIRMED
