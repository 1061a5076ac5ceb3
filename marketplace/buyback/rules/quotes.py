"""Quotes: what the evidence that others were asked for a price has to say before it is complete.

The reasons wanted are those of published finance rules (domain 1.7): why not the lowest, why fewer than the ladder asks, and who
has an interest in whom.
"""

from collections.abc import Sequence
from typing import NamedTuple

from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds

NO_CONFLICT = "None"
"""What is written where nobody has an interest."""


class ConflictsContradict(DomainError):
    """It is said both that nobody has an interest and who has one."""

    code = "conflicts_contradict"
    status = 422


class Asked(NamedTuple):
    """One supplier that was asked: the answer (`waiting`, `quoted`, `declined`, `no_answer`) and the price before VAT."""

    supplier: str
    answer: str
    price_pence: int | None
    is_chosen: bool


class Pack(NamedTuple):
    """What was gathered so far, beside the suppliers asked."""

    asked: Sequence[Asked]
    reason_not_lowest: str
    reason_fewer_quotes: str
    conflicts: str


def declared_conflicts(words: str, *, nobody: bool) -> str:
    """What the evidence says of interests: the `words`, or that `nobody` has one. Raises `ConflictsContradict` where both are given."""
    if nobody and words.strip() not in ("", NO_CONFLICT):
        raise ConflictsContradict(
            "You answered that nobody has an interest, and wrote who has one.",
            remedy="Answer yes, or empty this box.",
            field="conflicts",
        )
    return NO_CONFLICT if nobody else words


def prices(asked: Sequence[Asked]) -> list[Asked]:
    """Those who gave a price, the lowest first."""
    quoted = [each for each in asked if each.answer == "quoted" and each.price_pence is not None]
    return sorted(quoted, key=lambda each: each.price_pence or 0)


def chosen(asked: Sequence[Asked]) -> Asked | None:
    """The one that was chosen."""
    return next((each for each in asked if each.is_chosen), None)


def is_lowest(asked: Sequence[Asked]) -> bool:
    """Whether the chosen price is the lowest that was given (or as low)."""
    pick, given = chosen(asked), prices(asked)
    return pick is None or not given or pick.price_pence == given[0].price_pence


def missing_from(pack: Pack, quotes_needed: int) -> list[str]:
    """What the evidence still lacks, one sentence each; nothing where it can be completed."""
    given = prices(pack.asked)
    lacks = []
    if not pack.asked:
        lacks.append("Nobody has been asked for a price yet.")
    if not given:
        lacks.append("No supplier has given a price yet.")
    if waiting := [each.supplier for each in pack.asked if each.answer == "waiting"]:
        lacks.append(f"{_and(waiting)} still to answer: record the price, “declined” or “did not answer”.")
    pick = chosen(pack.asked)
    if given and (pick is None or pick.answer != "quoted"):
        lacks.append("It is not said which quote is chosen.")
    if len(given) < quotes_needed and not pack.reason_fewer_quotes.strip():
        lacks.append(
            f"{len(given)} of {quotes_needed} quotes are here: ask more suppliers, or say why there are fewer."
        )
    if pick and not is_lowest(pack.asked) and not pack.reason_not_lowest.strip():
        lacks.append(
            f"{pick.supplier} is not the lowest ({given[0].supplier} asks {pounds(given[0].price_pence or 0)}): say why it is chosen."
        )
    if not pack.conflicts.strip():
        lacks.append("Conflicts of interest are not declared: write who has one, or that nobody has.")
    return lacks


def _and(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} has"
    return f"{', '.join(names[:-1])} and {names[-1]} have"
