"""`python -m marketplace.coverage.measures CASES.json`: any file of that form, no database, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from marketplace.coverage.measures.__main__ import main

ROOT = Path(__file__).resolve().parents[2]
PAIR = {"need": [6, 6], "pool": [6, 6], "weight": [[1, 1], [0, 1]]}


def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: Any
) -> tuple[int, dict[str, Any], list[str]]:
    path = tmp_path / "cases.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    code = main([str(path)])
    captured = capsys.readouterr()
    return code, json.loads(captured.out) if captured.out else {}, captured.err.splitlines()


def test_the_command_runs_without_django(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"any name": PAIR}))
    blocked = (
        "import sys, runpy; sys.modules['django'] = None; sys.argv = ['measures', sys.argv[1]];"
        "runpy.run_module('marketplace.coverage.measures', run_name='__main__')"
    )

    done = subprocess.run(
        [sys.executable, "-c", blocked, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["any name"]["brokerable"] == [0.0, 3.0]


def test_cases_are_known_by_their_fields_and_not_their_names(tmp_path: Path, capsys: Any) -> None:
    code, found, problems = run(
        tmp_path,
        capsys,
        {
            "note": "a remark",
            "W16_secondment": PAIR,
            "W2_brokerable": {"budget": 60_000, "fte": 100_000},
            "ours": {"need": [7], "pool": [5], "distance": [[25]], "reach": 30},
            "capped": {
                "need": [9, 9],
                "pool": [8],
                "offer": [0, 0],
                "cap": [2, None],
                "weight": [[1, 0], [0, 1]],
            },
            "two lists": {"P": [1, 0], "Q": [1, 1]},
            "uneven": {"x": [0, 1], "w": [1, 1]},
            "weights": {"distance": [25, None], "reach": 40},
            "one weight": {"distance": 25, "reach": 40},
            "nowhere": {"distance": None, "reach": 40},
            "table": {"distance": [[25, 5], [60, None]], "reach": [20, 40], "remote_fit": [0, 0.3]},
            "wards": {"need": [4, 2], "pool": [3, 9], "weight": [[1, 0], [0, 1]], "cell": ["east", "west"]},
            "one provider": {"need": [4], "pool": [3, 9], "weight": [[1, 1]], "owner": ["a", "a"]},
        },
    )

    assert (code, problems) == (0, [])
    assert "note" not in found
    assert found["W16_secondment"]["best"] == [6.0, 6.0]
    assert found["W2_brokerable"]["cost"] == {str(d): 20_000 * d for d in range(1, 6)}
    assert found["W2_brokerable"]["break_even_days"] == 3.0
    assert (found["ours"]["weight"], found["ours"]["met"]) == ([[0.5]], [5.0])
    assert found["capped"]["V"] == [2.0, 6.0]
    assert found["two lists"]["jaccard"] == 0.5
    assert found["uneven"]["gini"] == 0.5
    assert found["weights"] == {"weight": [0.5, 0.0], "unlocated": [False, True]}
    assert found["one weight"] == {"weight": 0.5}
    assert found["nowhere"] == {"weight": 0.0, "unlocated": True}
    assert found["table"]["weight"] == [[0.0, 1.0], [0.3, 0.3]]
    assert found["wards"]["status"] == ["gap", "thin"]
    assert found["wards"]["cells"] == ["east", "west"]
    assert found["one provider"]["n_eff"] == 1.0


def test_a_pool_or_an_offer_without_days_changes_nothing(tmp_path: Path, capsys: Any) -> None:
    alone = {"need": [7], "pool": [5], "weight": [[0]]}

    _, found, _ = run(
        tmp_path,
        capsys,
        {
            "alone": alone,
            "empty pool": alone | {"pool": [0], "weight": [[1]]},
            "empty offer": alone | {"cap": [0], "weight": [[1]]},
            "not stated": alone | {"pool": [None], "weight": [[1]]},
        },
    )

    assert [case["reach_gap"] for case in found.values()] == [[7.0], [7.0], [7.0], [0.0]]
    assert found["not stated"]["capacity_gap"] == [7.0]


def test_distances_win_over_weights_that_stand_beside_them(tmp_path: Path, capsys: Any) -> None:
    case = {"need": [7], "pool": [5], "distance": [[25]], "reach": [40], "weight": [[0.123]]}

    _, found, _ = run(tmp_path, capsys, {"case": case})

    assert found["case"]["weight"] == [[0.5]]


def test_a_school_whose_place_is_not_known_is_unlocated(tmp_path: Path, capsys: Any) -> None:
    case = {"need": [7, 3], "pool": [5], "distance": [[None], [90]], "reach": 25}

    _, found, _ = run(
        tmp_path, capsys, {"far": case, "remote": case | {"remote_fit": 0.6, "remote_ok": [True, False]}}
    )

    assert (found["far"]["unlocated"], found["far"]["reach_gap"]) == ([7.0, 0.0], [0.0, 3.0])
    assert found["remote"]["weight"] == [[0.6], [0.0]]
    assert (found["remote"]["unlocated"], found["remote"]["capacity_gap"]) == ([0.0, 0.0], [2.0, 0.0])


@pytest.mark.parametrize(
    ("case", "word"),
    [
        ({"score": [0.9]}, "expertise and quality"),
        ({"total": 2.8, "smallest": 1.1}, "scores and seats"),
        ({"text": "only words"}, "no numbers that are known"),
        ({"need": [1], "pool": [1]}, "give weight"),
        ({}, "no numbers"),
    ],
)
def test_shapes_not_supported_say_why(tmp_path: Path, capsys: Any, case: dict[str, Any], word: str) -> None:
    code, found, problems = run(tmp_path, capsys, {"case": case})

    assert (code, problems) == (0, [])
    assert word in found["case"]["not_supported"]


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"need": [1, 2], "pool": [3], "weight": [[1], [1, 2]]}, ["weight row 1 has 2 numbers where 1"]),
        ({"need": [1], "pool": [3], "weight": [[1], [1]]}, ["weight has 2 rows where 1"]),
        (
            {"need": [-1, "x"], "pool": [True]},
            ["need[0] must not be below 0", "need[1] must be a number", "pool[0]"],
        ),
        ({"need": 5, "pool": {}}, ["need must be a list", "pool must be a list"]),
        ({"need": [1e300], "pool": [1]}, ["need[0] is too large"]),
        ({"need": [1], "pool": [1], "weight": [[None]]}, ["weight[0][0] must be a number"]),
        ({"need": [1], "pool": [1], "weight": "x"}, ["weight must be a list of rows"]),
        ({"need": [1], "pool": [1], "weight": [[1]], "cap": [1, 2]}, ["cap has 2 numbers where 1"]),
        ({"need": [1], "pool": [1], "weight": [[1]], "cell": [0, 1]}, ["cell must be a list of 1 labels"]),
        ({"need": [1], "pool": [1], "weight": [[1]], "offer": [4]}, ["offer must hold whole numbers"]),
        ({"need": [1], "pool": [1], "arcs": [[0, 7]]}, ["arcs[0] must be a pair"]),
        ({"need": [1], "pool": [1], "distance": [[1]], "R": 0}, ["d0 and R"]),
        ({"distance": [1], "reach": 5, "decay": "cubic"}, ["decay one of linear, gaussian, stepped"]),
        ({"distance": [1], "reach": 5, "remote_fit": 2}, ["remote_fit must be between"]),
        ({"distance": [1], "reach": 5, "remote_ok": "yes"}, ["remote_ok must be true or false"]),
        ({"P": [1], "Q": [1, 2]}, ["Q has 2 numbers where 1"]),
        ({"x": [1, "a"], "w": [1, 1]}, ["x[1] must be a number"]),
        ({"counts": [3, 4], "values": [9]}, ["values has 1 number where 2"]),
        (
            {
                "need": [1],
                "pool": [1],
                "arcs": [],
                "candidates": [{"days": 1}, {"days": 0, "cost": 1, "needs": [0]}],
            }
            | {"budget": 5},
            ["candidates[0] must have days, cost and needs", "candidates[1] must have days and cost above 0"],
        ),
        ({"need": [1], "pool": [1], "candidates": [], "budget": 5}, ["give weight"]),
        ({"need": [], "pool": [1], "arcs": [], "candidates": [], "budget": 5}, ["need must not be empty"]),
        (
            {"expertise": [1], "quality": [1], "need": 6, "phase": [1], "price": [3]},
            ["distance is missing", "free is missing", "context is missing"],
        ),
        ({"scores": [[0.5], [0.5, 1]], "seats": 1}, ["scores row 0 has 1 number where 2"]),
        ({"scores": [[0.5]], "seats": 1.5}, ["seats must be whole numbers"]),
        ({"scores": [], "seats": 1}, ["scores must have a row"]),
        ({"budget": 5, "fte": 0}, ["full-time cost"]),
        ({"budget": 5.001, "fte": 9}, ["budget must be pounds"]),
        ({"budget": 5, "fte": 9, "cost": {"2.2": 1}}, ["'2.2' days a week"]),
        ({"budget": 5, "fte": 9, "cost": {"nan": 1}}, ["'nan' days a week"]),
        (7, ["a case must be an object"]),
        (None, ["a case must be an object"]),
    ],
)
def test_bad_numbers_are_named_and_good_cases_still_worked_out(
    tmp_path: Path, capsys: Any, case: Any, words: list[str]
) -> None:
    code, found, problems = run(tmp_path, capsys, {"bad": case, "good": PAIR})

    assert code == 2
    assert list(found) == ["good"]
    assert len(problems) == len(words)
    for line, word in zip(problems, words, strict=True):
        assert line.startswith("bad: ") and word in line


def test_nan_and_infinity_are_not_numbers(tmp_path: Path, capsys: Any) -> None:
    code, found, problems = run(
        tmp_path, capsys, '{"a": {"need": [NaN], "pool": [Infinity], "weight": [[1]]}}'
    )

    assert (code, found) == (2, {})
    assert problems == ["a: need[0] must be a finite number", "a: pool[0] must be a finite number"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[1, 2]", "not a list"),
        ("{", "not JSON, line 1"),
        ("", "not JSON"),
        ("[" * 100_000, "nested too deep"),
        ('{"a": {"need": [' + "9" * 5000 + "]}}", "too long"),
    ],
)
def test_a_file_that_is_not_an_object_of_cases_is_refused(
    tmp_path: Path, capsys: Any, content: str, words: str
) -> None:
    code, found, problems = run(tmp_path, capsys, content)

    assert (code, found) == (2, {})
    assert len(problems) == 1 and words in problems[0]


def test_a_file_that_cannot_be_read_is_said_in_one_line(tmp_path: Path, capsys: Any) -> None:
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")

    assert main([str(tmp_path / "nowhere.json")]) == 2
    assert main([str(tmp_path)]) == 2
    assert main([str(binary)]) == 2
    assert main([]) == 2

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert (
        "No such file" in lines[0] and "directory" in lines[1] and "UTF-8" in lines[2] and "usage" in lines[3]
    )


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"a": PAIR}), encoding="utf-8-sig")

    assert main([str(path)]) == 0
    assert "met" in json.loads(capsys.readouterr().out)["a"]
