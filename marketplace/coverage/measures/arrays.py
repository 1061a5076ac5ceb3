"""The few array idioms the measures share."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .inputs import Bools, Floats, Ints


def total_by(key: Ints, amounts: Floats, size: int) -> Floats:
    """Sum of `amounts` for each key from 0 to size - 1."""
    return np.bincount(key, amounts, size).astype(np.float64)


def ratio(part: Floats, whole: Floats, *, otherwise: float) -> Floats:
    """part/whole, and `otherwise` where there is no whole: never a ratio to nothing."""
    share = np.full(len(whole), otherwise)
    np.divide(part, whole, out=share, where=whole > 0)
    return share


def starts(*sorted_keys: npt.NDArray[Any]) -> Bools:
    """Where a new combination of the keys begins."""
    new = np.zeros(len(sorted_keys[0]), dtype=np.bool_)
    new[:1] = True
    for key in sorted_keys:
        new[1:] |= key[1:] != key[:-1]
    return new


def distinct(key: Ints) -> Ints:
    """The different keys in order; on nearly sorted keys faster than `np.unique`."""
    ordered = np.sort(key, kind="stable")
    return ordered[starts(ordered)]


def grouped(key: Ints) -> tuple[Ints, Ints]:
    """The different keys in order, and for each row the number of its key."""
    order = np.argsort(key, kind="stable")
    new = starts(key[order])
    number = np.empty(len(key), dtype=np.int64)
    number[order] = np.cumsum(new) - 1
    return key[order][new], number


def expanded(first: Ints, count: Ints) -> tuple[Ints, Ints]:
    """The runs `first` to `first + count` laid end to end: for each place the number of its run, and what it points to."""
    row = np.repeat(np.arange(len(count)), count)
    return row, np.arange(len(row)) + np.repeat(first - (np.cumsum(count) - count), count)
