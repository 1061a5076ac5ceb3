"""Needs and offers drawn by chance for the schools of a register: the same seed and register draw the same ones.

About two needs for each open school that has a phase, and a school in five provides; twelve themes by the phase of the school make the cells. Days
offered come near to days needed, so that there are gaps, thin cells and duplication to look at, as chance has it and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from marketplace.catalogue.vocabulary import THEMES
from marketplace.coverage.measures import (
    NONE,
    PHASES_OF_OFFERS,
    Inputs,
    Mode,
    Needs,
    Offers,
    Phase,
    Pools,
    Schools,
    Sites,
    Themes,
)
from marketplace.kernel.days import HALF_DAYS_IN_A_DAY
from marketplace.organisations.register import RegisterRow, read_register

SEED = 2026
CODES = (
    "phonics", "writing", "maths", "curriculum-subjects", "attendance", "behaviour", "send-provision", "mental-health",
    "disadvantage", "leadership-development", "ofsted-readiness", "governor-development",
)  # fmt: skip
PHASES = {
    "early_years": Phase.NURSERY,
    "primary": Phase.PRIMARY,
    "secondary": Phase.SECONDARY,
    "post_16": Phase.POST_16,
    "special_ap": Phase.SPECIAL,
}
PROVIDE = 0.2
NEEDS_OF_A_SCHOOL = ((0, 1, 2, 3, 4), (0.12, 0.25, 0.28, 0.20, 0.15))
HALF_DAYS_NEEDED = (2, 4, 6, 8, 12)
HALF_DAYS_OFFERED = (20, 30, 40, 60, 80)
REACHES_KM = (10, 15, 25, 40)
DAY_RATES = (35_000, 42_000, 48_000, 60_000)
THEMES_OF_AN_OFFER = (1, 2, 3)
MODES = ((Mode.IN_PERSON, Mode.BOTH, Mode.REMOTE), (0.7, 0.2, 0.1))
REMOTE_IS_FINE, HAVE_REPLIED = 0.25, 0.75


class SchoolOfRegister(NamedTuple):
    """An open school: its area by code, its phases (the main one first), and where it lies; easting and northing may be unknown."""

    urn: int
    area: str
    region: str
    phases: tuple[str, ...]
    easting: float
    northing: float
    pupils: int
    trust: str
    fsm: int


class NeedDrawn(NamedTuple):
    """Half-days a school (by row) wants of a theme (by place in `CODES`)."""

    school: int
    theme: int
    half_days: int
    remote_ok: bool


class OfferDrawn(NamedTuple):
    """What a school (by row) offers to others."""

    school: int
    themes: tuple[int, ...]
    half_days: int
    reach_km: int
    mode: Mode
    day_rate: int


@dataclass(frozen=True)
class Drawn:
    """What was drawn; rows of needs, offers and replies are rows of `schools`."""

    schools: list[SchoolOfRegister]
    needs: list[NeedDrawn]
    offers: list[OfferDrawn]
    replied: list[bool]

    def inputs(self) -> Inputs:
        """The same as columns for the measures. An area is a local authority; each offer is a pool at its school."""
        schools, offers = self.schools, self.offers
        areas = {code: row for row, code in enumerate(sorted({school.area for school in schools}))}
        trusts = {code: row for row, code in enumerate(sorted({s.trust for s in schools if s.trust}))}
        home = np.array([offer.school for offer in offers], dtype=np.int64)
        x, y = (
            np.array([getattr(s, name) for s in schools], dtype=float) for name in ("easting", "northing")
        )
        area = np.array([areas[school.area] for school in schools])
        trust = np.array([trusts.get(school.trust, NONE) for school in schools])
        covers = np.zeros((len(offers), len(CODES)), dtype=np.bool_)
        phases = np.zeros((len(offers), PHASES_OF_OFFERS), dtype=np.bool_)
        for row, offer in enumerate(offers):
            covers[row, list(offer.themes)] = True
            phases[row, [PHASES[phase] for phase in schools[offer.school].phases]] = True
        return Inputs(
            schools=Schools(
                x=x,
                y=y,
                phase=np.array(
                    [PHASES[school.phases[0]] if school.phases else Phase.BLANK for school in schools]
                ),
                area=area,
                trust=trust,
                replied_days_ago=np.where(self.replied, 30.0, np.nan),
            ),
            themes=Themes(remote_fit=np.array([fit / 100 for fit in _fits()])),
            needs=Needs(
                school=np.array([need.school for need in self.needs], dtype=np.int64),
                theme=np.array([need.theme for need in self.needs], dtype=np.int64),
                days=np.array([need.half_days for need in self.needs]) / HALF_DAYS_IN_A_DAY,
                remote_ok=np.array([need.remote_ok for need in self.needs], dtype=np.bool_),
            ),
            pools=Pools(
                owner=np.where(trust[home] == NONE, len(trusts) + home, trust[home]),
                days_offered=np.array([offer.half_days for offer in offers]) / HALF_DAYS_IN_A_DAY,
                trust=trust[home],
                home_school=home,
                area=area[home],
            ),
            sites=Sites(pool=np.arange(len(offers)), x=x[home], y=y[home]),
            offers=Offers(
                pool=np.arange(len(offers)),
                themes=covers,
                phases=phases,
                reach_m=np.array([offer.reach_km * 1000.0 for offer in offers]),
                mode=np.array([offer.mode for offer in offers], dtype=np.int64),
                price_pence=np.array([offer.day_rate for offer in offers], dtype=np.int64),
            ),
        )


def read_schools(register: Path, *, areas: Collection[str] | None = None) -> list[SchoolOfRegister]:
    """The open schools of a register, of these areas only if they are given. Raises `RegisterFileError`."""
    reading = read_register(register, only_la_codes=areas)
    rows = [row for row in reading if isinstance(row, RegisterRow) and row.is_open]
    return [
        SchoolOfRegister(
            row.urn,
            row.la_code,
            row.gor,
            row.support_phases,
            _metres(row.easting),
            _metres(row.northing),
            row.pupils or 0,
            row.trust_code,
            row.percentage_fsm or 0,
        )
        for row in rows
    ]


def _metres(known: int | None) -> float:
    return np.nan if known is None else float(known)


def draw(schools: list[SchoolOfRegister], *, seed: int = SEED) -> Drawn:
    """Needs, offers and replies for these schools."""
    rng = np.random.default_rng(seed)
    return Drawn(
        schools,
        _needs(rng, schools),
        _offers(rng, schools),
        (rng.random(len(schools)) < HAVE_REPLIED).tolist(),
    )


def _needs(rng: np.random.Generator, schools: list[SchoolOfRegister]) -> list[NeedDrawn]:
    counts = rng.choice(*_with_chances(NEEDS_OF_A_SCHOOL, len(schools)))
    order = np.argsort(rng.random((len(schools), len(CODES))), axis=1)
    needs = [
        (school, int(theme))
        for school, count in enumerate(counts)
        if schools[school].phases
        for theme in order[school, :count]
    ]
    half_days = rng.choice(HALF_DAYS_NEEDED, len(needs)).tolist()
    remote = (rng.random(len(needs)) < REMOTE_IS_FINE).tolist()
    return [
        NeedDrawn(school, theme, days, far)
        for (school, theme), days, far in zip(needs, half_days, remote, strict=True)
    ]


def _offers(rng: np.random.Generator, schools: list[SchoolOfRegister]) -> list[OfferDrawn]:
    """Larger schools give rather; one without a place or a phase gives nothing."""
    size = np.array([0.0 if np.isnan(s.easting) or not s.phases else (s.pupils + 50) ** 0.5 for s in schools])
    if not size.any():
        return []
    count = min(round(PROVIDE * len(schools)), int((size > 0).sum()))
    hosts = np.sort(rng.choice(len(schools), count, replace=False, p=size / size.sum()))
    order = np.argsort(rng.random((count, len(CODES))), axis=1)
    columns = zip(
        hosts.tolist(),
        rng.choice(THEMES_OF_AN_OFFER, count).tolist(),
        rng.choice(HALF_DAYS_OFFERED, count).tolist(),
        rng.choice(REACHES_KM, count).tolist(),
        rng.choice(*_with_chances(MODES, count)).tolist(),
        rng.choice(DAY_RATES, count).tolist(),
        strict=True,
    )
    return [
        OfferDrawn(host, tuple(sorted(order[row, :many].tolist())), days, reach, Mode(mode), rate)
        for row, (host, many, days, reach, mode, rate) in enumerate(columns)
    ]


def _with_chances(
    things: tuple[tuple[int, ...], tuple[float, ...]], count: int
) -> tuple[npt.NDArray[np.int64], int, bool, tuple[float, ...]]:
    """What `Generator.choice` takes, in its order."""
    return np.array(things[0]), count, True, things[1]


def _fits() -> list[int]:
    found = {entry.code: entry.remote_fit for heading in THEMES for entry in heading.within}
    return [found[code] for code in CODES]
