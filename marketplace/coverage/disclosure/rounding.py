"""How exactly days and schools are told outside the convenor's office."""

from collections.abc import Sequence

ROUNDED_TO = 5
SCHOOL_STEPS = (3, 5, 10, 20, 50, 100)


def rounded(days: float) -> int:
    """Days to the nearest five."""
    return ROUNDED_TO * int(days / ROUNDED_TO + 0.5)


def rounded_parts(parts: Sequence[float]) -> list[int]:
    """Parts in fives of days that add up to their rounded total: those with the largest remainder go up."""
    fives = rounded(sum(parts)) // ROUNDED_TO
    whole = [int(part / ROUNDED_TO + 1e-9) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda at: (whole[at] - parts[at] / ROUNDED_TO, at))
    for at in by_remainder[: max(0, fives - sum(whole))]:
        whole[at] += 1
    return [ROUNDED_TO * each for each in whole]


BANDS = ((-1.0, -0.5), (-0.5, -0.2), (-0.2, 0.167), (0.167, 0.5), (0.5, 1.0))
"""The classes of the map."""


def banded(balance: float | None) -> float | None:
    """The middle of the class a balance lies in: as much as the colour of the map tells."""
    if balance is None:
        return None
    low, high = next((band for band in BANDS if balance < band[1]), BANDS[-1])
    return round((low + high) / 2, 2)


def at_least(schools: int) -> int:
    """How many schools there are at least, in steps: 4 is told as 3, 27 as 20."""
    return max((step for step in SCHOOL_STEPS if step <= schools), default=0)
