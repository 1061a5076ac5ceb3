"""Who could help with a need: the published ranking over the offers on show to the school.

    ranking = rank(asked_of(need, today=today))
    ranking.suggested, ranking.left_out, standing_of(ranking, "OF-7F3K9XQ")

The ranking is the same whoever looks: it asks what the school may buy, not what the person looking may see.
"""

from marketplace.brokerage.queries.ranking.asked import Asked, asked_of
from marketplace.brokerage.queries.ranking.candidates import Candidate
from marketplace.brokerage.queries.ranking.ranking import (
    Placed,
    RankedProvider,
    Ranking,
    Standing,
    offers_left_out,
    offers_to_ask_about,
    rank,
    ranked_providers,
    standing_of,
)

__all__ = [
    "Asked",
    "Candidate",
    "Placed",
    "RankedProvider",
    "Ranking",
    "Standing",
    "asked_of",
    "offers_left_out",
    "offers_to_ask_about",
    "rank",
    "ranked_providers",
    "standing_of",
]
