"""The cases worked out by hand in the specification (W1 to W16), said in line so that they hold without the data file too."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from marketplace.coverage.measures.__main__ import main
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
    "W1 along a bell curve": (
        {"distance": [10, 25, 40], "reach": 40, "decay": "gaussian"},
        {"weight": [1.0, 0.4729, 0.05]},
    ),
    "W1 in steps": (
        {"distance": [10, 25, 26, 41], "reach": 50, "decay": "stepped"},
        {"weight": [1.0, 0.68, 0.22, 0]},
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
    "W12 where one part is hidden the next smallest is too": (
        {"counts": [7, 3, 0, 12, 6], "values": [41, 9, 0, 88, 30]},
        {"shown": [40, None, 0, 90, None]},
    ),
    "W13 what to buy first, and what it adds to what was bought": (
        {
            "need": [6, 6, 8],
            "pool": [6],
            "arcs": [[0, 0], [1, 0]],
            "candidates": [
                {"days": 8, "cost": 3200, "needs": [1, 2]},
                {"days": 6, "cost": 1800, "needs": [0]},
                {"days": 5, "cost": 2600, "needs": [2]},
            ],
            "budget": 5000,
        },
        {
            "base": 6,
            "single_gain": [8, 6, 5],
            "greedy": [1, 0],
            "gain": 14,
            "optimal_gain": 14,
            "spend": 5000,
        },
    ),
    "W13 with less money the best single one": (
        {
            "need": [6, 6, 8],
            "pool": [6],
            "arcs": [[0, 0], [1, 0]],
            "candidates": [
                {"days": 8, "cost": 3200, "needs": [1, 2]},
                {"days": 6, "cost": 1800, "needs": [0]},
                {"days": 5, "cost": 2600, "needs": [2]},
            ],
            "budget": 3200,
        },
        {"greedy": [0], "gain": 8, "optimal_gain": 8, "spend": 3200},
    ),
    "W14 the published score": (
        {
            "need": 6,
            "expertise": [1.0, 0.6],
            "phase": [1, 1],
            "distance": [10, 25],
            "free": [6, 3],
            "quality": [0.8, 0.9],
            "price": [500, 400],
            "price_low": 300,
            "price_high": 700,
            "context": [0.5, 1],
        },
        {"score": [0.895, 0.69]},
    ),
    "W15 the weakest team is as strong as it can be": (
        {
            "scores": [[0.9, 0.8, 0.7, 0.1], [None, 0.2, 0.6, 0.5]],
            "seats": 2,
            "leads": [0, 2],
            "load": 1,
        },
        {
            "teams": [[0, 1], [2, 3]],
            "lead": [0, 2],
            "team_score": [1.7, 1.1],
            "total": 2.8,
            "smallest": 1.1,
        },
    ),
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

IN_WORDS = {
    "W14_rank": CASES["W14 the published score"][0],
    "W15_team": CASES["W15 the weakest team is as strong as it can be"][0],
}
"""Cases of the file whose inputs are in its text only, as numbers."""

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
    "counts",
    "values",
    "arcs",
    "candidates",
}


def assert_close(found: Any, expected: Any) -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            assert_close(found[key], value)
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, value in zip(found, expected, strict=True):
            assert_close(one, value)
    elif expected is None or isinstance(expected, str):
        assert found == expected
    else:
        assert found == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize("name", CASES)
def test_cases_worked_by_hand(name: str) -> None:
    given, expected = CASES[name]

    found = worked_out(given)

    for key, value in expected.items():
        assert_close(found[key], value)


def test_the_command_works_them_all_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({name: given for name, (given, _) in CASES.items()}), encoding="utf-8")

    assert main([str(path)]) == 0

    printed = json.loads(capsys.readouterr().out)
    assert {name.split()[0] for name in printed} == {f"W{number}" for number in range(1, 17)}
    for name, (_, expected) in CASES.items():
        for key, value in expected.items():
            assert_close(printed[name][key], value)


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
        found = worked_out(IN_WORDS.get(name, case))
        if "not_supported" in found:
            assert name == "W9_zero", "it has no numbers at all: its three cases stand above"
            continue
        for key in case.keys() - INPUTS:
            assert_close(found[key], case[key])
            checked += 1

    assert checked >= 50


def test_expected_results_beside_the_inputs_are_not_read() -> None:
    given = {"need": [6, 6], "pool": [6, 6], "weight": [[1, 1], [0, 1]]}

    honest = worked_out(given)
    with_nonsense = worked_out(
        given | {"V": [1, 2], "met": [9, 9], "status": "adequate", "k": 77, "idle_days": 5}
    )

    assert with_nonsense == honest
