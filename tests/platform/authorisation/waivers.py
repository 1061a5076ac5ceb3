"""What waivers add to the world: a charge that the buying school has asked to be waived."""

from typing import Any

from marketplace.bookings.models import WaiverRequest


def lay_out(world: Any) -> None:
    """Beside the charge that nobody has asked about."""
    world.waiver_asked = world._booking("cancelled_by_buyer", 65, cancellation_charge_pence=17_500)
    WaiverRequest.objects.create(
        booking=world.waiver_asked, reason="Snow", asked_by=world.people["headteacher"]
    )


VALUES: dict[str, Any] = {
    "bookings:ask_waiver reference": lambda w: w.charged.reference,
    "bookings:decide_waiver reference": lambda w: w.waiver_asked.reference,
}

BODIES: dict[str, Any] = {
    "bookings:ask_waiver": lambda w: {"reason": "Snow"},
    "bookings:decide_waiver": lambda w: {"decision": "yes"},
}
