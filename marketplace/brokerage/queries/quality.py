"""How a provider does, in figures: what convenors and its own leads look at together."""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from marketplace.bookings.models import (
    LIVE,
    PLACES_LIVE,
    PROMISED,
    USED,
    Booking,
    BookingStatus,
    PlaceOrder,
)
from marketplace.brokerage.models import Complaint
from marketplace.brokerage.models.complaints import OPEN, ComplaintStatus
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Offer, OfferStatus, Practitioner
from marketplace.catalogue.rules import quality_hundredths
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Organisation


class Standing(NamedTuple):
    """A provider's figures. `quality` is in hundredths, with the five ratings of 3.5 every provider starts with."""

    provider: Organisation
    on_show: int
    rating_count: int
    rating_total: int
    delivered: int
    missed: int
    cancelled: int
    complaints_open: int
    complaints_upheld: int
    ending: int

    @property
    def quality(self) -> int:
        """(5 × .7 + sum of ratings) / (5 + number of ratings), in hundredths."""
        return quality_hundredths(self.rating_total, self.rating_count)

    @property
    def average(self) -> int | None:
        """The plain average of what headteachers gave, in hundredths; `None` before the first."""
        return round(self.rating_total / self.rating_count) if self.rating_count else None


def providers_judged_by(actor: Actor) -> QuerySet[Organisation]:
    """The organisations of the convenor's areas that list or ever listed an offer, and those the person leads themself."""
    lists = Exists(Offer.objects.filter(provider=OuterRef("pk")).exclude(status=OfferStatus.DRAFT))
    rows = Organisation.objects.filter(lists)
    if actor.is_system:
        return rows
    return rows.filter(
        Q(area__in=actor.in_area(Role.CONVENOR)) | Q(pk__in=actor.organisations(Role.PROVIDER_LEAD))
    )


def provider_judged_by(actor: Actor, reference: str) -> Organisation:
    """One of them by its reference; `NotFound` otherwise."""
    row = providers_judged_by(actor).filter(reference=reference).first()
    if row is None:
        raise NotFound
    return row


def standings(providers: list[Organisation], *, year: tuple[date, date], today: date) -> list[Standing]:
    """The figures of the providers, in the order given: bookings and cancellations of the academic year, ratings of all time."""
    pks = [each.pk for each in providers]
    offers = _by("provider", Offer.objects.filter(provider__in=pks), _OFFERS)
    bookings = _by("provider", Booking.objects.scoped().filter(provider__in=pks, day__range=year), _BOOKINGS)
    complaints = _by("provider", Complaint.objects.scoped().filter(provider__in=pks), _COMPLAINTS)
    awards = _by(
        "organisation",
        catalogue.provider_designations_convened_by(SYSTEM).filter(
            catalogue.ending_soon(today), organisation__in=pks
        ),
        {"ending": Count("pk")},
    )
    zero = {name: 0 for name in Standing._fields if name != "provider"}
    return [
        Standing(
            provider=each,
            **zero
            | offers.get(each.pk, {})
            | bookings.get(each.pk, {})
            | complaints.get(each.pk, {})
            | awards.get(each.pk, {}),
        )
        for each in providers
    ]


_OFFERS = {
    "on_show": Count("pk", filter=Q(status=OfferStatus.PUBLISHED)),
    "rating_total": Coalesce(Sum("rating_total"), 0),
    "rating_count": Coalesce(Sum("rating_count"), 0),
}
_BOOKINGS = {
    "delivered": Count("pk", filter=Q(status__in=USED)),
    "missed": Count("pk", filter=Q(status=BookingStatus.NO_SHOW_PROVIDER)),
    "cancelled": Count(
        "pk",
        filter=Q(
            status__in=(BookingStatus.CANCELLED_BY_PROVIDER, BookingStatus.CANCELLED_BY_RELEASING_SCHOOL)
        ),
    ),
}
_COMPLAINTS = {
    "complaints_open": Count("pk", filter=Q(status__in=OPEN)),
    "complaints_upheld": Count(
        "pk", filter=Q(status__in=(ComplaintStatus.UPHELD, ComplaintStatus.PARTLY_UPHELD))
    ),
}


class Affected(NamedTuple):
    """What a suspension touches: bookings and places to come, offers that vanish from the search, people nobody can book."""

    bookings: QuerySet[Booking]
    places: QuerySet[PlaceOrder]
    offers: QuerySet[Offer]
    people: QuerySet[Practitioner]


def affected_by_suspension(actor: Actor, organisation: Organisation, *, today: date) -> Affected:
    """For those who may suspend it or lead it; the rows are the organisation's own."""
    if not (actor.convenes(organisation.area_id) or actor.holds(Role.PROVIDER_LEAD, at=organisation.pk)):
        raise NotFound
    bookings = (
        Booking.objects.scoped()
        .filter(
            Q(provider=organisation) | Q(releasing_organisation=organisation),
            status__in=LIVE,
            day__gte=today,
        )
        .select_related("receiving_school", "practitioner", "provider", "theme")
        .order_by("starts_at")
    )
    offers = Offer.objects.filter(provider=organisation, status=OfferStatus.PUBLISHED).select_related(
        "current"
    )
    people = Practitioner.objects.filter(releasing_organisation=organisation, is_active=True)
    return Affected(bookings, _places_to_come(organisation, today), offers, people)


def schools_expecting(organisation: Organisation, *, today: date) -> list[int]:
    """Ids of the schools that have ordered or confirmed visits of the organisation still to come."""
    rows = Booking.objects.scoped().filter(
        Q(provider=organisation) | Q(releasing_organisation=organisation), status__in=PROMISED, day__gte=today
    )
    return sorted(set(rows.values_list("receiving_school", flat=True)))


def schools_with_places(organisation: Organisation, *, today: date) -> list[int]:
    """Ids of the schools that have ordered or confirmed places on courses of the organisation still to come."""
    return sorted(set(_places_to_come(organisation, today).values_list("school", flat=True)))


def _places_to_come(organisation: Organisation, today: date) -> QuerySet[PlaceOrder]:
    return (
        PlaceOrder.objects.scoped()
        .filter(event__provider=organisation, status__in=PLACES_LIVE, event__ends_at__date__gte=today)
        .select_related("event", "school")
        .order_by("event__starts_at", "pk")
    )


def _by(key: str, rows: QuerySet[Any], sums: dict[str, Any]) -> dict[int, dict[str, int]]:
    found = rows.order_by().values(key).annotate(**sums)
    return {row.pop(key): row for row in found}
