"""Coming courses with filters, those a provider runs, and the shares of group bookings."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import cos, radians

from django.db.models import F, FloatField, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Power

from marketplace.bookings.models import (
    CourseEvent,
    CourseLead,
    EventStatus,
    GroupBooking,
    LeadStatus,
    PlaceOrder,
)
from marketplace.bookings.queries.courses.scopes import events_visible_to, orders_visible_to
from marketplace.bookings.queries.scopes import PROVIDER_SIDE
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import DeliveryMode, Offer, ServiceKind
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import to_utc
from marketplace.organisations.models import School

KM_A_DEGREE = 111.2


@dataclass(frozen=True)
class Finding:
    """What somebody looks for: a theme's key (or that of the theme above), a phase, days, seats left, the way, and kilometres from a school."""

    theme: int | None = None
    phase: str = ""
    first_day: date | None = None
    last_day: date | None = None
    with_seats: bool = False
    mode: str = ""
    near: School | None = None
    within_km: int | None = None


def coming_events(actor: Actor, wish: Finding, *, now: datetime) -> QuerySet[CourseEvent]:
    """Courses open for bookings that have not begun, soonest first, as the person may see them, with themes and dates."""
    rows = events_visible_to(actor).filter(status=EventStatus.OPEN, starts_at__gt=now)
    if wish.theme is not None:
        versions = CourseEvent._rows.filter(
            Q(offer_version__themes=wish.theme) | Q(offer_version__themes__parent=wish.theme)
        )
        rows = rows.filter(pk__in=versions.values("pk"))
    if wish.phase:
        rows = rows.filter(offer_version__phases__contains=[wish.phase])
    if wish.first_day:
        rows = rows.filter(starts_at__gte=to_utc(wish.first_day, time()))
    if wish.last_day:
        rows = rows.filter(starts_at__lt=to_utc(wish.last_day + timedelta(days=1), time()))
    if wish.with_seats:
        rows = rows.filter(seats_taken__lt=F("seats"), closes_at__gt=now)
    if wish.mode:
        rows = rows.filter(mode=wish.mode)
    if wish.within_km is not None and wish.near is not None and wish.near.latitude is not None:
        rows = _within(rows, wish.near, wish.within_km)
    return rows.prefetch_related("offer_version__themes", "dates").order_by("starts_at", "pk")


def _within(rows: QuerySet[CourseEvent], school: School, km: int) -> QuerySet[CourseEvent]:
    """Remote courses, and those held within so many kilometres as the crow flies; the earth is flat at this scale."""
    latitude, longitude = school.latitude or 0.0, school.longitude or 0.0
    north = (F("venue_latitude") - Value(latitude)) * Value(KM_A_DEGREE)
    east = (F("venue_longitude") - Value(longitude)) * Value(KM_A_DEGREE * cos(radians(latitude)))
    square = Power(north, 2.0, output_field=FloatField()) + Power(east, 2.0, output_field=FloatField())
    return rows.alias(square=square).filter(Q(mode=DeliveryMode.REMOTE) | Q(square__lte=float(km * km)))


def events_run_by(actor: Actor) -> QuerySet[CourseEvent]:
    """Courses of the providers the person runs, and those the person leads, the latest first."""
    leading = CourseLead.objects.filter(practitioner__user=actor.user_id or 0).exclude(
        status=LeadStatus.REFUSED
    )
    return (
        events_visible_to(actor)
        .filter(Q(provider__in=actor.organisations(*PROVIDER_SIDE)) | Q(pk__in=leading.values("event")))
        .prefetch_related("dates", people_leading())
        .order_by("-starts_at", "-pk")
    )


def people_leading() -> Prefetch:
    """Those who lead a course, with who releases them, as `event.leads`."""
    return Prefetch(
        "leads",
        queryset=CourseLead.objects.select_related("practitioner__releasing_organisation", "decided_by"),
    )


def offers_to_schedule(actor: Actor) -> QuerySet[Offer]:
    """Published offers of courses the person can put on dates."""
    return (
        catalogue.offers_managed_by(actor)
        .filter(status="published", current__support_type__service_kind=ServiceKind.COURSE)
        .filter(catalogue.SOLD_BY_THE_PLACE)
        .select_related("current", "provider")
        .order_by("current__title")
    )


def groups_visible_to(actor: Actor) -> QuerySet[GroupBooking]:
    """Group bookings with a share the person may see."""
    shares = orders_visible_to(actor).filter(group__isnull=False)
    return GroupBooking.objects.filter(pk__in=shares.values("group")).select_related("event", "lead_school")


def shares_of(group: GroupBooking) -> QuerySet[PlaceOrder]:
    """The shares of a group booking. Whoever sees the group sees who takes part and what each pays: that is what they agreed to."""
    return (
        PlaceOrder.objects.scoped()
        .filter(group=group)
        .select_related("school", "approved_by")
        .prefetch_related("places")
        .order_by("pk")
    )


def family_schools(school: School) -> QuerySet[School]:
    """Open schools of the same trust, federation or cluster, the school itself among them: who may buy as a group."""
    family = Q(pk=school.pk) | Q(clusters__in=school.clusters.all())
    if school.trust_id:
        family |= Q(trust=school.trust_id)
    if school.federation_id:
        family |= Q(federation=school.federation_id)
    return (
        School.objects.filter(family, status_code__in=School.OPEN_STATUSES)
        .select_related("organisation")
        .order_by("organisation__name")
        .distinct()
    )
