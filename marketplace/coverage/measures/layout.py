"""Where the nodes of a graph are drawn: near those they are tied to, apart from all others, the same every time."""

from __future__ import annotations

import numpy as np

from .inputs import Floats, Ints

STEPS = 200
SEED = 7


def layout(count: int, first: Ints, second: Ints, strength: Floats) -> Floats:
    """Places of `count` nodes in the unit square, an array of (x, y); `strength` (0 to 1) pulls the ends of each edge together.

    Springs and repulsion that cool down (Fruchterman and Reingold), from places drawn with a fixed seed.
    """
    if count == 0:
        return np.zeros((0, 2))
    if count == 1:
        return np.array([[0.5, 0.5]])
    place = np.random.default_rng(SEED).random((count, 2))
    ideal = 1 / np.sqrt(count)
    for step in range(STEPS):
        place = place + _moves(place, first, second, strength, ideal, 0.1 * (1 - step / STEPS))
    low, high = place.min(axis=0), place.max(axis=0)
    return np.asarray((place - low) / np.where(high > low, high - low, 1.0))


def _moves(
    place: Floats, first: Ints, second: Ints, strength: Floats, ideal: float, furthest: float
) -> Floats:
    apart = place[:, None, :] - place[None, :, :]
    distance = np.maximum(np.sqrt((apart**2).sum(axis=2)), 0.01)
    push: Floats = (apart * (ideal**2 / distance**2)[:, :, None]).sum(axis=1)
    between = place[second] - place[first]
    pull = between * (strength * np.sqrt((between**2).sum(axis=1)) / ideal)[:, None]
    np.add.at(push, first, pull)
    np.add.at(push, second, -pull)
    push -= (place - 0.5) * 0.5  # what is tied to nothing does not drift away
    length = np.maximum(np.sqrt((push**2).sum(axis=1)), 1e-9)
    moved: Floats = push * (np.minimum(length, furthest) / length)[:, None]
    return moved
