"""Asks the package `access`, which lives in an environment of its own (`ACCESS_PYTHON`, see docs/operations.md)."""

import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from marketplace.coverage.measures.eligibility import Arcs

ORACLE = Path(__file__).with_name("oracle_access.py")
USUAL = Path(__file__).resolve().parents[2] / ".venv-access" / "bin" / "python"


class Answer(NamedTuple):
    """Days that fall on each need, and seconds of processor it took the package."""

    of_need: Any
    seconds: float


def interpreter() -> str:
    """The Python that has `access`; the test is skipped, saying how to get one, where there is none."""
    python = os.environ.get("ACCESS_PYTHON", str(USUAL))
    if not Path(python).exists():
        pytest.skip(
            f"the package access is not here: python3 -m venv {USUAL.parents[1].name} and pip install access"
            " there, or set ACCESS_PYTHON"
        )
    return python


def asked(
    python: str, folder: Path, arcs: Arcs, *, days: Any, capacity: Any, cost: Any = None, **weights: Any
) -> Answer:
    """What `access` makes of these arcs. Each pair of need and pool must have one arc.

    It takes the arcs' own weights, or works out its own from `cost` by arc and `weights` (see `oracle_access`).
    """
    given, answer = folder / "arcs.npz", folder / "answer.npz"
    terms = {"weights": "as given", "cost": arcs.weight if cost is None else cost} | weights
    np.savez(given, need=arcs.need, pool=arcs.pool, days=days, capacity=capacity, **terms)
    subprocess.run([python, str(ORACLE), str(given), str(answer)], check=True)
    with np.load(answer) as found:
        return Answer(found["of_need"], float(found["seconds"]))
