"""Whom to send where a school names nobody: of the people who are free, the one whose turn it is.

The one of whose agreed days the smallest share is used or promised; of two alike the one with fewer bookings this school year; of two
alike still the one with the lower id. Somebody whose headteacher agreed to no days comes after everybody else. For several dates one
person who is free on all of them is preferred, so that one headteacher is asked once; where there is none each date is given out in
turn, with what was just given out counted.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from marketplace.kernel.days import HalfDays


@dataclass(frozen=True)
class Turn:
    """Where a person stands in the school year: half-days agreed with their headteacher, used or promised of them, and bookings."""

    person: int
    agreed: HalfDays
    taken: HalfDays
    bookings: int

    @property
    def order(self) -> tuple[bool, Fraction, int, int]:
        """The smallest goes first."""
        share = Fraction(self.taken, self.agreed) if self.agreed else Fraction(self.taken)
        return (not self.agreed, share, self.bookings, self.person)

    def given(self, half_days: HalfDays) -> "Turn":
        """The same person with one more booking."""
        return replace(self, taken=self.taken + half_days, bookings=self.bookings + 1)


def whose_turn(turns: Iterable[Turn]) -> Turn | None:
    """The person to send; nobody where nobody is free."""
    return min(turns, key=lambda turn: turn.order, default=None)


def share_out(
    turns: Collection[Turn], free: Sequence[Collection[int]], half_days: HalfDays
) -> list[int] | None:
    """Whom to send on each date, in their order. `free` are the people free on each; nothing where a date has nobody."""
    if always := [turn for turn in turns if all(turn.person in people for people in free)]:
        return [min(always, key=lambda turn: turn.order).person] * len(free)
    standing: Mapping[int, Turn] = {turn.person: turn for turn in turns}
    sent: list[int] = []
    for people in free:
        turn = whose_turn(standing[person] for person in people if person in standing)
        if turn is None:
            return None
        standing = {**standing, turn.person: turn.given(half_days)}
        sent.append(turn.person)
    return sent
