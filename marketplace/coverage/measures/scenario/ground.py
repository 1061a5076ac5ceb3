"""The ground scenarios stand on: a snapshot measured once, and what of that a scenario can go on using.

Pairs of need and offer are tried again only for offers and needs that edits touch. Shares of all pools cost little and are worked out
afresh. The fair best case, a flow, falls apart into pieces of needs and pools that nothing links: only those pieces are worked out
again in which a pool or a need is not as it was, and the others keep what they had.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from marketplace.coverage.measures.arrays import distinct
from marketplace.coverage.measures.eligibility import Arcs, Candidates, find_candidates
from marketplace.coverage.measures.facade import Result, allocated, area_of, measure
from marketplace.coverage.measures.fair import fair_best_case
from marketplace.coverage.measures.grouping import KEYS, Grid
from marketplace.coverage.measures.inputs import Bools, Floats, Inputs, Ints, Settings
from marketplace.coverage.measures.offered import Places, needs_not_declared, places
from marketplace.coverage.measures.scenario.edits import Edit, Edited, edited

_DUST = 1e-11


class Ground:
    """A snapshot with its result (`base`, without checks of stability), ready for edits."""

    def __init__(self, inputs: Inputs, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.base = measure(inputs, self.settings, checks=False)
        self.inputs = self.base.inputs
        self.asked = self.inputs.with_needs(needs_not_declared(self.inputs))
        self.asked_arcs = find_candidates(self.asked, self.settings).arcs(self.settings)

    def with_edits(self, edits: Iterable[Edit]) -> Result:
        """What the snapshot would come to. Rows of schools, needs, pools and offers mean the same as in `inputs`."""
        change = edited(self.inputs, edits)
        if not change:
            return self.base
        inputs, settings = change.inputs, self.settings
        candidates = self._candidates(change)
        found = allocated(
            inputs,
            settings,
            candidates.arcs(settings),
            area_of(inputs, settings),
            best_case=partial(self._best_case, inputs.offers.pool[change.offers]),
        )
        given = found.shares.of_need
        possible = self._possible(change, found.inner_arcs)
        return Result(inputs, settings, candidates, found, (), possible, given, given)

    def _candidates(self, change: Edited) -> Candidates:
        """The base's pairs without those of touched offers, and every pair of a touched offer or a new need."""
        known, inputs, offers = self.base.candidates, change.inputs, change.offers
        old = len(self.inputs.needs)
        touched = np.zeros(len(inputs.offers), dtype=np.bool_)
        touched[offers] = True
        pieces = [_only(known, ~touched[known.offer])]
        excluded = np.zeros((len(inputs.needs), known.excluded.shape[1]), dtype=np.int64)
        excluded[:old] = known.excluded
        if len(offers):
            before = offers[offers < len(self.inputs.offers)]
            excluded[:old] -= _pairs(self.inputs, self.settings, before).excluded
            pieces.append(_pairs(inputs, self.settings, offers))
            excluded += pieces[-1].excluded
        if change.new_needs:
            new = inputs.with_needs(inputs.needs.take(np.arange(old, len(inputs.needs))))
            pieces.append(_pairs(new, self.settings, np.flatnonzero(~touched), first_need=old))
            excluded[old:] += pieces[-1].excluded
        shape = (len(inputs.needs), len(inputs.offers), len(inputs.pools))
        return _joined(pieces, excluded, shape)

    def _best_case(
        self, changed: Ints, arcs: Arcs, *, days: Floats, met: Floats, capacity: Floats, most_days: Floats
    ) -> Floats:
        """The fair best case, worked out again only where a pool (those of `changed`, at least) or a need is not as it was."""
        base = self.base.base
        pool = np.ones(len(capacity), dtype=np.bool_)
        pool[: len(base.capacity)] = base.capacity != capacity[: len(base.capacity)]
        pool[changed] = True
        need, old = days > 0, len(base.days)
        same = (base.days == days[:old]) & (np.abs(base.met - met[:old]) <= _DUST)
        need[:old] &= ~same
        piece = self._pieces(arcs, pool)
        anew = np.zeros(int(piece.max(initial=0)) + 1, dtype=np.bool_)
        anew[piece[np.flatnonzero(np.concatenate([pool, need]))]] = True
        of_need = anew[piece[len(capacity) :]]
        worked = fair_best_case(
            arcs.only(of_need[arcs.need]),
            days=np.where(of_need, days, 0.0),
            met=np.where(of_need, met, 0.0),
            capacity=capacity,
            most_days=most_days,
        )
        worked[:old] = np.where(of_need[:old], worked[:old], base.best)
        return np.clip(worked, met, days)

    def _pieces(self, arcs: Arcs, changed: Bools) -> Ints:
        """For each pool, then each need, the number of its piece: what arcs link, now or before."""
        before = self.base.base.inner_arcs
        gone = changed[before.pool]
        need = np.concatenate([arcs.need, before.need[gone]])
        pool = np.concatenate([arcs.pool, before.pool[gone]])
        size = len(changed) + arcs.shape[0]
        links = coo_matrix((np.ones(len(need)), (pool, len(changed) + need)), shape=(size, size))
        label: Ints = connected_components(links, directed=False)[1].astype(np.int64)
        return label

    def _possible(self, change: Edited, arcs: Arcs) -> Places:
        """As `offered.possible`: what serves declared needs, and what could serve in cells without."""
        inputs, still = change.inputs, self._still_undeclared(change)
        asked, known = replace(inputs, needs=self.asked.needs), self.asked_arcs
        columns = [places(inputs, arcs.need, arcs.pool)]
        kept = ~np.isin(known.offer, change.offers) & still[known.need]
        columns.append(places(asked, known.need[kept], known.pool[kept]))
        if len(change.offers):
            new = _pairs(asked, self.settings, change.offers).arcs(self.settings)
            kept = still[new.need]
            columns.append(places(asked, new.need[kept], new.pool[kept]))
        theme, phase, area, pool = (np.concatenate(column) for column in zip(*columns, strict=True))
        return theme, phase, area, pool

    def _still_undeclared(self, change: Edited) -> Bools:
        """Which of the needs nobody declared are still in a cell without any."""
        if not change.new_needs:
            return np.ones(len(self.asked.needs), dtype=np.bool_)
        inputs, grid = change.inputs, Grid(change.inputs)
        area, inside = inputs.schools.area, inputs.schools.inside
        new = inputs.needs.take(np.arange(len(self.inputs.needs), len(inputs.needs)))
        new = new.take(inside[new.school])
        declared = distinct(grid.pack(KEYS, theme=new.theme, phase=new.phase, area=area[new.school]))
        asked = self.asked.needs
        key = grid.pack(KEYS, theme=asked.theme, phase=asked.phase, area=area[asked.school])
        return ~np.isin(key, declared)


def _pairs(inputs: Inputs, settings: Settings, offers: Ints, *, first_need: int = 0) -> Candidates:
    """The candidates of some offers only, by the snapshot's own rows."""
    found = find_candidates(replace(inputs, offers=inputs.offers.take(offers)), settings)
    return replace(found, offer=offers[found.offer], need=found.need + first_need)


_BY_PAIR = ("need", "offer", "pool", "distance", "reach", "radius", "remote_fit", "area_wide", "confirmed")


def _only(candidates: Candidates, kept: Bools) -> Candidates:
    return replace(candidates, **{name: getattr(candidates, name)[kept] for name in _BY_PAIR})


def _joined(pieces: list[Candidates], excluded: Ints, shape: tuple[int, int, int]) -> Candidates:
    """One set of candidates in their order: by need, pool and offer."""
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(piece, name) for piece in pieces]) for name in _BY_PAIR
    }
    _, offers, pools = shape
    key = (columns["need"] * pools + columns["pool"]) * offers + columns["offer"]
    order = np.argsort(key, kind="stable")  # the pieces are in order already: quick to merge
    return Candidates(
        **{name: column[order] for name, column in columns.items()}, excluded=excluded, shape=shape
    )
