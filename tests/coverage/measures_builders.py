"""Makers of snapshots for the measures: small ones said in a line, random ones for invariants, large ones for benchmarks.

Distances in these builders are in kilometres, as the worked cases have them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from marketplace.coverage.measures.allocation import Allocation, allocate
from marketplace.coverage.measures.eligibility import Arcs
from marketplace.coverage.measures.inputs import (
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

KM = 1000.0


def a_snapshot(
    *,
    schools: dict[str, Any] | None = None,
    themes: dict[str, Any] | None = None,
    needs: dict[str, Any] | None = None,
    pools: dict[str, Any] | None = None,
    sites: dict[str, Any] | None = None,
    offers: dict[str, Any] | None = None,
    conflicts: Any = (),
) -> Inputs:
    """One primary school at the origin wanting 10 days of one theme, one pool of 12 days 5 km away, unless told otherwise.

    Places are given as `x` and `y` in km. The number of pools follows from `pools`, each with its own site and offer by default.
    """
    school_columns = {"x": [0.0], "y": None, "phase": None} | (schools or {})
    count = len(school_columns["x"])
    x = np.array(school_columns["x"], dtype=float)
    y = school_columns["y"]
    school_columns["x"], school_columns["y"] = (
        x * KM,
        np.where(np.isnan(x), np.nan, 0.0) if y is None else np.array(y) * KM,
    )
    if school_columns["phase"] is None:
        school_columns["phase"] = [Phase.PRIMARY] * count
    theme_columns = {"remote_fit": [0.0]} | (themes or {})
    need_columns = {"school": [0], "theme": [0], "days": [10.0]} | (needs or {})
    need_columns["theme"] = np.broadcast_to(need_columns["theme"], (len(need_columns["school"]),))
    pool_columns = {"owner": None, "days_offered": [12.0]} | (pools or {})
    pool_count = len(pool_columns["days_offered"])
    if pool_columns["owner"] is None:
        pool_columns["owner"] = np.arange(pool_count)
    site_columns = {"pool": np.arange(pool_count), "x": [5.0] * pool_count, "y": None} | (sites or {})
    site_x = np.array(site_columns["x"], dtype=float)
    site_columns["x"] = site_x * KM
    site_columns["y"] = (
        np.zeros(len(site_x)) if site_columns["y"] is None else np.array(site_columns["y"]) * KM
    )
    offer_columns = {"pool": np.arange(pool_count)} | (offers or {})
    offer_count = len(offer_columns["pool"])
    offer_columns.setdefault("themes", np.ones((offer_count, len(theme_columns["remote_fit"])), dtype=bool))
    offer_columns.setdefault("phases", np.ones((offer_count, PHASES_OF_OFFERS), dtype=bool))
    return Inputs(
        schools=Schools(**school_columns),
        themes=Themes(**theme_columns),
        needs=Needs(**need_columns),
        pools=Pools(**pool_columns),
        sites=Sites(**site_columns),
        offers=Offers(**offer_columns),
        conflicts=np.array(conflicts, dtype=int).reshape(-1, 2),
    )


def an_allocation(
    need: Any, pool: Any, weight: Any, *, cap: Any = None, pool_of_offer: Any = None
) -> Allocation:
    """Straight from a matrix of weights, needs x pools (or x offers, with `pool_of_offer`)."""
    capacity = np.array(pool, dtype=float)
    matrix = np.array(weight, dtype=float).reshape(len(need), -1)
    arcs = Arcs.of_matrix(matrix, pool_of_offer=pool_of_offer, pools=len(capacity))
    most = np.full(matrix.shape[1], np.inf) if cap is None else np.array(cap, dtype=float)
    return allocate(arcs, days=np.array(need, dtype=float), capacity=capacity, most_days=most)


def a_random_area(
    seed: int,
    *,
    schools: int = 12,
    themes: int = 3,
    needs: int = 25,
    pools: int = 10,
    width_km: float = 60.0,
    neighbours: bool = True,
    oddities: bool = True,
    breadth: float = 0.5,
) -> Inputs:
    """An area with everything that can be odd in it: unlocated schools, caps, internal offers, remote ones, unstated days …

    `breadth` is the share of themes an offer covers.
    """
    rng = np.random.default_rng(seed)
    odd = 0.15 if oddities else 0.0

    def some(share: float, size: int) -> Any:
        return rng.random(size) < share

    x, y = rng.uniform(0, width_km * KM, (2, schools))
    x[some(odd, schools)] = np.nan
    offers = pools + (pools // 4 if oddities else 0)
    offer_pool = np.concatenate([np.arange(pools), rng.integers(0, pools, offers - pools)])
    offer_themes = rng.random((offers, themes)) < breadth
    offer_themes[np.arange(offers), rng.integers(0, themes, offers)] = True
    offer_phases = rng.random((offers, PHASES_OF_OFFERS)) < 0.6
    sites = pools + pools // 3
    return Inputs(
        schools=Schools(
            x=x,
            y=y,
            phase=rng.choice([Phase.PRIMARY, Phase.SECONDARY, Phase.ALL_THROUGH], schools, p=[0.7, 0.2, 0.1]),
            area=rng.integers(0, max(2, schools // 6), schools),
            trust=np.where(some(0.4, schools), rng.integers(0, 4, schools), -1),
            inside=~some(odd if neighbours else 0.0, schools),
            fsm_fifth=rng.integers(0, 6, schools),
            replied_days_ago=np.where(some(0.7, schools), rng.integers(0, 500, schools), np.nan),
        ),
        themes=Themes(remote_fit=rng.choice([0.0, 0.3, 0.6], themes)),
        needs=Needs(
            school=rng.integers(0, schools, needs),
            theme=rng.integers(0, themes, needs),
            days=rng.integers(0, 61, needs) / 4,
            remote_ok=some(0.4, needs),
            max_price_pence=np.where(some(odd, needs), 40_000, -1),
            id=np.arange(needs),
        ),
        pools=Pools(
            owner=rng.integers(0, max(1, pools * 2 // 3), pools),
            days_offered=np.where(some(odd, pools), np.nan, rng.integers(0, 100, pools) / 4),
            days_committed=np.where(some(odd, pools), 2.5, 0.0),
            trust=np.where(some(0.3, pools), rng.integers(0, 4, pools), -1),
            home_school=np.where(some(0.5, pools), rng.integers(0, schools, pools), -1),
            area=rng.integers(0, max(2, schools // 6), pools),
            inside=~some(odd if neighbours else 0.0, pools),
        ),
        sites=Sites(
            pool=np.concatenate([np.arange(pools), rng.integers(0, pools, sites - pools)]),
            x=rng.uniform(0, width_km * KM, sites),
            y=rng.uniform(0, width_km * KM, sites),
        ),
        offers=Offers(
            pool=offer_pool,
            themes=offer_themes,
            phases=offer_phases,
            reach_m=np.where(some(0.3, offers), np.nan, rng.uniform(5, 60, offers) * KM),
            mode=rng.choice([Mode.IN_PERSON, Mode.REMOTE, Mode.BOTH], offers, p=[0.6, 0.1, 0.3]),
            price_pence=rng.integers(20_000, 60_000, offers),
            cap_days=np.where(some(odd, offers), rng.integers(0, 20, offers) / 4, np.nan),
            internal=some(odd / 2, offers),
            area_wide=some(odd, offers),
            confirmed_days_ago=np.where(some(odd, offers), 300.0, 20.0),
        ),
        conflicts=np.stack([rng.integers(0, schools, 3), rng.integers(0, pools, 3)], axis=1),
    )


def a_borough(seed: int = 1, *, surplus: float = 1.0) -> Inputs:
    """About the size of one local authority: 150 schools, 400 needs, 150 pools, 20 themes over 25 km."""
    area = a_random_area(
        seed,
        schools=150,
        themes=20,
        needs=400,
        pools=150,
        width_km=25,
        neighbours=False,
        breadth=0.12,
    )
    return _with_days(area, area.pools.days_offered * surplus)


def a_country(seed: int = 1, *, schools: int = 24_000, sites: int = 5_000, needs: int = 24_000) -> Inputs:
    """24,000 schools and 5,000 sites over England's area, clustered as towns are."""
    rng = np.random.default_rng(seed)
    towns = rng.uniform(0, 360 * KM, (300, 2))
    area = a_random_area(
        seed,
        schools=schools,
        themes=20,
        needs=needs,
        pools=sites,
        oddities=False,
        neighbours=False,
        breadth=0.12,
    )

    def scattered(count: int) -> Any:
        return (towns[rng.integers(0, len(towns), count)] + rng.normal(0, 9 * KM, (count, 2))).T

    columns = {name: getattr(area.schools, name) for name in ("phase", "trust", "fsm_fifth")}
    x, y = scattered(schools)
    site_x, site_y = scattered(sites)
    return Inputs(
        schools=Schools(x=x, y=y, area=rng.integers(0, 150, schools), **columns),
        themes=area.themes,
        needs=area.needs,
        pools=area.pools,
        sites=Sites(pool=np.arange(sites), x=site_x, y=site_y),
        offers=area.offers,
    )


def _with_days(area: Inputs, days: Any) -> Inputs:
    columns = {
        name: getattr(area.pools, name)
        for name in ("owner", "days_committed", "trust", "home_school", "area")
    }
    return Inputs(
        schools=area.schools,
        themes=area.themes,
        needs=area.needs,
        pools=Pools(days_offered=days, **columns),
        sites=area.sites,
        offers=area.offers,
        conflicts=area.conflicts,
    )
