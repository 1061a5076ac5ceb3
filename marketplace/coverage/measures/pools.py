"""What each pool of days means to the rest: who would be missed, where days lie idle, who could stand in for whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, maximum_flow

from .arrays import grouped, total_by
from .eligibility import Arcs
from .fair import Network
from .inputs import Floats, Ints


def leave_one_out(arcs: Arcs, *, days: Floats, capacity: Floats, most_days: Floats) -> Floats:
    """lost_j = F(all) - F(without j): days that nobody else could give if pool j left.

    Worked out on one maximum flow: of the days pool j gives, those are not lost that its needs can get by rerouting, which is the flow
    the source can still send to j itself through the residual, j's own supply closed. A pool the source does not reach in the
    residual loses all it gives.
    """
    lost = np.zeros(arcs.shape[2])
    network = Network(arcs, days=days, capacity=capacity, most_days=most_days)
    if not network.has_flow:
        return lost
    cut = network.push(network.full_state(), days)
    given = cut.given[: network.pools]
    lost[:] = given
    near = np.flatnonzero(cut.reached)
    place = np.full(len(cut.reached), -1)
    place[near] = np.arange(len(near))
    residual = cut.residual[near][:, near]
    own_supply = slice(residual.indptr[0], residual.indptr[1])  # the source is node 0
    for pool in np.flatnonzero((given > 0) & cut.reached[1 : network.pools + 1]):
        node = place[pool + 1]
        edge = np.flatnonzero(residual.indices[own_supply] == node)
        kept = residual.data[edge]
        residual.data[edge] = 0
        lost[pool] -= maximum_flow(residual, 0, node).flow_value
        residual.data[edge] = kept
    return np.minimum(lost / network.units, capacity)


def replaceable(lost: Floats, capacity: Floats, share: float) -> Ints:
    """Pools with days that could leave and lose no more than `share` of them."""
    return np.flatnonzero((capacity > 0) & (lost <= share * capacity + 1e-9))


def groups_sharing_needs(arcs: Arcs, *, days: Floats) -> Ints:
    """For each pool the number of its group: pools that share needs, directly or through others; -1 for a pool without any need.

    Which pool of a group stays idle is open (solutions of equal worth differ), how many days of the group do is not.
    """
    needs, _, pools = arcs.shape
    used = days[arcs.need] > 0
    need, pool = arcs.need[used], arcs.pool[used]
    size = pools + needs
    joined = coo_matrix((np.ones(len(need)), (pool, pools + need)), shape=(size, size))
    label = connected_components(joined, directed=False)[1][:pools].astype(np.int64)
    serving = np.zeros(pools, dtype=np.bool_)
    serving[pool] = True
    _, number = np.unique(label[serving], return_inverse=True)
    group = np.full(pools, -1, dtype=np.int64)
    group[serving] = number
    return group


@dataclass(frozen=True)
class Idle:
    """Days offered and left over in the fair best case, by group of pools that share needs; `unused` has no need to serve."""

    group_of_pool: Ints
    capacity: Floats
    idle: Floats
    unused: Floats

    @property
    def total(self) -> float:
        return float(self.idle.sum() + self.unused.sum())


def idle_days(arcs: Arcs, *, days: Floats, best: Floats, capacity: Floats) -> Idle:
    """C less days used, for each group; `unused` is by pool."""
    group = groups_sharing_needs(arcs, days=days)
    count = int(group.max(initial=-1)) + 1
    serving = group >= 0
    capacity_of = total_by(group[serving], capacity[serving], count)
    group_of_need = np.full(len(days), -1)
    group_of_need[arcs.need] = group[arcs.pool]
    served = group_of_need >= 0
    used = total_by(group_of_need[served], best[served], count)
    idle = np.maximum(0.0, capacity_of - used)
    return Idle(group, capacity_of, idle, np.where(serving, 0.0, capacity))


@dataclass(frozen=True)
class Overlaps:
    """Pairs of pools that reach the same weighted need, by weighted Jaccard: sum of minima over sum of maxima of D_n w_nj."""

    first: Ints
    second: Ints
    jaccard: Floats

    def edges(self, *, at_least: float, per_pool: int) -> Overlaps:
        """The strongest pairs first, none weaker than `at_least`, no pool in more than `per_pool`."""
        degree: dict[int, int] = {}
        kept = []
        for row in np.lexsort((self.second, self.first, -np.round(self.jaccard, 9))):
            ends = int(self.first[row]), int(self.second[row])
            if self.jaccard[row] < at_least - 1e-9:
                break
            if all(degree.get(end, 0) < per_pool for end in ends):
                kept.append(row)
                for end in ends:
                    degree[end] = degree.get(end, 0) + 1
        rows = np.array(sorted(kept), dtype=np.int64)
        return Overlaps(self.first[rows], self.second[rows], self.jaccard[rows])


def overlaps(arcs: Arcs, *, days: Floats) -> Overlaps:
    """Every pair of pools with a need in common."""
    matrix = arcs.matrix()
    reach = matrix.multiply(days[:, None]).tocsr()
    reach.eliminate_zeros()
    pools = arcs.shape[2]
    size = np.diff(reach.indptr)
    # each entry of a need's row, paired with every entry of the same row
    times = np.repeat(size, size)
    left = np.repeat(np.arange(reach.nnz), times)
    start = np.repeat(np.repeat(reach.indptr[:-1], size), times)
    offset = np.arange(len(left)) - np.repeat(np.cumsum(times) - times, times)
    right = start + offset
    ahead = reach.indices[left] < reach.indices[right]
    left, right = left[ahead], right[ahead]
    key = reach.indices[left].astype(np.int64) * pools + reach.indices[right]
    pair, of_entry = grouped(key)
    smaller = total_by(of_entry, np.minimum(reach.data[left], reach.data[right]), len(pair))
    total = np.asarray(reach.sum(axis=0)).ravel()
    first, second = pair // pools, pair % pools
    return Overlaps(first, second, smaller / (total[first] + total[second] - smaller))


def weighted_jaccard(first: Floats, second: Floats) -> float:
    """Overlap of two pools' weighted need; 0 if both are empty."""
    larger = float(np.maximum(first, second).sum())
    return float(np.minimum(first, second).sum()) / larger if larger else 0.0
