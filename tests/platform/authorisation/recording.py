"""What uses recorded by hand add to the world: places the buying school holds of the provider, and one of them used."""

from typing import Any

from django.utils import timezone

from marketplace.buyback.actions import record_use
from marketplace.kernel.access import SYSTEM
from tests.builders import an_entitlement_to


def lay_out(world: Any) -> None:
    """Between the school and the provider of the scene."""
    world.package_places = an_entitlement_to(
        "places", 10, school=world.scene.school, seller=world.scene.provider
    )
    world.place_used = record_use(
        actor=SYSTEM,
        entitlement=world.package_places,
        quantity=1,
        used_on=timezone.localdate(),
        what="Phonics",
    )


_PAGES = ("record_use", "take_back_use")

VALUES: dict[str, Any] = {
    **{f"balances:{name} reference": lambda w: w.package_places.agreement.reference for name in _PAGES},
    **{f"balances:{name} number": lambda w: w.package_places.pk for name in _PAGES},
    "balances:take_back_use use": lambda w: w.place_used.pk,
}


def _today() -> dict[str, Any]:
    today = timezone.localdate()
    return {"used_on-day": today.day, "used_on-month": today.month, "used_on-year": today.year}


BODIES: dict[str, Any] = {
    "balances:record_use": lambda w: {"quantity": "1", "what": "Phonics"} | _today(),
    "balances:take_back_use": lambda w: {"reason": "Because"},
}
