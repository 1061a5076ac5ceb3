"""The cases worked out by hand in the specification (W1 to W11, W16), said in line so that they hold without the data file too."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from marketplace.coverage.measures.cases import worked_out

TOLERANCE = 0.02

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "W1 shares fall with distance and end at the reach": (
        {
            "need": [6, 4, 10],
            "pool": [12, 5],
            "distance": [[10, 16], [25, 10], [45, 28]],
            "reach": [40, 25],
        },
        {
            "weight": [[1.0, 0.8], [0.5, 1.0], [0, 0]],
            "den": [8.0, 8.8],
            "rate": [1.5, 0.5681818],
            "V": [11.7272727, 5.2727273, 0.0],
            "sumV": 17.0,
            "met": [6, 4, 0],
            "brokerable": [0, 0, 0],
            "capacity_gap": [0, 0, 0],
            "reach_gap": [0, 0, 10],
            "idle_days": 7.0,
        },
    ),
    "W2 what brokerage could move is brokerable, not a gap": (
        {"need": [6, 6], "pool": [6, 6], "weight": [[1, 1], [0, 1]]},
        {
            "V": [9, 3],
            "met": [6, 3],
            "best": [6, 6],
            "brokerable": [0, 3],
            "capacity_gap": [0, 0],
            "leave_one_out_lost": [6, 6],
        },
    ),
    "W3 twice over and nobody missed is duplicated": (
        {"need": [4], "pool": [10, 10], "weight": [[1, 1]]},
        {
            "V": [20],
            "k": 5.0,
            "met": [4],
            "n_eff": 2.0,
            "without_largest": 1.0,
            "leave_one_out_lost": [0, 0],
            "idle_days": 16,
            "overlap": 1.0,
            "status": "duplicated",
        },
    ),
    "W4 a pool is spread over its themes": (
        {"need": [6, 9], "cell": [0, 1], "pool": [10], "weight": [[1], [1]]},
        {
            "V": [4, 6],
            "met": [4, 6],
            "best": [4, 6],
            "capacity_gap": [2, 3],
            "status": ["gap", "gap"],
        },
    ),
    "W5 the best case takes nothing away": (
        {"need": [10, 10, 10], "pool": [6, 12], "weight": [[1, 1], [0, 1], [0, 1]]},
        {
            "V": [10, 4, 4],
            "best": [10, 4, 4],
            "best_without_floor": [6, 6, 6],
            "capacity_gap": [0, 6, 6],
        },
    ),
    "W6 remote support has a floor under its weight": (
        {"distance": [60, 5], "reach": 25, "remote_fit": 0.6},
        {"weight": [0.6, 1.0]},
    ),
    "W7 one withdrawal makes it thin": (
        {"need": [10], "pool": [9, 4], "weight": [[1, 1]]},
        {"V": [13], "k": 1.3, "without_largest": 0.4, "n_eff": 1.742268, "status": "thin"},
    ),
    "W8 adequate": (
        {"need": [10], "pool": [8, 6], "weight": [[1, 1]]},
        {"k": 1.4, "without_largest": 0.6, "status": "adequate"},
    ),
    "W9 no need but days is unused": (
        {"need": [0], "pool": [12], "weight": [[1]]},
        {"status": "unused", "k": None, "idle_days": 12},
    ),
    "W9 days without any need row are unused": ({"need": [], "pool": [12]}, {"status": "unused"}),
    "W9 no need and no days is none": ({"need": [0], "pool": []}, {"status": "none"}),
    "W9 need and no days is a gap in reach": (
        {"need": [5], "pool": []},
        {"status": "gap", "reach_gap": [5], "capacity_gap": [0], "expected": 0.0, "k": 0.0},
    ),
    "W10 overlap is a weighted Jaccard": ({"P": [6, 4, 0], "Q": [3, 4, 5]}, {"jaccard": 0.4666667}),
    "W11 Gini of coverage": ({"x": [1.0, 0.5, 0.0], "w": [2, 2, 2]}, {"gini": 0.4444444}),
    "W16 secondment": (
        {"budget": 112327, "fte": 137437, "cost": {"2": 0, "3": 0, "4": 0, "5": 0}},
        {
            "cost": {"2": 54975, "3": 82462, "4": 109950, "5": 137437},
            "saving": {"2": 57352, "3": 29865, "4": 2377, "5": -25110},
            "break_even_days": 4.08649,
            "unit_price_above_post": 0.22354,
        },
    ),
}

INPUTS = {
    "text",
    "need",
    "pool",
    "distance",
    "reach",
    "remote_fit",
    "cell",
    "P",
    "Q",
    "x",
    "w",
    "budget",
    "fte",
}


def assert_close(found: Any, expected: Any) -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            assert_close(found[key], value)
    elif (
        expected is None
        or isinstance(expected, str)
        or (isinstance(expected, list) and expected and isinstance(expected[0], str))
    ):
        assert found == expected
    else:
        np.testing.assert_allclose(
            np.array(found, dtype=float), np.array(expected, dtype=float), atol=TOLERANCE
        )


@pytest.mark.parametrize("name", CASES)
def test_cases_worked_by_hand(name: str) -> None:
    given, expected = CASES[name]

    found = worked_out(given)

    for key, value in expected.items():
        assert_close(found[key], value)


def test_the_file_of_worked_cases_holds() -> None:
    root = Path(__file__).resolve().parents[2]
    path = (
        Path(os.environ.get("SHARED_DATA", root.parent / "shared" / "data"))
        / "coverage"
        / "worked_cases.json"
    )
    if not path.exists():
        pytest.skip(f"the shared data is not here: {path}")
    cases = {name: case for name, case in json.loads(path.read_text()).items() if isinstance(case, dict)}

    checked = 0
    for name, case in cases.items():
        found = worked_out(case)
        if "not_supported" in found:
            assert name.split("_")[0] in {"W9", "W12", "W13", "W14", "W15"}, name
            continue
        for key in case.keys() - INPUTS:
            assert_close(found[key], case[key])
            checked += 1

    assert checked >= 40


def test_expected_results_beside_the_inputs_are_not_read() -> None:
    given = {"need": [6, 6], "pool": [6, 6], "weight": [[1, 1], [0, 1]]}

    honest = worked_out(given)
    with_nonsense = worked_out(
        given | {"V": [1, 2], "met": [9, 9], "status": "adequate", "k": 77, "idle_days": 5}
    )

    assert with_nonsense == honest
