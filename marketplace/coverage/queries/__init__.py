"""What one may read of coverage, and how exactly.

A convenor sees exact numbers and opens them to the rows behind; looking at them is audited. All others see the last release
(`releasing`), hidden cells blank and the rest in fives of days, no schools and no providers: board members and scrutiny all of it,
providers the numbers behind which five schools stand, everybody the statuses of these where the area shows them. A school sees its
own needs. Advice on commissioning names providers and their prices, so it is the convenor’s alone.
"""

from marketplace.coverage.queries.access import (
    Sight,
    costs_of,
    is_public,
    latest,
    may_see,
    released,
    settings_of,
    sight_of,
    snapshots_of,
)
from marketplace.coverage.queries.advice import advice_for, advice_of
from marketplace.coverage.queries.board import Pack, board_pack
from marketplace.coverage.queries.cells import cell_of, cells_of, wards_of
from marketplace.coverage.queries.changes import Change, Changes, changes_between
from marketplace.coverage.queries.commissioned import (
    LayerCell,
    commissioned_cells,
    latent_cells,
    models_needs,
)
from marketplace.coverage.queries.gaps import (
    Gap,
    Unranked,
    days_short,
    told_to_providers,
    unranked,
    worst_gaps,
)
from marketplace.coverage.queries.met import needs_met_since
from marketplace.coverage.queries.own import OwnNeed, own_needs
from marketplace.coverage.queries.pools import (
    ANYWHERE,
    Graph,
    IdleLine,
    Lead,
    Node,
    idle_pools,
    idle_together,
    overlap_graph,
)
from marketplace.coverage.queries.preview import Moved, Preview, preview, versions_of
from marketplace.coverage.queries.radar import CAUSES, Blip, Radar, Signal, radar, signals_of
from marketplace.coverage.queries.releases import (
    PublicStatuses,
    Wanted,
    WantedThere,
    provides_somewhere,
    public_statuses,
    told_cells,
    wanted_by_providers,
)
from marketplace.coverage.queries.rows import Behind, PoolLine, behind
from marketplace.coverage.queries.shown import HELD, PARTS, TOLD_STATUSES, ShownCell
from marketplace.coverage.queries.trend import Point, board_dates, trend_of

__all__ = [
    "ANYWHERE",
    "CAUSES",
    "HELD",
    "PARTS",
    "TOLD_STATUSES",
    "Behind",
    "Blip",
    "Change",
    "Changes",
    "Gap",
    "Graph",
    "IdleLine",
    "LayerCell",
    "Lead",
    "Moved",
    "Node",
    "OwnNeed",
    "Pack",
    "Point",
    "PoolLine",
    "Preview",
    "PublicStatuses",
    "Radar",
    "ShownCell",
    "Sight",
    "Signal",
    "Unranked",
    "Wanted",
    "WantedThere",
    "advice_for",
    "advice_of",
    "behind",
    "board_dates",
    "board_pack",
    "cell_of",
    "cells_of",
    "changes_between",
    "commissioned_cells",
    "costs_of",
    "days_short",
    "idle_pools",
    "idle_together",
    "is_public",
    "latent_cells",
    "latest",
    "may_see",
    "models_needs",
    "needs_met_since",
    "overlap_graph",
    "own_needs",
    "preview",
    "provides_somewhere",
    "public_statuses",
    "radar",
    "released",
    "settings_of",
    "sight_of",
    "signals_of",
    "snapshots_of",
    "told_cells",
    "told_to_providers",
    "trend_of",
    "unranked",
    "versions_of",
    "wanted_by_providers",
    "wards_of",
    "worst_gaps",
]
