"""Ward boundaries from GeoJSON: checked, and measured on the National Grid. Knows nothing of the database.

The Office for National Statistics names its properties by year (`WD23CD`, `WD23NM`, `LAD23CD`); plain `code` and `name` do as
well.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from marketplace.organisations.errors import BoundariesUnusable
from marketplace.organisations.register.location import to_degrees, to_grid

# Degrees; a frame round England and its waters.
LONGITUDES = (-9.0, 3.0)
LATITUDES = (49.0, 61.0)
REPLACED_ABOVE = 0.1
DECIMALS = 6
AS_GEOJSON = "Save the boundaries as GeoJSON in WGS 84 (longitude and latitude) and upload them again."


@dataclass(frozen=True)
class WardBoundary:
    """One ward: its ONS code and name, boundary as GeoJSON geometry in WGS 84, centroid in both grids (metres and degrees)."""

    code: str
    name: str
    geometry: dict[str, Any]
    easting: int
    northing: int
    latitude: float
    longitude: float


def read_wards(content: bytes | str, *, district: str = "") -> list[WardBoundary]:
    """The wards of a GeoJSON feature collection; of one with several districts, only those of `district` (an ONS code).

    Raises `BoundariesUnusable` that names the feature at fault: boundaries with a hole in them are worse than none.
    """
    features = _features(content)
    districts = {found for f in features if (found := _property(f, r"LAD\d\dCD|UTLA\d\dCD|district"))}
    if district and districts:
        features = [f for f in features if _property(f, r"LAD\d\dCD|UTLA\d\dCD|district") == district]
        if not features:
            raise BoundariesUnusable(
                f"None of the wards in this file is in {district}: they are in {', '.join(sorted(districts)[:5])}.",
                remedy="Download the wards of this area.",
            )
    wards = [_ward(number, feature) for number, feature in enumerate(features, 1)]
    seen: set[str] = set()
    for ward in wards:
        if ward.code in seen:
            raise BoundariesUnusable(f"Two wards have the code {ward.code}.", remedy=AS_GEOJSON)
        seen.add(ward.code)
    return wards


def read_outlines(content: bytes | str) -> dict[str, dict[str, Any]]:
    """Outlines of local authorities as GeoJSON geometries, by the codes each feature names (the DfE's three digits, the ONS's).

    Raises `BoundariesUnusable` that names the feature at fault.
    """
    outlines: dict[str, dict[str, Any]] = {}
    for number, feature in enumerate(_features(content), 1):
        codes = [
            code
            for pattern in (r"DFE_LA_CODE|LA_?CODE", r"(CTYUA|UTLA|LAD)\d\dCD|(gss_?)?code")
            if (code := _property(feature, pattern))
        ]
        if not codes:
            raise BoundariesUnusable(
                f"Feature {number} has no code of a local authority.",
                remedy="Each feature needs a property such as CTYUA23CD, LAD24CD or DFE_LA_CODE.",
            )
        boundary = _boundary(
            _property(feature, r"(CTYUA|UTLA|LAD)\d\dNM|name") or codes[0], feature.get("geometry")
        )
        geometry = json.loads(json.dumps(mapping(boundary)))
        outlines |= dict.fromkeys(codes, geometry)
    return outlines


def put_together(wards: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One outline round wards (GeoJSON geometries). Corners that differ in the last decimal only are taken for one."""
    outline = shapely.union_all([shape(each) for each in wards], grid_size=10**-DECIMALS)
    return dict(json.loads(json.dumps(mapping(outline))))


def replaced_by(old: Mapping[str, Any], new: Iterable[Mapping[str, Any]]) -> bool:
    """Whether new boundaries (GeoJSON geometries) take the place of an old ward: wards never overlap, but boundaries drawn at
    different scales do a little."""
    ward = shape(old)
    return bool(
        ward.intersection(shapely.union_all([shape(each) for each in new])).area > REPLACED_ABOVE * ward.area
    )


def _features(content: bytes | str) -> list[Mapping[str, Any]]:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise BoundariesUnusable(
            "This is not a GeoJSON file: it can’t be read as JSON.", remedy=AS_GEOJSON
        ) from None
    if not isinstance(data, dict) or data.get("type") != "FeatureCollection":
        raise BoundariesUnusable("This is not a GeoJSON feature collection.", remedy=AS_GEOJSON)
    crs = json.dumps(data.get("crs") or "")
    if crs != '""' and not re.search(r"CRS84|4326", crs):
        raise BoundariesUnusable("The file says that its coordinates are not WGS 84.", remedy=AS_GEOJSON)
    features = data.get("features")
    if not isinstance(features, list) or not features:
        raise BoundariesUnusable("The file has no wards in it.", remedy=AS_GEOJSON)
    return [feature if isinstance(feature, dict) else {} for feature in features]


def _property(feature: Mapping[str, Any], pattern: str) -> str:
    properties = feature.get("properties")
    for name, value in (properties if isinstance(properties, dict) else {}).items():
        if re.fullmatch(pattern, name, re.IGNORECASE) and value:
            return str(value).strip()
    return ""


def _ward(number: int, feature: Mapping[str, Any]) -> WardBoundary:
    code = _property(feature, r"WD\d\dCD|WD\d\d_CD|(ward_?)?code").upper()
    name = _property(feature, r"WD\d\dNM|WD\d\d_NM|(ward_?)?name")
    if not code or not name:
        raise BoundariesUnusable(
            f"Feature {number} has no code and name of a ward.",
            remedy="Each feature needs properties such as WD24CD and WD24NM, or code and name.",
        )
    if not re.fullmatch(r"[A-Z]\d{8}", code):
        raise BoundariesUnusable(
            f"“{code[:20]}” is not the ONS code of a ward, such as E05012993.", remedy=AS_GEOJSON
        )
    boundary = _boundary(name, feature.get("geometry"))
    on_grid = shapely.transform(boundary, _to_grid)
    middle = on_grid.centroid
    longitudes, latitudes = to_degrees([middle.x], [middle.y])
    return WardBoundary(
        code=code,
        name=name[:100],
        geometry=json.loads(json.dumps(mapping(boundary))),
        easting=round(middle.x),
        northing=round(middle.y),
        latitude=round(float(latitudes[0]), DECIMALS),
        longitude=round(float(longitudes[0]), DECIMALS),
    )


def _boundary(name: str, geometry: Any) -> BaseGeometry:
    def unusable(why: str) -> BoundariesUnusable:
        return BoundariesUnusable(f"The boundary of {name} {why}.", remedy=AS_GEOJSON)

    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise unusable("is not a polygon")
    try:
        boundary = shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError):
        raise unusable("can’t be read") from None
    if boundary.is_empty:
        raise unusable("is empty")
    west, south, east, north = boundary.bounds
    if not (
        LONGITUDES[0] <= west <= east <= LONGITUDES[1] and LATITUDES[0] <= south <= north <= LATITUDES[1]
    ):
        raise unusable("is not in England, or not given as longitude and latitude")
    if not boundary.is_valid:
        raise unusable(f"is not a proper area ({explain_validity(boundary)})")
    return boundary


def _to_grid(coordinates: Any) -> Any:
    eastings, northings = to_grid(coordinates[:, 0], coordinates[:, 1])
    return shapely.get_coordinates(shapely.points(eastings, northings))
