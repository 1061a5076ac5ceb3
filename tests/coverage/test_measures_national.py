"""Distances that are kept, and many areas measured at once against each measured by itself."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from marketplace.coverage.measures import Inputs, Schools, Settings, Sites, geometry, measure
from marketplace.coverage.measures.national import measure_areas
from tests.coverage.measures_builders import a_random_area

NAN = float("nan")


def places(**changes: Any) -> tuple[Schools, Sites, Any]:
    """Two schools, pool 0 with two sites, pool 1 with one: metres from west to east."""
    given: dict[str, Any] = {
        "x": [0.0, 9000.0],
        "y": [0.0, 0.0],
        "barrier": [-1, -1],
        "reach": [10_000.0, 4_000.0],
    }
    given |= changes
    schools = Schools(x=given["x"], y=given["y"], barrier=given["barrier"])
    sites = Sites(pool=[0, 1, 0], x=[6000.0, 8000.0, 1000.0], y=[0.0] * 3, barrier=[1, 1, 2])
    return schools, sites, np.array(given["reach"])


def table(**changes: Any) -> list[list[tuple[int, float]]]:
    found = geometry.worked_out(*places(**changes))
    rows = [slice(*ends) for ends in zip(found.start[:-1], found.start[1:], strict=True)]
    return [list(zip(found.pool[r].tolist(), found.metres[r].tolist(), strict=True)) for r in rows]


def test_each_school_has_the_pools_that_reach_it_by_their_nearest_site() -> None:
    assert table() == [[(0, 1000.0)], [(0, 3000.0), (1, 1000.0)]]


def test_water_and_unknown_places_leave_pairs_out() -> None:
    assert table(barrier=[1, 2]) == [[(0, 6000.0)], [(0, 8000.0)]]
    assert table(x=[NAN, 9000.0]) == [[], [(0, 3000.0), (1, 1000.0)]]


def test_the_table_is_kept_while_places_stay_and_made_anew_when_one_moves() -> None:
    geometry.kept.clear()
    first = geometry.geometry_of(*places())

    assert geometry.geometry_of(*places(reach=[9_999.0, 4_500.0])) is first
    assert geometry.geometry_of(*places(x=[1.0, 9000.0])) is not first
    assert geometry.geometry_of(*places(barrier=[1, -1])) is not first


def test_random_tables_equal_distances_worked_out_pair_by_pair() -> None:
    for seed in range(20):
        area = a_random_area(seed, neighbours=False)
        reach = np.random.default_rng(seed).uniform(0, 40_000, len(area.pools))
        found = geometry.worked_out(area.schools, area.sites, reach)
        for school in range(len(area.schools)):
            metres = np.hypot(area.schools.x[school] - area.sites.x, area.schools.y[school] - area.sites.y)
            nearest = np.full(len(area.pools), np.inf)
            np.minimum.at(nearest, area.sites.pool, np.where(np.isnan(metres), np.inf, metres))
            near = np.flatnonzero(nearest <= reach)
            mine = slice(found.start[school], found.start[school + 1])
            assert found.pool[mine].tolist() == near.tolist()
            np.testing.assert_allclose(found.metres[mine], nearest[near], rtol=1e-6)


def by_itself(inputs: Inputs, area: int, settings: Settings) -> Any:
    """The area measured with all others outside."""
    schools = replace(inputs.schools, inside=inputs.schools.area == area)
    pools = replace(inputs.pools, inside=inputs.pools.area == area)
    return measure(replace(inputs, schools=schools, pools=pools), settings, checks=False, empty_cells=False)


@pytest.mark.parametrize("settings", [Settings(), Settings(pool_the_region=True)])
def test_many_areas_at_once_come_to_the_same_as_each_by_itself(settings: Settings) -> None:
    moved = 0
    for seed in range(40):
        inputs = a_random_area(seed, schools=24, needs=50, pools=20, neighbours=False)
        inputs = replace(
            inputs, offers=replace(inputs.offers, area_wide=np.zeros(len(inputs.offers), dtype=bool))
        )
        together = measure_areas(inputs, settings)
        area_of = together.inputs.schools.area[together.needs.school]
        for area in np.unique(area_of):
            alone, mine = by_itself(inputs, area, settings), area_of == area
            for part in ("met", "best", "capacity_gap", "reach_gap", "unlocated"):
                np.testing.assert_allclose(
                    getattr(together.base, part)[mine],
                    getattr(alone.base, part)[mine],
                    atol=1e-3,
                    err_msg=part,
                )
        moved += int((together.base.brokerable > 0.5).any())
    assert moved > 10


def test_progress_is_told_area_by_area() -> None:
    told: list[tuple[int, int]] = []

    measure_areas(a_random_area(3, neighbours=False), tell=lambda done, of: told.append((done, of)))

    assert told and told[-1][0] == told[-1][1] == len(told)
