"""Edits of a snapshot as values, and the snapshot they make. The snapshot they are made of is left as it is.

Edits name rows of the snapshot. Rows are only ever changed or added at the end, so that a row number means the same before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import singledispatch
from typing import Any, TypeVar

import numpy as np

from marketplace.coverage.measures.errors import MeasureError
from marketplace.coverage.measures.inputs import (
    NONE,
    PHASES_OF_OFFERS,
    Inputs,
    Ints,
    Mode,
    Offers,
    Phase,
    Pools,
    Sites,
    Table,
)


@dataclass(frozen=True, kw_only=True)
class AddPool:
    """Somebody new offers so many days. Without a place (x, y) they can be had remotely only; `reach_m` None is the default reach."""

    themes: tuple[int, ...]
    phases: tuple[Phase, ...]
    days: float
    x: float = float("nan")
    y: float = float("nan")
    reach_m: float | None = None
    mode: Mode = Mode.IN_PERSON
    price_pence: int = 0
    area: int = NONE


@dataclass(frozen=True, kw_only=True)
class RemoveOffer:
    """An offer is there no longer."""

    offer: int


@dataclass(frozen=True, kw_only=True)
class MoreDays:
    """An offer has so many days more that are free."""

    offer: int
    days: float


@dataclass(frozen=True, kw_only=True)
class WiderReach:
    """An offer reaches this far; its theme's radius holds as before."""

    offer: int
    reach_m: float


@dataclass(frozen=True, kw_only=True)
class Remote:
    """An offer can be had remotely too, or no longer can."""

    offer: int
    possible: bool


@dataclass(frozen=True, kw_only=True)
class AnotherTheme:
    """An offer serves one more theme."""

    offer: int
    theme: int


@dataclass(frozen=True, kw_only=True)
class AddNeed:
    """A school needs so many days more of a theme."""

    school: int
    theme: int
    phase: Phase
    days: float
    remote_ok: bool = False
    max_price_pence: int = NONE


Edit = AddPool | RemoveOffer | MoreDays | WiderReach | Remote | AnotherTheme | AddNeed


@dataclass(frozen=True)
class Edited:
    """The snapshot with edits made; `offers` are the rows that are not as they were, new ones among them."""

    inputs: Inputs
    offers: Ints
    new_needs: int

    def __bool__(self) -> bool:
        return bool(len(self.offers) or self.new_needs)


def edited(inputs: Inputs, edits: Iterable[Edit]) -> Edited:
    """Make the edits, in their order, on a copy. Raises MeasureError if one names a row that is not there or makes no sense."""
    draft = _Draft(inputs)
    for edit in edits:
        _make(edit, draft)
    return draft.finished()


T = TypeVar("T")
TableT = TypeVar("TableT", bound=Table)


class _Draft:
    """Copies of the columns that edits change, and the rows they add."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        pools, offers = inputs.pools, inputs.offers
        self.offered, self.pool_active = pools.days_offered.copy(), pools.active.copy()
        self.active, self.reach, self.mode = offers.active.copy(), offers.reach_m.copy(), offers.mode.copy()
        self.cap, self.themes = offers.cap_days.copy(), offers.themes.copy()
        self.touched: set[int] = set()
        self.pools: list[AddPool] = []
        self.needs: list[AddNeed] = []

    def touch(self, offer: int) -> int:
        """The pool of an offer about to change; every offer of that pool is touched, since they share its days."""
        if not 0 <= offer < len(self.inputs.offers):
            raise MeasureError([f"an edit names offer {offer}: give 0 to {len(self.inputs.offers) - 1}"])
        pool = int(self.inputs.offers.pool[offer])
        self.touched.update(np.flatnonzero(self.inputs.offers.pool == pool).tolist())
        return pool

    def theme(self, theme: int) -> int:
        if not 0 <= theme < len(self.inputs.themes):
            raise MeasureError([f"an edit names theme {theme}: give 0 to {len(self.inputs.themes) - 1}"])
        return theme

    def finished(self) -> Edited:
        inputs, old = self.inputs, len(self.inputs.offers)
        if self.touched or self.pools:
            inputs = replace(
                inputs,
                pools=self._pools(),
                offers=self._offers(),
                sites=self._sites(),
                needs=_with_rows(inputs.needs, self.needs, _need_row),
            )
        elif self.needs:
            inputs = inputs.with_needs(_with_rows(inputs.needs, self.needs, _need_row))
        rows = [*sorted(self.touched), *range(old, old + len(self.pools))]
        return Edited(inputs, np.array(rows, dtype=np.int64), len(self.needs))

    def _pools(self) -> Pools:
        changed = replace(self.inputs.pools, days_offered=self.offered, active=self.pool_active)
        owner = int(self.inputs.pools.owner.max(initial=0)) + 1
        rows = list(enumerate(self.pools, start=owner))
        return _with_rows(
            changed, rows, lambda row: {"owner": row[0], "days_offered": row[1].days, "area": row[1].area}
        )

    def _offers(self) -> Offers:
        changed = replace(
            self.inputs.offers,
            active=self.active,
            reach_m=self.reach,
            mode=self.mode,
            cap_days=self.cap,
            themes=self.themes,
        )
        return _with_rows(changed, list(enumerate(self.pools, start=len(self.inputs.pools))), self._offer_row)

    def _offer_row(self, row: tuple[int, AddPool]) -> dict[str, Any]:
        pool, added = row
        return {
            "pool": pool,
            "themes": _mask(len(self.inputs.themes), [self.theme(theme) for theme in added.themes]),
            "phases": _mask(PHASES_OF_OFFERS, [int(phase) for phase in added.phases]),
            "reach_m": np.nan if added.reach_m is None else added.reach_m,
            "mode": added.mode,
            "price_pence": added.price_pence,
        }

    def _sites(self) -> Sites:
        placed = [
            (pool, added)
            for pool, added in enumerate(self.pools, start=len(self.inputs.pools))
            if np.isfinite(added.x) and np.isfinite(added.y)
        ]
        return _with_rows(
            self.inputs.sites, placed, lambda row: {"pool": row[0], "x": row[1].x, "y": row[1].y}
        )


def _need_row(need: AddNeed) -> dict[str, Any]:
    return {
        "school": need.school,
        "theme": need.theme,
        "days": need.days,
        "phase": need.phase,
        "remote_ok": need.remote_ok,
        "max_price_pence": need.max_price_pence,
    }


def _mask(size: int, places: list[int]) -> Any:
    mask = np.zeros(size, dtype=np.bool_)
    mask[places] = True
    return mask


def _with_rows(table: TableT, rows: Sequence[T], columns: Callable[[T], dict[str, Any]]) -> TableT:
    """The table with a row for each of `rows` at its end; columns not given take their defaults."""
    if not rows:
        return table
    given = [columns(row) for row in rows]
    added = type(table)(**{name: np.array([row[name] for row in given]) for name in given[0]})
    return type(table)(
        **{c.name: np.concatenate([getattr(table, c.name), getattr(added, c.name)]) for c in fields(table)}  # type: ignore[arg-type]
    )


@singledispatch
def _make(edit: Any, draft: _Draft) -> None:
    raise TypeError(f"{edit!r} is not an edit")


@_make.register
def _add_pool(edit: AddPool, draft: _Draft) -> None:
    draft.pools.append(edit)


@_make.register
def _add_need(edit: AddNeed, draft: _Draft) -> None:
    draft.needs.append(edit)


@_make.register
def _remove_offer(edit: RemoveOffer, draft: _Draft) -> None:
    draft.touch(edit.offer)
    draft.active[edit.offer] = False


@_make.register
def _more_days(edit: MoreDays, draft: _Draft) -> None:
    pool, pools = draft.touch(edit.offer), draft.inputs.pools
    taken = pools.days_committed[pool] + pools.days_held[pool]
    stated = 0.0 if np.isnan(draft.offered[pool]) else draft.offered[pool]
    draft.offered[pool] = max(stated, taken) + edit.days
    draft.cap[edit.offer] += edit.days  # NaN, no cap, stays NaN


@_make.register
def _wider_reach(edit: WiderReach, draft: _Draft) -> None:
    draft.touch(edit.offer)
    draft.reach[edit.offer] = edit.reach_m


@_make.register
def _remote(edit: Remote, draft: _Draft) -> None:
    draft.touch(edit.offer)
    if not edit.possible:
        draft.mode[edit.offer] = Mode.IN_PERSON
    elif draft.mode[edit.offer] == Mode.IN_PERSON:
        draft.mode[edit.offer] = Mode.BOTH


@_make.register
def _another_theme(edit: AnotherTheme, draft: _Draft) -> None:
    draft.touch(edit.offer)
    draft.themes[edit.offer, draft.theme(edit.theme)] = True
