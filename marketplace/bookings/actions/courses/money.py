"""What becomes of a package's places and of a funding stream when an order of places moves, in the same transaction.

A package's places are reserved with the order; each is used when the course has taken place, or goes back. A place the tariff keeps stays
reserved until then, so that one taken by somebody who waited, or a course called off, can still give it back. A funding stream commits
the order's price when it is confirmed and spends what is owed once the course is over.
"""

from collections.abc import Callable, Iterable

from marketplace.bookings.models import (
    CourseEvent,
    Place,
    PlaceOrder,
    PlaceOrderStatus,
    PlaceStatus,
)
from marketplace.bookings.queries.courses.paying import wish_of
from marketplace.buyback import actions as buyback
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date


def reserve(order: PlaceOrder, number: int, *, actor: Actor) -> None:
    """Set the package's places aside. Raises `DoesNotFit` or `NothingLeft`."""
    if order.entitlement is not None:
        buyback.reserve(
            actor=actor,
            entitlement=order.entitlement,
            wish=wish_of(order.event, order.school_id),
            quantity=number,
            effect=f"places:{order.pk}",
            reason=_about(order, order.event),
        )


def release_all(order: PlaceOrder, places: Iterable[Place], *, actor: Actor) -> None:
    """Give a package's places back: of an order that came to nothing, or a course called off."""
    for place in places:
        release(order, place, actor=actor)


def release(order: PlaceOrder, place: Place, *, actor: Actor) -> None:
    """Give one reserved place back to its package, once."""
    if order.entitlement is not None:
        buyback.release(
            actor=actor,
            entitlement=order.entitlement,
            quantity=1,
            effect=f"place:{place.pk}",
            reason=_about(order, order.event),
        )


def use(order: PlaceOrder, place: Place, *, actor: Actor) -> None:
    """Count one reserved place as used: somebody sat there, or the tariff keeps it."""
    if order.entitlement is not None:
        buyback.use(
            actor=actor,
            entitlement=order.entitlement,
            quantity=1,
            effect=f"place:{place.pk}",
            reason=_about(order, order.event),
        )


def undo_charge(order: PlaceOrder, place: Place, *, actor: Actor) -> None:
    """The charge of a place is not owed after all: its place goes back to the package, its pence to the stream if they were spent."""
    over = place.event.status == "delivered"
    if place.keeps_place and order.entitlement is not None:
        give = buyback.give_back if over else buyback.release
        give(
            actor=actor,
            entitlement=order.entitlement,
            quantity=1,
            effect=f"place:{place.pk}",
            reason=_about(order, order.event),
        )
    if over and place.charge_pence and order.funding_stream is not None:
        buyback.refund_beyond(
            actor=actor,
            stream=order.funding_stream,
            prefix=funding_effect(order),
            owed=owed_pence(order, stream_only=True),
            effect=str(place.pk),
            reason=f"Charge no longer owed: {order.reference}, {order.school}",
        )


# Funding streams ----------------------------------------------------------------------------------------------------


def funding_effect(order: PlaceOrder) -> str:
    """How the effects of what a stream does for an order begin."""
    return f"places:{order.pk}:funding:"


def owed_pence(order: PlaceOrder, *, stream_only: bool = False) -> int:
    """Pence before VAT owed for an order as its places stand: the price of those who came, and charges that were not let go.

    Nothing but flat charges where a package pays. `stream_only` leaves out what a charge asks beyond a place's price.
    """
    total = 0
    for place in order.places.all():
        if place.status == PlaceStatus.ATTENDED:
            total += 0 if order.is_prepaid else place.net_pence
        elif place.is_charged:
            charge = place.charge_pence or 0
            total += min(charge, place.net_pence) if stream_only else charge
    return total


def follow(order: PlaceOrder, before: str, *, actor: Actor) -> None:
    """Commit a confirmed order's price; once it is over, or called off, see that the stream gets the rest back."""
    if order.funding_stream is None:
        return
    if order.status == PlaceOrderStatus.CONFIRMED:
        commit(order, actor=actor)
    elif (
        order.status == PlaceOrderStatus.CANCELLED_BY_PROVIDER and before == PlaceOrderStatus.CONFIRMED
    ) or (order.status == PlaceOrderStatus.CANCELLED_BY_BUYER and not owed_pence(order)):
        release_commitment(order, actor=actor)


def release_commitment(order: PlaceOrder, *, actor: Actor) -> None:
    """Give all of the price back to the stream, once: nothing is owed for the order."""
    _move(buyback.release_funding, order, order.net_pence, "release", "Not needed", actor=actor)


def commit(order: PlaceOrder, *, actor: Actor) -> None:
    """Set the price aside. Raises `BudgetExceeded`."""
    _move(buyback.commit_funding, order, order.net_pence, "commit", "Approved", actor=actor)


def settle(order: PlaceOrder, *, actor: Actor) -> None:
    """Spend what is owed of what was committed, and release the rest."""
    if order.funding_stream is None or order.approved_at is None:
        return
    spent = owed_pence(order, stream_only=True)
    _move(buyback.spend_funding, order, spent, "spend", "Course took place", actor=actor)
    _move(buyback.release_funding, order, order.net_pence - spent, "release", "Not needed", actor=actor)


def _move(
    verb: Callable[..., object], order: PlaceOrder, pence: int, step: str, why: str, *, actor: Actor
) -> None:
    if pence:
        verb(
            actor=actor,
            stream=order.funding_stream,
            pence=pence,
            effect=f"{funding_effect(order)}{step}",
            reason=f"{why}: {order.reference}, {order.school}",
        )


def _about(order: PlaceOrder, event: CourseEvent) -> str:
    return f"{order.reference}, {event.title}, {long_date(local(event.starts_at).date())}"
