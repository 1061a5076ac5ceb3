"""Who fits a need best: the published score, what leaves an offer out, conflicts, and what would change the order.

    scored = score(table, half_days=12)
    first = ranked(table, scored, limit=5)
    why_not(table, scored, place), changes_to_be_first(table, place, half_days=12)

Pure functions of columns of numbers (`Table`). Shares and totals are floats from 0 to 1; totals are compared in millionths, so that
rounding in the last bits decides nothing. Nothing is learnt from whom schools chose before.
"""

from marketplace.brokerage.rules.ranking.changes import (
    Change,
    Changes,
    changes_to_be_first,
)
from marketplace.brokerage.rules.ranking.conflicts import (
    CONFLICTS,
    EMPLOYED_MONTHS,
    RECIPROCAL_MONTHS,
    WORKED_TOGETHER_MONTHS,
    Conflict,
    ConflictFacts,
    ConflictKind,
    ConflictTable,
    Effect,
    FoundConflict,
    conflicts_in,
)
from marketplace.brokerage.rules.ranking.context import SchoolContext, context_share
from marketplace.brokerage.rules.ranking.reasons import HARD_REASONS, HardReason, first_reason
from marketplace.brokerage.rules.ranking.scoring import (
    Loss,
    Scored,
    losses,
    place_of,
    ranked,
    score,
)
from marketplace.brokerage.rules.ranking.table import Facts, Table
from marketplace.brokerage.rules.ranking.weights import (
    ADJACENT_EXPERTISE,
    EXACT_EXPERTISE,
    MAIN_PHASE,
    OTHER_PHASE,
    SHOWN,
    WEIGHTS,
)

__all__ = [
    "ADJACENT_EXPERTISE",
    "CONFLICTS",
    "EMPLOYED_MONTHS",
    "EXACT_EXPERTISE",
    "HARD_REASONS",
    "MAIN_PHASE",
    "OTHER_PHASE",
    "RECIPROCAL_MONTHS",
    "SHOWN",
    "WEIGHTS",
    "WORKED_TOGETHER_MONTHS",
    "Change",
    "Changes",
    "Conflict",
    "ConflictFacts",
    "ConflictKind",
    "ConflictTable",
    "Effect",
    "Facts",
    "FoundConflict",
    "HardReason",
    "Loss",
    "SchoolContext",
    "Scored",
    "Table",
    "changes_to_be_first",
    "conflicts_in",
    "context_share",
    "first_reason",
    "losses",
    "place_of",
    "ranked",
    "score",
]
