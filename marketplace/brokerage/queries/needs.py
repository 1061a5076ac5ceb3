"""What one may read of needs and of what was looked for in vain."""

from django.db.models import Count, Q, QuerySet, Sum

from marketplace.bookings.models import Booking, BookingStatus
from marketplace.brokerage.models import Need, NeedsReturn, NeedStatus, UnmetDemand
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area

READERS = SCHOOL_BUYERS | {Role.GOVERNOR}


def needs_visible_to(actor: Actor) -> QuerySet[Need]:
    """Needs of the person's own schools, and of every school in the areas they convene."""
    needs = Need.objects.scoped().select_related("school__school", "theme__parent")
    if actor.is_system:
        return needs
    return needs.filter(
        Q(school__in=actor.organisations(*READERS)) | Q(school__school__area__in=actor.in_area(Role.CONVENOR))
    )


def need_for(actor: Actor, reference: str) -> Need:
    """One need by its reference; `NotFound` where there is none for this person."""
    need = needs_visible_to(actor).filter(reference=reference).first()
    if need is None:
        raise NotFound
    return need


def needs_of_own_schools(actor: Actor) -> QuerySet[Need]:
    """Needs of the schools the person works for: what a school leader's list shows."""
    return needs_visible_to(actor).filter(school__in=actor.organisations(*READERS))


def open_needs_by_school(actor: Actor, year: str) -> dict[int, int]:
    """How many needs each of the person's own schools has open for an academic year, by its id; schools with none are left out."""
    rows = needs_of_own_schools(actor).filter(academic_year=year, status=NeedStatus.OPEN)
    return dict(rows.order_by().values_list("school").annotate(Count("pk")))


def half_days_booked_for(need: Need) -> int:
    """Half-days in confirmed or delivered bookings made for the need."""
    confirmed = bookings_for(need).filter(status__in=COUNTED_STATUSES)
    return confirmed.aggregate(total=Sum("half_days"))["total"] or 0


COUNTED_STATUSES = (
    BookingStatus.CONFIRMED,
    BookingStatus.DELIVERED,
    BookingStatus.EVALUATED,
    BookingStatus.COMPLETED,
)


def bookings_for(need: Need) -> QuerySet[Booking]:
    """Bookings made for the need; whoever sees the need sees them."""
    return Booking.objects.scoped().filter(need_booking__need=need).select_related("practitioner", "provider")


def returns_of(actor: Actor) -> QuerySet[NeedsReturn]:
    """The yearly confirmations of the person's own schools."""
    return NeedsReturn.objects.filter(school__in=actor.organisations(*READERS)).select_related(
        "school", "confirmed_by"
    )


def unmet_demand(actor: Actor, area: Area, cause: str = "") -> QuerySet[UnmetDemand]:
    """Searches and requests that came to nothing in an area the person convenes, of one cause or all; `NotFound` for others."""
    if not actor.convenes(area.pk):
        raise NotFound
    rows = UnmetDemand.objects.filter(area=area).select_related("organisation", "request")
    return rows.filter(cause=cause) if cause else rows
