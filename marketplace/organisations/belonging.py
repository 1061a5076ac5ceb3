"""Who belongs to what, and where belongings overlap: pure functions of sets of schools.

A `Grouping` is anything that schools belong to: a network that somebody made here, or a trust, a federation, a diocese or a cluster
that the register or a convenor knows. Two groupings overlap by the Jaccard index: schools in both over schools in either.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

DUPLICATION_FROM = 0.5
"""Two networks of one kind, or for one theme, whose overlap reaches this may be the same thing done twice."""


@dataclass(frozen=True)
class Grouping:
    """Something schools belong to. `is_network` tells those made here from what the register knows; `reference` leads to its page."""

    key: str
    name: str
    kind: str
    kind_label: str
    schools: frozenset[int]
    themes: frozenset[str] = frozenset()
    reference: str = ""
    is_network: bool = False
    # The kind of network it counts as when duplication is looked for; empty for what a school does not choose.
    compared_as: str = ""


@dataclass(frozen=True)
class Pair:
    """Two groupings with schools in common. `overlap` is the Jaccard index; `duplicates` says in words why it may be one thing twice."""

    first: Grouping
    second: Grouping
    shared: int
    overlap: float
    duplicates: str = ""


def jaccard(first: frozenset[int], second: frozenset[int]) -> float:
    """Schools in both over schools in either, from 0 to 1; 0 for two empty sets."""
    either = len(first | second)
    return len(first & second) / either if either else 0.0


def pairs(groupings: Sequence[Grouping]) -> list[Pair]:
    """Every two groupings with a school in common, the largest overlap first."""
    found = [
        Pair(first, second, len(first.schools & second.schools), overlap, _duplicates(first, second, overlap))
        for first, second in combinations(groupings, 2)
        if (overlap := jaccard(first.schools, second.schools)) > 0
    ]
    return sorted(found, key=lambda pair: (-pair.overlap, pair.first.name, pair.second.name))


def _duplicates(first: Grouping, second: Grouping, overlap: float) -> str:
    if overlap < DUPLICATION_FROM or not (first.compared_as and second.compared_as):
        return ""
    same = ["the same kind"] if first.compared_as == second.compared_as else []
    if first.themes & second.themes:
        same.append("a theme in common")
    return " and ".join(same)


def times_belonging(groupings: Iterable[Grouping], schools: Iterable[int]) -> dict[int, int]:
    """To how many of the groupings each of the schools belongs."""
    counted = Counter(school for grouping in groupings for school in grouping.schools)
    return {school: counted[school] for school in schools}


@dataclass(frozen=True)
class Bar:
    """How many schools belong to this many; `text` is the number in words, the last bar standing for itself and more."""

    text: str
    schools: int


def spread(times: Mapping[int, int], most: int = 4) -> list[Bar]:
    """How many schools belong to none, to one, … and to `most` or more."""
    counted = Counter(min(number, most) for number in times.values())
    return [
        Bar(f"{number} or more" if number == most else str(number), counted[number])
        for number in range(most + 1)
    ]


@dataclass(frozen=True)
class Place:
    """Of the schools of a ward: how many there are, and how many belong to a network."""

    schools: int
    belonging: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; `None` where there is no school."""
        return self.belonging / self.schools if self.schools else None


def by_place(times: Mapping[int, int], place_of: Mapping[int, str]) -> dict[str, Place]:
    """For each place (a ward's code, empty where it is not known): its schools, and those that belong to one or more."""
    schools, belonging = Counter(), Counter()  # type: Counter[str], Counter[str]
    for school, place in place_of.items():
        schools[place] += 1
        belonging[place] += times.get(school, 0) > 0
    return {place: Place(number, belonging[place]) for place, number in schools.items()}
