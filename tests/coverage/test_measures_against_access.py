"""The expected shares against the package `access`, an implementation by others of the same method (E2SFCA)."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from marketplace.coverage.measures import Result, Settings, measure
from tests.coverage.measures_builders import a_random_area
from tests.coverage.with_access import asked, interpreter


def test_shares_equal_those_of_the_package_access_on_a_random_area(tmp_path: Path) -> None:
    python = interpreter()
    area = a_random_area(7, schools=120, needs=300, pools=90, neighbours=False, oddities=False)
    found = measure(area, checks=False, empty_cells=False)
    days, capacity = found.needs.days, found.inputs.pools.free_days

    answer = asked(python, tmp_path, found.base.arcs, days=days, capacity=capacity)

    assert (found.base.shares.of_need > 0).sum() > 100
    np.testing.assert_allclose(found.base.shares.of_need, answer.of_need, atol=1e-6, rtol=0)


def in_person(decay: str) -> Result:
    """A random area in which nobody helps from afar, so that only distances count."""
    area = a_random_area(11, schools=120, needs=300, pools=90, neighbours=False, oddities=False)
    needs = replace(area.needs, remote_ok=np.zeros(len(area.needs), dtype=bool))
    return measure(replace(area, needs=needs), Settings(decay=decay), checks=False, empty_cells=False)


def test_gaussian_and_stepped_weights_are_those_of_the_package_access(tmp_path: Path) -> None:
    python, usual = interpreter(), Settings()
    near, radius = usual.full_weight_m, usual.radius_m
    bell: dict[str, Any] = {"sigma": (radius - near) / np.sqrt(2 * np.log(1 / usual.min_weight))}
    steps: dict[str, Any] = {"until": [near, (near + radius) / 2, radius], "worth": [1.0, 0.68, 0.22]}
    for decay, weights, beyond, terms in (
        ("gaussian", "gaussian", near, bell),
        ("stepped", "steps", 0.0, steps),
    ):
        found = in_person(decay)
        metres = found.base.arcs.distance

        answer = asked(
            python,
            tmp_path,
            found.base.arcs,
            days=found.needs.days,
            capacity=found.inputs.pools.free_days,
            cost=np.maximum(0.0, metres - beyond),
            weights=weights,
            **terms,
        )

        assert ((metres > near) & (metres < radius)).sum() > 100
        np.testing.assert_allclose(found.base.shares.of_need, answer.of_need, atol=1e-6, rtol=0)
