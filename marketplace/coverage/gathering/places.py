"""Where schools and providers stand, and on which side of the water."""

import numpy as np

from marketplace.coverage.gathering.reading import Read
from marketplace.coverage.gathering.rows import OfferRow, Place, SchoolRow, WardPlace
from marketplace.coverage.measures import NONE, Choices
from marketplace.organisations.models import LocationSource

NOWHERE = (float("nan"), float("nan"))


class Sides:
    """On which side of the water a place lies: that of the nearest middle of a ward; none where no water was ever named."""

    def __init__(self, wards: list[WardPlace], choices: Choices) -> None:
        self.named = bool(choices.sides)
        side = dict(choices.sides)
        self.side = np.array([side.get(ward.code, 0) for ward in wards], dtype=np.int64)
        self.of_ward = {ward.id: side.get(ward.code, 0) for ward in wards}
        self.middles = np.array([(ward.easting, ward.northing) for ward in wards], dtype=float)

    def of_place(self, x: float, y: float) -> int:
        if not self.named or not len(self.middles) or np.isnan(x):
            return NONE
        return int(self.side[np.argmin(((self.middles - (x, y)) ** 2).sum(axis=1))])

    def of_school(self, ward: int | None, x: float, y: float) -> int:
        """That of its ward where it has one here."""
        if self.named and ward in self.of_ward:
            return self.of_ward[ward]
        return self.of_place(x, y)


def place_of_school(row: SchoolRow, found: Read) -> tuple[float, float]:
    """Easting and northing of the register; else of its postcode, else of its ward's middle, NaN where none is known."""
    if row.location != LocationSource.REGISTER and row.postcode in found.postcodes:
        return found.postcodes[row.postcode]
    if row.easting is not None and row.northing is not None:
        return row.easting, row.northing
    if row.ward_easting is not None and row.ward_northing is not None:
        return row.ward_easting, row.ward_northing
    return NOWHERE


def is_approximate(row: SchoolRow, found: Read) -> bool:
    """Whether the place is known, but only by the postcode or the ward."""
    by_postcode = row.location != LocationSource.REGISTER and row.postcode in found.postcodes
    by_ward = row.location == LocationSource.WARD or (row.easting is None and row.ward is not None)
    return by_postcode or by_ward


def places_of_offer(offer: OfferRow, found: Read) -> list[Place]:
    """The first place known of a provider: its school's, its own, its ward's middle; for a group those of its schools."""
    for x, y in (
        (offer.school_easting, offer.school_northing),
        (offer.easting, offer.northing),
        (offer.ward_easting, offer.ward_northing),
    ):
        if x is not None and y is not None:
            return [(x, y)]
    return found.group_sites.get(offer.provider, [])
