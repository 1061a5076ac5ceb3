"""How long a what-if takes beside measuring everything again: `pytest -s tests/bench/bench_whatif.py`.

A borough of 150 schools with 400 needs and 150 pools. Processor milliseconds, the least of several runs taken turn and turn about, so that
the ratio holds whatever else the machine is doing. Meant: an edit with its cells in 10 ms where a recompute takes 50, a fifth of it.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest

from marketplace.coverage.measures import Phase, measure
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
    edited,
)
from tests.coverage.measures_builders import KM, a_borough

TIMES = 5
RUNS = 15
EDITS: dict[str, Edit] = {
    "add": AddPool(themes=(3,), phases=(Phase.PRIMARY,), days=20, x=12 * KM, y=12 * KM),
    "remove": RemoveOffer(offer=5),
    "more days": MoreDays(offer=5, days=10),
    "wider reach": WiderReach(offer=5, reach_m=40 * KM),
    "remote": Remote(offer=5, possible=True),
    "another theme": AnotherTheme(offer=5, theme=3),
    "add need": AddNeed(school=3, theme=3, phase=Phase.PRIMARY, days=6),
}


def cpu_ms(*works: Callable[[], Any]) -> list[float]:
    """The least time of each piece of work, each in turn so that all meet the same machine."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(RUNS):
        for work, taken in zip(works, times, strict=True):
            started = time.process_time()
            work()
            taken.append(time.process_time() - started)
    return [min(taken) * 1000 for taken in times]


@pytest.mark.parametrize("surplus", [0.5, 1.0, 2.0])
def test_an_edit_is_worked_out_while_one_waits(surplus: float) -> None:
    on = Ground(a_borough(surplus=surplus))
    print(f"\nborough, days x {surplus}: {len(on.inputs.needs)} needs, {len(on.inputs.pools)} pools")
    for name, edit in EDITS.items():
        quick, plain, full = cpu_ms(
            lambda edit=edit: on.with_edits([edit]).by("theme", "phase"),
            lambda edit=edit: measure(edited(on.inputs, [edit]).inputs, checks=False).by("theme", "phase"),
            lambda edit=edit: measure(edited(on.inputs, [edit]).inputs).by("theme", "phase"),
        )
        print(
            f"  {name:<14}{quick:6.1f} ms; from the beginning {plain:6.1f} ms (x {plain / quick:.1f}),"
            f" with checks of stability {full:6.1f} ms (x {full / quick:.1f})"
        )
        assert quick <= full / TIMES
