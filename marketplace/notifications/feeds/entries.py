"""An entry of a calendar feed, and what each source of entries answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from marketplace.kernel.access import Actor


@dataclass(frozen=True)
class Entry:
    """Something with a beginning and an end. `uid` stays for life; `sequence` and `changed_at` grow with every change to it.

    `status` is TENTATIVE, CONFIRMED or CANCELLED. An entry that only marks a day says in `marks_day` what day it is, without naming anybody:
    it takes no time. The rest is shown only in a feed that shows details.
    """

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    status: str
    summary: str
    place: str = ""
    description: str = ""
    path: str = ""
    marks_day: str = ""


@dataclass(frozen=True)
class Span:
    """The time a feed covers."""

    start: datetime
    end: datetime


class Source(Protocol):
    """What an entry of `sources.SOURCES` answers."""

    def of_person(self, actor: Actor, span: Span) -> Iterable[Entry]:
        """What the person does themselves, of what they may see now."""

    def of_organisation(self, actor: Actor, organisation_id: int, span: Span) -> Iterable[Entry]:
        """What concerns the organisation, of what the person may see now."""
