"""How much a day of support counts at a distance.

    w(d) = 1                  for d <= d0
           max(0.05, fall(u)) up to the smaller of the offer's reach and the theme's R; u = (d - d0)/(R - d0)
           0                  beyond

An area chooses how it falls from d0 to R (coverage.md 3):

    linear    1 - u                  usual, so that a headteacher can do it again on paper
    gaussian  0.05 ** (u * u)        a bell curve with its top at d0, down to the least weight at R
    stepped   0.68 up to half way, then 0.22       the zones of Luo and Qi (2009)

Where support can be given remotely the weight is never less than the theme's remote fit.
"""

from __future__ import annotations

import numpy as np

from .inputs import Decay, Floats, Settings

HALF_WAY = 0.5
NEARER_HALF, FARTHER_HALF = 0.68, 0.22


def distance_weight(distance: Floats, *, reach: Floats, radius: Floats, settings: Settings) -> Floats:
    """w(d) of in-person support; all lengths in metres, an infinite distance weighs nothing."""
    near = settings.full_weight_m
    fade = np.where(radius > near, radius - near, 1.0)
    finite = np.where(np.isfinite(distance), distance, 0.0)
    fallen = np.maximum(settings.min_weight, _fall((finite - near) / fade, settings))
    weight = np.where(finite <= near, 1.0, fallen)
    reached = distance <= np.minimum(reach, radius)
    return np.where(reached, weight, 0.0)


def _fall(way: Floats, settings: Settings) -> Floats:
    """What a day counts after so much (0 to 1) of the way from d0 to R."""
    if settings.decay == Decay.GAUSSIAN:
        bell: Floats = settings.min_weight ** (way * way)
        return bell
    if settings.decay == Decay.STEPPED:
        return np.where(way <= HALF_WAY, NEARER_HALF, FARTHER_HALF)
    return 1.0 - way


def with_remote_floor(weight: Floats, remote_fit: Floats) -> Floats:
    """The weight where `remote_fit` (tau) is also possible from afar; 0 where it is not."""
    return np.maximum(weight, remote_fit)
