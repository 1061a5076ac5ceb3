"""The published formula: its parts with their weights, in the order in which pages show them (coverage.md 11).

The page “How we rank” prints these constants, and `scoring` works with them: they can't differ.
"""

from marketplace.catalogue.rules import ADJACENT_THEME, Weight

SHOWN = 5
"""So many offers are suggested."""

EXACT_EXPERTISE = 1.0
ADJACENT_EXPERTISE = ADJACENT_THEME
MAIN_PHASE = 1.0
OTHER_PHASE = 0.5

WEIGHTS = (
    Weight(
        "expertise",
        30,
        "Expertise",
        "1 where the offer is for the very theme of the need, 0.6 where it is for another theme under the same heading.",
    ),
    Weight(
        "phase",
        10,
        "Phase",
        "1 where the need’s phase is the offer’s main one: the only phase it is for, or one that its people work in. "
        "0.5 where it is taken on beside others.",
    ),
    Weight(
        "distance",
        15,
        "Nearness",
        "1 up to 10 km in a straight line, then falling evenly to 0 at 40 km, but never below 0.05 within the offer’s reach. Where "
        "both sides take support at a distance, never below how well the theme works that way.",
    ),
    Weight(
        "availability",
        15,
        "Free days",
        "Free days this school year divided by the days needed, 1 at most. What is not stated counts as none, and is marked.",
    ),
    Weight(
        "quality",
        15,
        "Quality",
        "Ratings of receiving headteachers from 0 to 1: five ratings of 0.7 are added to each offer’s own, so that one visit "
        "neither makes nor breaks an offer.",
    ),
    Weight(
        "price",
        10,
        "Price for the school",
        "1 for the cheapest tenth of those that can help, 0 for the dearest tenth, evenly in between. 0 where no price can be "
        "worked out.",
    ),
    Weight(
        "context",
        5,
        "Like your school",
        "How alike the school behind the offer is in size, in pupils eligible for free school meals and in type, each from 0 to 1, and "
        "the mean of the three. What is not known counts 0.5, neither for nor against.",
    ),
)
