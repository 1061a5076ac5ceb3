"""Who is how far from whom: the distances between schools and pools of days, kept while places stay as they are.

For each school the pools that reach it and the metres to the nearest of their sites on the school's side of the water, as one
compressed table (CSR): three arrays, 6 bytes for each pair (8 from 65,536 pools on). Places change once a term and days all the time, so that a table is kept
under the fingerprint of the places it was made from; England's (24,000 schools, 5,000 sites) takes a second to make and 22 MB.

Schools are taken in strips from west to east, each against the sites of the strip and a radius on either side: no more work than a
tree, and the same for an area of any size.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import expanded, starts
from .inputs import NONE, Floats, Ints, Schools, Sites

Metres = npt.NDArray[np.float32]
Rows = npt.NDArray[Any]

_PAIRS_AT_A_TIME = 400_000
_STEP_M = 5_000
KEPT_BYTES = 128 * 2**20
"""How much a process keeps of tables: England three times over."""


@dataclass(frozen=True)
class Geometry:
    """`pool` and `metres` of school s lie at `start[s]` to `start[s + 1]`, by pool. Metres are good to a few millimetres."""

    start: Ints
    pool: Rows
    metres: Metres
    fingerprint: str = ""

    def __len__(self) -> int:
        return len(self.pool)

    @property
    def bytes(self) -> int:
        return self.start.nbytes + self.pool.nbytes + self.metres.nbytes


class _Kept:
    """The tables used last, the oldest let go first; threads share them."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._tables: OrderedDict[str, Geometry] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, fingerprint: str) -> Geometry | None:
        with self._lock:
            found = self._tables.get(fingerprint)
            if found is not None:
                self._tables.move_to_end(fingerprint)
            return found

    def put(self, table: Geometry) -> None:
        with self._lock:
            self._tables[table.fingerprint] = table
            while (
                len(self._tables) > 1 and sum(each.bytes for each in self._tables.values()) > self.most_bytes
            ):
                self._tables.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._tables.clear()


kept = _Kept(KEPT_BYTES)


def geometry_of(schools: Schools, sites: Sites, reach_m: Floats) -> Geometry:
    """The distances within `reach_m` of each pool, from what is kept if these very places were asked for before.

    Reaches are taken up to the next step of 5 km, so that small changes of an offer leave the table as it is.
    """
    reach = np.ceil(reach_m / _STEP_M) * _STEP_M
    fingerprint = fingerprint_of(schools, sites, reach)
    found = kept.get(fingerprint)
    if found is None:
        found = replace(worked_out(schools, sites, reach), fingerprint=fingerprint)
        kept.put(found)
    return found


def fingerprint_of(schools: Schools, sites: Sites, reach_m: Floats) -> str:
    """The same for the same places, sides of the water and reaches, whatever else changes."""
    digest = hashlib.blake2b(repr((len(schools), len(sites))).encode(), digest_size=16)
    for column in (
        schools.x,
        schools.y,
        schools.barrier,
        sites.pool,
        sites.x,
        sites.y,
        sites.barrier,
        reach_m,
    ):
        digest.update(np.ascontiguousarray(column).data)
    return digest.hexdigest()


def worked_out(schools: Schools, sites: Sites, reach_m: Floats) -> Geometry:
    """The distances within `reach_m` (metres, by pool) afresh. An unlocated school has none, nor has a site without a place."""
    located = np.flatnonzero(schools.located)
    located = located[np.argsort(schools.x[located], kind="stable")]
    parts = list(_strips(schools, sites, reach_m, located))
    if not parts:
        nothing = np.zeros(len(schools) + 1, dtype=np.int64)
        return Geometry(nothing, np.zeros(0, np.uint16), np.zeros(0, np.float32))
    counts, pool, metres = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    count = np.zeros(len(schools), dtype=np.int64)
    count[located] = counts
    first = np.zeros(len(schools), dtype=np.int64)
    first[located] = np.cumsum(counts) - counts
    _, at = expanded(first, count)
    return Geometry(np.r_[0, np.cumsum(count)], pool[at], metres[at])


def _strips(
    schools: Schools, sites: Sites, reach_m: Floats, located: Ints
) -> Iterator[tuple[Ints, Rows, Metres]]:
    """For runs of `located` (schools from west to east) how many pools each reaches, which, by number, and how far."""
    placed = np.flatnonzero(np.isfinite(sites.x) & np.isfinite(sites.y) & (reach_m[sites.pool] > 0))
    placed = placed[np.argsort(sites.x[placed], kind="stable")]
    east, farthest = sites.x[placed], float(reach_m.max(initial=0.0))
    divided = bool((schools.barrier != NONE).any() and (sites.barrier != NONE).any())
    kind = np.uint16 if len(reach_m) < 2**16 else np.int32
    begin = 0
    while begin < len(located):
        low = int(np.searchsorted(east, schools.x[located[begin]] - farthest))
        end = min(len(located), begin + max(1, _PAIRS_AT_A_TIME // max(1, len(placed) - low)))
        high = int(np.searchsorted(east, schools.x[located[end - 1]] + farthest, side="right"))
        rows, columns = located[begin:end], placed[low:high]
        columns = columns[np.argsort(sites.pool[columns], kind="stable")]
        pools = sites.pool[columns]
        squared = (schools.x[rows, None] - sites.x[columns]) ** 2
        squared += (schools.y[rows, None] - sites.y[columns]) ** 2
        near = squared <= reach_m[pools] ** 2
        if divided:
            ours, theirs = schools.barrier[rows, None], sites.barrier[columns]
            near &= (ours == NONE) | (theirs == NONE) | (ours == theirs)
        row, column = np.nonzero(near)
        metres = np.sqrt(squared[row, column]).astype(np.float32)
        pool = pools[column].astype(kind)
        first = np.flatnonzero(starts(row, pool))
        if len(first) < len(row):  # several sites of one pool: the nearest counts
            row, pool, metres = row[first], pool[first], np.minimum.reduceat(metres, first)
        yield np.bincount(row, minlength=len(rows)), pool, metres
        begin = end
