"""What a cell is called: the first rule that fires.

none / unused  no need, and no / some days offered
gap            even perfect brokerage leaves a fifth unmet
thin           little would be left if anything went wrong: expected cover, utilisation, or one owner leaving
duplicated     every day could be met twice and nobody would be missed: idle and replaceable capacity, not "two providers"
adequate       otherwise
"""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from .inputs import Floats, Ints, Thresholds


class Status(StrEnum):
    NONE = "none"
    UNUSED = "unused"
    GAP = "gap"
    THIN = "thin"
    DUPLICATED = "duplicated"
    ADEQUATE = "adequate"
    NOT_ENOUGH_INFORMATION = "not enough information"


STATUSES = tuple(Status)
_CODE = {status: code for code, status in enumerate(STATUSES)}
_DIGITS = 9


def statuses(
    *,
    need_days: Floats,
    days_in_reach: Floats,
    supply_days: Floats,
    expected: Floats,
    best: Floats,
    k: Floats,
    without_largest: Floats,
    owners: Ints,
    thresholds: Thresholds,
) -> Ints:
    """Codes into STATUSES, one for each cell. Ratios may be NaN where there is no need: they are not looked at."""
    limits = thresholds
    spare = supply_days - need_days
    rules: list[tuple[npt.NDArray[np.bool_], Status]] = [
        ((need_days <= 0) & (days_in_reach <= 0), Status.NONE),
        (need_days <= 0, Status.UNUSED),
        (_below(best, limits.gap_best), Status.GAP),
        (
            _below(expected, limits.thin_expected)
            | _below(k, limits.thin_k)
            | _below(without_largest, limits.thin_without_largest),
            Status.THIN,
        ),
        (
            ~_below(k, limits.duplicated_k)
            & ~_below(without_largest, limits.duplicated_without_largest)
            & (owners >= limits.duplicated_owners)
            & ~_below(spare, limits.duplicated_spare_days),
            Status.DUPLICATED,
        ),
    ]
    return np.select(
        [fires for fires, _ in rules], [_CODE[status] for _, status in rules], _CODE[Status.ADEQUATE]
    ).astype(np.int64)


def reasons(
    status: Status,
    *,
    need_days: float,
    days_in_reach: float,
    supply_days: float,
    expected: float,
    best: float,
    k: float,
    without_largest: float,
    owners: int,
    thresholds: Thresholds,
) -> tuple[str, ...]:
    """Why, in words with the numbers and the limits they were held against."""
    limits = thresholds
    if status is Status.NONE:
        return ("no need declared and no days offered",)
    if status is Status.UNUSED:
        return (f"no need declared; {days_in_reach:g} days offered",)
    if status is Status.GAP:
        return (f"even perfect brokerage would meet only {percent(best)} (limit {percent(limits.gap_best)})",)
    if status is Status.THIN:
        return tuple(
            words
            for value, limit, words in (
                (
                    expected,
                    limits.thin_expected,
                    f"{percent(expected)} met as things stand (limit {percent(limits.thin_expected)})",
                ),
                (
                    k,
                    limits.thin_k,
                    f"{floored(k, 2):g} days offered for each day needed (limit {limits.thin_k:g})",
                ),
                (
                    without_largest,
                    limits.thin_without_largest,
                    f"{percent(without_largest)} met if the largest provider withdrew (limit {percent(limits.thin_without_largest)})",
                ),
            )
            if round(value, _DIGITS) < limit
        )
    if status is Status.DUPLICATED:
        return (
            f"{floored(k, 2):g} days offered for each day needed (limit {limits.duplicated_k:g})",
            f"{percent(without_largest)} met even if the largest of {owners} providers withdrew",
            f"{supply_days - need_days:g} days more than needed (limit {limits.duplicated_spare_days:g})",
        )
    return (
        f"{percent(expected)} met as things stand, {percent(without_largest)} if the largest provider withdrew",
    )


def floored(value: float, digits: int) -> float:
    """Cut, not rounded: what lies below a limit is never shown as reaching it."""
    scale = float(10**digits)
    return math.floor(value * scale + 1e-9) / scale


def percent(share: float) -> str:
    return f"{floored(share * 100, 1):g}%"


def _below(values: Floats, limit: float) -> npt.NDArray[np.bool_]:
    """Below by more than rounding of floats: 1.2 worked out as 1.1999999999 is not below 1.2."""
    below: npt.NDArray[np.bool_] = np.round(values, _DIGITS) < limit
    return below
