"""What one may read of coverage, and how exactly.

A convenor sees exact numbers and opens them to the rows behind; each such reading is audited. Board members and scrutiny see
cells with hidden ones blank and the rest in fives of days (`disclosure`), no schools and no providers, and only the newest
snapshot. For everybody else there is nothing here.
"""

from marketplace.coverage.queries.access import (
    Sight,
    latest,
    may_see,
    settings_of,
    sight_of,
    snapshots_of,
)
from marketplace.coverage.queries.cells import cell_of, cells_of, wards_of
from marketplace.coverage.queries.changes import Change, Changes, changes_between
from marketplace.coverage.queries.rows import Behind, PoolLine, behind
from marketplace.coverage.queries.shown import PARTS, ShownCell

__all__ = [
    "PARTS",
    "Behind",
    "Change",
    "Changes",
    "PoolLine",
    "ShownCell",
    "Sight",
    "behind",
    "cell_of",
    "cells_of",
    "changes_between",
    "latest",
    "may_see",
    "settings_of",
    "sight_of",
    "snapshots_of",
    "wards_of",
]
