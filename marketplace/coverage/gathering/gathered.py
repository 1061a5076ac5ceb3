"""What was gathered: the measures' inputs, the keys of their rows, and a fingerprint that tells whether anything changed."""

import hashlib
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from marketplace.coverage.measures import Inputs, Settings
from marketplace.kernel.dates import Period

FORM = 4
"""Raise it when what a snapshot stores changes, so that every area is worked out again."""


class ThemeKey(NamedTuple):
    id: int
    name: str


class SchoolKey(NamedTuple):
    """A school row: one for each phase of an organisation."""

    id: int
    ward: int | None
    inside: bool
    approximate: bool


class NeedKey(NamedTuple):
    """A need row, with its days in days: what was stated and what of it is booked."""

    id: int
    stated: float
    booked: float


class CommissionKey(NamedTuple):
    """A need row of the commissioned layer. Restricted: for what only the area's convenors are shown."""

    id: int
    school: int
    stated: float
    booked: float


class PoolKey(NamedTuple):
    """A pool row: an offer, with its days in days."""

    offer: int
    provider: int
    owner: int
    owner_name: str
    themes: tuple[int, ...]
    phases: tuple[str, ...]
    offered: float | None
    committed: float
    held: float


@dataclass(frozen=True)
class Gathered:
    """Rows of `inputs` refer to these keys by number. `wards` are the area's, id → name.

    Need rows are those of `needs` (declared, the headline) and after them those of `commissioned`, a layer of its own; modelled needs come last
    and have no keys. `term` are the
    days that count, where they are not the whole school year.
    """

    inputs: Inputs
    academic_year: str
    themes: tuple[ThemeKey, ...]
    schools: tuple[SchoolKey, ...]
    needs: tuple[NeedKey, ...]
    pools: tuple[PoolKey, ...]
    wards: dict[int, str]
    commissioned: tuple[CommissionKey, ...] = ()
    term: Period | None = None

    def fingerprint(self, settings: Settings) -> str:
        """The same for two gatherings that would be measured alike: ages count only as within or beyond their limit.

        Layers that are not measured and weights that only order choices are left out, so that a commission or a category never
        makes a snapshot: its time alone would tell the board that there is one.
        """
        limits = {
            "replied_days_ago": settings.replied_within_days,
            "confirmed_days_ago": settings.confirmed_within_days,
        }
        digest = hashlib.sha256(
            repr((FORM, settings, self.academic_year, self.term, sorted(self.wards.items()))).encode()
        )
        for keys in (self.themes, self.schools, self.needs, self.pools):
            digest.update(repr(keys).encode())
        inputs = self.inputs
        needs = inputs.needs.take(np.isin(inputs.needs.layer, settings.layers))
        for table in (inputs.schools, inputs.themes, needs, inputs.pools, inputs.sites, inputs.offers):
            for column in fields(table):
                if column.name == "choice_weight":
                    continue
                values = getattr(table, column.name)
                if column.name in limits:
                    values = values <= limits[column.name]
                digest.update(f"{column.name}{values.shape}".encode() + values.tobytes())
        digest.update(inputs.conflicts.tobytes())
        return digest.hexdigest()
