"""What sharing of coverage adds to the world: an area that shows its statuses to everybody, and one it compares itself with."""

from collections.abc import Callable
from typing import Any

from marketplace.coverage.models import Neighbour, PublicPage
from marketplace.coverage.queries.access import EXACT_LOOK
from marketplace.kernel import audit
from marketplace.kernel.access import Role
from marketplace.organisations.models import Area
from tests.builders import actor_of


def lay_out(world: Any) -> None:
    """The public page of the area, and a neighbour chosen for comparison."""
    for column in ("convenor", "other_area"):  # the first look at exact numbers is recorded; here it has been
        actor = actor_of(world.people[column])
        for area in Area.objects.filter(pk__in=actor.in_area(Role.CONVENOR)):
            audit.record(by=actor, what=EXACT_LOOK, subject=area)
    PublicPage.objects.create(area=world.area, is_on=True)
    world.neighbour = Neighbour.objects.create(
        area=world.area, code="372", name="Overbeck", reason="As large"
    )


VALUES: dict[str, Callable[[Any], Any]] = {
    "coverage:public code": lambda w: w.area.code,
    "coverage:reason code": lambda w: w.neighbour.code,
}
BODIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "coverage:reason": lambda w: {"reason": "Because it is as large as ours"},
    "coverage:switch": lambda w: {"public": "on"},
}
