"""How alike two schools are."""

from typing import NamedTuple

UNKNOWN = 0.5
FAR_APART_BASIS_POINTS = 3_000
"""Thirty percentage points of pupils eligible for free school meals apart is as unlike as it counts."""


class SchoolContext(NamedTuple):
    """What makes one school like another: pupils, pupils eligible for free school meals in hundredths of a percent, phase and type.

    `None` or an empty code where the register does not say.
    """

    pupils: int | None
    fsm_basis_points: int | None
    phase_code: str
    type_group_code: str


def context_share(school: SchoolContext, other: SchoolContext | None) -> float:
    """The mean of size, free school meals and type, each from 0 to 1; what is not known counts 0.5."""
    if other is None:
        return UNKNOWN
    return (_size(school, other) + _meals(school, other) + _kind(school, other)) / 3


def _size(school: SchoolContext, other: SchoolContext) -> float:
    if not school.pupils or not other.pupils:
        return UNKNOWN
    return min(school.pupils, other.pupils) / max(school.pupils, other.pupils)


def _meals(school: SchoolContext, other: SchoolContext) -> float:
    if school.fsm_basis_points is None or other.fsm_basis_points is None:
        return UNKNOWN
    apart = abs(school.fsm_basis_points - other.fsm_basis_points)
    return 1 - min(apart, FAR_APART_BASIS_POINTS) / FAR_APART_BASIS_POINTS


def _kind(school: SchoolContext, other: SchoolContext) -> float:
    """Half for the same phase, half for the same group of types."""
    return (
        _same(school.phase_code, other.phase_code) + _same(school.type_group_code, other.type_group_code)
    ) / 2


def _same(one: str, other: str) -> float:
    return UNKNOWN if not one or not other else float(one == other)
