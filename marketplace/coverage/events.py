"""What coverage announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CoverageRecomputed:
    """A new snapshot of the area is there."""

    area_id: int
    snapshot_id: int
