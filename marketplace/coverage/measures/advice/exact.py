"""The best choice there is, or how far from it one can be at most: a mixed-integer programme for HiGHS, with a time limit.

maximise  sum of weight x days given  -  a millionth of the pounds spent
subject to  flows from pools and candidates to needs, the budget, the share of each owner, whole blocks

A solver stopped by time has a plan and a *bound* that no plan can pass; both are always told. Where wards have floors a second flow,
weighted far above the first, says how near each ward can come to its floor.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

from marketplace.coverage.measures.inputs import Floats, Ints

from .greedy import Chosen
from .network import Layout
from .problem import FLOOR_WEIGHT, Problem

ABSOLUTE_GAP = 0.5
"""Days: nearer to the best possible than this is near enough."""

COST_TERM = 1e-6
"""Of two plans alike in days the cheaper: what a pound weighs."""


@dataclass(frozen=True)
class Exact:
    """`chosen` is None where no plan was found in time. `bound` in weighted days added: no plan within the limits adds more."""

    chosen: Chosen | None
    bound: float
    seconds: float
    proved: bool


class _Rows:
    """A programme being written: columns with their objective and bounds, rows with their limits."""

    def __init__(self) -> None:
        self.columns = 0
        self.gain: list[Floats] = []
        self.most: list[Floats] = []
        self.entries: list[tuple[Ints, Ints, Floats]] = []
        self.limits: list[Floats] = []
        self.rows = 0

    def add_columns(self, gain: Floats, most: Floats) -> Ints:
        number = self.columns + np.arange(len(gain))
        self.columns += len(gain)
        self.gain.append(gain)
        self.most.append(most)
        return number

    def add_rows(self, limits: Floats) -> Ints:
        number = self.rows + np.arange(len(limits))
        self.rows += len(limits)
        self.limits.append(limits)
        return number

    def put(self, row: Ints, column: Ints, value: Floats) -> None:
        self.entries.append((row, column, value))

    def matrix(self) -> coo_matrix:
        row, column, value = (np.concatenate(parts) for parts in zip(*self.entries, strict=True))
        return coo_matrix((value, (row, column)), shape=(self.rows, self.columns))


def exact(problem: Problem, budget_pence: int, *, seconds: float = 10.0, hint: float = 0.0) -> Exact:
    """Solve for the budget; `hint` is what is known to be possible in weighted days, to scale the gap."""
    started = perf_counter()
    before = problem.objective().value
    rows = _Rows()
    pounds = np.array([each.cost_pence / 100 for each in problem.candidates])
    most = np.array([float(min(each.most, budget_pence // each.cost_pence)) for each in problem.candidates])
    blocks = rows.add_columns(-COST_TERM * pounds, most)
    if not len(blocks) or not most.any():
        none = tuple([0] * len(blocks))
        return Exact(Chosen(none, (), 0.0, 0.0, 0), 0.0, perf_counter() - started, True)
    _limit_spending(rows, problem, blocks, pounds, budget_pence)
    _add_flow(rows, problem, problem.layout, blocks, weights=problem.tight_weights)
    if problem.floor_layout is not None:
        _add_flow(
            rows,
            problem,
            problem.floor_layout,
            blocks,
            weights=np.full_like(problem.tight_weights, FLOOR_WEIGHT),
            ward=problem.tight_ward,
        )
    gain = np.concatenate(rows.gain)
    whole = np.zeros(rows.columns)
    whole[blocks] = 1
    solved = milp(
        -gain,
        integrality=whole,
        bounds=Bounds(0, np.concatenate(rows.most)),
        constraints=LinearConstraint(rows.matrix().tocsr(), -np.inf, np.concatenate(rows.limits)),
        options={"time_limit": seconds, "mip_rel_gap": ABSOLUTE_GAP / max(1.0, before + hint)},
    )
    before -= COST_TERM * budget_pence / 100  # a bound on days, whatever they cost
    return _told(problem, solved, blocks, before, perf_counter() - started)


def _limit_spending(rows: _Rows, problem: Problem, blocks: Ints, pounds: Floats, budget_pence: int) -> None:
    budget = rows.add_rows(np.array([budget_pence / 100]))
    rows.put(np.repeat(budget, len(blocks)), blocks, pounds)
    share = problem.question.owner_share
    if share is None:
        return
    owner = np.unique([each.owner for each in problem.candidates], return_inverse=True)[1].ravel()
    limits = rows.add_rows(np.full(int(owner.max()) + 1, share * budget_pence / 100))
    rows.put(limits[owner], blocks, pounds)


def _add_flow(
    rows: _Rows,
    problem: Problem,
    layout: Layout,
    blocks: Ints,
    *,
    weights: Floats,
    ward: Ints | None = None,
) -> None:
    """Flows from suppliers to needs, within days wanted, days to give and caps; blocks bought raise what can be given."""
    supplier, need = layout.serves
    supply = problem.supply
    flow = rows.add_columns(weights[need], np.full(len(need), np.inf))
    wanted = rows.add_rows(problem.tight_days)
    rows.put(wanted[need], flow, np.ones(len(need)))
    if ward is not None:
        room = rows.add_rows(problem.ward_room)
        rows.put(room[ward[need]], flow, np.ones(len(need)))
    pool_of = np.concatenate([np.arange(layout.pools), layout.pool_of_capped])
    given = rows.add_rows(supply.capacity)
    rows.put(given[pool_of[supplier]], flow, np.ones(len(need)))
    through = supplier >= layout.pools
    capped = rows.add_rows(supply.most_days[layout.capped])
    rows.put(capped[supplier[through] - layout.pools], flow[through], np.ones(int(through.sum())))
    days = np.array([each.days for each in problem.candidates])
    adds = supply.adds_days
    rows.put(given[supply.pool[adds]], blocks[adds], -days[adds])
    opened = layout.edge_of[~adds] - layout.suppliers
    rows.put(capped[opened], blocks[~adds], -days[~adds])


def _told(problem: Problem, solved: object, blocks: Ints, before: float, seconds: float) -> Exact:
    status, values = getattr(solved, "status", 4), getattr(solved, "x", None)
    dual = getattr(solved, "mip_dual_bound", None)
    bound = float("inf") if dual is None else max(0.0, -float(dual) - before)
    if values is None:
        return Exact(None, bound, seconds, False)
    units = [int(count) for count in np.round(values[blocks])]
    return Exact(chosen_of(problem, units), bound, seconds, status == 0)


def chosen_of(problem: Problem, units: list[int]) -> Chosen:
    """What a plan adds, by the same flows that the greedy choice is measured with."""
    objective = problem.objective()
    before = objective.value, objective.days
    for at in np.flatnonzero(units).tolist():
        objective.open(at, problem.candidates[at].days * units[at])
    cost = sum(count * each.cost_pence for count, each in zip(units, problem.candidates, strict=True))
    order = tuple(np.flatnonzero(units).tolist())
    return Chosen(tuple(units), order, objective.value - before[0], objective.days - before[1], cost)
