"""Measures of a cell: needs of one theme, phase and area (or of any other grouping) taken together.

    k         days offered for each day needed, sum V / D
    expected  share met as things stand, sum min(V, D) / D
    best      share met in the fair best case, sum x / D
    balance   (sum V - D) / max(sum V, D), -1 (nothing offered) to 1 (nothing needed)
    n_eff     effective number of owners, 1 / sum of squared shares of V; duplicate listings of an owner count as one
    top_share, without_largest
              share of V of the largest owner, and the share of D still met without it. Of equally large owners the one missed most
    backup    share of D that two or more owners reach; no_reach the share that nobody reaches

Ratios are NaN where a cell has no need (and n_eff, top_share where it has no days): never zero or infinite.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .allocation import Allocation
from .arrays import distinct, grouped, ratio, total_by
from .eligibility import Arcs
from .inputs import Floats, Ints, Thresholds
from .status import statuses


@dataclass(frozen=True)
class ByOwner:
    """One row for each cell and owner with days there, by cell: the days that fall on it, and the met days lost without them."""

    cell: Ints
    owner: Ints
    supply: Floats
    lost: Floats

    def of(self, cell: int) -> dict[int, tuple[float, float]]:
        """Supply and loss of each owner of one cell."""
        rows = slice(*np.searchsorted(self.cell, (cell, cell + 1)))
        columns = (self.owner[rows], self.supply[rows], self.lost[rows])
        return {
            owner: (supply, lost) for owner, supply, lost in zip(*(c.tolist() for c in columns), strict=True)
        }


@dataclass(frozen=True)
class CellMeasures:
    """One value for each cell; days unless said otherwise."""

    need_days: Floats
    met: Floats
    best_days: Floats
    brokerable: Floats
    capacity_gap: Floats
    reach_gap: Floats
    unlocated: Floats
    supply_days: Floats  # sum V: what falls on the cell, met or not
    days_in_reach: Floats  # sum C of the pools with an arc into the cell, which others may use too
    expected: Floats
    best: Floats
    k: Floats
    balance: Floats
    owners: Ints
    n_eff: Floats
    top_owner: Ints  # -1 = none
    top_share: Floats
    without_largest: Floats
    backup: Floats
    no_reach: Floats
    by_owner: ByOwner

    def status(self, thresholds: Thresholds) -> Ints:
        """Codes into status.STATUSES."""
        return statuses(
            need_days=self.need_days,
            days_in_reach=self.days_in_reach,
            supply_days=self.supply_days,
            expected=self.expected,
            best=self.best,
            k=self.k,
            without_largest=self.without_largest,
            owners=self.owners,
            thresholds=thresholds,
        )


def cell_measures(
    allocation: Allocation, *, label: Ints, cells: int, owner: Ints, days_in_reach: Floats | None = None
) -> CellMeasures:
    """Measure `cells` cells; `label` gives each need row its cell, -1 for none; `owner` each pool its owner.

    `days_in_reach` by cell replaces what would be taken from the arcs, where cells without need rows are to be counted too.
    """
    inside = label >= 0
    at = label[inside]

    def total(by_need: Floats) -> Floats:
        return total_by(at, by_need[inside], cells)

    need_days, met, best = total(allocation.days), total(allocation.met), total(allocation.best)
    supply = total(allocation.shares.of_need)
    owners = _owners(allocation, label, cells, owner)
    reach_gap = total(allocation.reach_gap)
    return CellMeasures(
        need_days=need_days,
        met=met,
        best_days=best,
        brokerable=total(allocation.brokerable),
        capacity_gap=total(allocation.capacity_gap),
        reach_gap=reach_gap,
        unlocated=total(allocation.unlocated),
        supply_days=supply,
        days_in_reach=_days_in_reach(allocation, label, cells) if days_in_reach is None else days_in_reach,
        expected=_share(met, need_days),
        best=_share(best, need_days),
        k=_share(supply, need_days),
        balance=_share(supply - need_days, np.maximum(supply, need_days)),
        owners=owners.count,
        n_eff=owners.n_eff,
        top_owner=owners.top,
        top_share=owners.top_share,
        without_largest=_share(met - owners.lost_without_top, need_days),
        backup=_share(total(_with_backup(allocation, owner)), need_days),
        no_reach=_share(reach_gap, need_days),
        by_owner=owners.each,
    )


@dataclass(frozen=True)
class _Owners:
    count: Ints
    n_eff: Floats
    top: Ints
    top_share: Floats
    lost_without_top: Floats
    each: ByOwner


def _owners(allocation: Allocation, label: Ints, cells: int, owner: Ints) -> _Owners:
    """Shares of V by owner in each cell, and the met days that go with the largest."""
    arcs, given = allocation.arcs, allocation.shares.by_arc
    counted = (given > 0) & (label[arcs.need] >= 0)
    names, number = np.unique(owner, return_inverse=True)
    size = max(1, len(names))
    pair, of_arc = grouped(arcs.need[counted] * size + number[arcs.pool[counted]])
    need = pair // size
    from_owner = total_by(of_arc, given[counted], len(pair))
    without = np.minimum(allocation.shares.of_need[need] - from_owner, allocation.days[need])
    lost = allocation.met[need] - without
    key, of_pair = grouped(label[need] * size + pair % size)
    cell, who = key // size, key % size
    supply = total_by(of_pair, from_owner, len(key))
    lost_with = total_by(of_pair, lost, len(key))
    share = supply / total_by(cell, supply, cells)[cell]
    order = np.lexsort((who, -np.round(lost_with, 9), -np.round(share, 9), cell))
    supplied, first = np.unique(cell[order], return_index=True)
    top_row = order[first]
    n_eff, top_share = np.full(cells, np.nan), np.full(cells, np.nan)
    top, lost_without_top = np.full(cells, -1), np.zeros(cells)
    n_eff[supplied] = 1 / total_by(cell, share**2, cells)[supplied]
    top[supplied], top_share[supplied] = names[who[top_row]], share[top_row]
    lost_without_top[supplied] = np.maximum(0.0, lost_with[top_row])
    each = ByOwner(cell, names[who], supply, np.maximum(0.0, lost_with))
    return _Owners(np.bincount(cell, minlength=cells), n_eff, top, top_share, lost_without_top, each)


def _with_backup(allocation: Allocation, owner: Ints) -> Floats:
    """D of needs that two or more owners reach, whether or not they said how many days they have."""
    arcs = allocation.arcs
    names, number = np.unique(owner, return_inverse=True)
    size = max(1, len(names))
    reached = distinct(arcs.need * size + number[arcs.pool]) // size
    return np.where(np.bincount(reached, minlength=len(allocation.days)) >= 2, allocation.days, 0.0)


def _days_in_reach(allocation: Allocation, label: Ints, cells: int) -> Floats:
    arcs: Arcs = allocation.arcs
    pools = max(1, arcs.shape[2])
    inside = label[arcs.need] >= 0
    key = distinct(label[arcs.need[inside]] * pools + arcs.pool[inside])
    return total_by(key // pools, allocation.capacity[key % pools], cells)


def _share(part: Floats, whole: Floats) -> Floats:
    return ratio(part, whole, otherwise=float("nan"))
