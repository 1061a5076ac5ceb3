"""Days of need met by the package `access` (PySAL's floating catchments), for comparison: run by an interpreter that has it.

    python oracle_access.py ARCS.npz ANSWER.npz

ARCS holds `need`, `pool`, `cost` (one for each arc), `days` (by need) and `capacity` (by pool); ANSWER gets `of_need`, the days that fall
on each need, and `seconds`, the processor's time of `access` alone, tables of pandas already made. It knows nothing of the exchange.

`weights` says what to make of a cost: "as given" is the weight itself, "gaussian" and "steps" are the package's own functions of
a distance, with `sigma`, or `until` (distances) and `worth` (weights).
"""

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from access import fca, weights


def weight_function(arcs: Mapping[str, Any]) -> Callable[[float], float]:
    kind = str(arcs["weights"])
    if kind == "gaussian":
        return weights.gaussian(float(arcs["sigma"]))
    if kind == "steps":
        return weights.step_fn(dict(zip(arcs["until"].tolist(), arcs["worth"].tolist(), strict=True)))
    return lambda cost: cost


def main(given: str, answer: str) -> None:
    arcs = np.load(given)
    days, capacity = arcs["days"], arcs["capacity"]
    demand = pd.DataFrame({"geoid": np.arange(len(days)), "demand": days}).set_index("geoid")
    supply = pd.DataFrame({"geoid": np.arange(len(capacity)), "supply": capacity}).set_index("geoid")
    costs = pd.DataFrame({"origin": arcs["need"], "dest": arcs["pool"], "cost": arcs["cost"]})
    started = time.process_time()
    found = fca.two_stage_fca(
        demand,
        supply,
        costs,
        demand_index=True,
        supply_index=True,
        weight_fn=weight_function(arcs),
    )
    seconds = time.process_time() - started
    of_need = np.zeros(len(days))
    of_need[found.index.to_numpy()] = found.to_numpy() * days[found.index.to_numpy()]
    np.savez(answer, of_need=of_need, seconds=seconds)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
