"""Days on which schools are closed without warning, and what of a diary or a day would be called off."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q, QuerySet

from marketplace.bookings.models import LIVE, Booking, BookingStatus, SchoolClosure
from marketplace.bookings.queries.scopes import (
    OTHER_RELEASERS,
    PROVIDER_SIDE,
    RELEASERS_OF_SCHOOLS,
    may,
    visible_to,
)
from marketplace.catalogue.models import DeliveryMode, Practitioner
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.organisations.models import Area, Organisation, OrganisationKind

DECLARERS = frozenset({Role.HEADTEACHER, Role.TRUST_LEAD})


def closures_declared_by(actor: Actor) -> QuerySet[SchoolClosure]:
    """Closures of the schools the person heads and the areas they convene, latest first."""
    return SchoolClosure.objects.filter(
        Q(school__in=actor.organisations(*DECLARERS)) | Q(area__in=actor.in_area(Role.CONVENOR))
    ).select_related("area", "school", "declared_by")


def may_declare(actor: Actor, place: Area | Organisation) -> bool:
    """Whether the person may say that a school, or every school of an area, is closed: its head, or a convenor."""
    if isinstance(place, Area):
        return actor.convenes(place.pk)
    return actor.holds(*DECLARERS, at=place.pk) or actor.convenes(place.area_id)


def visits_on(place: Area | Organisation, day: date, *, now: datetime) -> QuerySet[Booking]:
    """Visits to the schools of a place on a day, ordered or held, that are not over and for which somebody would travel."""
    where = {"receiving_school__area": place} if isinstance(place, Area) else {"receiving_school": place}
    return (
        visible_to(SYSTEM)
        .filter(**where, day=day, status__in=LIVE, ends_at__gt=now)
        .exclude(mode=DeliveryMode.REMOTE)
        .order_by("receiving_school__name", "starts_at")
    )


def can_be_remote(booking: Booking) -> bool:
    """Whether the offer, as it was booked, is also given from afar."""
    return booking.offer_version.mode == DeliveryMode.BOTH


def diary_bookings(
    practitioner: Practitioner, first_day: date, last_day: date, *, now: datetime
) -> QuerySet[Booking]:
    """What lies in a person's diary between two days and is still to come, holds that still stand included."""
    return (
        visible_to(SYSTEM)
        .filter(
            practitioner=practitioner, day__range=(first_day, last_day), status__in=LIVE, starts_at__gt=now
        )
        .exclude(status=BookingStatus.HELD, hold_expires_at__lte=now)
        .order_by("starts_at")
    )


def sides_of(actor: Actor, practitioner: Practitioner, bookings: Iterable[Booking]) -> list[str]:
    """As which side the person may call off all of these: `provider`, `releasing_school`, both or neither."""
    return [
        side
        for side in ("provider", "releasing_school")
        if all(may(actor, booking, f"cancel_by_{side}") for booking in bookings)
    ]


def sides_over(actor: Actor, practitioner: Practitioner) -> list[str]:
    """As which sides the person may call days of somebody off: a lead of a provider who offers them, the head who releases them."""
    providers = set(practitioner.offer_versions.values_list("offer__provider", flat=True))
    providers.add(practitioner.listed_by_id or practitioner.releasing_organisation_id)
    found = []
    if any(actor.holds(*PROVIDER_SIDE, at=pk) for pk in providers):
        found.append("provider")
    if may_release(actor, practitioner.releasing_organisation):
        found.append("releasing_school")
    return found


def may_release(actor: Actor, organisation: Organisation) -> bool:
    """Whether the person lets an organisation's people go: a school's headteacher, another body's lead."""
    is_school = organisation.kind == OrganisationKind.SCHOOL
    return actor.holds(*(RELEASERS_OF_SCHOOLS if is_school else OTHER_RELEASERS), at=organisation.pk)


def places_to_close(actor: Actor) -> tuple[list[Area], list[Organisation]]:
    """The areas the person convenes and the schools they head."""
    areas = Area.objects.filter(pk__in=actor.in_area(Role.CONVENOR)).order_by("name")
    schools = Organisation.objects.filter(
        pk__in=actor.organisations(*DECLARERS), kind=OrganisationKind.SCHOOL
    ).order_by("name")
    return list(areas), list(schools)
