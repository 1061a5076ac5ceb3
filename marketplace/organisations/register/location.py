"""Places on the map: the register gives metres on the British National Grid (OSGB36), maps want longitude and latitude.

The conversion is PROJ's own, good to a few metres; plenty for distances between schools.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

# Metres; a frame round England from Scilly to Berwick and Lowestoft.
EASTINGS = (80_000, 660_000)
NORTHINGS = (5_000, 660_000)

Floats = npt.NDArray[np.float64]


class Point(NamedTuple):
    """Degrees in WGS 84, longitude first as in GeoJSON."""

    longitude: float
    latitude: float


def in_england(easting: float | None, northing: float | None) -> bool:
    """Whether a grid reference is there and within the frame round England; 0/0 stands for "unknown"."""
    if easting is None or northing is None:
        return False
    return EASTINGS[0] <= easting <= EASTINGS[1] and NORTHINGS[0] <= northing <= NORTHINGS[1]


def point(easting: float | None, northing: float | None) -> Point | None:
    """The point of one grid reference (metres), None when it is missing, 0/0 or outside England."""
    return points([easting], [northing])[0]


def points(eastings: Sequence[float | None], northings: Sequence[float | None]) -> list[Point | None]:
    """The points of many grid references at once, in their order; None as in `point`."""
    placed = [place for place, pair in enumerate(zip(eastings, northings, strict=True)) if in_england(*pair)]
    found: list[Point | None] = [None] * len(eastings)
    longitudes, latitudes = to_degrees(
        [eastings[place] for place in placed], [northings[place] for place in placed]
    )
    for place, longitude, latitude in zip(placed, longitudes.tolist(), latitudes.tolist(), strict=True):
        found[place] = Point(round(longitude, 6), round(latitude, 6))
    return found


def to_degrees(
    eastings: Sequence[float | None] | Floats, northings: Sequence[float | None] | Floats
) -> tuple[Floats, Floats]:
    """Arrays of longitudes and latitudes (WGS 84) of arrays of eastings and northings (metres)."""
    return _transformer("EPSG:27700", "EPSG:4326").transform(
        np.asarray(eastings, float), np.asarray(northings, float)
    )


def to_grid(
    longitudes: Sequence[float] | Floats, latitudes: Sequence[float] | Floats
) -> tuple[Floats, Floats]:
    """Arrays of eastings and northings (metres) of arrays of longitudes and latitudes (WGS 84)."""
    return _transformer("EPSG:4326", "EPSG:27700").transform(
        np.asarray(longitudes, float), np.asarray(latitudes, float)
    )


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)
