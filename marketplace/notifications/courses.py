"""Who hears of courses, places and waiting lists. `tasks.py` imports this, so that its subscribers are there for the worker."""

from marketplace.bookings.course_events import (
    CourseEventMoved,
    LeadAsked,
    PlaceCancelled,
    PlaceChargeWaived,
    PlaceOrderMoved,
    WaitingMoved,
)
from marketplace.bookings.models import (
    CourseEvent,
    CourseLead,
    Place,
    PlaceOrder,
    PlaceOrderStatus,
    WaitingEntry,
    WaitingStatus,
)
from marketplace.bookings.queries import courses as queries
from marketplace.bookings.queries.scopes import OTHER_RELEASERS, RELEASERS_OF_SCHOOLS
from marketplace.buyback.queries import APPROVER_ROLES
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.events import subscribe
from marketplace.notifications import course_messages as messages
from marketplace.notifications import live
from marketplace.notifications.actions import tell
from marketplace.notifications.live import Audience
from marketplace.notifications.people import ASKED, holders, without_interest
from marketplace.notifications.rules import Message, Recipient
from marketplace.organisations.models import OrganisationKind

RUNNERS = frozenset({Role.PROVIDER_LEAD})
BUYERS = frozenset({Role.HEADTEACHER, Role.BUDGET_HOLDER})


@subscribe(PlaceOrderMoved)
def tell_of_places(event: PlaceOrderMoved) -> None:
    """Tell those who must approve, or whose places changed; never the person who did it."""
    order = queries.orders_visible_to(SYSTEM).select_related("requested_by").get(pk=event.order_id)
    entry = history.of(order).filter(verb=event.verb).last()
    for to, message in _messages(order, event):
        others = [each for each in to if entry is None or each.user_id != entry.by_id]
        tell(to=others, message=message, effect=f"places:{order.pk}:{event.verb}:{message.kind}")
    sides = sorted({order.school_id, order.event.provider_id})
    live.broadcast_all("course", [Audience(organisation=pk) for pk in sides], {"reference": order.reference})


def _messages(order: PlaceOrder, event: PlaceOrderMoved) -> list[tuple[list[Recipient], Message]]:
    requester = _requester(order)
    if event.verb == "order":
        still = order.status == PlaceOrderStatus.AWAITING_APPROVAL
        return [(_approvers(order), messages.approval_wanted(order))] if still else []
    if event.after == PlaceOrderStatus.CONFIRMED:
        return [
            (requester, messages.confirmed(order)),
            (holders(order.event.provider_id, RUNNERS), messages.sold(order)),
        ]
    if event.after == PlaceOrderStatus.CANCELLED_BY_PROVIDER:
        to = list(dict.fromkeys(requester + holders(order.school_id, BUYERS)))
        return [(to, messages.called_off(order))]
    if event.after in (
        PlaceOrderStatus.WITHDRAWN,
        PlaceOrderStatus.EXPIRED,
        PlaceOrderStatus.FELL_THROUGH,
    ):
        return [(requester, messages.came_to_nothing(order))]
    return []


def _requester(order: PlaceOrder) -> list[Recipient]:
    """Who ordered; where the lead of a group did for another school, also those who answer for its share there."""
    requester = [Recipient(order.requested_by_id, order.school_id)]
    return list(dict.fromkeys(requester + holders(order.school_id, BUYERS))) if order.group_id else requester


def _approvers(order: PlaceOrder) -> list[Recipient]:
    """As of a booking: those the ladder names, else all who may approve; nobody with an interest in the provider."""
    approver = queries.requirement_of(order).approver
    to_pay = {order.event.provider_id}
    named = without_interest(holders(order.school_id, ASKED[approver]), to_pay)
    if all(each.user_id == order.requested_by_id for each in named):
        return without_interest(holders(order.school_id, APPROVER_ROLES[approver]), to_pay)
    return named


@subscribe(WaitingMoved)
def tell_of_waiting(event: WaitingMoved) -> None:
    """The school that waits hears of an offer, of one that ran out, and that the list has closed."""
    entry: WaitingEntry = queries.waiting_visible_to(SYSTEM).get(pk=event.entry_id)
    to = [Recipient(entry.requested_by_id, entry.school_id)]
    offers = history.of(entry).filter(verb="offer").count()
    if event.after == WaitingStatus.OFFERED and entry.status == WaitingStatus.OFFERED:
        everybody = list(dict.fromkeys(to + holders(entry.school_id, BUYERS)))
        tell(to=everybody, message=messages.offered(entry), effect=f"waiting:{entry.pk}:offer:{offers}")
    elif event.after == WaitingStatus.LAPSED:
        tell(to=to, message=messages.lapsed(entry), effect=f"waiting:{entry.pk}:lapse:{offers}")
    elif event.after == WaitingStatus.CLOSED:
        tell(to=to, message=messages.list_closed(entry), effect=f"waiting:{entry.pk}:close")
    live.broadcast_all("course", [Audience(organisation=entry.school_id)], {"reference": entry.reference})


@subscribe(LeadAsked)
def ask_for_release(event: LeadAsked) -> None:
    """The headteacher, or the lead of another employer, is asked."""
    lead = CourseLead.objects.select_related("event__provider", "practitioner__releasing_organisation").get(
        pk=event.lead_id
    )
    employer = lead.practitioner.releasing_organisation
    roles = RELEASERS_OF_SCHOOLS if employer.kind == OrganisationKind.SCHOOL else OTHER_RELEASERS
    tell(
        to=holders(employer.pk, roles), message=messages.release_wanted(lead), effect=f"lead:{lead.pk}:asked"
    )


@subscribe(CourseEventMoved)
def tell_leaders(event: CourseEventMoved) -> None:
    """Those who lead it, and those who run it, hear that a course is open or called off."""
    course: CourseEvent = queries.events_visible_to(SYSTEM).get(pk=event.event_id)
    if event.verb not in ("open", "cancel"):
        return
    entry = history.of(course).filter(verb=event.verb).last()
    leaders = [
        Recipient(lead.practitioner.user_id, lead.practitioner.releasing_organisation_id)
        for lead in course.leads.select_related("practitioner")
        if lead.practitioner.user_id
    ]
    to = [
        each
        for each in dict.fromkeys(leaders + holders(course.provider_id, RUNNERS))
        if entry is None or each.user_id != entry.by_id
    ]
    tell(to=to, message=messages.course_moved(course, event.verb), effect=f"course:{course.pk}:{event.verb}")


@subscribe(PlaceCancelled)
def tell_of_cancelled_place(event: PlaceCancelled) -> None:
    """The provider hears that a place was given back."""
    place = Place.objects.select_related("order__school", "event__provider").get(pk=event.place_id)
    tell(
        to=holders(place.event.provider_id, RUNNERS),
        message=messages.given_back(place),
        effect=f"place:{place.pk}:given_back",
    )


@subscribe(PlaceChargeWaived)
def tell_of_waived_place(event: PlaceChargeWaived) -> None:
    """The school hears that it owes nothing after all."""
    place = Place.objects.select_related("order__school", "event__provider").get(pk=event.place_id)
    tell(to=_requester(place.order), message=messages.charge_waived(place), effect=f"place:{place.pk}:waived")
