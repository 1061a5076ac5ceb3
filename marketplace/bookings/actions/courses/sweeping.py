"""What time brings: orders nobody approved, offers nobody answered, lists of courses whose bookings have closed."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from marketplace.bookings.actions.courses.ending import close_waiting
from marketplace.bookings.actions.courses.grouping import end_group
from marketplace.bookings.actions.courses.steps import end_offer, free_seats, let_go, offer_next
from marketplace.bookings.models import (
    CourseEvent,
    EventStatus,
    PlaceOrder,
    PlaceOrderStatus,
    WaitingEntry,
    WaitingStatus,
)
from marketplace.bookings.queries.courses import scopes
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.db import action, locked
from marketplace.organisations.models import Organisation


def sweep_courses(*, now: datetime | None = None) -> int:
    """Let go of what is over, course by course, each in a transaction of its own; how many courses changed."""
    now = now or timezone.now()
    late = PlaceOrder.objects.scoped().filter(status=PlaceOrderStatus.AWAITING_APPROVAL, approve_by__lte=now)
    ended = WaitingEntry.objects.scoped().filter(status=WaitingStatus.OFFERED, offer_expires_at__lte=now)
    closed = WaitingEntry.objects.scoped().filter(
        Q(event__closes_at__lte=now), status__in=[WaitingStatus.WAITING, WaitingStatus.OFFERED]
    )
    pks = {pk for rows in (late, ended, closed) for pk in rows.order_by().values_list("event", flat=True)}
    return sum(_sweep(pk=pk, now=now) for pk in sorted(pks))


@action
def _sweep(*, pk: int, now: datetime) -> bool:
    event = (
        scopes.events_visible_to(SYSTEM)
        .select_for_update(no_key=True, skip_locked=True, of=("self",))
        .filter(pk=pk)
        .first()
    )
    if event is None or event.status in (EventStatus.CANCELLED, EventStatus.DELIVERED):
        return False
    _let_go_of_late_orders(event, now)
    if scopes.why_over(event, now):
        offered = close_waiting(event)
        free_seats(event, offered, now=now)
        return True
    for entry in WaitingEntry.objects.scoped().filter(
        event=event, status=WaitingStatus.OFFERED, offer_expires_at__lte=now
    ):
        entry.event = event
        end_offer(entry, "lapse", actor=SYSTEM, now=now)
    offer_next(event, now=now)
    return True


def offer_again(*, provider: Organisation) -> None:
    """A suspension was lifted: what became free meanwhile is offered to those who wait, each course in a transaction of its own."""
    waiting = WaitingEntry.objects.scoped().filter(event__provider=provider, status=WaitingStatus.WAITING)
    for pk in sorted(set(waiting.values_list("event", flat=True))):
        _offer_again(pk=pk)


@action
def _offer_again(*, pk: int) -> None:
    offer_next(locked(scopes.events_visible_to(SYSTEM), pk=pk), now=timezone.now())


def _let_go_of_late_orders(event: CourseEvent, now: datetime) -> None:
    late = PlaceOrder.objects.scoped().filter(
        event=event, status=PlaceOrderStatus.AWAITING_APPROVAL, approve_by__lte=now
    )
    for order in late.select_related("school", "group", "entitlement__line", "funding_stream"):
        order.event = event
        order.refresh_from_db(fields=["status"])
        if order.status != PlaceOrderStatus.AWAITING_APPROVAL:  # a share that fell through with another one
            continue
        let_go(order, "expire", actor=SYSTEM, note="Not approved in time", now=now)
        if order.group is not None:
            end_group(order.group, event, because=f"{order.school} did not approve in time.", now=now)
