# ruff: noqa: RUF009 (`_column` is `dataclasses.field` with the type of a column)
"""What the measures are computed from: a snapshot of an area as plain columns.

Every table is a frozen dataclass of one-dimensional numpy arrays of equal length, one row per thing. Rows refer to each other by
row number (`needs.school` is a row of `Schools`, `offers.pool` a row of `Pools`), so that all work is vectorised and nothing needs
a database. Columns left out take the default written beside them.

* **Schools** have a place, a phase and an area; a school without a place is *unlocated* (x, y are NaN).
* **Needs** are days of one theme and phase that one school asks for.
* **Pools** are days somebody can give: a practitioner or a provider. A pool has one or more **Sites** to travel from.
* **Offers** say on what terms a pool may be used: themes, phases, reach, mode, price, most days.

Units: metres on the OSGB grid, days (floats: quarters of days occur), integer pence, age in days. -1 means "none" in a reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from .choices import Choices
from .errors import MeasureError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NONE = -1


class Phase(IntEnum):
    """Phases support is counted in. ALL_THROUGH describes a school only: its needs are primary or secondary.

    SPECIAL stands for special schools and alternative provision: mainstream offers do not count there unless they declare it.
    """

    BLANK = -1
    NURSERY = 0
    PRIMARY = 1
    SECONDARY = 2
    POST_16 = 3
    SPECIAL = 4
    ALL_THROUGH = 5


PHASES_OF_OFFERS = 5
"""How many columns `Offers.phases` has: all phases but ALL_THROUGH."""


class Mode(IntEnum):
    """How an offer can be delivered."""

    IN_PERSON = 0
    REMOTE = 1
    BOTH = 2


class Layer(IntEnum):
    """Layers of need, kept apart: only the declared layer is the headline."""

    DECLARED = 0
    COMMISSIONED = 1
    LATENT = 2


class Decay(StrEnum):
    """How the weight of a day falls from where it counts in full to where it counts nothing (see `weights`)."""

    LINEAR = "linear"
    GAUSSIAN = "gaussian"
    STEPPED = "stepped"


_REQUIRED = object()


def _column(kind: type, default: object = _REQUIRED, *, axes: int = 1) -> Any:
    metadata = {"kind": kind, "default": default, "axes": axes}
    if default is _REQUIRED:
        return field(metadata=metadata)
    return field(default=None, metadata=metadata)


class Table:
    """Columns of equal length, coerced to their types; missing ones filled with their defaults."""

    def __post_init__(self) -> None:
        size: int | None = None
        problems: list[str] = []
        for column in fields(self):  # type: ignore[arg-type]
            name, meta = column.name, column.metadata
            given = getattr(self, name)
            if given is None:
                values = np.full(size or 0, meta["default"], dtype=meta["kind"])
            else:
                values = np.asarray(given, dtype=meta["kind"])
            if values.ndim == 1 and values.size == 0 and meta["axes"] == 2:
                values = values.reshape(0, 0)
            if values.ndim != meta["axes"]:
                problems.append(f"{self._name}.{name} must have {meta['axes']} axis/axes, not {values.ndim}")
            size = len(values) if size is None and values.ndim else size
            if values.ndim and len(values) != size:
                problems.append(f"{self._name}.{name} has {len(values)} rows where {size} were expected")
            object.__setattr__(self, name, values)
        if problems:
            raise MeasureError(problems)

    @property
    def _name(self) -> str:
        return type(self).__name__.lower()

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))  # type: ignore[arg-type]

    def take(self, rows: npt.NDArray[Any]) -> Any:
        """The same table with only these rows (a mask or row numbers, repeats allowed)."""
        return type(self)(**{c.name: getattr(self, c.name)[rows] for c in fields(self)})  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Schools(Table):
    """Schools that need support, those outside the area included when they compete for the same pools."""

    x: Floats = _column(float)  # easting, metres; NaN = unlocated
    y: Floats = _column(float)  # northing, metres
    phase: Ints = _column(int, Phase.BLANK)
    area: Ints = _column(int, 0)  # ward, cluster or whole LA: whatever cells are counted by
    trust: Ints = _column(int, NONE)
    open: Bools = _column(bool, True)  # needs of closed schools are dropped
    inside: Bools = _column(bool, True)  # False: a neighbour's school, which competes but is not reported
    barrier: Ints = _column(int, NONE)  # side of the water; no in-person support across two different sides
    approximate: Bools = _column(bool, False)  # placed by its postcode or its ward
    fsm_fifth: Ints = _column(int, 0)  # 1 least … 5 most disadvantaged, 0 unknown
    pupils_younger: Floats = _column(
        float, 0.0
    )  # reception to year 6, to split a blank need of an all-through school
    pupils_older: Floats = _column(float, 0.0)  # years 7 to 13
    replied_days_ago: Floats = _column(float, np.nan)  # since needs (or "none") were confirmed; NaN = never

    @property
    def located(self) -> Bools:
        return np.isfinite(self.x) & np.isfinite(self.y)


@dataclass(frozen=True, kw_only=True)
class Themes(Table):
    """Themes, by row number."""

    remote_fit: Floats = _column(float)  # tau, 0 (must be in the room) to 1 (as good remotely)
    radius_m: Floats = _column(float, np.nan)  # R of the theme; NaN = the setting's


@dataclass(frozen=True, kw_only=True)
class Needs(Table):
    """Need rows: the days D one school wants in one theme and phase."""

    school: Ints = _column(int)
    theme: Ints = _column(int)
    days: Floats = _column(float)  # see demand.counted_days
    phase: Ints = _column(int, Phase.BLANK)  # BLANK: the school's own phase
    remote_ok: Bools = _column(bool, False)
    max_price_pence: Ints = _column(int, NONE)  # a day; -1 = not set
    layer: Ints = _column(int, Layer.DECLARED)
    choice_weight: Floats = _column(float, 1.0)  # pi, orders choices and never changes counted days
    id: Ints = _column(int, NONE)  # the caller's own number, carried through


@dataclass(frozen=True, kw_only=True)
class Pools(Table):
    """Days that one practitioner or provider can give in the window."""

    owner: Ints = _column(
        int
    )  # the trust, or the provider if it has none: the same number merges duplicate listings
    days_offered: Floats = _column(float, np.nan)  # NaN = not stated: counts for reach, not for days
    days_committed: Floats = _column(float, 0.0)
    days_held: Floats = _column(float, 0.0)
    trust: Ints = _column(int, NONE)
    home_school: Ints = _column(int, NONE)
    area: Ints = _column(int, NONE)  # where it is based: information only
    active: Bools = _column(bool, True)
    confirmed_days_ago: Floats = _column(float, 0.0)  # NaN = never
    inside: Bools = _column(bool, True)

    @property
    def stated(self) -> Bools:
        return ~np.isnan(self.days_offered)

    @property
    def free_days(self) -> Floats:
        """C: days offered less committed and held, never below zero; zero where days were not stated."""
        offered = np.where(self.stated, self.days_offered, 0.0)
        return np.maximum(0.0, offered - self.days_committed - self.days_held)


@dataclass(frozen=True, kw_only=True)
class Sites(Table):
    """Places a pool travels from; the nearest one counts. A pool without a site can only help remotely or area-wide."""

    pool: Ints = _column(int)
    x: Floats = _column(float)
    y: Floats = _column(float)
    barrier: Ints = _column(int, NONE)


@dataclass(frozen=True, kw_only=True)
class Offers(Table):
    """Terms on which a pool may be used."""

    pool: Ints = _column(int)
    themes: Bools = _column(bool, axes=2)  # offers x themes
    phases: Bools = _column(bool, axes=2)  # offers x PHASES_OF_OFFERS
    reach_m: Floats = _column(float, np.nan)  # NaN = the setting's default
    mode: Ints = _column(int, Mode.IN_PERSON)
    price_pence: Ints = _column(int, 0)  # a day
    cap_days: Floats = _column(float, np.nan)  # NaN = as many as the pool has
    internal: Bools = _column(bool, False)  # only for schools of the pool's own trust
    area_wide: Bools = _column(bool, False)  # promised to every school of the area, unlocated ones too
    active: Bools = _column(bool, True)
    confirmed_days_ago: Floats = _column(float, 0.0)  # NaN = never

    @property
    def most_days(self) -> Floats:
        return np.where(np.isnan(self.cap_days), np.inf, self.cap_days)


def _nothing_declared() -> Ints:
    return np.zeros((0, 2), dtype=np.int64)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """A whole snapshot. `conflicts` has one row (school, pool) for each declared personal conflict.

    Raises MeasureError, with every problem found, if a reference points nowhere or a number makes no sense.
    """

    schools: Schools
    themes: Themes
    needs: Needs
    pools: Pools
    sites: Sites
    offers: Offers
    conflicts: Ints = field(default_factory=_nothing_declared)

    def __post_init__(self) -> None:
        conflicts = np.asarray(self.conflicts, dtype=np.int64).reshape(-1, 2)
        object.__setattr__(self, "conflicts", conflicts)
        problems = [*self._references(), *self._amounts()]
        if problems:
            raise MeasureError(problems)

    def _references(self) -> list[str]:
        schools, pools = len(self.schools), len(self.pools)
        themes = len(self.themes)
        checks = (
            ("needs.school", self.needs.school, 0, schools),
            ("needs.theme", self.needs.theme, 0, themes),
            ("needs.phase", self.needs.phase, Phase.BLANK, PHASES_OF_OFFERS),
            ("schools.fsm_fifth", self.schools.fsm_fifth, 0, 6),
            ("schools.phase", self.schools.phase, Phase.BLANK, len(Phase) - 1),
            ("pools.home_school", self.pools.home_school, NONE, schools),
            ("sites.pool", self.sites.pool, 0, pools),
            ("offers.pool", self.offers.pool, 0, pools),
            ("offers.mode", self.offers.mode, 0, len(Mode)),
            ("conflicts (school)", self.conflicts[:, 0], 0, schools),
            ("conflicts (pool)", self.conflicts[:, 1], 0, pools),
        )
        problems = []
        for name, column, low, high in checks:
            wrong = np.flatnonzero((column < low) | (column >= high))
            if wrong.size:
                problems.append(f"{name} row {wrong[0]} is {column[wrong[0]]}: give {low} to {high - 1}")
        for name, width, wanted in (
            ("offers.themes", self.offers.themes.shape[1], themes),
            ("offers.phases", self.offers.phases.shape[1], PHASES_OF_OFFERS),
        ):
            if len(self.offers) and width != wanted:
                problems.append(f"{name} has {width} columns: give {wanted}")
        return problems

    def _amounts(self) -> list[str]:
        known = ~np.isnan(self.pools.days_offered)
        checks = (
            ("needs.days", self.needs.days),
            ("needs.choice_weight", self.needs.choice_weight),
            ("pools.days_offered", self.pools.days_offered[known]),
            ("pools.days_committed", self.pools.days_committed),
            ("pools.days_held", self.pools.days_held),
            ("themes.remote_fit", self.themes.remote_fit),
            ("offers.reach_m", self.offers.reach_m[~np.isnan(self.offers.reach_m)]),
            ("offers.cap_days", self.offers.cap_days[~np.isnan(self.offers.cap_days)]),
        )
        problems = [
            f"{name} must be finite and not below 0"
            for name, column in checks
            if column.size and not (np.isfinite(column).all() and column.min() >= 0)
        ]
        if len(self.themes) and (self.themes.remote_fit > 1).any():
            problems.append("themes.remote_fit must be between 0 and 1")
        return problems

    def with_needs(self, needs: Needs) -> Inputs:
        return replace(self, needs=needs)


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Where a status begins. Settings of an LA: judgement, to be calibrated with a convenor."""

    gap_best: float = 0.80  # below this share even perfect brokerage leaves a fifth unmet
    thin_expected: float = 0.80
    thin_k: float = 1.20  # about 1/0.85 utilisation
    thin_without_largest: float = 0.50  # one withdrawal halves it
    duplicated_k: float = 2.0  # every day could be met twice
    duplicated_without_largest: float = 0.995  # and nobody would be missed
    duplicated_owners: int = 2
    duplicated_spare_days: float = 5.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Parameters of the measures, versioned by the LA that sets them. Lengths in metres."""

    version: str = "default"
    full_weight_m: float = 10_000.0  # d0: nearer than this counts fully
    radius_m: float = 40_000.0  # R: farther than this counts nothing
    min_weight: float = 0.05
    decay: str = Decay.LINEAR.value
    default_reach_m: float = 25_000.0
    confirmed_within_days: float = 180.0  # an older offer is listed, not counted
    replied_within_days: float = 365.0
    spread_passes: int = 5
    replaceable_share: float = (
        0.01  # a pool is replaceable if losing it loses no more than this share of its days
    )
    overlap_edge: float = 0.5
    overlaps_per_pool: int = 3
    pool_the_region: bool = False  # what-if: neighbours' pools enter the fair best case whole
    layers: tuple[int, ...] = (Layer.DECLARED,)
    radius_factors: tuple[float, ...] = (0.75, 1.0, 1.25)  # checks of stability …
    capacity_factors: tuple[float, ...] = (0.8, 1.0, 1.2)  # … every pair of the two
    thresholds: Thresholds = field(default_factory=Thresholds)
    choices: Choices = field(default_factory=Choices)

    def __post_init__(self) -> None:
        problems = [
            f"settings.{name} must be above 0"
            for name in ("full_weight_m", "radius_m", "default_reach_m", "spread_passes")
            if getattr(self, name) <= 0
        ]
        if not 0 < self.min_weight <= 1:
            problems.append("settings.min_weight must be above 0 and at most 1")
        if self.decay not in tuple(Decay):
            problems.append(f"settings.decay must be one of {', '.join(Decay)}")
        if min(self.radius_factors, default=0) <= 0 or min(self.capacity_factors, default=0) <= 0:
            problems.append("settings.radius_factors and capacity_factors must be above 0")
        if problems:
            raise MeasureError(problems)
