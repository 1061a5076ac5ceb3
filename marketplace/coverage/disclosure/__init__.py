"""What may be told outside the convenor's office: a school's need is sensitive (coverage.md section 9).

`pattern` says which numbers of an area may be told at all, `changes` which changes since the last time, `rounding` how exactly,
and `lines` hides parts of small tables that are not made of needs. All of it is arithmetic: no database, no clock.
"""

from marketplace.coverage.disclosure.changes import admitted, safe_after
from marketplace.coverage.disclosure.lines import BOARD_SCHOOLS, DOMINANT, Part, hidden
from marketplace.coverage.disclosure.pattern import Pattern, pattern
from marketplace.coverage.disclosure.rounding import (
    BANDS,
    ROUNDED_TO,
    at_least,
    banded,
    rounded,
    rounded_parts,
)
from marketplace.coverage.disclosure.tables import LEAST_DAYS, Needs

PUBLIC_SCHOOLS = 5
"""Providers and the public are told nothing of fewer schools than this."""

__all__ = [
    "BANDS",
    "BOARD_SCHOOLS",
    "DOMINANT",
    "LEAST_DAYS",
    "PUBLIC_SCHOOLS",
    "ROUNDED_TO",
    "Needs",
    "Part",
    "Pattern",
    "admitted",
    "at_least",
    "banded",
    "hidden",
    "pattern",
    "rounded",
    "rounded_parts",
    "safe_after",
]
