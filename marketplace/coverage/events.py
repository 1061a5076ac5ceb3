"""What coverage announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CoverageRecomputed:
    """A new snapshot of the area is there."""

    area_id: int
    snapshot_id: int


@dataclass(frozen=True)
class AdviceRefined:
    """An advice on commissioning has its last word."""

    area_id: int
    advice_id: int


@dataclass(frozen=True)
class SchoolNudged:
    """A convenor has reminded a school that has not taken part for a year."""

    nudge_id: int
