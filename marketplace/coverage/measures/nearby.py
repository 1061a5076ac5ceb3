"""Idle days near unmet need, whatever its theme: who could be asked to turn to something else."""

from __future__ import annotations

import numpy as np

from .inputs import Bools, Floats, Ints

NEAR_M = 3000.0
"""Three kilometres: near enough to go there and back within a morning without planning a journey."""
NONE_NEAR = -1


def distances(from_x: Floats, from_y: Floats, to_x: Floats, to_y: Floats) -> Floats:
    """Straight lines in metres, a row for each first place; NaN where either is not known."""
    return np.hypot(from_x[:, None] - to_x[None, :], from_y[:, None] - to_y[None, :])


def nearest(distance: Floats, allowed: Bools) -> Ints:
    """For each row the nearest allowed column; `NONE_NEAR` where there is none."""
    if not distance.size:
        return np.full(len(distance), NONE_NEAR)
    known = np.where(allowed & np.isfinite(distance), distance, np.inf)
    return np.where(np.isfinite(known.min(axis=1)), known.argmin(axis=1), NONE_NEAR)
