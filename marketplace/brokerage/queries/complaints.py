"""Who reads a complaint: the leaders of the school that made it, the provider's leads, and the convenors of either's area."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from marketplace.bookings.models import (
    PLACES_LIVE,
    PROMISED,
    USED,
    Booking,
    BookingStatus,
    PlaceOrder,
    PlaceOrderStatus,
)
from marketplace.brokerage import rules
from marketplace.brokerage.models import Complaint, ComplaintStatus
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound
from marketplace.kernel.work import WorkItem
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import Organisation

COMPLAINERS = frozenset({Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.TRUST_LEAD})
COMPLAINT_ANSWERERS = frozenset({Role.PROVIDER_LEAD})
HAD_DEALINGS = (
    *PROMISED,
    *USED,
    BookingStatus.CANCELLED_BY_PROVIDER,
    BookingStatus.CANCELLED_BY_RELEASING_SCHOOL,
    BookingStatus.CANCELLED_BY_BUYER,
    BookingStatus.NO_SHOW_PROVIDER,
)
HAD_PLACES = (
    *PLACES_LIVE,
    PlaceOrderStatus.DELIVERED,
    PlaceOrderStatus.CANCELLED_BY_PROVIDER,
    PlaceOrderStatus.CANCELLED_BY_BUYER,
)


def complaints_visible_to(actor: Actor) -> QuerySet[Complaint]:
    """The complaints the person may read."""
    rows: QuerySet[Complaint] = Complaint.objects.scoped().select_related(
        "school", "provider", "booking__practitioner", "raised_by", "answered_by", "decided_by"
    )
    if actor.is_system:
        return rows
    areas = actor.in_area(Role.CONVENOR)
    return rows.filter(
        Q(school__in=actor.organisations(*COMPLAINERS))
        | Q(provider__in=actor.organisations(*COMPLAINT_ANSWERERS))
        | Q(provider__area__in=areas)
        | Q(school__area__in=areas)
    )


def complaint_for(actor: Actor, reference: str) -> Complaint:
    """One complaint by its reference; `NotFound` where there is none for this person."""
    row = complaints_visible_to(actor).filter(reference=reference).first()
    if row is None:
        raise NotFound
    return row


def may_complain(actor: Actor, booking: Booking) -> bool:
    """Whether the person may complain about this booking for its school."""
    return booking.status in HAD_DEALINGS and actor.holds(*COMPLAINERS, at=booking.receiving_school_id)


def may_complain_of_places(actor: Actor, order: PlaceOrder) -> bool:
    """Whether the person may complain about these places on a course for their school."""
    return order.status in HAD_PLACES and actor.holds(*COMPLAINERS, at=order.school_id)


def has_booked(school: Organisation, provider: Organisation) -> bool:
    """Whether the school ever ordered a visit or a place on a course of the provider."""
    visits = Booking.objects.scoped().filter(
        receiving_school=school, provider=provider, status__in=HAD_DEALINGS
    )
    places = PlaceOrder.objects.scoped().filter(
        school=school, event__provider=provider, status__in=HAD_PLACES
    )
    return visits.exists() or places.exists()


def area_deciding(complaint: Complaint) -> int | None:
    """Id of the area whose convenors decide: the provider's, or where it has none the school's."""
    return complaint.provider.area_id or complaint.school.area_id


def may_decide_complaint(actor: Actor, complaint: Complaint) -> bool:
    """A convenor of the deciding area who works for neither side and has declared an interest in neither."""
    sides = (complaint.provider_id, complaint.school_id)
    return (
        actor.convenes(area_deciding(complaint))
        and not set(sides) & set(actor.roles)
        and not organisations.has_interest(actor.user_id, *sides)
    )


def complaints_to_act_on(actor: Actor, *, now: datetime) -> list[WorkItem]:
    """Complaints to answer, for a provider's lead, and to decide, for a convenor."""
    if not (actor.organisations(*COMPLAINT_ANSWERERS) or actor.in_area(Role.CONVENOR)):
        return []
    today = local(now).date()
    rows = complaints_visible_to(actor).filter(status__in=(ComplaintStatus.RAISED, ComplaintStatus.ANSWERED))
    return [item for row in rows if (item := _item(actor, row, today)) is not None]


def _item(actor: Actor, row: Complaint, today: date) -> WorkItem | None:
    if row.status == ComplaintStatus.RAISED and actor.holds(*COMPLAINT_ANSWERERS, at=row.provider_id):
        return WorkItem(
            verb="Answer the complaint",
            title=f"{row.school}: {row.get_subject_display().lower()}",
            detail="The school and the convenor read your answer.",
            due_on=row.answer_due_on,
            url_name="quality:complaint",
            url_args=(row.reference,),
        )
    answered_on = local(row.answered_at).date() if row.answered_at else None
    ready = rules.may_be_decided(
        is_answered=answered_on is not None,
        answer_due=row.answer_due_on,
        today=today,
    )
    if not (ready and may_decide_complaint(actor, row)):
        return None
    return WorkItem(
        verb="Decide the complaint",
        title=f"{row.school} about {row.provider}",
        detail="Answered." if answered_on else "The provider let the time to answer pass.",
        due_on=rules.decision_due_on(row.answer_due_on, answered_on),
        url_name="quality:complaint",
        url_args=(row.reference,),
    )
