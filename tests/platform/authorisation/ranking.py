"""What ranking and interests add to the world: an interest of the budget holder."""

from collections.abc import Callable
from typing import Any

from tests.builders import an_interest


def lay_out(world: Any) -> None:
    """An interest that the budget holder can end and the headteacher strike out, far from all that is ordered here."""
    world.interest = an_interest(world.people["budget_holder"])


VALUES: dict[str, Callable[[Any], Any]] = {
    "interests reference": lambda w: w.interest.reference,
    "interest reference": lambda w: w.interest.reference,
    "ranking reference": lambda w: w.need.reference,
    "ranking:left_out reason": lambda w: "theme",
    "suggestion need": lambda w: w.need.reference,
    "suggestion reference": lambda w: w.scene.offer.reference,
}


def _declared(world: Any) -> dict[str, Any]:
    return {"organisation": world.sibling.organisation.reference, "kind": "governance"}


def _ended(world: Any) -> dict[str, Any]:
    day = world.interest.declared_at.date()
    return {
        "ended_on": day.isoformat(),
        "ended_on-day": day.day,
        "ended_on-month": day.month,
        "ended_on-year": day.year,
    }


QUERIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "ranking:why_not": lambda w: {"offer": w.scene.offer.reference},
}
BODIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "interests:declare": _declared,
    "interest-list": _declared,
    "interests:end": _ended,
    "interest-end": _ended,
}
