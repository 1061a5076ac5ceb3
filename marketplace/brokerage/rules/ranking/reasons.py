"""What leaves an offer out of the ranking altogether. Of several reasons the first in this order is counted."""

from collections.abc import Collection
from enum import StrEnum


class HardReason(StrEnum):
    """Why an offer is not among those that can help, in the order in which reasons are counted (coverage.md 11).

    The last two are not of that list: what is sold by the place is had on its courses, and can’t give the days of a need; and a school
    may name the most it pays a day, and what is dearer is not counted for its need.
    """

    THEME = "theme"
    PHASE = "phase"
    REACH = "reach"
    NO_CAPACITY = "no_capacity"
    OWN_SCHOOL = "own_school"
    SAME_TRUST = "same_trust"
    RECIPROCAL = "reciprocal"
    SUSPENDED = "suspended"
    DECLARED_CONFLICT = "declared_conflict"
    BY_THE_PLACE = "by_the_place"
    CEILING = "ceiling"

    @property
    def label(self) -> str:
        """A few words, for counts."""
        return _WORDS[self][0]

    @property
    def sentence(self) -> str:
        """What it means, in a sentence."""
        return _WORDS[self][1]


_WORDS = {
    HardReason.THEME: ("Another theme", "It is for no theme under the heading of the need."),
    HardReason.PHASE: ("Another phase", "It is not for the phase of the need."),
    HardReason.REACH: (
        "Out of reach",
        "The school is farther than it travels, or nobody knows how far, or it is given at a distance only, which would not do.",
    ),
    HardReason.NO_CAPACITY: ("No days left", "All the days it has this school year are taken."),
    HardReason.OWN_SCHOOL: (
        "The school itself",
        "The school would be helped by its own offer or its own people.",
    ),
    HardReason.SAME_TRUST: (
        "Same trust or federation",
        "It comes from the school’s own trust or federation: what is brokered and paid for comes from outside, unless the offer is "
        "made for the trust’s schools.",
    ),
    HardReason.RECIPROCAL: ("In return", "The two would judge each other in turn."),
    HardReason.SUSPENDED: ("Takes no bookings", "The provider takes no new bookings at present."),
    HardReason.DECLARED_CONFLICT: (
        "Declared conflict",
        "Everybody who could come has declared a tie to the school.",
    ),
    HardReason.BY_THE_PLACE: (
        "Sold by the place",
        "It is had on its courses, at a price for each person who comes, and can’t be booked by the day.",
    ),
    HardReason.CEILING: ("Dearer than the ceiling", "A day costs more than the most the school would pay."),
}

HARD_REASONS = tuple(HardReason)


def first_reason(holding: Collection[HardReason]) -> HardReason | None:
    """The reason that is counted, of all that hold; `None` where none does."""
    return next((reason for reason in HARD_REASONS if reason in holding), None)
