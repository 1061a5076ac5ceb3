"""`python -m marketplace.coverage.measures CASES.json`: work out every case of the file and print them as one JSON object.

Problems go to standard error, one line each, and make the exit code 2; cases without problems are printed all the same.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from .cases import worked_out
from .errors import MeasureError

_USAGE = "usage: python -m marketplace.coverage.measures CASES.json"
_BAD = 2


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(_USAGE, file=sys.stderr)
        return _BAD
    try:
        cases = _read(arguments[0])
    except MeasureError as error:
        _report(error.problems)
        return _BAD
    found, problems = _work(cases)
    _report(problems)
    try:
        print(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False), flush=True)
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _BAD if problems else 0


def _read(path: str) -> Mapping[str, Any]:
    try:
        with open(path, encoding="utf-8-sig") as file:
            cases = json.load(file)
    except OSError as error:
        raise MeasureError([f"{path}: {error.strerror or error}"]) from None
    except UnicodeDecodeError:
        raise MeasureError([f"{path}: not a text file in UTF-8"]) from None
    except json.JSONDecodeError as error:
        raise MeasureError([f"{path}: not JSON, line {error.lineno}: {error.msg}"]) from None
    except (ValueError, RecursionError):
        raise MeasureError([f"{path}: a number too long or lists nested too deep to read"]) from None
    if not isinstance(cases, dict):
        raise MeasureError([f"{path}: give one object of cases by name, not a {type(cases).__name__}"])
    return cases


def _work(cases: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What could be worked out by name of case, and problems. A text instead of a case is a remark."""
    found: dict[str, Any] = {}
    problems: list[str] = []
    for name, case in cases.items():
        if isinstance(case, str):
            continue
        if not isinstance(case, dict):
            problems.append(f"{name}: a case must be an object with its numbers")
            continue
        try:
            with np.errstate(all="ignore"):
                found[name] = worked_out(case)
        except MeasureError as error:
            problems.extend(f"{name}: {problem}" for problem in error.problems)
        except (ArithmeticError, MemoryError, RecursionError):
            problems.append(f"{name}: these numbers are too extreme to work out")
    return found, problems


def _report(problems: tuple[str, ...] | list[str]) -> None:
    for problem in problems:
        print(problem.replace("\n", " "), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
