"""What-if: a scenario comes to what measuring the edited snapshot would come to, and leaves the snapshot alone."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np
import pytest

from marketplace.coverage.measures import Inputs, MeasureError, Mode, Phase, Result, Status, measure
from marketplace.coverage.measures.demand import prepared
from marketplace.coverage.measures.inputs import Settings
from marketplace.coverage.measures.scenario import (
    AddNeed,
    AddPool,
    AnotherTheme,
    Edit,
    Ground,
    MoreDays,
    Remote,
    RemoveOffer,
    WiderReach,
    compared,
    edited,
    helped,
    parts_of,
)
from tests.coverage.measures_builders import KM, a_random_area, a_snapshot

PARTS = ("met", "best", "brokerable", "capacity_gap", "reach_gap", "unlocated")
MEASURES = ("k", "n_eff", "top_share", "without_largest", "backup", "no_reach", "days_in_reach", "expected")


@cache
def ground(seed: int) -> Ground:
    return Ground(a_random_area(seed, neighbours=seed % 2 == 0))


def some_edits(seed: int, inputs: Inputs) -> list[Edit]:
    """One to four edits of any kind."""
    rng = np.random.default_rng(1000 + seed)

    def one(table: Any) -> int:
        return int(rng.integers(0, len(table)))

    def an_edit(kind: int) -> Edit:
        match kind:
            case 0:
                x, y = rng.uniform(0, 60 * KM, 2)
                return AddPool(
                    themes=(one(inputs.themes),),
                    phases=(Phase.PRIMARY, Phase.SECONDARY),
                    days=float(rng.integers(0, 80)) / 4,
                    x=x,
                    y=y,
                    reach_m=None if rng.random() < 0.3 else rng.uniform(5, 60) * KM,
                    mode=Mode(rng.integers(0, 3)),
                    price_pence=int(rng.integers(20_000, 60_000)),
                )
            case 1:
                return RemoveOffer(offer=one(inputs.offers))
            case 2:
                return MoreDays(offer=one(inputs.offers), days=float(rng.integers(1, 40)) / 4)
            case 3:
                return WiderReach(offer=one(inputs.offers), reach_m=rng.uniform(5, 80) * KM)
            case 4:
                return Remote(offer=one(inputs.offers), possible=bool(rng.random() < 0.6))
            case 5:
                return AnotherTheme(offer=one(inputs.offers), theme=one(inputs.themes))
            case _:
                return AddNeed(
                    school=one(inputs.schools),
                    theme=one(inputs.themes),
                    phase=Phase(rng.integers(1, 3)),
                    days=float(rng.integers(0, 40)) / 4,
                    remote_ok=bool(rng.random() < 0.4),
                )

    return [an_edit(int(kind)) for kind in rng.integers(0, 7, rng.integers(1, 5))]


def in_full(on: Ground, edits: list[Edit]) -> Result:
    return measure(edited(on.inputs, edits).inputs, checks=False)


@pytest.mark.parametrize("seeds", [range(start, start + 75) for start in range(0, 300, 75)])
def test_a_scenario_equals_the_measure_of_the_edited_snapshot(seeds: range) -> None:
    for seed in seeds:
        on = ground(seed)
        edits = some_edits(seed, on.inputs)

        quick, full = on.with_edits(edits), in_full(on, edits)

        for part in PARTS:
            np.testing.assert_allclose(
                getattr(quick.base, part), getattr(full.base, part), atol=1e-9, err_msg=f"{seed} {part}"
            )
        np.testing.assert_allclose(quick.base.shares.of_need, full.base.shares.of_need, atol=1e-9)
        np.testing.assert_array_equal(quick.candidates.excluded, full.candidates.excluded)
        for keys in (("theme", "phase"), ("theme", "phase", "area"), ()):
            cells, wanted = quick.by(*keys), full.by(*keys)
            for column in ("theme", "phase", "area", "status", "schools", "providers_here"):
                np.testing.assert_array_equal(getattr(cells, column), getattr(wanted, column))
            for name in MEASURES:
                np.testing.assert_allclose(
                    getattr(cells.measures, name), getattr(wanted.measures, name), atol=1e-9, err_msg=name
                )


def test_edits_leave_the_snapshot_alone() -> None:
    for seed in range(30):
        on = ground(seed)
        before = {
            (table.name, column.name): getattr(getattr(on.inputs, table.name), column.name).copy()
            for table in fields(Inputs)
            if table.name != "conflicts"
            for column in fields(getattr(on.inputs, table.name))
        }

        on.with_edits(some_edits(seed, on.inputs))

        for (table, column), values in before.items():
            np.testing.assert_array_equal(getattr(getattr(on.inputs, table), column), values)


def test_no_edits_are_the_ground_itself() -> None:
    on = ground(1)

    assert on.with_edits([]) is on.base
    assert compared(on.base, on.with_edits([]), "theme", "phase") == []


def test_what_nothing_links_to_an_edit_keeps_its_best_case_without_a_flow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on = Ground(
        a_snapshot(
            schools={"x": [0.0, 200.0]},
            needs={"school": [0, 1], "days": [10.0, 10.0]},
            pools={"days_offered": [4.0, 4.0]},
            sites={"pool": [0, 1], "x": [5.0, 205.0]},
        )
    )
    seen: list[int] = []
    from marketplace.coverage.measures.scenario import ground as module

    whole = module.fair_best_case
    monkeypatch.setattr(
        module, "fair_best_case", lambda arcs, **rest: seen.append(len(arcs)) or whole(arcs, **rest)
    )

    scenario = on.with_edits([MoreDays(offer=1, days=3)])

    assert scenario.base.best.tolist() == [4.0, 7.0]
    assert seen == [1]


def test_a_pool_where_nothing_was_offered_turns_a_gap_into_something_better() -> None:
    on = Ground(a_snapshot(pools={"days_offered": [2.0]}))

    scenario = on.with_edits([AddPool(themes=(0,), phases=(Phase.PRIMARY,), days=30, x=0, y=0)])

    [change] = compared(on.base, scenario, "theme", "phase")
    assert change.before is not None and change.before.status is Status.GAP
    assert change.after is not None and change.after.status is Status.THIN  # without the new one it falls
    assert parts_of(on.base).capacity_gap == 8 and parts_of(scenario).capacity_gap == 0
    assert parts_of(scenario).best - parts_of(on.base).best == 8
    more, fewer = helped(on.base, scenario)
    assert more.tolist() == [0] and fewer.tolist() == []


def test_an_offer_taken_away_is_missed_by_its_schools() -> None:
    on = Ground(a_snapshot())

    scenario = on.with_edits([RemoveOffer(offer=0)])

    assert parts_of(scenario).reach_gap == 10 and parts_of(scenario).met == 0
    more, fewer = helped(on.base, scenario)
    assert more.tolist() == [] and fewer.tolist() == [0]


def test_more_days_are_free_ones_even_where_none_were_stated_or_more_were_taken() -> None:
    on = Ground(
        a_snapshot(
            pools={"days_offered": [np.nan, 5.0], "days_committed": [0.0, 8.0]}, offers={"pool": [0, 1]}
        )
    )

    pools = on.with_edits([MoreDays(offer=0, days=3), MoreDays(offer=1, days=2)]).inputs.pools

    assert pools.free_days.tolist() == [3.0, 2.0]


def test_support_made_remote_reaches_beyond_its_distance_and_back() -> None:
    on = Ground(
        a_snapshot(themes={"remote_fit": [0.6]}, needs={"remote_ok": [True]}, sites={"x": [90.0]}),
    )

    remote = on.with_edits([Remote(offer=0, possible=True)])
    back = on.with_edits([Remote(offer=0, possible=True), Remote(offer=0, possible=False)])

    assert parts_of(on.base).reach_gap == 10
    assert parts_of(remote).met == 10
    assert parts_of(back).reach_gap == 10


def test_a_need_added_where_nobody_declared_one_makes_a_cell() -> None:
    inputs = prepared(a_snapshot(themes={"remote_fit": [0.0, 0.0]}), Settings())
    on = Ground(inputs)

    scenario = on.with_edits([AddNeed(school=0, theme=1, phase=Phase.PRIMARY, days=4)])

    [change] = [c for c in compared(on.base, scenario, "theme", "phase") if c.cell.theme == 1]
    assert change.before is not None and change.before.status is Status.UNUSED
    assert change.after is not None and change.after.need_days == 4


@pytest.mark.parametrize(
    "edit",
    [
        RemoveOffer(offer=7),
        WiderReach(offer=-1, reach_m=5),
        AnotherTheme(offer=0, theme=9),
        AddPool(themes=(5,), phases=(Phase.PRIMARY,), days=1),
        AddPool(themes=(0,), phases=(Phase.PRIMARY,), days=-1),
        AddNeed(school=9, theme=0, phase=Phase.PRIMARY, days=1),
    ],
)
def test_an_edit_of_what_is_not_there_is_refused(edit: Edit) -> None:
    with pytest.raises(MeasureError):
        Ground(a_snapshot()).with_edits([edit])
