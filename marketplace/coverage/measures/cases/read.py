"""Fields of a case as arrays, every problem noted in words rather than raised at the first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from marketplace.coverage.measures.errors import MeasureError
from marketplace.coverage.measures.inputs import Floats, Ints

LARGEST = 1_000_000.0
"""Beyond this a number of days, kilometres or a weight is taken for a slip."""


class Fields:
    """Reads the fields of one case. Problems gather in `problems`; `check` raises them all together."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self.case = case
        self.problems: list[str] = []

    def check(self) -> None:
        if self.problems:
            raise MeasureError(self.problems)

    def has(self, *names: str) -> bool:
        return all(name in self.case for name in names)

    def number(self, name: str, *, default: float = math.nan, most: float = LARGEST) -> float:
        if name not in self.case:
            return default
        return self._number(name, self.case[name], most=most)

    def word(self, name: str, *, default: str) -> str:
        return str(self.case.get(name, default))

    def numbers(self, name: str, *, size: int | None = None, blank: float | None = None) -> Floats:
        """A list of numbers; `blank` stands for null, which is a problem where there is none."""
        values = self.case[name]
        if not isinstance(values, list):
            self.problems.append(f"{name} must be a list of numbers")
            return np.zeros(size or 0)
        if size is not None and len(values) != size:
            self.problems.append(f"{name} has {_count(len(values))} where {size} were expected")
            return np.zeros(size)
        return np.array(
            [self._number(f"{name}[{at}]", value, blank) for at, value in enumerate(values)], dtype=float
        )

    def each(self, name: str, size: int, *, default: float) -> Floats:
        """One number for all, or a list with one for each."""
        if name not in self.case:
            return np.full(size, default)
        if isinstance(self.case[name], list):
            return self.numbers(name, size=size)
        return np.full(size, self._number(name, self.case[name]))

    def yes(self, name: str, size: int, *, default: bool) -> Any:
        """True or false for all, or a list with one for each."""
        value = self.case.get(name, default)
        values = value if isinstance(value, list) else [value] * size
        if len(values) != size or not all(isinstance(one, bool) for one in values):
            self.problems.append(f"{name} must be true or false, or a list of {size} of them")
            return np.full(size, default)
        return np.array(values, dtype=bool)

    def matrix(self, name: str, *, rows: int, columns: int | None, blank: float | None = None) -> Floats:
        """A list of `rows` lists of equal length; a flat list will do where there is one row or one column."""
        values = self.case[name]
        if not isinstance(values, list):
            self.problems.append(f"{name} must be a list of rows")
            return np.zeros((rows, columns or 0))
        if values and not any(isinstance(row, list) for row in values):
            values = [values] if rows == 1 else [[value] for value in values]
        if len(values) != rows:
            self.problems.append(
                f"{name} has {len(values)} rows where {rows} were expected, one for each need"
            )
            return np.zeros((rows, columns or 0))
        width = (
            columns
            if columns is not None
            else max((len(r) for r in values if isinstance(r, list)), default=0)
        )
        found = np.zeros((rows, width))
        for at, row in enumerate(values):
            if not isinstance(row, list):
                self.problems.append(f"{name} row {at} must be a list of numbers")
            elif len(row) != width:
                self.problems.append(f"{name} row {at} has {_count(len(row))} where {width} were expected")
            else:
                found[at] = [self._number(f"{name}[{at}][{j}]", v, blank) for j, v in enumerate(row)]
        return found

    def rows(self, name: str, *, below: int, size: int | None = None) -> Ints:
        """Row numbers from 0 to `below` - 1."""
        numbers = self.numbers(name, size=size)
        wrong = (numbers != np.floor(numbers)) | (numbers >= below)
        if wrong.any():
            self.problems.append(f"{name} must hold whole numbers from 0 to {below - 1}")
            return np.zeros(len(numbers), dtype=np.int64)
        return numbers.astype(np.int64)

    def labels(self, name: str, size: int) -> tuple[Ints, list[Any]]:
        """Any words or numbers as labels: for each row the number of its label, and the labels in order."""
        values = self.case[name]
        if not isinstance(values, list) or len(values) != size:
            self.problems.append(f"{name} must be a list of {size} labels")
            return np.zeros(size, dtype=np.int64), [None]
        if not all(isinstance(value, (str, int)) for value in values):
            self.problems.append(f"{name} must hold whole numbers or words")
            return np.zeros(size, dtype=np.int64), [None]
        numbers = all(isinstance(value, int) for value in values)
        names: list[Any] = sorted(set(values)) if numbers else list(dict.fromkeys(values))
        return np.array([names.index(value) for value in values], dtype=np.int64), names

    def _number(
        self, where: str, value: object, blank: float | None = None, *, most: float = LARGEST
    ) -> float:
        if value is None and blank is not None:
            return blank
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.problems.append(f"{where} must be a number, not {_shown(value)}")
        elif isinstance(value, float) and not math.isfinite(value):
            self.problems.append(f"{where} must be a finite number")
        elif value < 0:
            self.problems.append(f"{where} must not be below 0")
        elif value > most:
            self.problems.append(f"{where} is too large: at most {most:,.0f}")
        else:
            return float(value)
        return 0.0


def plain(value: Any) -> Any:
    """Ready for JSON: arrays as lists, floats to seven decimals, None for what is not a number."""
    if isinstance(value, np.ndarray):
        return [plain(one) for one in value.tolist()]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return round(value, 7) + 0.0 if math.isfinite(value) else None
    return value


def _count(numbers: int) -> str:
    return f"{numbers} number" + ("" if numbers == 1 else "s")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "…"
