"""The question of one advice, made ready: which days are wanted, what every candidate reaches, and what may not be exceeded."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from marketplace.coverage.measures.arrays import total_by
from marketplace.coverage.measures.eligibility import Arcs, find_candidates
from marketplace.coverage.measures.facade import Result
from marketplace.coverage.measures.fair import fair_best_case
from marketplace.coverage.measures.inputs import NONE, Bools, Floats, Ints, Settings

from .candidates import Candidate, Extended, extended
from .network import Flow, Layout, Objective, Supply, levels, merged, total_of

MOST_CANDIDATES = 300
FLOOR_WEIGHT = 1_000.0
"""A day that brings a ward nearer to its floor comes before any other."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: which gaps count (NONE = all), and the limits on choosing.

    `owner_share` is the most of the budget that may go to one owner, `ward_floor` the share of each ward's need to be made
    possible first; None = no such limit.
    """

    theme: int = NONE
    phase: int = NONE
    area: int = NONE
    owner_share: float | None = None
    ward_floor: float | None = None

    def asks_for(self, result: Result) -> Bools:
        """Needs whose gaps count: those of the area reported on, of the theme, phase and ward asked for."""
        needs, schools = result.needs, result.inputs.schools
        asked = schools.inside[needs.school].copy()
        for wanted, column in (
            (self.theme, needs.theme),
            (self.phase, needs.phase),
            (self.area, schools.area[needs.school]),
        ):
            if wanted != NONE:
                asked &= column == wanted
        return asked


def unmet_days(result: Result, question: Question) -> Floats:
    """By need the days that even the fair best case leaves, of those that count."""
    return np.where(question.asks_for(result), result.needs.days - result.base.best, 0.0)


class Problem:
    """Days wanted by need (`days`), their weights, candidates, and what they could reach.

    Other needs than those asked for want no more than the fair best case gives them already, so what is added here goes where it
    was asked for and nobody loses. `arcs` run from needs of the area to all offers, candidates' among them; `tight` holds those
    that matter: of needs that some candidate could help at all, alike ones merged.
    """

    def __init__(self, result: Result, candidates: Sequence[Candidate], question: Question) -> None:
        self.result, self.question = result, question
        base, needs = result.base, result.needs
        asked = question.asks_for(result)
        self.days = np.where(asked, needs.days, base.best)
        self.days[~result.inputs.schools.inside[needs.school]] = 0.0
        self.weights = np.where(asked, needs.choice_weight, needs.choice_weight.max(initial=1.0))
        self.candidates = tuple(candidates)
        self.gains: dict[tuple[tuple[int, ...], int], float] = {}
        self.gains_alone: dict[tuple[int, int], float] = {}
        self._reach()
        self._keep_what_matters()

    def _reach(self) -> None:
        """Pair the needs with every offer, the candidates' too, by the same tests as everything else."""
        settings: Settings = self.result.settings
        self.extended: Extended = extended(self.result.inputs, self.candidates, [1] * len(self.candidates))
        found = find_candidates(self.extended.inputs, replace(settings, radius_factors=(1.0,)))
        arcs = found.arcs(settings)
        self.arcs = arcs.only(self.result.inputs.schools.inside[self.result.needs.school][arcs.need])
        self.supply = self.supplied([0] * len(self.candidates))

    def _keep_what_matters(self) -> None:
        key = np.unique(np.round(self.weights, 6), return_inverse=True)[1].ravel()
        self._wards = np.unique(self._ward_of_need, return_inverse=True)[1].ravel()
        if self.question.ward_floor:
            key = key * (int(self._wards.max(initial=0)) + 1) + self._wards
        group = merged(self.arcs, self.supply, key)
        first = np.unique(group, return_index=True)[1]
        self.tight_days = total_of(group, self.days)
        self.tight_weights, self.tight_ward = self.weights[first], self._wards[first]
        self.ward_room = self._ward_room()
        shape = (len(first), *self.arcs.shape[1:])
        arcs = self.arcs
        self.tight = Arcs(group[arcs.need], arcs.offer, arcs.pool, arcs.weight, arcs.distance, shape)
        self._lay()
        useful = np.zeros(len(first), dtype=np.bool_)
        for flow in self.objective().flows:
            useful |= flow.open_to_sink()
        self.tight = self.tight.only(useful[self.tight.need])
        helped = np.zeros(len(first), dtype=np.bool_)
        helped[self.tight.need] = True
        self.tight_days = np.where(helped, self.tight_days, 0.0)
        self._lay()

    @property
    def _ward_of_need(self) -> Ints:
        return self.result.inputs.schools.area[self.result.needs.school]

    def _ward_room(self) -> Floats:
        floor = self.question.ward_floor or 0.0
        return floor * total_by(self._wards, self.days, int(self._wards.max(initial=-1)) + 1)

    def _lay(self) -> None:
        self.layout = Layout(self.tight, self.supply, days=self.tight_days)
        self.floor_layout = (
            Layout(self.tight, self.supply, days=self.tight_days, ward=self.tight_ward)
            if self.question.ward_floor
            else None
        )

    def without_limits(self) -> Problem:
        """The same without the limits on choosing, to rank what was chosen."""
        other = copy(self)
        other.question = replace(self.question, owner_share=None, ward_floor=None)
        other.floor_layout = None
        other.gains, other.gains_alone = {}, {}
        return other

    def objective(self) -> Objective:
        """Flows with nothing chosen yet."""
        weights, flows = [], []
        if self.floor_layout is not None:
            flows.append(Flow(self.floor_layout, self.supply, wanted=self.tight_days, of_ward=self.ward_room))
            weights.append(FLOOR_WEIGHT)
        for lowest, more in levels(self.tight_weights[self.tight_days > 0]) or [(0.0, 1.0)]:
            wanted = np.where(self.tight_weights >= lowest - 1e-9, self.tight_days, 0.0)
            flows.append(Flow(self.layout, self.supply, wanted=wanted))
            weights.append(more)
        return Objective(weights, flows)

    def supplied(self, units: Sequence[int]) -> Supply:
        """Days by pool and caps by offer with so many blocks of each candidate."""
        base = self.result.base
        inputs = self.extended.inputs
        capacity, most = np.zeros(len(inputs.pools)), np.full(len(inputs.offers), np.inf)
        capacity[: len(base.capacity)] = base.capacity
        most[: len(base.most_days)] = base.most_days
        adds = np.array([each.adds_days for each in self.candidates], dtype=np.bool_)
        days = np.array(
            [each.days * count for each, count in zip(self.candidates, units, strict=True)], dtype=float
        )
        capacity[self.extended.pool[adds]] = days[adds]
        most[self.extended.offer[~adds]] = days[~adds]
        return Supply(capacity, most, self.extended.pool, self.extended.offer, adds)

    def best_with(self, units: Sequence[int], *, floor: Floats) -> Floats:
        """The fair best case with so many blocks of each candidate, no need getting less than `floor`."""
        supply = self.supplied(units)
        return fair_best_case(
            self.arcs, days=self.days, met=floor, capacity=supply.capacity, most_days=supply.most_days
        )

    @property
    def best(self) -> Floats:
        """The fair best case without any candidate."""
        return np.where(self.days > 0, self.result.base.best, 0.0)
