"""Areas side by side, with outlines and regions."""

from typing import Any

from marketplace.organisations.models import Area, AreaOutline
from tests.builders.organisations import an_area

__all__ = ["an_area_on_the_map"]


def an_area_on_the_map(*, place: int = 0, region: str = "North", **fields: Any) -> Area:
    """An area with a square outline, the `place`th from the west."""
    area = an_area(region=region, **fields)
    west, south = -2.0 + place * 0.5, 53.0
    ring = [[west, south], [west + 0.5, south], [west + 0.5, south + 0.5], [west, south + 0.5], [west, south]]
    AreaOutline.objects.create(area=area, geometry={"type": "Polygon", "coordinates": [ring]})
    return area
