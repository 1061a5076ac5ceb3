"""A school gives one place back, by the tariff; the provider lets a charge go."""

from django.utils import timezone

from marketplace.bookings.actions.courses import money
from marketplace.bookings.actions.courses.steps import (
    OrderRef,
    free_seats,
    lock_order,
    move_order,
    move_places,
)
from marketplace.bookings.actions.steps import needed
from marketplace.bookings.course_errors import CourseClosed
from marketplace.bookings.course_events import PlaceCancelled, PlaceChargeWaived
from marketplace.bookings.course_states import PLACE
from marketplace.bookings.errors import NothingToWaive
from marketplace.bookings.models import Place, PlaceStatus
from marketplace.bookings.queries.courses import quotes, scopes
from marketplace.catalogue.tariffs import CancelledBy
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed

LONGEST_REASON = 300


@action
def cancel_place(*, actor: Actor, order: OrderRef, number: int, reason: str = "") -> Place:
    """Give one confirmed place back before the course begins: what `queries.cancellation_quote` shows is owed, and the seat is offered on.

    Of two people who cancel at once one is told. What is owed is billed when the course has taken place, so that somebody who waited
    may take the seat until then. Raises `CourseClosed` once it has begun.
    """
    row = lock_order(actor, order)
    if not scopes.may_cancel(actor, row):
        raise NotAllowed(
            "You can’t give this place back.",
            remedy="This is for the headteacher, a budget holder or the person who ordered.",
        )
    place: Place = locked(Place.objects.select_related("event"), order=row, number=number)
    place.order, place.event = row, row.event
    PLACE.target(place.status, "cancel_by_buyer")
    now = timezone.now()
    if now >= row.event.starts_at:
        raise CourseClosed(
            "The course has begun, and places can no longer be given back.",
            remedy="The provider records who did not come.",
        )
    outcome = quotes.cancellation_quote(place, by=CancelledBy.BUYER, now=now)
    move_places(
        [place],
        "cancel_by_buyer",
        actor=actor,
        note="\n".join(filter(None, [reason.strip()[:2000], outcome.explanation])),
        charge_pence=outcome.charge_pence,
        keeps_place=outcome.keeps_place,
        charge_explanation=outcome.explanation[:300],
        ended_at=now,
    )
    if not outcome.keeps_place:
        money.release(row, place, actor=actor)
    events.publish(PlaceCancelled(place.pk))
    if not row.places.filter(status=PlaceStatus.BOOKED).exists():
        move_order(row, "cancel_by_buyer", actor=actor, note="No place of the order is left")
    free_seats(row.event, 1, now=now)
    return place


@action
def waive_place_charge(*, actor: Actor, order: OrderRef, number: int, reason: str) -> Place:
    """A lead of the provider lets the charge of a place go, with the reason, which all concerned read."""
    row = lock_order(actor, order)
    if not scopes.may_run(actor, row.event):
        raise NotAllowed("You can’t waive this charge.", remedy="This is for a lead of the provider.")
    place: Place = locked(Place.objects.all(), order=row, number=number)
    place.order, place.event = row, row.event
    if not place.is_charged:
        raise NothingToWaive(
            "There is no charge to waive.",
            remedy="It was waived already, or the place was free to give back.",
        )
    waive(place, actor=actor, reason=needed(reason), charge_waived_by_id=actor.user_id)
    return place


def waive(place: Place, *, actor: Actor, reason: str, **by: int | None) -> None:
    """The fields, what was kept, the history and the news, together."""
    place.charge_waiver_reason = reason[:LONGEST_REASON]
    for name, value in by.items():
        setattr(place, name, value)
    place.save(update_fields=["charge_waiver_reason", *(name.removesuffix("_id") for name in by)])
    money.undo_charge(place.order, place, actor=actor)
    history.write(place, verb="waive_charge", by=actor, note=reason)
    events.publish(PlaceChargeWaived(place.pk))
