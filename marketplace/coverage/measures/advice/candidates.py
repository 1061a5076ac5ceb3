"""Ways of closing a gap, as changes to a snapshot: what each adds, and the snapshot with some of them made.

Three add days (`adds_days`): more from an existing pool, a provider from outside, a new practitioner at a school that supports
others already. Three let days that are offered already go where they could not: farther, remotely, or to another theme
under the same heading. The budget pays for days it adds, whatever a school would pay at most; days offered already are
paid for by whoever books them, and the budget pays for what opens the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

import numpy as np

from marketplace.coverage.measures.inputs import (
    NONE,
    PHASES_OF_OFFERS,
    Inputs,
    Ints,
    Mode,
    Pools,
    Sites,
    Table,
)

NOBODY_YET = -1_000
"""Owners of offers from outside count down from here: nobody known, and each another."""


class Kind(StrEnum):
    """Ways of closing a gap."""

    MORE_DAYS = "more_days"
    WIDER_REACH = "wider_reach"
    REMOTE = "remote"
    REDIRECT = "redirect"
    OUTSIDE = "outside"
    PRACTITIONER = "practitioner"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One way, to be had once or in up to `most` blocks of `days` days at `cost_pence` each; it takes `weeks` to begin.

    `offer` and `pool` are rows of the snapshot it builds on (of a new practitioner: those of the school's other support);
    `theme` and `phase` are NONE where the offer's own count. `owner` is who would be paid.
    """

    kind: Kind
    days: float
    cost_pence: int
    weeks: int
    owner: int
    most: int = 1
    offer: int = NONE
    pool: int = NONE
    theme: int = NONE
    phase: int = NONE
    school: int = NONE
    x: float = float("nan")
    y: float = float("nan")
    reach_m: float = float("nan")

    @property
    def adds_days(self) -> bool:
        return self.kind in (Kind.MORE_DAYS, Kind.OUTSIDE, Kind.PRACTITIONER)


@dataclass(frozen=True)
class Extended:
    """A snapshot with candidates in it: the row each got, of a pool where it adds days, else of an offer."""

    inputs: Inputs
    pool: Ints
    offer: Ints


def extended(inputs: Inputs, candidates: Sequence[Candidate], units: Sequence[int]) -> Extended:
    """The snapshot with `units` blocks of each candidate; one of which there is none still has its rows, without days."""
    pools: list[dict[str, Any]] = []
    sites: list[dict[str, Any]] = []
    offers: list[dict[str, Any]] = []
    conflicts = [inputs.conflicts]
    of_pool, of_offer = np.full((2, len(candidates)), NONE, dtype=np.int64)
    for at, (each, count) in enumerate(zip(candidates, units, strict=True)):
        row = each.pool
        if each.adds_days:
            row = of_pool[at] = len(inputs.pools) + len(pools)
            pools.append(_pool(inputs, each, each.days * count))
            sites += _sites(inputs, each, int(row))
            barred = inputs.conflicts[inputs.conflicts[:, 1] == each.pool, 0]
            conflicts.append(np.stack([barred, np.full(len(barred), row)], axis=1))
        of_offer[at] = len(inputs.offers) + len(offers)
        offers.append(_offer(inputs, each, int(row), each.days * count))
    return Extended(
        replace(
            inputs,
            pools=_with_rows(inputs.pools, pools),
            sites=_with_rows(inputs.sites, sites),
            offers=_with_rows(inputs.offers, offers),
            conflicts=np.concatenate(conflicts),
        ),
        of_pool,
        of_offer,
    )


def _pool(inputs: Inputs, candidate: Candidate, days: float) -> dict[str, Any]:
    pools: Pools = inputs.pools
    known = candidate.pool != NONE
    return {
        "owner": candidate.owner,
        "days_offered": days,
        "days_committed": 0.0,
        "days_held": 0.0,
        "trust": pools.trust[candidate.pool] if known else NONE,
        "home_school": pools.home_school[candidate.pool] if known else NONE,
        "area": pools.area[candidate.pool] if known else NONE,
        "active": True,
        "confirmed_days_ago": 0.0,
        "inside": True,
    }


def _sites(inputs: Inputs, candidate: Candidate, row: int) -> list[dict[str, Any]]:
    """Where the new days come from: the pool's own sites, or the place the candidate names."""
    if candidate.kind is not Kind.MORE_DAYS:
        side = inputs.schools.barrier[candidate.school] if candidate.school != NONE else NONE
        return [{"pool": row, "x": candidate.x, "y": candidate.y, "barrier": side}]
    sites: Sites = inputs.sites
    return [
        {"pool": row, "x": sites.x[at], "y": sites.y[at], "barrier": sites.barrier[at]}
        for at in np.flatnonzero(sites.pool == candidate.pool)
    ]


def _offer(inputs: Inputs, candidate: Candidate, pool: int, days: float) -> dict[str, Any]:
    offers = inputs.offers
    terms = {
        "themes": np.arange(len(inputs.themes)) == candidate.theme,
        "phases": np.arange(PHASES_OF_OFFERS) == candidate.phase,
        "mode": Mode.BOTH if candidate.kind is Kind.OUTSIDE else Mode.IN_PERSON,
        "reach_m": candidate.reach_m,
        "price_pence": 0,
        "internal": False,
        "area_wide": False,
    }
    if candidate.kind not in (Kind.OUTSIDE, Kind.PRACTITIONER):
        given = {name: getattr(offers, name)[candidate.offer] for name in terms}
        terms = given | _changed(candidate, terms)
    return terms | {
        "pool": pool,
        "cap_days": np.nan if candidate.adds_days else days,
        "active": True,
        "confirmed_days_ago": 0.0,
    }


def _changed(candidate: Candidate, terms: dict[str, Any]) -> dict[str, Any]:
    """What a candidate changes of the offer it builds on."""
    if candidate.kind is Kind.MORE_DAYS:
        return {"price_pence": 0}
    if candidate.kind is Kind.WIDER_REACH:
        return {"reach_m": candidate.reach_m}
    if candidate.kind is Kind.REMOTE:
        return {"mode": Mode.BOTH}
    return {"themes": terms["themes"]}


def _with_rows(table: Table, rows: list[dict[str, Any]]) -> Any:
    if not rows:
        return table
    columns = {}
    for column in fields(table):  # type: ignore[arg-type]
        there, new = getattr(table, column.name), np.array([row[column.name] for row in rows])
        columns[column.name] = np.concatenate([there.reshape(-1, *new.shape[1:]), new])
    return type(table)(**columns)
