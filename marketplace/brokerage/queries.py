"""What one may read of needs, records of visit and evaluations.

A need is the school's own: its people, its trust's lead and the area's convenors see it, nobody else. A record of visit and
an evaluation are seen by those who see the booking.
"""

from datetime import date, datetime

from django.db.models import Q, QuerySet, Sum

from marketplace.bookings import queries as bookings
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.brokerage import rules
from marketplace.brokerage.models import (
    ImpactEvaluation,
    Need,
    NeedsReturn,
    UnmetDemand,
    VisitRecord,
)
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.kernel.dates import academic_year, local
from marketplace.kernel.errors import NotFound
from marketplace.kernel.work import WorkItem
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import Area

READERS = SCHOOL_BUYERS | {Role.GOVERNOR}
RECORD_WRITERS = frozenset({Role.PRACTITIONER, Role.PROVIDER_LEAD})
EVALUATORS = frozenset({Role.HEADTEACHER, Role.TRUST_LEAD})


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
    return NeedsReturn.objects.filter(school__in=actor.organisations(*READERS)).select_related("school")


def unmet_demand(actor: Actor, area: Area) -> QuerySet[UnmetDemand]:
    """Searches that found nothing in an area the person convenes; `NotFound` for others."""
    if not actor.convenes(area.pk):
        raise NotFound
    return UnmetDemand.objects.filter(area=area).select_related("organisation")


def record_of(booking: Booking) -> VisitRecord | None:
    """The record of visit of a booking the caller may see."""
    return VisitRecord.objects.filter(booking=booking).select_related("written_by").first()


def evaluation_of(booking: Booking) -> ImpactEvaluation | None:
    """The evaluation of a booking the caller may see."""
    return ImpactEvaluation.objects.filter(booking=booking).select_related("evaluated_by").first()


def may_write_record(actor: Actor, booking: Booking) -> bool:
    """The practitioner themself, or a lead of the provider."""
    is_the_person = actor.user_id is not None and booking.practitioner.user_id == actor.user_id
    return actor.is_system or is_the_person or actor.holds(Role.PROVIDER_LEAD, at=booking.provider_id)


def awaiting(actor: Actor, *, now: datetime) -> list[WorkItem]:
    """Records to write, support to evaluate and yearly returns to confirm, for this person."""
    today = local(now).date()
    return [*_records_to_write(actor, now), *_support_to_evaluate(actor), *_returns_to_confirm(actor, today)]


def _records_to_write(actor: Actor, now: datetime) -> list[WorkItem]:
    due = (
        bookings.visible_to(actor)
        .filter(status=BookingStatus.CONFIRMED, ends_at__lt=now, visit_record=None)
        .filter(Q(practitioner__user=actor.user_id) | Q(provider__in=actor.organisations(Role.PROVIDER_LEAD)))
        .select_related("receiving_school", "practitioner")
    )
    return [
        WorkItem(
            verb="Write the record of visit",
            title=f"{booking.receiving_school}, {booking.day:%-d %B %Y}",
            detail=f"{booking.practitioner} visited. The record is due within five working days.",
            due_on=rules.record_due_on(booking.day),
            url_name="brokerage:record",
            url_args=(booking.reference,),
        )
        for booking in due
    ]


def _support_to_evaluate(actor: Actor) -> list[WorkItem]:
    delivered = (
        bookings.visible_to(actor)
        .filter(status=BookingStatus.DELIVERED, receiving_school__in=actor.organisations(*EVALUATORS))
        .select_related("receiving_school", "practitioner")
    )
    return [
        WorkItem(
            verb="Evaluate the support",
            title=f"{booking.practitioner} at {booking.receiving_school}, {booking.day:%-d %B %Y}",
            detail="Say what changed. Other schools see the mark, never your words.",
            due_on=rules.evaluation_due_on(booking.day),
            url_name="brokerage:evaluate",
            url_args=(booking.reference,),
        )
        for booking in delivered
    ]


def _returns_to_confirm(actor: Actor, today: date) -> list[WorkItem]:
    year = academic_year(today)
    heads = actor.organisations(Role.HEADTEACHER)
    schools = organisations.schools_buying_for(actor).filter(pk__in=heads)
    confirmed = set(
        NeedsReturn.objects.filter(school__in=heads, academic_year=year).values_list("school_id", flat=True)
    )
    return [
        WorkItem(
            verb="Confirm your needs",
            title=f"{school.organisation}: what support do you need in {year}?",
            detail="Say so even if you need none: an unanswered school can’t be planned for.",
            due_on=None,
            url_name="brokerage:needs",
        )
        for school in schools
        if school.pk not in confirmed
    ]
