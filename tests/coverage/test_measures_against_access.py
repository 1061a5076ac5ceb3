"""The expected shares against the package `access`, an implementation by others of the same method (E2SFCA)."""

from pathlib import Path

import numpy as np

from marketplace.coverage.measures import measure
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
