"""An attacker who knows every told number exactly, and what is open to everybody: which sums belong together, and that days are
not negative. By linear programming they find out between which days each hidden sum must lie.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from marketplace.coverage.disclosure import Needs, Pattern
from marketplace.coverage.disclosure.tables import sums


class Sum(NamedTuple):
    """A sum of the area: of a theme, a phase, a place, a ward; `None` for all of them."""

    theme: int | None
    phase: int | None
    place: int | None
    ward: int | None

    def holds(self, needs: Needs) -> np.ndarray:
        held = np.ones(len(needs.school), bool)
        for wanted, column in zip(self, (needs.theme, needs.phase, needs.place, needs.ward), strict=True):
            if wanted is not None:
                held &= column == wanted
        return held


def some_needs(rng: np.random.Generator, *, schools: int = 24, clusters: int = 2, wards: int = 6) -> Needs:
    """Schools in wards, each with some needs: many of one theme, few of others, as it is."""
    themes, phases = int(rng.integers(2, 6)), int(rng.integers(1, 4))
    liked = rng.dirichlet(np.full(themes, 0.7))
    of_school = rng.integers(0, wards, schools)
    rows = []
    for school in range(schools):
        phase = int(min(rng.geometric(0.6) - 1, phases - 1))
        for theme in {int(t) for t in rng.choice(themes, size=int(rng.integers(0, 4)), p=liked)}:
            days = float(rng.choice([0.5, 1, 2, 3, 4, 5, 8, 15]))
            met = round(days * float(rng.choice([0, 0.25, 0.5, 1])), 2)
            ward = int(of_school[school])
            rows.append((school, theme, phase, ward, met, days - met))
    table = np.array(rows or np.zeros((0, 6)), float).reshape(-1, 6)
    columns = (table[:, at].astype(np.int64) for at in range(4))
    return Needs(*columns, table[:, 4:], themes, phases, clusters, np.arange(wards) % clusters)


def told_sums(told: Pattern) -> Iterator[Sum]:
    """Every sum of a pattern that is told."""
    if told.whole:
        yield Sum(None, None, None, None)
    yield from (Sum(int(t), None, None, None) for t in np.flatnonzero(told.themes))
    yield from (Sum(None, int(p), None, None) for p in np.flatnonzero(told.phases))
    yield from (Sum(None, None, int(c), None) for c in np.flatnonzero(told.places))
    yield from (Sum(None, None, None, int(w)) for w in np.flatnonzero(told.wards))
    yield from (Sum(int(t), int(p), None, None) for t, p in np.argwhere(told.cells))
    yield from (Sum(int(t), None, int(c), None) for t, c in np.argwhere(told.by_place))


def secret_sums(needs: Needs, least: int) -> list[Sum]:
    """Every sum, however deep, behind which there are too few schools, or one with most of the days, or hardly any days."""
    found = []
    axes = [[None, *range(n)] for n in (needs.themes, needs.phases, needs.places, needs.wards)]
    for each in product(*axes):
        one = Sum(*each)
        held = one.holds(needs)
        if held.any() and not sums(needs.of(held), np.zeros(held.sum(), np.int64), 1, least).fine[0]:
            found.append(one)
    return found


class Attacker:
    """Knows the told sums of needs; `leaves` are all meetings of theme, phase and ward."""

    def __init__(self, needs: Needs, told: list[Sum]) -> None:
        leaves = np.array(list(product(range(needs.themes), range(needs.phases), range(needs.wards))))
        nobody, nothing = np.zeros(len(leaves), np.int64), np.zeros((len(leaves), needs.parts.shape[1]))
        theme, phase, ward = leaves.T
        self.leaves = replace(needs, school=nobody, theme=theme, phase=phase, ward=ward, parts=nothing)
        self.known = csr_matrix(np.array([one.holds(self.leaves) for one in told], float))
        self.values = np.array([needs.parts[one.holds(needs)].sum(axis=0) for one in told])

    def width(self, secret: Sum) -> float:
        """Between how many days the sum is known to lie: 0 where it is worked out, parts added up."""
        return sum(self._range(secret, part) for part in range(self.values.shape[1]))

    def _range(self, secret: Sum, part: int) -> float:
        wanted = secret.holds(self.leaves).astype(float)
        ends = []
        for sign in (1, -1):
            answer = linprog(sign * wanted, A_eq=self.known, b_eq=self.values[:, part], method="highs")
            if answer.status == 3:
                return np.inf
            assert answer.status == 0, answer.message
            ends.append(sign * answer.fun)
        return float(ends[1] - ends[0])
