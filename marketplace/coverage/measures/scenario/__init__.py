"""What if: edits of a snapshot, and what they would come to.

    ground = Ground(inputs, settings)
    scenario = ground.with_edits([AddPool(themes=(3,), phases=(Phase.PRIMARY,), days=20, x=…, y=…)])
    compared(ground.base, scenario, "theme", "phase")

A scenario equals `measure` of the edited snapshot to the last day's millionth, but is worked out from what is known of the ground it
stands on. It makes no checks of stability: how far a status can be trusted is the ground's.
"""

from marketplace.coverage.measures.scenario.compare import CellChange, Parts, compared, helped, parts_of
from marketplace.coverage.measures.scenario.edits import (
    AddNeed,
    AddPool,
    AnotherTheme,
    Edit,
    Edited,
    MoreDays,
    Remote,
    RemoveOffer,
    WiderReach,
    edited,
)
from marketplace.coverage.measures.scenario.ground import Ground

__all__ = [
    "AddNeed",
    "AddPool",
    "AnotherTheme",
    "CellChange",
    "Edit",
    "Edited",
    "Ground",
    "MoreDays",
    "Parts",
    "Remote",
    "RemoveOffer",
    "WiderReach",
    "compared",
    "edited",
    "helped",
    "parts_of",
]
