"""Search: words and filters in, offers out, each with the price for the school that asks.

    found = find(actor, Criteria(q="phonics", phases=("primary",)), school=school, today=today)
    found.results[0].price.lines, found.facets["themes"], found.widening

Who is free on which day is known by the bookings capability only, which registers with `availability_source`.
"""

from marketplace.catalogue.search.availability import AvailabilitySource, availability_source
from marketplace.catalogue.search.candidates import MOST_RANKED, Candidate, metres_to, square_metres_from
from marketplace.catalogue.search.criteria import PARAMETERS, SORT_WORDS, Criteria, Sort
from marketplace.catalogue.search.finding import (
    MOST_COMPARED,
    Found,
    Result,
    Vocabulary,
    find,
    results_for,
    with_people,
)
from marketplace.catalogue.search.text import rebuild_index

__all__ = [
    "MOST_COMPARED",
    "MOST_RANKED",
    "PARAMETERS",
    "SORT_WORDS",
    "AvailabilitySource",
    "Candidate",
    "Criteria",
    "Found",
    "Result",
    "Sort",
    "Vocabulary",
    "availability_source",
    "find",
    "metres_to",
    "rebuild_index",
    "results_for",
    "square_metres_from",
    "with_people",
]
