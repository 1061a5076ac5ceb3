"""What counts as taking part, and how many of which schools do: pure functions of dates.

A school takes part when, within the last twelve months, it did one of the things in `ENGAGING`. Signing in alone is shown and does
not count: a school that looks and says nothing can be planned for no better than one that does not look.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from marketplace.coverage.disclosure import Part, hidden

WINDOW = timedelta(days=365)
NUDGE_AGAIN_AFTER = timedelta(days=30)
LONGEST_WORDS = 1000
SCHOOL = "[school]"
DEFAULT_WORDS = (
    f"We have not heard from {SCHOOL} on the School Support Exchange for a year. Please sign in and tell us what support you need, or"
    " confirm that you need none. You can also offer the days of people at your school to others. If something keeps you from"
    " taking part, write to us: we would like to know."
)


class Signal(StrEnum):
    """Something a school did, by what is read of it."""

    NEEDS = "needs"
    SEARCHED = "searched"
    ASKED = "asked"
    BOOKED = "booked"
    RECEIVED = "received"
    GAVE = "gave"
    EVALUATED = "evaluated"
    GOVERNORS = "governors"
    SIGNED_IN = "signed_in"


LABELS: Mapping[Signal, str] = {
    Signal.NEEDS: "Said what it needs",
    Signal.SEARCHED: "Searched in vain",
    Signal.ASKED: "Asked for support",
    Signal.BOOKED: "Booked or bought",
    Signal.RECEIVED: "Received support",
    Signal.GAVE: "Gave support",
    Signal.EVALUATED: "Evaluated",
    Signal.GOVERNORS: "Governors’ courses",
    Signal.SIGNED_IN: "Signed in",
}
ENGAGING = frozenset(Signal) - {Signal.SIGNED_IN}
Named = tuple[str, str]


@dataclass(frozen=True)
class Standing:
    """A school and when it last did each thing, ever. Groups are a code and a name each; `people` counts accounts, `governors` those of governors."""

    pk: int
    urn: int
    reference: str
    name: str
    phases: tuple[Named, ...] = ()
    kind: Named = ("", "")
    trust: Named | None = None
    diocese: Named | None = None
    ward: Named | None = None
    clusters: tuple[Named, ...] = ()
    telephone: str = ""
    website: str = ""
    people: int = 0
    governors: int = 0
    latest: Mapping[Signal, datetime] = field(default_factory=dict)

    def did(self, signal: Signal, since: datetime) -> bool:
        """Whether the school did this since then."""
        return signal in self.latest and self.latest[signal] >= since

    def takes_part(self, since: datetime) -> bool:
        """Whether it did anything that counts since then."""
        return any(self.did(signal, since) for signal in ENGAGING)

    @property
    def last(self) -> tuple[Signal, datetime] | None:
        """The last thing it did, signing in included; `None` for nothing ever."""
        return max(self.latest.items(), key=lambda each: each[1], default=None)

    def missing(self, since: datetime) -> str:
        """Why a school that does not take part does not, as far as can be told."""
        if not self.people:
            return "Nobody at the school has an account"
        if Signal.SIGNED_IN not in self.latest:
            return "Nobody has signed in yet"
        if not self.did(Signal.SIGNED_IN, since):
            return "Nobody has signed in for a year"
        return "People sign in, and have said and booked nothing"

    def since(self, moment: datetime) -> tuple[Signal, ...]:
        """What it did after a moment, in the order of the signals."""
        return tuple(signal for signal in Signal if signal in self.latest and self.latest[signal] > moment)


# Tables ---------------------------------------------------------------------------------------------------------------


class Dimension(StrEnum):
    """By what schools are put together."""

    PHASE = "phase"
    TYPE = "type"
    TRUST = "trust"
    DIOCESE = "diocese"
    GOVERNORS = "governors"
    WARD = "ward"
    CLUSTER = "cluster"


DIMENSIONS: Mapping[Dimension, str] = {
    Dimension.PHASE: "Phase",
    Dimension.TYPE: "Type of school",
    Dimension.TRUST: "Trust",
    Dimension.DIOCESE: "Diocese",
    Dimension.GOVERNORS: "Governors",
    Dimension.WARD: "Ward",
    Dimension.CLUSTER: "Cluster",
}
NONE = "none"
"""The code of the group of schools that belong to no group of a dimension."""


def _one(group: Named | None, without: str) -> tuple[Named, ...]:
    return (group,) if group else ((NONE, without),)


GROUPS: Mapping[Dimension, Callable[[Standing], tuple[Named, ...]]] = {
    Dimension.PHASE: lambda school: school.phases or ((NONE, "Phase not known"),),
    Dimension.TYPE: lambda school: (school.kind,),
    Dimension.TRUST: lambda school: _one(school.trust, "Not in a trust"),
    Dimension.DIOCESE: lambda school: _one(school.diocese, "Not of a diocese"),
    Dimension.GOVERNORS: lambda school: (
        ("with", "A governor has an account") if school.governors else (NONE, "No governor has an account"),
    ),
    Dimension.WARD: lambda school: _one(school.ward, "Ward not known"),
    Dimension.CLUSTER: lambda school: school.clusters or ((NONE, "In no cluster"),),
}

TAKES_PART, ACCOUNTS, GOVERNORS_HERE = "takes_part", "accounts", "governor_accounts"
COLUMNS: Mapping[str, str] = {
    TAKES_PART: "Take part",
    **{signal.value: LABELS[signal] for signal in Signal},
    ACCOUNTS: "Have accounts",
    GOVERNORS_HERE: "Governor with an account",
}


def in_group(school: Standing, dimension: Dimension, code: str) -> bool:
    """Whether the school belongs to the group of a dimension with this code."""
    return any(code == each for each, _ in GROUPS[dimension](school))


def counts_in(school: Standing, column: str, since: datetime) -> bool:
    """Whether the school counts in a column of the table."""
    if column == TAKES_PART:
        return school.takes_part(since)
    if column == ACCOUNTS:
        return school.people > 0
    if column == GOVERNORS_HERE:
        return school.governors > 0
    return school.did(Signal(column), since)


@dataclass(frozen=True)
class Figure:
    """How many of `of` schools; `hidden` where telling it would give a school away."""

    schools: int
    of: int
    hidden: bool = False

    @property
    def percent(self) -> int:
        """Rounded to a whole per cent."""
        return round(100 * self.schools / self.of) if self.of else 0


@dataclass(frozen=True)
class Line:
    """A group of schools (the whole area has no code), and a figure for each column."""

    code: str
    name: str
    schools: int
    figures: Mapping[str, Figure]


def table(
    schools: Sequence[Standing], dimension: Dimension, since: datetime, *, least: int = 0
) -> tuple[list[Line], Line]:
    """The groups of a dimension by name, those without a group last, and the line of all schools.

    With `least`, figures behind which fewer schools stand, on either side of the question, are hidden, and others from which
    they could be worked out.
    """
    groups: dict[Named, list[Standing]] = {}
    for school in schools:
        for group in GROUPS[dimension](school):
            groups.setdefault(group, []).append(school)
    order = sorted(groups, key=lambda group: (group[0] == NONE, group[1]))
    everything = ("", "All schools")
    members = {everything: list(schools)} | {group: groups[group] for group in order}
    figures: dict[Named, dict[str, Figure]] = {group: {} for group in members}
    for column in COLUMNS:
        counted = {
            group: sum(counts_in(each, column, since) for each in those) for group, those in members.items()
        }
        gone = (
            _to_hide(counted, {group: len(those) for group, those in members.items()}, least)
            if least
            else set()
        )
        for group, those in members.items():
            figures[group][column] = Figure(counted[group], len(those), group in gone)
    lines = {group: Line(*group, len(those), figures[group]) for group, those in members.items()}
    return [lines[group] for group in order], lines[everything]


def _to_hide(counted: Mapping[Named, int], sizes: Mapping[Named, int], least: int) -> set[Named]:
    """The groups whose figure is hidden: how many schools there are is public, so that the two sides give each other away."""
    sides = {
        (group, side): number
        for group, size in sizes.items()
        for side, number in (("does", counted[group]), ("does not", size - counted[group]))
    }
    parts = {key: Part(number, float(number)) for key, number in sides.items()}
    sums = [[(group, side) for group in sizes] for side in ("does", "does not")]
    sums += [[(group, "does"), (group, "does not")] for group in sizes]
    return {group for group, _ in hidden(parts, sums, least=least)}


def words_for(text: str, school: str) -> str:
    """The words of a reminder to a school."""
    return (text or DEFAULT_WORDS).replace(SCHOOL, school)


def may_nudge_from(last: datetime | None) -> datetime | None:
    """From when a school may be reminded again; `None` for at once."""
    return last + NUDGE_AGAIN_AFTER if last else None


def quiet(schools: Iterable[Standing], since: datetime) -> list[Standing]:
    """Those that did nothing that counts since then."""
    return [school for school in schools if not school.takes_part(since)]
