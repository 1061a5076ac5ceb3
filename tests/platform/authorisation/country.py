"""What many areas add to the world: a round in which the area of the scene is worked out."""

from typing import Any

from marketplace.coverage.country import ask_for_round
from marketplace.kernel.access import SYSTEM


def lay_out(world: Any) -> None:
    """A round of the scene's area alone."""
    world.round = ask_for_round(actor=SYSTEM, areas=[world.area], because="Asked for")


VALUES: dict[str, Any] = {
    "coverage:round number": lambda w: w.round.pk,
    "coverage:country_area code": lambda w: w.area.code,
}

BODIES: dict[str, Any] = {}
