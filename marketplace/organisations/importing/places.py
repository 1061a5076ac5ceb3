"""The wards known: by code, and by boundary for schools whose ward the register does not name."""

from collections import defaultdict

from shapely import STRtree
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry import shape

from marketplace.organisations.importing.record import Record
from marketplace.organisations.models import Ward
from marketplace.organisations.register import Point

MIDDLE = ("easting", "northing", "latitude", "longitude")


class KnownWards:
    """Every ward's middle, read once; boundaries are read for an area when first asked for."""

    def __init__(self) -> None:
        self._middles: dict[str, Record] = {}
        self._of_area: dict[str, list[str]] = defaultdict(list)
        self._trees: dict[str, tuple[list[str], STRtree]] = {}
        for code, area, *middle in Ward.objects.order_by("code").values_list("code", "area__code", *MIDDLE):
            self._of_area[area].append(code)
            self._middles[code] = dict(zip(MIDDLE, middle, strict=True))

    def __contains__(self, code: str) -> bool:
        return code in self._middles

    def middle(self, code: str) -> Record:
        """The ward's centroid in both grids."""
        return dict(self._middles[code])

    def containing(self, area: str, point: Point) -> str:
        """The code of the area's ward that `point` lies in, `""` for none."""
        if not self._of_area.get(area):
            return ""
        if area not in self._trees:
            self._trees[area] = self._tree(area)
        codes, tree = self._trees[area]
        found = tree.query(ShapelyPoint(point.longitude, point.latitude), predicate="intersects")
        return min((codes[index] for index in found), default="")

    def _tree(self, area: str) -> tuple[list[str], STRtree]:
        rows = Ward.objects.filter(area__code=area).order_by("code").values_list("code", "geometry")
        return [code for code, _ in rows], STRtree([shape(geometry) for _, geometry in rows])
