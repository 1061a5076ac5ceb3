"""The approval ladder: from what amount on whose word an order needs, how many quotes, and whether a minute.

A ladder is a run of steps by amount in pence, VAT included; the highest step an order reaches is the one that counts. A school
without a ladder of its own climbs its trust's, else its area's, else the exchange's. The exchange's follows the Department for
Education's bands (low below £10,000, high from £40,000, at least three quotes between suppliers; domain 1.7).
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds

MOST_STEPS = 8
HIGHEST_STEP_PENCE = 100_000_000
MOST_QUOTES = 5


class Approver(StrEnum):
    """Whose word an order needs, from the least to the most."""

    ANY_ORDERER = "any_orderer"
    SECOND_PERSON = "second_person"
    HEADTEACHER = "headteacher"
    GOVERNORS = "governors"
    TRUST = "trust"

    @property
    def label(self) -> str:
        """The approver in words."""
        return {
            Approver.ANY_ORDERER: "Whoever may commit money, the person ordering included",
            Approver.SECOND_PERSON: "A second person who may commit money",
            Approver.HEADTEACHER: "The headteacher",
            Approver.GOVERNORS: "The governors",
            Approver.TRUST: "The trust",
        }[self]

    @property
    def in_full(self) -> str:
        """Those who can say yes, in words that finish the sentence “This has to be approved by …”."""
        return {
            Approver.ANY_ORDERER: "the headteacher, a budget holder or the trust’s lead",
            Approver.SECOND_PERSON: "the headteacher, a budget holder or the trust’s lead, and not by the person who ordered",
            Approver.HEADTEACHER: "the headteacher, a governor or the trust’s lead, and not by the person who ordered",
            Approver.GOVERNORS: "a governor or the trust’s lead, and not by the person who ordered",
            Approver.TRUST: "the trust’s lead, and not by the person who ordered",
        }[self]

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Stored value and words, for a form or a model field."""
        return [(approver.value, approver.label) for approver in cls]


class LadderInvalid(DomainError):
    """Steps that make no ladder."""

    code = "ladder_invalid"


class Step(NamedTuple):
    """From `from_pence` (VAT included) on: whose approval, how many quotes, and whether a minute reference is needed."""

    from_pence: int
    approver: Approver
    quotes_needed: int = 0
    minute_needed: bool = False

    @property
    def words(self) -> str:
        """The step in a sentence."""
        also = [f"{self.quotes_needed} quote{'s' * (self.quotes_needed > 1)}"] * bool(self.quotes_needed)
        also += ["a minute reference"] * self.minute_needed
        start = f"From {pounds(self.from_pence)}" if self.from_pence else "From the first pound"
        return f"{start}: {self.approver.label[0].lower()}{self.approver.label[1:]}" + (
            f", with {' and '.join(also)}" if also else ""
        )


class Ladder(NamedTuple):
    """Steps by amount, and whose they are."""

    steps: tuple[Step, ...]
    source: str


class Requirement(NamedTuple):
    """What an order of some size needs, from which amount on, and whose ladder says so."""

    approver: Approver
    quotes_needed: int
    minute_needed: bool
    from_pence: int
    source: str

    @property
    def words(self) -> str:
        """The requirement in a sentence, for the history of what was approved under it."""
        step = Step(self.from_pence, self.approver, self.quotes_needed, self.minute_needed)
        return f"{step.words} (ladder of {self.source})"


THE_EXCHANGE = "the exchange"
NATIONAL_STEPS = (
    Step(0, Approver.ANY_ORDERER),
    Step(100_000, Approver.SECOND_PERSON),
    Step(1_000_000, Approver.HEADTEACHER, quotes_needed=3),
    Step(4_000_000, Approver.GOVERNORS, quotes_needed=3, minute_needed=True),
)
NATIONAL_LADDER = Ladder(NATIONAL_STEPS, THE_EXCHANGE)
"""Used where neither the organisation, its trust nor its area has said anything."""


class Preset(NamedTuple):
    """A ladder to start from: a name, where it comes from, and its steps."""

    key: str
    name: str
    about: str
    steps: tuple[Step, ...]


PRESETS = (
    Preset("national", "National bands", "Quotes from £10,000, governors from £40,000.", NATIONAL_STEPS),
    Preset(
        "county",
        "A county’s finance rules (as Kent’s)",
        "One written quote below £25,000, three from there on.",
        (
            Step(0, Approver.ANY_ORDERER),
            Step(100_000, Approver.SECOND_PERSON, quotes_needed=1),
            Step(2_500_000, Approver.GOVERNORS, quotes_needed=3, minute_needed=True),
        ),
    ),
    Preset(
        "school",
        "A school’s strict policy (as one in Wokingham)",
        "Three quotes and the governors from £2,000, always minuted.",
        (
            Step(0, Approver.ANY_ORDERER),
            Step(50_000, Approver.SECOND_PERSON),
            Step(200_000, Approver.GOVERNORS, quotes_needed=3, minute_needed=True),
        ),
    ),
)
"""Examples from published rules (domain 1.7: W50, W51), to be changed to one's own."""


def first_ladder(candidates: Iterable[Ladder | None]) -> Ladder:
    """The first ladder that was made: own, the trust's, the area's; else the exchange's."""
    return next((ladder for ladder in candidates if ladder is not None and ladder.steps), NATIONAL_LADDER)


def step_for(ladder: Ladder, gross_pence: int) -> Requirement:
    """What an order of `gross_pence` (VAT included) needs: the highest step it reaches. The amount of a step reaches it."""
    reached = [step for step in ladder.steps if step.from_pence <= gross_pence]
    step = max(reached, key=lambda step: step.from_pence, default=ladder.steps[0])
    return Requirement(step.approver, step.quotes_needed, step.minute_needed, step.from_pence, ladder.source)


def checked_steps(steps: Sequence[Step], *, has_trust: bool) -> tuple[Step, ...]:
    """The steps in order, or `LadderInvalid`: they start at £0, at different amounts, and never ask for less further up.

    `has_trust` says whether the trust can be an approver: not for a school without one, nor for an area.
    """
    ordered = tuple(sorted(steps, key=lambda step: step.from_pence))
    if not ordered or ordered[0].from_pence != 0:
        raise LadderInvalid(
            "The first step has to start at £0.", remedy="Say who approves the smallest order.", field="steps"
        )
    if len(ordered) > MOST_STEPS:
        raise LadderInvalid(
            f"A ladder has {MOST_STEPS} steps at most.", remedy="Put steps together.", field="steps"
        )
    for step in ordered:
        _check(step, has_trust=has_trust)
    for lower, upper in pairwise(ordered):
        _check_rises(lower, upper)
    return ordered


def _check(step: Step, *, has_trust: bool) -> None:
    if not 0 <= step.from_pence <= HIGHEST_STEP_PENCE:
        raise LadderInvalid(
            f"A step starts between £0 and {pounds(HIGHEST_STEP_PENCE)}.",
            remedy="Write an amount in pounds, for example 1000.",
            field="steps",
        )
    if not 0 <= step.quotes_needed <= MOST_QUOTES:
        raise LadderInvalid(
            f"A step asks for {MOST_QUOTES} quotes at most.",
            remedy=f"Write a number from 0 to {MOST_QUOTES}.",
            field="steps",
        )
    if step.approver == Approver.TRUST and not has_trust:
        raise LadderInvalid(
            "The trust can approve only for schools of a trust.",
            remedy="Choose the governors instead.",
            field="steps",
        )


def _check_rises(lower: Step, upper: Step) -> None:
    if lower.from_pence == upper.from_pence:
        raise LadderInvalid(
            f"Two steps start at {pounds(upper.from_pence)}.", remedy="Take one of them out.", field="steps"
        )
    ranks = list(Approver)
    less = (
        ranks.index(upper.approver) < ranks.index(lower.approver)
        or upper.quotes_needed < lower.quotes_needed
        or upper.minute_needed < lower.minute_needed
    )
    if less:
        raise LadderInvalid(
            f"From {pounds(upper.from_pence)} the ladder asks for less than below it.",
            remedy="A larger order needs at least the approver, the quotes and the minute that a smaller one needs.",
            field="steps",
        )
