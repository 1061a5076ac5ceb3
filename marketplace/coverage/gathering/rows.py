"""The rows that are read, as plain tuples, and the rectangle they lie in."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

Place = tuple[int, int]
"""Easting and northing, in metres of the national grid."""


class SchoolRow(NamedTuple):
    id: int
    area: int
    phases: list[str]
    ward: int | None
    trust: int | None
    federation: int | None
    easting: int | None
    northing: int | None
    location: str
    fsm: int | None
    ward_easting: int | None
    ward_northing: int | None
    postcode: str
    pupils: int | None


class WardPlace(NamedTuple):
    """A ward of the area and its middle."""

    id: int
    code: str
    name: str
    easting: int
    northing: int


class NeedRow(NamedTuple):
    id: int
    school: int
    theme: int
    phase: str
    level: str
    half_days: int | None
    remote_ok: bool
    max_price_pence: int | None
    urgency: str


class OfferRow(NamedTuple):
    id: int
    confirmed_at: datetime | None
    provider: int
    provider_name: str
    kind: str
    area: int | None
    easting: int | None
    northing: int | None
    school: int | None
    school_area: int | None
    school_easting: int | None
    school_northing: int | None
    ward: int | None
    ward_easting: int | None
    ward_northing: int | None
    trust: int | None
    trust_name: str | None
    federation: int | None
    version: int
    phases: list[str]
    mode: str
    reach_km: int
    capacity_half_days: int | None
    minimum_half_days: int
    activity_basis: str
    scope: str
    price_rule: dict[str, Any]
    brokerage_fee: dict[str, Any]


class Box(NamedTuple):
    """A rectangle on the National Grid, metres."""

    west: int
    south: int
    east: int
    north: int

    def wider(self, metres: float) -> "Box":
        by = round(metres)
        return Box(self.west - by, self.south - by, self.east + by, self.north + by)

    def around(self, prefix: str = "") -> Q:
        """The condition that `easting` and `northing` of the row at `prefix` lie inside."""
        return Q(
            **{
                f"{prefix}easting__range": (self.west, self.east),
                f"{prefix}northing__range": (self.south, self.north),
            }
        )
