"""How long the measures take: `python tests/bench/bench_measures.py [--national]`. CPU milliseconds, median of several runs."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from marketplace.coverage.measures import measure
from marketplace.coverage.measures.demand import prepared
from marketplace.coverage.measures.eligibility import find_candidates
from marketplace.coverage.measures.inputs import Settings
from marketplace.coverage.measures.shares import expected_shares
from tests.coverage.measures_builders import a_borough, a_country


def cpu_ms(work: Callable[[], Any], *, runs: int) -> float:
    work()
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times) * 1000


def borough() -> None:
    for surplus in (0.5, 1.0, 2.0):
        area = a_borough(surplus=surplus)
        result = measure(area)
        print(f"borough, days x {surplus}: {len(result.base.arcs)} arcs, {len(result.cells)} cells")
        for label, work in {
            "what-if: allocation only": lambda area=area: measure(area, checks=False, empty_cells=False),
            "  … with its cells": lambda area=area: measure(area, checks=False, empty_cells=False).cells,
            "recompute: allocation and all cells": lambda area=area: measure(area, checks=False).cells,
            "recompute with nine checks and confidence": lambda area=area: measure(area).cells,
            "pools: leave one out, idle, overlap": lambda area=area: (
                measure(area, checks=False, empty_cells=False).pools
            ),
        }.items():
            print(f"  {label:<45}{cpu_ms(work, runs=15):8.1f} ms")


def country() -> None:
    settings = Settings()
    area = prepared(a_country(), settings)
    candidates = find_candidates(area, settings)
    arcs = candidates.arcs(settings)
    terms = {
        "days": area.needs.days,
        "capacity": area.pools.free_days,
        "most_days": area.offers.most_days,
    }
    print(f"country: {len(area.needs)} needs, {len(area.pools)} pools, {len(arcs)} arcs")
    for label, work in {
        "who may help whom (distances included)": lambda: find_candidates(area, settings),
        "weights": lambda: candidates.arcs(settings),
        "expected shares": lambda: expected_shares(arcs, **terms),
        "everything but checks": lambda: measure(area, checks=False, empty_cells=False).cells,
    }.items():
        print(f"  {label:<45}{cpu_ms(work, runs=3):8.0f} ms")


if __name__ == "__main__":
    borough()
    if "--national" in sys.argv:
        country()
