"""Commissioning advice: what to do about gaps with a budget.

What moving offered days could meet is free and comes first. On top of that `proposals` finds candidates from what is there, at the
area's `costs`; `problem` pairs them with needs by the same tests as every offer; `greedy` chooses at once and `exact` says how near
that is to the best possible; `plan` lays the choice out line by line.

Weights of priority order choices. They never change a counted day: days added are those of a maximum flow, whatever the weights.
"""

from .candidates import Candidate, Kind, extended
from .costs import Costs, costs_from
from .exact import Exact, exact
from .greedy import Chosen, greedy
from .plan import Beside, Line, Plan, advise
from .problem import Problem, Question
from .proposals import proposals

__all__ = [
    "Beside",
    "Candidate",
    "Chosen",
    "Costs",
    "Exact",
    "Kind",
    "Line",
    "Plan",
    "Problem",
    "Question",
    "advise",
    "costs_from",
    "exact",
    "extended",
    "greedy",
    "proposals",
]
