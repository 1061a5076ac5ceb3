"""Wards as shapes: simplified together, so that borders stay shared, and drawn for a page or given as GeoJSON."""

from dataclasses import dataclass
from hashlib import sha256
from math import cos, radians
from typing import Any

import shapely
from django.core.cache import cache
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from marketplace.organisations.models import Area, Ward

WIDTH = 1000
DETAIL = 600
"""Corners nearer than this part of the width are drawn as one."""
KEPT_SECONDS = 300


@dataclass(frozen=True)
class Outline:
    """A ward's shape: `path` in the coordinates of the drawing, `geometry` in degrees."""

    code: str
    name: str
    path: str
    geometry: dict[str, Any]


@dataclass(frozen=True)
class Drawing:
    """All wards of an area in a drawing `width` wide."""

    width: int
    height: int
    wards: list[Outline]


def drawing_of(area: Area) -> Drawing | None:
    """The area's wards, drawn; `None` where no boundaries are known. Kept for some minutes, since boundaries rarely change."""
    kept = f"wards-drawn-{area.pk}"
    drawing = cache.get(kept)
    if drawing is None:
        drawing = _draw(list(Ward.objects.filter(area=area).values_list("code", "name", "geometry")))
        cache.set(kept, drawing, KEPT_SECONDS)
    return drawing if drawing.wards else None


def drawing_of_areas(areas: list[tuple[str, str, dict[str, Any]]]) -> Drawing | None:
    """Whole areas (code, name, geometry), drawn in the same way; kept as long as the same areas are asked for."""
    kept = "areas-drawn-" + sha256(repr([code for code, _, _ in areas]).encode()).hexdigest()[:32]
    drawing = cache.get(kept)
    if drawing is None:
        drawing = _draw(areas)
        cache.set(kept, drawing, KEPT_SECONDS)
    return drawing if drawing.wards else None


def _draw(wards: list[tuple[str, str, dict[str, Any]]]) -> Drawing:
    if not wards:
        return Drawing(WIDTH, WIDTH, [])
    shapes = [shape(geometry) for _, _, geometry in wards]
    west, south, east, north = shapely.total_bounds(shapes)
    squeeze = cos(radians((south + north) / 2))  # a degree of longitude is shorter than one of latitude
    scale = WIDTH / ((east - west) * squeeze)
    simple = shapely.coverage_simplify(shapes, (east - west) / DETAIL)

    def project(points: Any) -> Any:
        points[:, 0] = (points[:, 0] - west) * squeeze * scale
        points[:, 1] = (north - points[:, 1]) * scale
        return points

    outlines = [
        Outline(code, name, _path(shapely.transform(each, project)), _rounded(each))
        for (code, name, _), each in zip(wards, simple, strict=True)
    ]
    return Drawing(WIDTH, round((north - south) * scale), outlines)


def _path(area: BaseGeometry) -> str:
    """The outline as an SVG path; holes are drawn the other way round and stay open."""
    rings = [
        ring
        for polygon in shapely.get_parts(shapely.normalize(area))
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    return "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in list(ring.coords)[:-1]) + "Z" for ring in rings
    )


def _rounded(area: BaseGeometry) -> dict[str, Any]:
    return dict(mapping(shapely.set_precision(area, 0.00001, mode="pointwise")))
