"""The conflicts table (coverage.md 11): what stands between a provider and a school, and what that means.

Support and peer review read it differently, and a review's lead more strictly than its members: `conflicts_in` is told which
column to read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from marketplace.kernel.dates import month_and_year
from marketplace.organisations.rules import EMPLOYMENT_COUNTS_MONTHS, months_before

RECIPROCAL_MONTHS = 24
WORKED_TOGETHER_MONTHS = 24
EMPLOYED_MONTHS = EMPLOYMENT_COUNTS_MONTHS
NEARBY_METRES = 3_000


class Effect(StrEnum):
    """What a conflict means."""

    BLOCK = "block"
    WARN = "warn"
    STRENGTH = "strength"
    BAR_PERSON = "bar_person"
    NONE = "none"

    @property
    def label(self) -> str:
        return {
            Effect.BLOCK: "Left out",
            Effect.WARN: "Warning",
            Effect.STRENGTH: "Shown as a strength, with a note on independence",
            Effect.BAR_PERSON: "That person cannot approve; it is kept on record",
            Effect.NONE: "Nothing",
        }[self]


class ConflictTable(StrEnum):
    """Which column is read."""

    SUPPORT = "support"
    PEER_REVIEW = "peer_review"
    PEER_REVIEW_LEAD = "peer_review_lead"


class ConflictKind(StrEnum):
    OWN_SCHOOL = "own_school"
    DECLARED = "declared"
    SAME_TRUST = "same_trust"
    RECIPROCAL = "reciprocal"
    EMPLOYED = "employed"
    WORKED_TOGETHER = "worked_together"
    COMPETITOR = "competitor"
    DECISION_MAKER = "decision_maker"


class Conflict(NamedTuple):
    """One row of the table: in words, and what it means for support and for a review's members and lead."""

    kind: ConflictKind
    words: str
    support: Effect
    peer_review: Effect
    peer_review_lead: Effect

    def effect(self, table: ConflictTable) -> Effect:
        """The cell of a column."""
        return {
            ConflictTable.SUPPORT: self.support,
            ConflictTable.PEER_REVIEW: self.peer_review,
            ConflictTable.PEER_REVIEW_LEAD: self.peer_review_lead,
        }[table]


_B, _W, _S, _N, _P = Effect.BLOCK, Effect.WARN, Effect.STRENGTH, Effect.NONE, Effect.BAR_PERSON

CONFLICTS = (
    Conflict(ConflictKind.OWN_SCHOOL, "It is the school itself", _B, _B, _B),
    Conflict(ConflictKind.DECLARED, "A personal tie to the school has been declared", _B, _B, _B),
    Conflict(ConflictKind.SAME_TRUST, "Same trust or federation, brokered and paid", _B, _B, _B),
    Conflict(
        ConflictKind.RECIPROCAL,
        f"The school helped it in turn, in the same round or within {RECIPROCAL_MONTHS} months",
        _W,
        _B,
        _B,
    ),
    Conflict(
        ConflictKind.EMPLOYED,
        f"Somebody who could come was employed at the school within {EMPLOYED_MONTHS} months",
        _W,
        _B,
        _B,
    ),
    Conflict(
        ConflictKind.WORKED_TOGETHER,
        f"It worked with the school within {WORKED_TOGETHER_MONTHS} months",
        _S,
        _W,
        _B,
    ),
    Conflict(ConflictKind.COMPETITOR, "Same phase within 3 km: the two compete for pupils", _N, _W, _W),
    Conflict(
        ConflictKind.DECISION_MAKER,
        "Somebody who decides has an interest in the provider",
        _P,
        _P,
        _P,
    ),
)
"""The table as it is published."""


@dataclass(frozen=True, kw_only=True)
class ConflictFacts:
    """What is known between a provider with its people and a school. Dates are the last of their kind, `None` for never."""

    own_school: bool = False
    declared: bool = False
    same_trust: bool = False
    same_round: bool = False
    helped_by_school_on: date | None = None
    employed_until: date | None = None
    worked_together_on: date | None = None
    metres: int | None = None
    same_phase: bool = False
    decision_makers: int = 0


class FoundConflict(NamedTuple):
    """A conflict that holds, what it means here, and a sentence for the person who decides."""

    kind: ConflictKind
    effect: Effect
    sentence: str


def conflicts_in(facts: ConflictFacts, table: ConflictTable, *, on: date) -> tuple[FoundConflict, ...]:
    """The conflicts that hold on a day, in the order of the table, without those that mean nothing in this column."""
    holding = dict(_holding(facts, on))
    return tuple(
        FoundConflict(row.kind, row.effect(table), holding[row.kind])
        for row in CONFLICTS
        if row.kind in holding and row.effect(table) != Effect.NONE
    )


def _holding(facts: ConflictFacts, on: date) -> Iterator[tuple[ConflictKind, str]]:
    if facts.own_school:
        yield ConflictKind.OWN_SCHOOL, "It is the school itself."
    if facts.declared:
        yield ConflictKind.DECLARED, "A personal tie to the school has been declared."
    if facts.same_trust:
        yield ConflictKind.SAME_TRUST, "It belongs to the same trust or federation."
    helped = facts.helped_by_school_on
    if facts.same_round:
        yield ConflictKind.RECIPROCAL, "The two would help each other in the same round."
    elif helped and helped >= months_before(on, RECIPROCAL_MONTHS):
        yield (
            ConflictKind.RECIPROCAL,
            f"The school itself helped this provider in {month_and_year(helped)}: they would help each other in turn.",
        )
    left = facts.employed_until
    if left and left >= months_before(on, EMPLOYED_MONTHS):
        when = "works" if left >= on else f"worked until {month_and_year(left)}"
        yield ConflictKind.EMPLOYED, f"Somebody who could come {when} at the school."
    met = facts.worked_together_on
    if met and met >= months_before(on, WORKED_TOGETHER_MONTHS):
        yield (
            ConflictKind.WORKED_TOGETHER,
            f"It worked with the school in {month_and_year(met)} and knows it. Consider whether you want an independent eye instead.",
        )
    if facts.same_phase and facts.metres is not None and facts.metres <= NEARBY_METRES:
        yield ConflictKind.COMPETITOR, "It is a school of the same phase within 3 km."
    if facts.decision_makers:
        people = "person who decides" if facts.decision_makers == 1 else "people who decide"
        yield (
            ConflictKind.DECISION_MAKER,
            f"{facts.decision_makers} {people} for the school declared an interest in it and can’t approve it.",
        )
