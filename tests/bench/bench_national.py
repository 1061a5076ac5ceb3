"""England at once: `pytest -s tests/bench/bench_national.py`. The schools are the register's, needs and offers are drawn.

Seconds of processor, the best of three runs, each with its ratio to what is meant. The package `access` is asked for the same
shares on the same arcs where it is installed (docs/operations.md).
"""

import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from marketplace.coverage.measures import Inputs, Mode, Settings, geometry, measure
from marketplace.coverage.measures.demand import prepared
from marketplace.coverage.measures.national import measure_areas, share_out
from marketplace.coverage.measures.shares import expected_shares
from marketplace.demo_area.national.drawing import draw, read_schools
from tests.coverage.measures_builders import a_borough
from tests.coverage.with_access import asked, interpreter

MEANT = {"geometry": 2.0, "shares": 1.0, "full": 15.0, "area": 0.050}
MEGABYTES = 1_500
TIMES_ACCESS = 100


def seconds_of(work: Callable[[], Any], runs: int = 3) -> float:
    took = []
    for _ in range(runs):
        started = time.process_time()
        work()
        took.append(time.process_time() - started)
    return min(took)


@pytest.fixture(scope="module")
def england() -> Inputs:
    from tests.conftest import SHARED_DATA

    register = SHARED_DATA / "gias" / "establishments_england.csv.gz"
    if not register.exists():
        pytest.skip(f"the register is not here: {register}")
    return prepared(draw(read_schools(register)).inputs(), Settings())


def test_england_is_measured_within_what_is_meant(england: Inputs, tmp_path: Path) -> None:
    settings = Settings()
    reach = np.where(england.offers.mode == Mode.REMOTE, 0.0, england.offers.reach_m)
    borough = a_borough()
    table = geometry.worked_out(england.schools, england.sites, reach)
    took = {
        "geometry": seconds_of(lambda: geometry.worked_out(england.schools, england.sites, reach)),
        "shares": seconds_of(lambda: share_out(england, settings)),
        "full": seconds_of(lambda: measure_areas(england, settings).by("theme", "phase", "area"), runs=1),
        "area": seconds_of(lambda: measure(borough).cells, runs=15),
    }
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    print(f"\n{len(england.schools)} schools, {len(england.sites)} sites, {len(england.needs)} needs")
    print(f"{len(table):,} distances in {table.bytes / 1e6:.1f} MB; {memory:.0f} MB of memory at most")
    for name, seconds in took.items():
        print(
            f"  {name:<10}{1000 * seconds:9.1f} ms, meant {1000 * MEANT[name]:.0f}: ratio {MEANT[name] / seconds:.1f}"
        )
    assert memory < MEGABYTES
    assert all(seconds <= MEANT[name] for name, seconds in took.items() if name != "area")
    _against_access(england, settings, tmp_path)


def _against_access(england: Inputs, settings: Settings, folder: Path) -> None:
    python = interpreter()
    arcs = share_out(england, settings).arcs
    terms = {"days": england.needs.days, "capacity": england.pools.free_days}
    shares = expected_shares(arcs, most_days=england.offers.most_days, **terms)
    ours = seconds_of(lambda: expected_shares(arcs, most_days=england.offers.most_days, **terms), runs=7)
    theirs = asked(python, folder, arcs, **terms)
    off = float(np.abs(shares.of_need - theirs.of_need).max())
    print(
        f"  shares of {len(arcs):,} arcs: {1000 * ours:.1f} ms, access {theirs.seconds:.2f} s,"
        f" {theirs.seconds / ours:.0f} times as long; {off:.1e} days apart at most"
    )
    assert off < 1e-6
