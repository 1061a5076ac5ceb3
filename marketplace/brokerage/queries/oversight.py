"""What a convenor sees of requests and of silent schools: that they are, and what became of them; never what anybody responded."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

from marketplace.brokerage import rules
from marketplace.brokerage.models import (
    NeedsNudge,
    NeedsReturn,
    RequestStatus,
    SupportRequest,
)
from marketplace.brokerage.queries.requests import WITH_RESPONSE
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import Area, Membership, Phase, School


@dataclass(frozen=True)
class Overseen:
    """A request as a convenor sees it: status, theme, counts and outcome."""

    reference: str
    school: str
    theme: str
    phase: str
    status: str
    status_label: str
    opened_on: date
    closes_on: date
    asked: int
    responded: int
    declined: int
    chosen: str


def requests_overseen(
    actor: Actor, area: Area, *, status: str = "", theme: str = "", phase: str = ""
) -> QuerySet[SupportRequest, dict[str, Any]]:
    """The requests sent by schools of an area the person convenes, newest first, as values; `NotFound` for others."""
    if not actor.convenes(area.pk):
        raise NotFound
    rows = SupportRequest.objects.scoped().filter(school__area=area, opened_at__isnull=False)
    given = {"status": status, "theme__code": theme, "phase": phase}
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    answered = Q(invitations__status__in=WITH_RESPONSE)
    return (
        rows.annotate(
            asked=Count("invitations"),
            responded=Count("invitations", filter=answered),
            declined=Count("invitations", filter=Q(invitations__status="declined")),
            school_name=F("school__name"),
            theme_name=F("theme__name"),
            chosen_name=F("chosen__provider__name"),
        )
        .order_by("-opened_at", "-pk")
        .values(*_SHOWN)
    )


_SHOWN = (
    "reference",
    "school_name",
    "theme_name",
    "phase",
    "status",
    "opened_at",
    "responses_close_on",
    "asked",
    "responded",
    "declined",
    "chosen_name",
)


def as_overseen(row: dict[str, Any]) -> Overseen:
    """A row of `requests_overseen` with its words."""
    return Overseen(
        reference=row["reference"],
        school=row["school_name"],
        theme=row["theme_name"],
        phase=Phase(row["phase"]).label,
        status=row["status"],
        status_label=RequestStatus(row["status"]).label,
        opened_on=local(row["opened_at"]).date(),
        closes_on=row["responses_close_on"],
        asked=row["asked"],
        responded=row["responded"],
        declined=row["declined"],
        chosen=row["chosen_name"] or "",
    )


def silent_schools(actor: Actor, area: Area, year: str) -> QuerySet[Any]:
    """Open schools of an area the person convenes that have not confirmed their needs for the year, by name.

    `nudged_at` is when each was last reminded, `has_head` whether a headteacher is on the exchange to be reminded.
    """
    if not actor.convenes(area.pk):
        raise NotFound
    return (
        schools_without_return(year)
        .filter(area=area)
        .annotate(
            nudged_at=Max(
                "organisation__needs_nudges__sent_at",
                filter=Q(organisation__needs_nudges__academic_year=year),
            ),
            has_head=Exists(
                Membership.objects.filter(
                    organisation=OuterRef("organisation"),
                    role=Role.HEADTEACHER,
                    ended_at__isnull=True,
                    user__is_active=True,
                )
            ),
        )
        .order_by("organisation__name", "urn")
    )


def schools_to_nudge(actor: Actor, area: Area, year: str, *, now: datetime) -> QuerySet[Any]:
    """Silent schools with a headteacher here that have not been reminded within a week."""
    rows = silent_schools(actor, area, year).filter(has_head=True)
    return rows.filter(Q(nudged_at__isnull=True) | Q(nudged_at__lte=now - rules.NUDGE_AGAIN_AFTER))


def schools_without_return(year: str) -> QuerySet[School]:
    """All open schools that have not confirmed their needs for the year."""
    returned = NeedsReturn.objects.filter(school=OuterRef("organisation"), academic_year=year)
    return School.objects.filter(~Exists(returned), status_code__in=School.OPEN_STATUSES).select_related(
        "organisation", "area"
    )


def answered_share(actor: Actor, area: Area, year: str) -> tuple[int, int]:
    """How many of the area's open schools have confirmed their needs, and how many there are."""
    silent = silent_schools(actor, area, year).count()
    total = organisations.open_schools(area).count()
    return total - silent, total


def last_nudge(school_id: int, year: str) -> datetime | None:
    """When a school was last reminded for a year."""
    found = NeedsNudge.objects.filter(school=school_id, academic_year=year)
    return found.aggregate(last=Max("sent_at"))["last"]
