"""Charges that are let go because somebody who waited took the seat."""

from marketplace.bookings.actions.courses import money
from marketplace.bookings.course_events import PlaceChargeWaived
from marketplace.bookings.models import Place, PlaceOrder, PlaceStatus
from marketplace.catalogue.tariffs import CancellationTariff
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM

REASON = "Somebody from the waiting list took the place."


def refill(order: PlaceOrder, places: list[Place]) -> None:
    """Let the charges go of places other schools gave back before, oldest first, one for each place that is taken up.

    Only where the tariff of the place says so. The course is locked, so no place is refilled twice.
    """
    freed = (
        Place.objects.filter(
            event=order.event_id,
            status=PlaceStatus.CANCELLED_BY_BUYER,
            charge_waiver_reason="",
            refilled_by=None,
            ended_at__lte=order.created_at,
        )
        .exclude(order__school=order.school_id)
        .select_related("order__entitlement__line", "order__funding_stream", "event")
        .order_by("ended_at", "pk")
    )
    charged = [
        place
        for place in freed
        if place.is_charged
        and CancellationTariff.from_data(place.order.cancellation_tariff).waived_if_refilled
    ]
    for place, taken in zip(charged, places, strict=False):
        place.refilled_by = taken
        place.charge_waiver_reason = REASON
        place.save(update_fields=["refilled_by", "charge_waiver_reason"])
        money.undo_charge(place.order, place, actor=SYSTEM)
        history.write(place, verb="waive_charge", by=SYSTEM, note=REASON)
        events.publish(PlaceChargeWaived(place.pk))
