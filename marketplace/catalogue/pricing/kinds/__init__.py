"""Kinds of price, each seen in a published tariff of English school support.

A kind turns a school and a quantity into lines. Prices are whole pence before VAT; a line is rounded once, half up.
"""

from marketplace.catalogue.pricing.kinds.base import BaseKind
from marketplace.catalogue.pricing.kinds.counted import PerDay, PerHalfDay, PerPlace, PerSession, UnitKind
from marketplace.catalogue.pricing.kinds.included import Fixed, Levels, PackageOfDays
from marketplace.catalogue.pricing.kinds.sized import (
    BandedByPupils,
    BasePlusStaff,
    FlatPlusPerPupil,
    PerPupil,
    PerPupilWithinLimits,
)

__all__ = [
    "BandedByPupils",
    "BaseKind",
    "BasePlusStaff",
    "Fixed",
    "FlatPlusPerPupil",
    "Levels",
    "PackageOfDays",
    "PerDay",
    "PerHalfDay",
    "PerPlace",
    "PerPupil",
    "PerPupilWithinLimits",
    "PerSession",
    "UnitKind",
]
