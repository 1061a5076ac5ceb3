"""The question in the terms of the measures, and the plan for it."""

from dataclasses import dataclass

import numpy as np
from django.utils import timezone

from marketplace.catalogue.models import Theme
from marketplace.coverage import queries
from marketplace.coverage.gathering import Gathered, gather
from marketplace.coverage.gathering.columns import PHASES
from marketplace.coverage.measures import NONE, measure
from marketplace.coverage.measures.advice import Costs, Plan, Question, advise
from marketplace.coverage.models import Advice
from marketplace.kernel.dates import local
from marketplace.organisations.models import Phase


@dataclass(frozen=True)
class Asked:
    """A plan with what it was made from: the keys that lead from its rows back to ours, and the costs reckoned with."""

    gathered: Gathered
    costs: Costs
    plan: Plan
    seconds: float | None


def plan_for(advice: Advice, *, seconds: float | None = None) -> Asked:
    """Work the advice out from what is there now; with `seconds` search for the best choice for so long."""
    _, settings = queries.settings_of(advice.area, advice.settings_version or None)
    costs = queries.costs_of(advice.area)
    gathered = gather(advice.area, today=local(timezone.now()).date(), settings=settings)
    result = measure(gathered.inputs, settings, checks=False, empty_cells=False)
    plan = advise(
        result,
        costs,
        _question(advice, gathered, costs),
        budget_pence=advice.budget_pence,
        heading=_headings(gathered),
        seconds=seconds,
    )
    return Asked(gathered, costs, plan, seconds)


def _question(advice: Advice, gathered: Gathered, costs: Costs) -> Question:
    theme = [key.id for key in gathered.themes].index(advice.theme_id) if advice.theme_id else NONE
    return Question(
        theme=theme,
        phase=int(PHASES[Phase(advice.phase)]) if advice.phase else NONE,
        area=advice.ward_id or NONE,
        owner_share=costs.owner_share if advice.limit_owners else None,
        ward_floor=advice.ward_floor_percent / 100 if advice.ward_floor_percent else None,
    )


def _headings(gathered: Gathered) -> np.ndarray:
    """By theme row the heading it stands under."""
    heading = dict(Theme.objects.values_list("pk", "parent_id"))
    return np.array([heading[key.id] or key.id for key in gathered.themes], dtype=np.int64)
