"""Which school may be paid for from which pot, and what is left of a pot.

De-delegated money is the maintained mainstream schools' own, taken back by decision of the Schools Forum, phase by phase: academies,
special schools, pupil referral units and nursery schools are outside it (domain 1.8).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

DE_DELEGATED = "de_delegated"
MAINTAINED = "la_maintained"
SPECIAL = "special_ap"
EARLY_YEARS = "early_years"


@dataclass(frozen=True, kw_only=True)
class FundedSchool:
    """What decides whether a pot may pay for a school: its area, legal status and phases."""

    name: str
    area_id: int | None
    legal_status: str
    phases: Sequence[str]


def why_not_funded(kind: str, area_id: int, school: FundedSchool) -> str:
    """Why a pot of this kind and area may not pay for the school, in a sentence; empty where it may."""
    if school.area_id != area_id:
        return f"{school.name} is not a school of this area."
    if kind != DE_DELEGATED:
        return ""
    if school.legal_status != MAINTAINED:
        return f"{school.name} is not maintained by the local authority, and de-delegated money is for schools that are."
    if SPECIAL in school.phases:
        return f"{school.name} is a special school or pupil referral unit, and de-delegated money is for mainstream schools."
    if set(school.phases) == {EARLY_YEARS}:
        return f"{school.name} is a nursery school, and de-delegated money is for mainstream schools."
    return ""


class Budget(NamedTuple):
    """A pot in pence. `granted` is what was put in, less what was taken out: the other three always add up to it."""

    granted: int
    available: int
    committed: int
    spent: int

    @property
    def agrees(self) -> bool:
        """Whether every penny granted is available, committed or spent, once."""
        return self.granted == self.available + self.committed + self.spent
