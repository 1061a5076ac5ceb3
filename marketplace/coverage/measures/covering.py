"""What is offered for each theme and phase: a table of cells by offers, so that who covers whom is looked up and not compared."""

from __future__ import annotations

import numpy as np

from .arrays import expanded
from .inputs import PHASES_OF_OFFERS, Bools, Ints, Needs, Offers, Phase, Pools

_PHASES = PHASES_OF_OFFERS + 1  # the last stands for BLANK, which no offer covers


class Covering:
    """`table` says which active offers cover a cell, `in_theme` and `in_cell` how many do; `count` is that of active offers."""

    def __init__(self, offers: Offers, pools: Pools, *, themes: int) -> None:
        active = offers.active & pools.active[offers.pool]
        self.count = int(active.sum())
        shape = (themes, _PHASES, len(offers))
        table = np.zeros(shape, dtype=np.bool_)
        if len(offers) and themes:
            covered = (offers.themes & active[:, None]).T
            table[:, :PHASES_OF_OFFERS] = covered[:, None, :] & offers.phases.T[None, :, :]
            self.in_theme: Ints = covered.sum(axis=1).astype(np.int64)
        else:
            self.in_theme = np.zeros(themes, dtype=np.int64)
        self.table: Bools = table.reshape(themes * _PHASES, len(offers))
        self.in_cell: Ints = self.table.sum(axis=1).astype(np.int64)

    def cell_of(self, needs: Needs) -> Ints:
        """The row of `table` of each need."""
        phase = np.where(needs.phase == Phase.BLANK, PHASES_OF_OFFERS, needs.phase)
        cell: Ints = needs.theme * _PHASES + phase
        return cell

    def pairs(self, cell: Ints, needs: Bools, offers: Bools) -> tuple[Ints, Ints]:
        """(need, offer) of these needs and offers wherever the offer covers the need's cell."""
        rows = np.flatnonzero(needs)
        of_cell, offer = np.nonzero(self.table & offers)
        start = np.searchsorted(of_cell, np.arange(len(self.table) + 1))
        row, at = expanded(start[cell[rows]], np.diff(start)[cell[rows]])
        return rows[row], offer[at]
