"""How a year that never was comes into the tables: its clock, its silence, its dates and its chance.

Actions live in the present and tell the world. The demo area needs a past that nobody is to be told of, so inside these blocks
the clock shows another moment, nothing is announced, and rows keep the dates they are given. Only a command that makes the
area, alone in its process, may use them.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from django.db import models
from django.utils import timezone

from marketplace.kernel import events, references
from marketplace.kernel.dates import is_working_day, local, to_utc
from marketplace.kernel.models import HistoryEntry
from marketplace.kernel.references import ALPHABET, LENGTH

T = TypeVar("T")
BATCH = 1_000


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Inside the block it is `moment`: documents of last March are issued last March."""
    real = timezone.now
    timezone.now = lambda: moment  # type: ignore[assignment]
    try:
        yield
    finally:
        timezone.now = real


@contextmanager
def unannounced() -> Iterator[None]:
    """Inside the block nothing is published: no e-mails, no jobs about things that happened long ago."""
    real = events.publish
    events.publish = lambda event: None
    try:
        yield
    finally:
        events.publish = real


@contextmanager
def references_from(chance: "Chance") -> Iterator[None]:
    """Inside the block public references come from the seed, those that actions draw too."""
    real = references.secrets  # type: ignore[attr-defined]
    references.secrets = chance.rng  # type: ignore[attr-defined,assignment]
    try:
        yield
    finally:
        references.secrets = real  # type: ignore[attr-defined]


@contextmanager
def as_dated(*kinds: type[models.Model]) -> Iterator[None]:
    """Inside the block rows of these tables keep the times they are given, where otherwise the database's clock is put in."""
    stamped = [f for kind in kinds for f in kind._meta.local_fields if getattr(f, "auto_now_add", False)]
    for each in stamped:
        each.auto_now_add = False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for each in stamped:
            each.auto_now_add = True  # type: ignore[attr-defined]


def write(rows: Iterable[models.Model]) -> None:
    """Rows of one table, many at a time, with the times they were given."""
    if rows := list(rows):
        kind = type(rows[0])
        with as_dated(kind):
            kind._base_manager.bulk_create(rows, batch_size=BATCH)


def write_history(lines: Iterable[HistoryEntry]) -> None:
    """Lines of history in the order of time: the last one of a record is then where it stands."""
    in_order = sorted(lines, key=lambda line: line.at)
    write(in_order)


@dataclass
class Chance:
    """Everything random about an area, from one seed; references too, so that the same seed makes the same ones."""

    rng: Random
    taken: set[str] = field(default_factory=set)
    seed: str = ""

    @classmethod
    def of(cls, *seed: object) -> "Chance":
        text = "/".join(map(str, seed))
        return cls(Random(text), seed=text)

    def reference(self, prefix: str) -> str:
        """A public reference nobody has had from this seed."""
        while True:
            made = f"{prefix}-" + "".join(self.rng.choices(ALPHABET, k=LENGTH))
            if made not in self.taken:
                self.taken.add(made)
                return made

    def happens(self, percent: float) -> bool:
        return self.rng.random() * 100 < percent

    def one_of(self, things: Sequence[T]) -> T:
        return self.rng.choice(things)

    def some_of(self, things: Sequence[T], weights: Sequence[float], count: int) -> list[T]:
        """Up to `count` different things, the heavier the likelier (Efraimidis and Spirakis: the largest u^(1/w))."""
        keyed = [
            (self.rng.random() ** (1 / weight), place) for place, weight in enumerate(weights) if weight > 0
        ]
        return [things[place] for _, place in sorted(keyed, reverse=True)[:count]]

    def time_on(self, day: date, *, not_after: datetime | None = None) -> datetime:
        """Some moment of that day in office hours, to the minute."""
        moment = to_utc(day, time(8, 15)) + timedelta(minutes=self.rng.randrange(8 * 60))
        return min(moment, not_after) if not_after else moment

    def between(self, earliest: datetime, latest: datetime) -> datetime:
        """Some moment between two, in office hours of a working day where there is one among them."""
        if latest <= earliest:
            return latest
        for _ in range(12):
            there = earliest + (latest - earliest) * self.rng.random()
            moment = self.time_on(local(there).date())
            if is_working_day(local(moment).date()) and earliest <= moment <= latest:
                return moment
        return earliest + (latest - earliest) / 2


@dataclass(frozen=True)
class Today:
    """The day the area is made; everything is dated around it.

    What has happened happened before it began (`now`), so that a seed makes the same area whatever the hour; only holds run by
    the clock (`clock`).
    """

    clock: datetime

    @property
    def day(self) -> date:
        return local(self.clock).date()

    @property
    def now(self) -> datetime:
        """The moment this day began."""
        return to_utc(self.day, time())

    def ago(self, days: float) -> datetime:
        return self.now - timedelta(days=days)

    def __add__(self, days: int) -> date:
        return self.day + timedelta(days=days)
