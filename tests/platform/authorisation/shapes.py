"""What the shapes of booking add to the world: orders of several dates, one in each state somebody decides on."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.builders.bookings import a_booking_day
from tests.builders.shapes import an_order_of_dates


def lay_out(world: Any) -> None:
    """Orders of two dates each, far enough from what else there is."""
    states = {"held": 130, "awaiting_approval": 150, "awaiting_release": 170}
    world.dates = {
        status: an_order_of_dates(
            world.scene,
            [a_booking_day(days_ahead=days), a_booking_day(days_ahead=days + 7)],
            status=status,
            requested_by=world.people["staff"],
        )[0].order
        for status, days in states.items()
    }


def _of(status: str) -> Any:
    return lambda w: w.dates[status].reference


VALUES: dict[str, Any] = {
    "bookings:consent_link token": lambda w: "forged",
    "bookings:dates_together reference": _of("awaiting_approval"),
    "bookings:order_dates reference": _of("held"),
    "bookings:approve_dates reference": _of("awaiting_approval"),
    "bookings:consent_dates reference": _of("awaiting_release"),
    "bookings:withdraw_dates reference": _of("awaiting_approval"),
    "bookings:cancel_days reference": lambda w: w.scene.practitioner.reference,
    "together reference": _of("awaiting_approval"),
    "together-order reference": _of("held"),
    "together-consent reference": _of("awaiting_release"),
    "together-refuse-release reference": _of("awaiting_release"),
}


def _days(name: str, ahead: int) -> dict[str, Any]:
    day = timezone.localdate() + timedelta(days=ahead)
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


def _free_day(ahead: int) -> str:
    return a_booking_day(days_ahead=ahead).isoformat()


BODIES: dict[str, Any] = {
    "together-list": lambda w: {
        "offer": w.scene.offer.reference,
        "practitioner": w.scene.practitioner.reference,
        "school": w.scene.school.urn,
        "theme": w.theme.code,
        "phase": "primary",
        "mode": "in_person",
        "session": "day",
        "days": [_free_day(200), _free_day(210)],
    },
    "together-order": lambda w: {"evidence": ""},
    "booking-reschedule": lambda w: {"day": _free_day(220), "session": "day"},
    "bookings:reschedule": lambda w: {"day": _free_day(220)},
    "bookings:cancel_days": lambda w: {
        **_days("first_day", 230),
        **_days("last_day", 231),
        "by": "provider",
        "reason": "Away",
        "confirmed": "yes",
    },
    "bookings:closures": lambda w: {
        "place": f"area-{w.area.pk}",
        **_days("day", 3),
        "reason": "Snow",
        "confirmed": "yes",
    },
    "bookings:order_dates": lambda w: {"pay_by": "standard"},
}
