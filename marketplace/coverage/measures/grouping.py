"""Cells: needs grouped by theme, phase and area of the needing school, or by any of these alone.

The matrix of an area is `by("theme", "phase")`, the map `by("area")`, the whole area `by()`. Cells without any need are there too, where
some pool could serve a school of them: that is capacity unused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import distinct
from .cells import CellMeasures
from .confidence import Confidence, ConfidenceTable
from .inputs import Bools, Inputs, Ints, Phase, Thresholds
from .status import STATUSES, Status, reasons

KEYS = ("theme", "phase", "area")


class Grid:
    """Packs theme, phase and area into one number, so that grouping is one `unique`."""

    def __init__(self, inputs: Inputs) -> None:
        self.areas = np.unique(np.concatenate([inputs.schools.area, inputs.pools.area]))
        self.width = max(1, len(self.areas))
        self.phases = len(Phase)

    def pack(self, by: tuple[str, ...], *, theme: Ints, phase: Ints, area: Ints) -> Ints:
        """Keys that tell apart only what `by` names."""
        return (
            (theme if "theme" in by else np.zeros_like(theme)) * self.phases
            + (phase + 1 if "phase" in by else np.zeros_like(phase))
        ) * self.width + (np.searchsorted(self.areas, area) if "area" in by else np.zeros_like(area))

    def unpack(self, key: Ints) -> tuple[Ints, Ints, Ints]:
        rest, area = np.divmod(key, self.width)
        theme, phase = np.divmod(rest, self.phases)
        return theme, phase - 1, self.areas[area] if len(self.areas) else area


def count_distinct(key: Ints, thing: Ints, keys: Ints, *, counted: Bools | None = None) -> Ints:
    """For each of the sorted `keys`, how many different things occur with it (of those `counted`, if given by thing)."""
    if not len(keys):
        return np.zeros(0, dtype=np.int64)
    size = int(thing.max(initial=0)) + 1
    pairs = distinct(key * size + thing)
    of_key, which = pairs // size, pairs % size
    if counted is not None:
        of_key = of_key[counted[which]]
    at = np.searchsorted(keys, of_key)
    known = (at < len(keys)) & (keys[np.minimum(at, len(keys) - 1)] == of_key)
    return np.bincount(at[known], minlength=len(keys))


@dataclass(frozen=True)
class Cell:
    """One cell with its measures in plain numbers: days, and shares from 0 to 1; None where there is nothing to take a share of.

    `theme`, `phase` and `area` are None if the grouping does not tell them apart. `status` follows from the measures alone;
    `shown_status` is "not enough information" where too few schools replied. See CellMeasures for the rest.
    """

    row: int
    theme: int | None
    phase: int | None
    area: int | None
    schools: int
    needs: int
    providers_here: int
    need_days: float
    met: float
    best_days: float
    brokerable: float
    capacity_gap: float
    reach_gap: float
    unlocated: float
    supply_days: float
    days_in_reach: float
    expected: float | None
    best: float | None
    k: float | None
    balance: float | None
    owners: int
    n_eff: float | None
    top_owner: int | None
    top_share: float | None
    without_largest: float | None
    backup: float | None
    no_reach: float | None
    status: Status
    shown_status: Status
    reasons: tuple[str, ...]
    confidence: Confidence | None


_RATIOS = ("expected", "best", "k", "balance", "n_eff", "top_share", "without_largest", "backup", "no_reach")
_DAYS = (
    "need_days",
    "met",
    "best_days",
    "brokerable",
    "capacity_gap",
    "reach_gap",
    "unlocated",
    "supply_days",
    "days_in_reach",
)


@dataclass(frozen=True)
class Cells:
    """All cells of one grouping as columns; indexing and iterating give `Cell`s.

    `label` gives each need row (of the prepared snapshot) its cell, -1 outside the area.
    """

    by: tuple[str, ...]
    theme: Ints
    phase: Ints
    area: Ints
    label: Ints
    schools: Ints
    needs: Ints
    providers_here: Ints
    measures: CellMeasures
    status: Ints
    confidence: ConfidenceTable | None
    thresholds: Thresholds

    def __len__(self) -> int:
        return len(self.theme)

    def __iter__(self) -> Iterator[Cell]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: int) -> Cell:
        if not 0 <= row < len(self):
            raise IndexError(row)
        measures = self.measures
        days = {name: float(getattr(measures, name)[row]) for name in _DAYS}
        ratios: dict[str, Any] = {name: _known(float(getattr(measures, name)[row])) for name in _RATIOS}
        status = STATUSES[int(self.status[row])]
        confidence = self.confidence[row] if self.confidence is not None else None
        informed = confidence is None or confidence.enough_information
        top = int(measures.top_owner[row])
        return Cell(
            row=row,
            theme=int(self.theme[row]) if "theme" in self.by else None,
            phase=int(self.phase[row]) if "phase" in self.by else None,
            area=int(self.area[row]) if "area" in self.by else None,
            schools=int(self.schools[row]),
            needs=int(self.needs[row]),
            providers_here=int(self.providers_here[row]),
            owners=int(measures.owners[row]),
            top_owner=top if ratios["top_share"] is not None else None,
            status=status,
            shown_status=status if informed else Status.NOT_ENOUGH_INFORMATION,
            reasons=self._reasons(row, status),
            confidence=confidence,
            **days,
            **ratios,
        )

    def find(
        self, *, theme: int | None = None, phase: int | None = None, area: int | None = None
    ) -> Cell | None:
        """The cell with these keys, all those of the grouping given; None if it has neither need nor days."""
        wanted = {"theme": theme, "phase": phase, "area": area}
        match = np.ones(len(self), dtype=np.bool_)
        for key in self.by:
            match &= getattr(self, key) == wanted[key]
        rows = np.flatnonzero(match)
        return self[int(rows[0])] if len(rows) else None

    def _reasons(self, row: int, status: Status) -> tuple[str, ...]:
        measures = self.measures
        return reasons(
            status,
            need_days=float(measures.need_days[row]),
            days_in_reach=float(measures.days_in_reach[row]),
            supply_days=float(measures.supply_days[row]),
            expected=float(measures.expected[row]),
            best=float(measures.best[row]),
            k=float(measures.k[row]),
            without_largest=float(measures.without_largest[row]),
            owners=int(measures.owners[row]),
            thresholds=self.thresholds,
        )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
