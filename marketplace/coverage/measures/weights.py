"""How much a day of support counts at a distance.

    w(d) = 1                            for d <= d0
           max(0.05, (R - d)/(R - d0))  up to the smaller of the offer's reach and the theme's R
           0                            beyond

Linear, so that a headteacher can do it again on paper. Where support can be given remotely the weight is never less than
the theme's remote fit.
"""

from __future__ import annotations

import numpy as np

from .inputs import Floats, Settings


def distance_weight(distance: Floats, *, reach: Floats, radius: Floats, settings: Settings) -> Floats:
    """w(d) of in-person support; all lengths in metres, an infinite distance weighs nothing."""
    near = settings.full_weight_m
    fade = np.where(radius > near, radius - near, 1.0)
    finite = np.where(np.isfinite(distance), distance, 0.0)
    weight = np.where(finite <= near, 1.0, np.maximum(settings.min_weight, (radius - finite) / fade))
    reached = distance <= np.minimum(reach, radius)
    return np.where(reached, weight, 0.0)


def with_remote_floor(weight: Floats, remote_fit: Floats) -> Floats:
    """The weight where `remote_fit` (tau) is also possible from afar; 0 where it is not."""
    return np.maximum(weight, remote_fit)
