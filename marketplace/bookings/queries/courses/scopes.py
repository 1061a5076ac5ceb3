"""Who sees a course, its places and its waiting list, and who may do what.

A course is seen by whoever sees its offer; one that is still planned only by those who run, lead or release it. Orders and entries of
the waiting list are the school's and the provider's; convenors of the school's area see them without names.
"""

from datetime import datetime

from django.db.models import F, Q, QuerySet

from marketplace.bookings.course_states import PLACE_ORDER
from marketplace.bookings.models import (
    CourseEvent,
    CourseLead,
    EventStatus,
    GroupBooking,
    PlaceOrder,
    PlaceOrderStatus,
    WaitingEntry,
    WaitingStatus,
)
from marketplace.bookings.queries.scopes import (
    BUYERS_WHO_CANCEL,
    OTHER_RELEASERS,
    PROVIDER_SIDE,
    READERS,
    RELEASERS_OF_SCHOOLS,
)
from marketplace.buyback import queries as buyback
from marketplace.buyback.rules import Requirement
from marketplace.catalogue import queries as catalogue
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import OrganisationKind, School

# Rows ---------------------------------------------------------------------------------------------------------------


def events_visible_to(actor: Actor) -> QuerySet[CourseEvent]:
    """The courses the person may see, with what a list shows of them."""
    rows = CourseEvent.objects.scoped().select_related(
        "provider__school", "provider__area", "offer_version__support_type", "offer_version__offer"
    )
    if actor.is_system:
        return rows
    if actor.user_id is None:
        return rows.none()
    shown = Q(offer_version__offer__in=catalogue.published(actor).values("pk")) & ~Q(
        status=EventStatus.PLANNED
    )
    own = actor.organisations(*READERS)
    releasing = CourseLead.objects.filter(
        practitioner__releasing_organisation__in=actor.organisations(*RELEASERS_OF_SCHOOLS, *OTHER_RELEASERS)
    )
    return rows.filter(
        shown
        | Q(provider__in=own)
        | Q(provider__area__in=actor.in_area(Role.CONVENOR))
        | Q(pk__in=CourseLead.objects.filter(practitioner__user=actor.user_id).values("event"))
        | Q(pk__in=releasing.values("event"))
        | Q(pk__in=PlaceOrder.objects.scoped().filter(school__in=own).values("event"))
        | Q(pk__in=WaitingEntry.objects.scoped().filter(school__in=own).values("event"))
    )


def event_for(actor: Actor, reference: str) -> CourseEvent:
    """One course by its reference; `NotFound` where there is none for this person."""
    event = events_visible_to(actor).filter(reference=reference).first()
    if event is None:
        raise NotFound
    return event


def orders_visible_to(actor: Actor) -> QuerySet[PlaceOrder]:
    """Orders of places: of one's schools, of the courses one runs, and for convenors of their area's schools."""
    rows = (
        PlaceOrder.objects.scoped()
        .alias(gross=F("net_pence") + F("vat_pence"))
        .select_related(
            "event__provider__area", "event__offer_version__support_type", "school__school", "group"
        )
    )
    if actor.is_system:
        return rows
    if actor.user_id is None:
        return rows.none()
    own = actor.organisations(*READERS)
    seen = Q(school__in=own) | Q(event__provider__in=own) | Q(school__area__in=actor.in_area(Role.CONVENOR))
    for pk, pence in buyback.amounts_for_governors(actor.organisations(Role.GOVERNOR)).items():
        seen |= Q(school=pk, gross__gte=pence)
    return rows.filter(seen)


def order_for(actor: Actor, reference: str) -> PlaceOrder:
    """One order of places by its reference; `NotFound` where there is none for this person."""
    order = orders_visible_to(actor).filter(reference=reference).first()
    if order is None:
        raise NotFound
    return order


def waiting_visible_to(actor: Actor) -> QuerySet[WaitingEntry]:
    """Entries of waiting lists: of one's schools, and of the courses one runs."""
    rows = WaitingEntry.objects.scoped().select_related("event__provider", "school__school")
    if actor.is_system:
        return rows
    if actor.user_id is None:
        return rows.none()
    own = actor.organisations(*READERS)
    return rows.filter(Q(school__in=own) | Q(event__provider__in=own))


def waiting_for(actor: Actor, reference: str) -> WaitingEntry:
    """One entry by its reference; `NotFound` where there is none for this person."""
    entry = waiting_visible_to(actor).filter(reference=reference).first()
    if entry is None:
        raise NotFound
    return entry


def group_for(actor: Actor, reference: str) -> GroupBooking:
    """A group booking: for the schools that share it, the provider and their convenors; `NotFound` for others."""
    shares = orders_visible_to(actor).filter(group__reference=reference)
    group = (
        GroupBooking.objects.filter(reference=reference, pk__in=shares.values("group"))
        .select_related("event__provider", "lead_school__school", "requested_by")
        .first()
    )
    if group is None:
        raise NotFound
    return group


def position_of(entry: WaitingEntry) -> int:
    """The place of a waiting school on the list, from 1; those with an offer stand in front of them."""
    open_before = WaitingEntry.objects.scoped().filter(
        event=entry.event_id, status__in=[WaitingStatus.WAITING, WaitingStatus.OFFERED], pk__lt=entry.pk
    )
    return open_before.count() + 1


# Who may ------------------------------------------------------------------------------------------------------------


def schools_to_book_for(actor: Actor) -> QuerySet[School]:
    """The open schools the person buys for."""
    return (
        School.objects.filter(
            pk__in=actor.organisations(*SCHOOL_BUYERS), status_code__in=School.OPEN_STATUSES
        )
        .select_related("organisation", "trust")
        .order_by("organisation__name")
    )


def runs(actor: Actor, provider_id: int) -> bool:
    """Whether the person schedules and calls off courses of a provider."""
    return actor.holds(*PROVIDER_SIDE, at=provider_id)


def may_run(actor: Actor, event: CourseEvent) -> bool:
    """Whether the person runs this course for its provider."""
    return runs(actor, event.provider_id)


def leads(actor: Actor, event: CourseEvent) -> bool:
    """Whether the person leads this course."""
    return (
        actor.user_id is not None
        and CourseLead.objects.filter(event=event.pk, practitioner__user=actor.user_id).exists()
    )


def may_take_register(actor: Actor, event: CourseEvent) -> bool:
    """Whether the person fills in who came: those who run it and those who lead it."""
    return may_run(actor, event) or leads(actor, event)


def may_release(actor: Actor, lead: CourseLead) -> bool:
    """Whether the person says yes or no to somebody leading a course: the headteacher, or the lead of another employer."""
    employer = lead.practitioner.releasing_organisation
    roles = RELEASERS_OF_SCHOOLS if employer.kind == OrganisationKind.SCHOOL else OTHER_RELEASERS
    return actor.holds(*roles, at=employer.pk)


def joins(actor: Actor, event: CourseEvent) -> bool:
    """Whether the person is told how to join: those who run or lead the course, and schools with a confirmed place."""
    if may_take_register(actor, event):
        return True
    own = actor.organisations(*SCHOOL_BUYERS)
    return (
        PlaceOrder.objects.scoped()
        .filter(
            event=event.pk,
            school__in=own,
            status__in=[PlaceOrderStatus.CONFIRMED, PlaceOrderStatus.DELIVERED],
        )
        .exists()
    )


def may_order(actor: Actor, school_id: int) -> bool:
    """Whether the person books for a school."""
    return actor.holds(*SCHOOL_BUYERS, at=school_id)


def may_cancel(actor: Actor, order: PlaceOrder) -> bool:
    """Whether the person gives places of an order back: those who answer for the school's money, and who ordered it."""
    own = actor.user_id is not None and order.requested_by_id == actor.user_id
    return actor.holds(*BUYERS_WHO_CANCEL, at=order.school_id) or (own and may_order(actor, order.school_id))


def requirement_of(order: PlaceOrder) -> Requirement:
    """What the ladder of the school asks for this order."""
    return buyback.requirement_for(order.school, order.committed_pence)


def may_decide(actor: Actor, order: PlaceOrder) -> bool:
    """Whether the person's roles let them approve the order, whoever ordered it."""
    return buyback.holds_approval(actor, order.school_id, requirement_of(order))


def has_interest_in(actor: Actor, order: PlaceOrder) -> bool:
    """Whether the person has declared an interest in the provider that is paid."""
    return organisations.has_interest(actor.user_id, order.event.provider_id)


def may_commission(actor: Actor, order: PlaceOrder) -> bool:
    """Whether the person may let the authority pay: a convenor of the school's area."""
    return actor.convenes(order.school.area_id)


def order_verbs(actor: Actor, order: PlaceOrder, *, now: datetime) -> tuple[str, ...]:
    """What the person can do with an order now: `approve`, `refuse_approval`, `withdraw`, `cancel`, `name`."""
    can = PLACE_ORDER.verbs_from(order.status)
    found = []
    if "approve" in can and now < order.approve_by:
        requirement = requirement_of(order)
        may_approve = buyback.may_approve_under(actor, order.school_id, requirement, order.requested_by_id)
        if may_approve and not has_interest_in(actor, order) and not why_suspended(order.event):
            found += ["approve", "refuse_approval"]
        elif buyback.holds_approval(actor, order.school_id, requirement):
            found.append("refuse_approval")
    if "withdraw" in can and may_order(actor, order.school_id):
        found.append("withdraw")
    if now < order.event.starts_at and order.status == PlaceOrderStatus.CONFIRMED:
        if may_cancel(actor, order):
            found.append("cancel")
        if may_order(actor, order.school_id):
            found.append("name")
    return tuple(found)


def why_closed(event: CourseEvent, now: datetime) -> str:
    """Why no places can be booked or waited for, in a sentence; empty where they can."""
    return why_over(event, now) or why_suspended(event)


def why_suspended(event: CourseEvent) -> str:
    """That the provider is suspended, in a sentence; empty where it is not."""
    return f"{event.provider} takes no bookings at present." if event.provider.suspended_at else ""


def why_over(event: CourseEvent, now: datetime) -> str:
    """Why its state and its last day leave no places to book, in a sentence; empty where they do. A suspension may be lifted again."""
    if event.status != EventStatus.OPEN:
        return {
            EventStatus.PLANNED: "The course is not open for bookings yet.",
            EventStatus.CANCELLED: "The course is cancelled.",
            EventStatus.DELIVERED: "The course has taken place.",
        }[EventStatus(event.status)]
    if now >= event.starts_at:
        return "The course has begun."
    return "Bookings have closed." if now >= event.closes_at else ""
