"""A region or the country: its areas side by side, their sums, and rounds in which many of them are worked out.

What is shown of an area is what its own pages show: a convenor's own areas exactly, all others as their partnership boards see
them. Sums are made of what is shown, so that nothing hidden can be worked out from them.
"""

from marketplace.coverage.country.actions import NothingToWorkOut, ask_for_round, work_out
from marketplace.coverage.country.cells import AreaLine, CountryCell, matrix_of, table_of
from marketplace.coverage.country.queries import (
    Country,
    country_of,
    latest_rounds,
    outlines_of,
    round_of,
)

__all__ = [
    "AreaLine",
    "Country",
    "CountryCell",
    "NothingToWorkOut",
    "ask_for_round",
    "country_of",
    "latest_rounds",
    "matrix_of",
    "outlines_of",
    "round_of",
    "table_of",
    "work_out",
]
