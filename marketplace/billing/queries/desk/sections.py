"""What the finance desk is made of: sections, with the first entries of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SHOWN = 5


@dataclass(frozen=True)
class Entry:
    """One thing that waits: its words, an amount where there is one, and the page (a URL name with arguments) to deal with it on."""

    text: str
    detail: str = ""
    pence: int | None = None
    url_name: str = ""
    url_args: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Section:
    """A kind of thing that waits: how many there are, the first of them, and what to do about them."""

    key: str
    title: str
    todo: str
    count: int
    entries: tuple[Entry, ...]
    more: str = ""


def section(
    key: str, title: str, todo: str, entries: Sequence[Entry], *, count: int | None = None, more: str = ""
) -> Section | None:
    """A section of these entries; None where nothing waits. `count` where there are more than those given."""
    total = len(entries) if count is None else count
    return Section(key, title, todo, total, tuple(entries[:SHOWN]), more) if total else None
