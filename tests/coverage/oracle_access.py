"""Days of need met by the package `access` (PySAL's floating catchments), for comparison: run by an interpreter that has it.

    python oracle_access.py ARCS.npz ANSWER.npz

ARCS holds `need`, `pool`, `weight` (one for each arc), `days` (by need) and `capacity` (by pool); ANSWER gets `of_need`, the days that fall
on each need, and `seconds`, the processor's time of `access` alone, tables of pandas already made. It knows nothing of the exchange.
"""

import sys
import time

import numpy as np
import pandas as pd
from access import fca


def main(given: str, answer: str) -> None:
    arcs = np.load(given)
    days, capacity = arcs["days"], arcs["capacity"]
    demand = pd.DataFrame({"geoid": np.arange(len(days)), "demand": days}).set_index("geoid")
    supply = pd.DataFrame({"geoid": np.arange(len(capacity)), "supply": capacity}).set_index("geoid")
    costs = pd.DataFrame({"origin": arcs["need"], "dest": arcs["pool"], "cost": arcs["weight"]})
    started = time.process_time()
    found = fca.two_stage_fca(
        demand,
        supply,
        costs,
        demand_index=True,
        supply_index=True,
        weight_fn=lambda cost: cost,  # a cost here is the weight itself
    )
    seconds = time.process_time() - started
    of_need = np.zeros(len(days))
    of_need[found.index.to_numpy()] = found.to_numpy() * days[found.index.to_numpy()]
    np.savez(answer, of_need=of_need, seconds=seconds)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
