"""What-ifs."""

from typing import Any

from marketplace.coverage.models import Scenario, SharedWith
from marketplace.coverage.scenarios import actions
from marketplace.organisations.models import Area, User
from tests.builders.organisations import actor_of

__all__ = ["a_scenario", "an_added_offer"]


def an_added_offer(**fields: Any) -> dict[str, Any]:
    """Twenty days of phonics for primary schools at £400 a day, unless told otherwise."""
    return {"kind": "add", "theme": "phonics", "phase": "primary", "days": 20, "pence": 40_000} | fields


def a_scenario(
    area: Area, author: User, *edits: dict[str, Any], name: str = "", shared_with: str = SharedWith.NOBODY
) -> Scenario:
    """A scenario of the area's convenor, worked out on the newest snapshot."""
    actor = actor_of(author)
    scenario = actions.start(actor=actor, area=area, edits=edits or [an_added_offer()], name=name)
    if shared_with != SharedWith.NOBODY:
        scenario = actions.share(actor=actor, scenario=scenario, shared_with=shared_with)
    return scenario
