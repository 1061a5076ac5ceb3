"""The shapes a case can have, told apart by their fields, and what is worked out for each.

need, pool and weight (or distance and reach, or arcs)   shares, best case, four parts, status
distance and reach alone                                 weights
P and Q                                                  overlap of two pools
x and w                                                  Gini coefficient
budget and fte                                           secondment

Optional beside need and pool: `cell` and `owner` (labels of needs and pools), `offer` (the pool of each column of weights) and
`cap` (most days of each column, null for none), `remote_fit`, `remote_ok`, `remote`, `d0`, `R`, `wmin`, `decay`. A null in `distance` is a school whose
place is not known, a null in `pool` days not stated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from marketplace.coverage.measures.allocation import Allocation, allocate
from marketplace.coverage.measures.cells import cell_measures
from marketplace.coverage.measures.eligibility import Arcs
from marketplace.coverage.measures.equity import gini
from marketplace.coverage.measures.errors import MeasureError
from marketplace.coverage.measures.fair import fair_best_case
from marketplace.coverage.measures.inputs import Bools, Decay, Floats, Ints, Settings
from marketplace.coverage.measures.pools import idle_days, leave_one_out, overlaps, weighted_jaccard
from marketplace.coverage.measures.secondment import POUND, Terms, costing
from marketplace.coverage.measures.status import STATUSES
from marketplace.coverage.measures.weights import distance_weight, with_remote_floor

from .read import Fields, plain

KM = 1000.0
WHO_IS_MISSING = "who can help whom is missing: give weight, or distance and reach, or arcs"


def _weights_alone(fields: Fields) -> dict[str, Any]:
    """Weights in the form the distances have: a matrix (needs x offers), a list (one offer each) or a single number."""
    given = fields.case["distance"]
    nested = isinstance(given, list) and any(isinstance(row, list) for row in given)
    if not isinstance(given, list):
        fields = Fields({**fields.case, "distance": [given]})
    if nested:
        distance = fields.matrix("distance", rows=len(given), columns=None, blank=np.nan)
        reach = _reach(fields, distance.shape[1])[None, :]
        offered = fields.yes("remote", distance.shape[1], default=True)[None, :]
    else:
        distance = fields.numbers("distance", blank=np.nan)[:, None]
        reach = _reach(fields, len(distance))[:, None]
        offered = fields.yes("remote", len(distance), default=True)[:, None]
    weight = _weight(fields, distance, reach, offered)
    fields.check()
    found = {"weight": weight}
    if np.isnan(distance).any():
        found["unlocated"] = np.isnan(distance) & (weight == 0)
    if nested:
        return found
    return {name: column[:, 0] if isinstance(given, list) else column[0, 0] for name, column in found.items()}


def _weights_of_distance(fields: Fields, *, rows: int, columns: int) -> tuple[Floats, Bools]:
    """Weights, needs x offers, and the needs whose place is not known."""
    distance = fields.matrix("distance", rows=rows, columns=columns, blank=np.nan)
    offered = fields.yes("remote", columns, default=True)[None, :]
    weight = _weight(fields, distance, _reach(fields, columns)[None, :], offered)
    nowhere: Bools = np.all(np.isnan(distance), axis=1)
    return weight, nowhere


def _weight(fields: Fields, distance: Floats, reach: Floats, offered: Bools) -> Floats:
    """Weights of distances in km (NaN where a place is not known), no less than the remote fit where both sides accept it."""
    settings, rows = _settings(fields), len(distance)
    metres = np.where(np.isnan(distance), np.inf, distance * KM)
    radius = np.full(metres.shape, settings.radius_m)
    weight = distance_weight(metres, reach=reach * KM, radius=radius, settings=settings)
    fit = fields.each("remote_fit", rows, default=0.0)
    if (fit > 1).any():
        fields.problems.append("remote_fit must be between 0 and 1")
    wanted = fields.yes("remote_ok", rows, default=True)
    return with_remote_floor(weight, np.where(wanted[:, None] & offered, fit[:, None], 0.0))


def _reach(fields: Fields, size: int) -> Floats:
    return fields.each("reach", size, default=Settings().default_reach_m / KM)


def _settings(fields: Fields) -> Settings:
    usual = Settings()
    near = fields.number("d0", default=usual.full_weight_m / KM) * KM
    radius = fields.number("R", default=usual.radius_m / KM) * KM
    least = fields.number("wmin", default=usual.min_weight)
    decay = fields.word("decay", default=usual.decay)
    try:
        return Settings(full_weight_m=near, radius_m=radius, min_weight=least, decay=decay)
    except MeasureError:
        fields.problems.append(
            f"d0 and R must be above 0, wmin above 0 and at most 1, decay one of {', '.join(Decay)}"
        )
        return usual


def _allocation(fields: Fields) -> dict[str, Any]:
    days = fields.numbers("need") if fields.has("need") else np.zeros(0)
    stated = fields.numbers("pool", blank=np.nan) if fields.has("pool") else np.zeros(0)
    fields.check()
    needs, pools = len(days), len(stated)
    capacity = np.nan_to_num(stated)
    pool_of = fields.rows("offer", below=pools) if fields.has("offer") else np.arange(pools)
    columns = len(pool_of)
    weight, nowhere = _weights(fields, needs, columns)
    if weight is None:
        return {"not_supported": WHO_IS_MISSING}
    cap = np.full(columns, np.inf)
    name = next((n for n in ("cap", "caps", "offer_cap", "offer_caps") if n in fields.case), None)
    if name is not None:
        cap = fields.numbers(name, size=columns, blank=np.inf)
    label, cells = (
        fields.labels("cell", needs) if fields.has("cell") else (np.zeros(needs, dtype=np.int64), [0])
    )
    owner = fields.labels("owner", pools)[0] if fields.has("owner") else np.arange(pools)
    fields.check()
    # a pool without days, or an offer of none, changes nothing; one whose days are not stated still counts for reach
    useful = ((capacity > 0) | np.isnan(stated))[pool_of] & (cap > 0)
    arcs = Arcs.of_matrix(np.where(useful, weight, 0.0), pool_of_offer=pool_of, pools=pools)
    allocation = allocate(arcs, days=days, capacity=capacity, most_days=cap, unlocated=nowhere)
    return {
        "weight": weight,
        **_of_needs(allocation),
        **_of_pools(allocation),
        **_of_cells(allocation, label, cells if fields.has("cell") else None, owner),
    }


def who_helps_whom(fields: Fields, needs: int, columns: int) -> Floats:
    """Weights, needs x offers; saying nothing of who can help whom is a problem."""
    weight, _ = _weights(fields, needs, columns)
    if weight is None:
        fields.problems.append(WHO_IS_MISSING)
        return np.zeros((needs, columns))
    return weight


def weights_of_list(fields: Fields, distance: Floats) -> Floats:
    """Weights of distances in km, one offer each, that reach as far as the radius unless `reach` says otherwise."""
    reach = fields.each("reach", len(distance), default=_settings(fields).radius_m / KM)[:, None]
    return _weight(fields, distance[:, None], reach, np.ones((len(distance), 1), dtype=np.bool_))[:, 0]


def _weights(fields: Fields, needs: int, columns: int) -> tuple[Floats | None, Bools]:
    located = np.zeros(needs, dtype=np.bool_)
    if needs == 0 or columns == 0:
        return np.zeros((needs, columns)), located
    if fields.has("distance"):
        return _weights_of_distance(fields, rows=needs, columns=columns)
    if fields.has("weight"):
        return fields.matrix("weight", rows=needs, columns=columns), located
    if not fields.has("arcs"):
        return None, located
    weight = np.zeros((needs, columns))
    pairs = fields.case["arcs"]
    if not isinstance(pairs, list):
        fields.problems.append("arcs must be a list of [need, pool] pairs")
        return weight, located
    for at, pair in enumerate(pairs):
        if (
            isinstance(pair, list)
            and len(pair) == 2
            and all(type(end) is int for end in pair)
            and 0 <= pair[0] < needs
            and 0 <= pair[1] < columns
        ):
            weight[pair[0], pair[1]] = 1.0
        else:
            fields.problems.append(f"arcs[{at}] must be a pair [need, pool] of row numbers")
    return weight, located


def _of_needs(allocation: Allocation) -> dict[str, Any]:
    shares = allocation.shares
    without_floor = fair_best_case(
        allocation.arcs,
        days=allocation.days,
        met=np.zeros(len(allocation.days)),
        capacity=allocation.capacity,
        most_days=allocation.most_days,
    )
    needed = allocation.days > 0
    coverage = np.where(needed, allocation.best, 0.0) / np.where(needed, allocation.days, 1.0)
    return {
        "den": shares.weighted_need,
        "rate": shares.rate,
        "V": shares.of_need,
        "sumV": float(shares.of_need.sum()),
        "met": allocation.met,
        "best": allocation.best,
        "best_without_floor": without_floor,
        "brokerable": allocation.brokerable,
        "capacity_gap": allocation.capacity_gap,
        "reach_gap": allocation.reach_gap,
        "unlocated": allocation.unlocated,
        "gini": gini(coverage[needed], allocation.days[needed]),
    }


def _of_pools(allocation: Allocation) -> dict[str, Any]:
    arcs, days, capacity = allocation.arcs, allocation.days, allocation.capacity
    lost = leave_one_out(arcs, days=days, capacity=capacity, most_days=allocation.most_days)
    pairs, pools = overlaps(arcs, days=days), arcs.shape[2]
    matrix = np.eye(pools)
    matrix[pairs.first, pairs.second] = matrix[pairs.second, pairs.first] = pairs.jaccard
    return {
        "idle_days": idle_days(arcs, days=days, best=allocation.best, capacity=capacity).total,
        "leave_one_out_lost": lost,
        "overlap": float(matrix[0, 1]) if pools == 2 else matrix,
    }


def _of_cells(allocation: Allocation, label: Ints, names: list[Any] | None, owner: Ints) -> dict[str, Any]:
    """One value for each cell, or a single one where the case has no cells."""
    count = 1 if names is None else len(names)
    in_reach = np.array([float(allocation.capacity.sum())]) if not len(label) and names is None else None
    cells = cell_measures(allocation, label=label, cells=count, owner=owner, days_in_reach=in_reach)
    columns = {
        "k": cells.k,
        "expected": cells.expected,
        "best_share": cells.best,
        "b": cells.balance,
        "n_eff": cells.n_eff,
        "owners": cells.owners,
        "top_share": cells.top_share,
        "without_largest": cells.without_largest,
        "backup": cells.backup,
        "no_reach": cells.no_reach,
        "status": [STATUSES[code].value for code in cells.status(Settings().thresholds)],
    }
    if names is None:
        return {name: plain(values)[0] for name, values in columns.items()}
    return {"cells": names, **columns}


def _overlap(fields: Fields) -> dict[str, Any]:
    first = fields.numbers("P")
    second = fields.numbers("Q", size=len(first))
    fields.check()
    return {"jaccard": weighted_jaccard(first, second)}


def _gini(fields: Fields) -> dict[str, Any]:
    values = fields.numbers("x")
    weights = fields.numbers("w", size=len(values))
    fields.check()
    return {"gini": gini(values, weights)}


def _secondment(fields: Fields) -> dict[str, Any]:
    budget, full_time = _pence(fields, "budget"), _pence(fields, "fte")
    half_days = _half_days(fields)
    weeks = fields.number("weeks", default=39, most=53)
    if weeks != int(weeks):
        fields.problems.append("weeks must be a whole number")
    fields.check()
    terms = Terms(post_budget=budget, full_time_cost=full_time, weeks=int(weeks))
    lines = {name: costing(terms, half_days=number) for name, number in half_days.items()}
    return {
        "cost": {name: _pounds(line.cost) for name, line in lines.items()},
        "saving": {name: _pounds(line.saving) for name, line in lines.items()},
        "saving_per_day_kept": {name: _pounds(line.saving_per_day_kept) for name, line in lines.items()},
        "break_even_days": terms.break_even_days,
        "unit_price_above_post": terms.unit_price_above_post,
        "warning": {name: line.warning for name, line in lines.items() if line.warning},
    }


def _pence(fields: Fields, name: str) -> int:
    pounds = fields.number(name, most=1e9)
    if abs(pounds * POUND - round(pounds * POUND)) > 1e-3:
        fields.problems.append(f"{name} must be pounds with at most two decimals")
    return round(pounds * POUND)


def _half_days(fields: Fields) -> dict[str, int]:
    """Days a week that are asked for, by the name they have in the case: those of `days`, `cost` or `saving`, else 1 to 5."""
    asked = next(
        (fields.case[name] for name in ("days", "cost", "saving") if name in fields.case), range(1, 6)
    )
    if not isinstance(asked, (dict, list, range)):
        fields.problems.append("days must be a list of days a week")
        return {}
    found = {}
    for name in map(str, asked):
        try:
            half_days = float(name) * 2
        except ValueError:
            half_days = 0.0
        if half_days in range(1, 11):
            found[name] = int(half_days)
        else:
            fields.problems.append(f"{name!r} days a week: give half a day to 5 days, in halves")
    return found


def _pounds(pence: int) -> int | float:
    return pence // POUND if pence % POUND == 0 else pence / POUND


SHAPES: tuple[tuple[tuple[str, ...], Callable[[Fields], dict[str, Any]]], ...] = (
    (("need",), _allocation),
    (("pool",), _allocation),
    (("distance",), _weights_alone),
    (("P", "Q"), _overlap),
    (("x", "w"), _gini),
    (("budget", "fte"), _secondment),
)
