"""What commissioning advice adds to the world: an answer that the convenor asked for."""

from collections.abc import Callable
from typing import Any

from marketplace.coverage.actions import ask_for_advice
from marketplace.organisations.queries import actor_for


def lay_out(world: Any) -> None:
    """Advice without a budget, so that it is quick."""
    world.advice = ask_for_advice(actor=actor_for(world.people["convenor"]), area=world.area, budget_pence=0)


VALUES: dict[str, Callable[[Any], Any]] = {
    "coverage:advice reference": lambda w: w.advice.reference,
    "coverage-advice-detail reference": lambda w: w.advice.reference,
}
QUERIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "coverage:ask_advice": lambda w: {"area": w.area.code},
}
BODIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "coverage:ask_advice": lambda w: {"budget": "0", "theme": "", "ward": ""},
    "coverage-advice-list": lambda w: {"area": w.area.code, "budget_pence": 0},
}
