"""What the measures found, kept.

Each recompute of an area stores a `Snapshot` with its `Cell`s: one per theme and phase for the whole area (`ward` null) and for
each ward with need, and the totals over themes and phases (`theme` null, `phase` empty). The newest snapshots also keep
the rows behind each number: one `NeedOutcome` per need, one `PoolOutcome` per pool of days, one `Share` per need and pool
that reach each other. Days are floats here, as measures (never money, never a ledger).

What a cell says of one school's need is sensitive and what it says of one provider's days is commercial: everything is read
through `queries`, which decides who sees exact numbers, who sees rounded ones and who sees nothing.
"""

from marketplace.coverage.engagement import models as _engagement  # noqa: F401 – its tables
from marketplace.coverage.models.advice import Advice, AdviceState, advice_reference
from marketplace.coverage.models.rounds import Round, RoundArea
from marketplace.coverage.models.scenarios import Scenario, SharedWith, scenario_reference
from marketplace.coverage.models.snapshots import (
    BoardDate,
    Cell,
    CellStatus,
    CoverageSettings,
    NeedOutcome,
    PoolOutcome,
    PoolOverlap,
    Share,
    Snapshot,
    SnapshotInputs,
)
from marketplace.coverage.models.telling import Neighbour, NeighbourFigures, PublicPage, Release

__all__ = [
    "Advice",
    "AdviceState",
    "BoardDate",
    "Cell",
    "CellStatus",
    "CoverageSettings",
    "NeedOutcome",
    "Neighbour",
    "NeighbourFigures",
    "PoolOutcome",
    "PoolOverlap",
    "PublicPage",
    "Release",
    "Round",
    "RoundArea",
    "Scenario",
    "Share",
    "SharedWith",
    "Snapshot",
    "SnapshotInputs",
    "advice_reference",
    "scenario_reference",
]
