"""What what-ifs add to the world: one of the convenor's, with two edits, shared with the board."""

from typing import Any

from marketplace.coverage.scenarios import actions
from tests.builders import actor_of
from tests.builders.scenarios import a_scenario


def lay_out(world: Any) -> None:
    """After the area was worked out: a what-if stands on that."""
    convenor = world.people["convenor"]
    scenario = a_scenario(world.area, convenor, _edit(world), name="Plan", shared_with="board")
    world.scenario = actions.add(actor=actor_of(convenor), scenario=scenario, edit=_edit(world) | {"days": 5})


def _edit(world: Any) -> dict[str, Any]:
    return {"kind": "add", "theme": world.theme.code, "phase": "primary", "days": 20, "pence": 40_000}


_PAGES = (
    "scenario",
    "add_edit",
    "remove_edit",
    "undo_edit",
    "scenario_again",
    "save_scenario",
    "share_scenario",
    "copy_scenario",
    "discard_scenario",
)

VALUES: dict[str, Any] = {
    **{f"coverage:{name} reference": lambda w: w.scenario.reference for name in _PAGES},
    "coverage:remove_edit number": lambda w: 2,
    "coverage-scenario-detail reference": lambda w: w.scenario.reference,
}


def _typed(world: Any) -> dict[str, Any]:
    return {"kind": "add", "theme": world.theme.code, "phase": "primary", "days": "5", "mode": "in_person"}


def _sent(world: Any) -> dict[str, Any]:
    """To the API, in the way forms write a list of things."""
    return {"area": world.area.code} | {f"edits[0]{name}": value for name, value in _edit(world).items()}


BODIES: dict[str, Any] = {
    "coverage:new_whatif": _typed,
    "coverage:add_edit": _typed,
    "coverage:share_scenario": lambda w: {"shared_with": "convenors"},
    "coverage-scenario-list": lambda w: _sent(w) | {"name": "Mine"},
    "coverage-scenario-evaluate": lambda w: _sent(w),
}
