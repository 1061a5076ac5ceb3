"""A fictional local authority on the map: where it lies, its outline and its wards.

England is covered with a grid of squares, and each fictional authority has one to itself, so that a country of them never
overlaps; squares are numbered outwards from the first, so that few of them make a region. All shapes are worked out in metres
on the National Grid and turned into degrees at the end. Wards share their borders exactly: lines are drawn once and bent
together, then cut into areas.
"""

import math
from dataclasses import dataclass
from functools import cache, cached_property
from random import Random
from typing import Any

import numpy as np
import shapely
from shapely import MultiPoint, Point, Polygon

from marketplace.kernel.errors import DomainError
from marketplace.organisations.register.location import to_degrees

from . import names

SQUARE = 26_000  # metres
HOME = (402_000, 426_000)  # the middle of the first square, in the Pennines

# England in rough strokes, kilometres on the National Grid.
_ENGLAND = Polygon(
    [
        (399, 652), (425, 600), (436, 560), (450, 520), (490, 510), (515, 470), (540, 435), (550, 400), (555, 365),
        (547, 345), (580, 345), (620, 340), (652, 300), (648, 270), (625, 240), (605, 205), (590, 180), (635, 165),
        (632, 142), (600, 120), (570, 105), (520, 103), (480, 95), (450, 92), (420, 90), (370, 80), (320, 85), (295, 72),
        (290, 46), (240, 52), (200, 25), (175, 15), (138, 25), (150, 45), (200, 80), (223, 127), (260, 148), (300, 147),
        (332, 155), (360, 195), (345, 240), (328, 265), (330, 330), (340, 365), (325, 375), (332, 420), (345, 460),
        (320, 465), (295, 515), (320, 560), (345, 575), (375, 600), (385, 640),
    ]
)  # fmt: skip
_REGIONS = {
    "A": ("North East", (425, 560)),
    "B": ("North West", (358, 430)),
    "D": ("Yorkshire and the Humber", (440, 440)),
    "E": ("East Midlands", (470, 340)),
    "F": ("West Midlands", (395, 290)),
    "G": ("East of England", (570, 270)),
    "H": ("London", (530, 180)),
    "J": ("South East", (500, 140)),
    "K": ("South West", (330, 120)),
}
# Three digits that the Department for Education has given to no authority.
_LA_CODES = [*range(991, 1000), *range(944, 991), *range(421, 500), *range(214, 300)]


class DemoAreaImpossible(DomainError):
    """The numbers asked for can't make an area."""

    code = "demo_area_impossible"


@dataclass(frozen=True)
class Ward:
    """A ward: its code from an unused range, its shape in metres, and how poor it is (share of free school meals)."""

    code: str
    name: str
    shape: Polygon
    places: tuple[str, ...]
    deprivation: float

    def spot(self, rng: Random) -> tuple[int, int]:
        """Easting and northing of somewhere well inside the ward, whole metres."""
        west, south, east, north = self.shape.bounds
        while True:
            easting, northing = round(rng.uniform(west, east)), round(rng.uniform(south, north))
            if self._inner.contains(Point(easting, northing)):
                return easting, northing

    @cached_property
    def _inner(self) -> Polygon:
        inner = self.shape.buffer(-60)
        return self.shape if inner.is_empty else inner


@dataclass(frozen=True)
class Geography:
    """One fictional authority on the map."""

    la_code: str
    gss_code: str
    name: str
    region_code: str
    region: str
    outline: Polygon
    wards: tuple[Ward, ...]

    def wards_geojson(self) -> dict[str, Any]:
        """The wards as the Office for National Statistics publishes them: WGS 84, five decimals, its property names."""
        return {
            "type": "FeatureCollection",
            "name": f"{self.name} wards",
            "features": [self._feature(ward) for ward in self.wards],
        }

    def _feature(self, ward: Ward) -> dict[str, Any]:
        middle = ward.shape.representative_point()
        [(longitude, latitude)] = _degrees(middle)
        return {
            "type": "Feature",
            "properties": {
                "WD23CD": ward.code,
                "WD23NM": ward.name,
                "LAD23CD": self.gss_code,
                "LAD23NM": self.name,
                "LONG": longitude,
                "LAT": latitude,
            },
            "geometry": {
                "type": "Polygon",
                "coordinates": [_degrees(shapely.normalize(ward.shape).exterior)[::-1]],
            },
        }


def make_geography(rng: Random, *, index: int, wards: int) -> Geography:
    """The authority on square number `index`, with this many wards.

    Raises `DemoAreaImpossible` for more areas than England has squares, or more wards than a square has room for.
    """
    if not 0 <= index < len(squares()):
        raise DemoAreaImpossible(
            f"There is no room for area number {index + 1}.",
            remedy=f"Ask for at most {len(squares())} areas.",
        )
    if not 1 <= wards <= 80:
        raise DemoAreaImpossible(f"An area can’t have {wards} wards.", remedy="Ask for between 1 and 80.")
    middle = squares()[index]
    name = names.borough_name(index)
    la_code = str(_LA_CODES[index])
    region_code, region = _region(middle)
    outline, shapes = _shapes(rng, middle, wards)
    return Geography(
        la_code=la_code,
        gss_code=f"E08000{la_code}",
        name=name,
        region_code=region_code,
        region=region,
        outline=outline,
        wards=_named(rng, la_code, name, shapes, middle),
    )


@cache
def squares() -> tuple[tuple[int, int], ...]:
    """The middles of all squares in England, nearest to the first one first."""
    steps = range(-20, 21)
    middles = [(HOME[0] + SQUARE * column, HOME[1] + SQUARE * row) for column in steps for row in steps]
    inside = [middle for middle in middles if _ENGLAND.contains(Point(middle[0] / 1000, middle[1] / 1000))]
    return tuple(sorted(inside, key=lambda middle: (math.dist(middle, HOME), middle))[: len(_LA_CODES)])


def _region(middle: tuple[int, int]) -> tuple[str, str]:
    here = (middle[0] / 1000, middle[1] / 1000)
    code = min(_REGIONS, key=lambda code: math.dist(_REGIONS[code][1], here))
    return code, _REGIONS[code][0]


def _shapes(rng: Random, middle: tuple[int, int], wards: int) -> tuple[Polygon, list[Polygon]]:
    """The outline and the wards' shapes, in no order."""
    outline = _outline(rng, middle)
    seeds = _spread(rng, outline, wards)
    lines = outline.boundary
    if wards > 1:
        around = outline.buffer(SQUARE)
        lines = lines.union(shapely.voronoi_polygons(MultiPoint(seeds), extend_to=around, only_edges=True))
    pieces = shapely.get_parts(shapely.node(lines))
    inside = pieces[
        shapely.covers(outline.buffer(0.01), shapely.line_interpolate_point(pieces, 0.5, normalized=True))
    ]
    bend = _Bend(rng)
    bent = shapely.transform(shapely.segmentize(inside, 250), bend)
    faces = list(shapely.get_parts(shapely.polygonize([shapely.union_all(bent)])))
    return shapely.union_all(faces), _one_face_each(
        faces, [Point(*bend(np.array([seed]))[0]) for seed in seeds]
    )


def _outline(rng: Random, middle: tuple[int, int]) -> Polygon:
    """A rounded shape with bays and noses, well inside the square."""
    size = SQUARE * rng.uniform(0.36, 0.4)
    waves = [(n, rng.uniform(0, math.tau), rng.uniform(0.3, 1) * 0.13 / n) for n in (2, 3, 4, 5, 7)]
    corners = []
    for step in range(48):
        angle = math.tau * step / 48
        radius = size * (1 + sum(share * math.sin(n * angle + phase) for n, phase, share in waves))
        radius = min(radius, SQUARE * 0.47)
        corners.append((middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle)))
    return Polygon(corners)


def _spread(rng: Random, outline: Polygon, count: int) -> list[tuple[float, float]]:
    """Points inside, none too near another: of several at random the one farthest from those already there."""
    inner = outline.buffer(-600)
    shapely.prepare(inner)
    west, south, east, north = inner.bounds
    seeds: list[tuple[float, float]] = []
    while len(seeds) < count:
        tries = [(rng.uniform(west, east), rng.uniform(south, north)) for _ in range(20)]
        tries = [spot for spot in tries if inner.contains(Point(spot))]
        if tries:
            seeds.append(
                max(tries, key=lambda spot: min((math.dist(spot, seed) for seed in seeds), default=0))
            )
    return seeds


class _Bend:
    """Moves every point a little, neighbours alike, so that straight lines become natural and still meet.

    The slope of the movement stays under one, so no line is made to cross another.
    """

    def __init__(self, rng: Random) -> None:
        self._phases = [rng.uniform(0, math.tau) for _ in range(4)]

    def __call__(self, points: np.ndarray) -> np.ndarray:
        x, y = points[:, 0], points[:, 1]
        first, second, third, fourth = self._phases
        shift_x = 120 * np.sin(y / 400 + first) + 50 * np.sin(y / 150 + second)
        shift_y = 120 * np.sin(x / 400 + third) + 50 * np.sin(x / 150 + fourth)
        return np.round(np.column_stack([x + shift_x, y + shift_y]))


def _one_face_each(faces: list[Polygon], seeds: list[Point]) -> list[Polygon]:
    """One shape for each seed: the face around it; a sliver without a seed joins the neighbour it borders on longest."""
    wards = [face for face in faces if any(face.contains(seed) for seed in seeds)]
    for sliver in (face for face in faces if not any(face is ward for ward in wards)):
        if not any(sliver.contains(seed) for seed in seeds):
            longest = max(range(len(wards)), key=lambda place: sliver.intersection(wards[place]).length)
            wards[longest] = shapely.union(wards[longest], sliver)
    return wards


def _named(
    rng: Random, la_code: str, borough: str, shapes: list[Polygon], middle: tuple[int, int]
) -> tuple[Ward, ...]:
    """Wards in the order of their names, as their codes run. The three in the middle are called after the borough."""
    places = names.place_names(rng)
    inmost_first = sorted(shapes, key=lambda shape: shape.centroid.distance(Point(middle)))
    inmost_first[1:3] = sorted(inmost_first[1:3], key=lambda shape: -shape.centroid.x)
    called = []
    for place, shape in enumerate(inmost_first):
        localities = tuple(next(places) for _ in range(4))
        if place < 3 and len(shapes) > 6:
            called.append((f"{borough} {('Central', 'East', 'West')[place]}", localities, shape))
        elif rng.random() < 0.3:
            called.append((f"{localities[0]} & {localities[1]}", localities, shape))
        else:
            called.append((localities[0], localities, shape))
    reach = max(shape.centroid.distance(Point(middle)) for shape in shapes) or 1
    return tuple(
        Ward(
            code=f"E05{la_code}{number:03d}",
            name=name,
            shape=shape,
            places=localities,
            deprivation=_deprivation(rng, shape.centroid.distance(Point(middle)) / reach),
        )
        for number, (name, localities, shape) in enumerate(sorted(called, key=lambda each: each[0]), 1)
    )


def _deprivation(rng: Random, outwards: float) -> float:
    """Poorer towards the middle, with exceptions."""
    return min(0.6, max(0.04, 0.42 - 0.3 * outwards + rng.gauss(0, 0.08)))


def _degrees(shape: Any) -> list[list[float]]:
    coordinates = shapely.get_coordinates(shape)
    longitudes, latitudes = to_degrees(coordinates[:, 0], coordinates[:, 1])
    pairs = zip(longitudes.tolist(), latitudes.tolist(), strict=True)
    return [[round(longitude, 5), round(latitude, 5)] for longitude, latitude in pairs]
