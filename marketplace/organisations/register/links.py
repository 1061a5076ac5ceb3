"""Reader for the register's file of links: which school came before which, so that history follows the school.

Most successions are written twice, once from each side; `successions` makes one of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from . import cells as read
from .layouts import key
from .refusals import Refusal, Refused, evened, unique_reference_number

PREDECESSOR, SUCCESSOR, SIXTH_FORM_CENTRE, OTHER = "predecessor", "successor", "sixth_form_centre", "other"


@dataclass(frozen=True, slots=True)
class LinkRow:
    """What school `linked_urn` is to school `urn`: its `predecessor`, `successor`, `sixth_form_centre` or `other`.

    `link_type` keeps the register's words, which tell mergers, splits and amalgamations apart.
    """

    line: int
    urn: int
    linked_urn: int
    kind: str
    link_type: str
    established: date | None


@dataclass(frozen=True, slots=True)
class Succession:
    """`successor` took over from `predecessor` (URNs), on a day that may be unknown."""

    predecessor: int
    successor: int
    on: date | None


class LinkReader:
    """Makes links of records whose columns stand at `places`, out of `width`."""

    def __init__(self, places: Mapping[str, int], width: int) -> None:
        self._places = places
        self._width = width

    def __call__(self, line: int, cells: list[str]) -> LinkRow | Refusal:
        urn: int | None = None
        try:
            cells, _ = evened(cells, self._width)
            urn = unique_reference_number(cells[self._places["URN"]])
            linked_urn = _linked(cells[self._places["LinkURN"]], urn)
        except Refused as refused:
            return Refusal(line, urn, refused.reason)
        link_type = read.words(cells[self._places["LinkType"]])
        return LinkRow(line, urn, linked_urn, kind_of(link_type), link_type, self._established(cells))

    def _established(self, cells: list[str]) -> date | None:
        place = self._places.get("LinkEstablishedDate")
        try:
            return None if place is None else read.day(cells[place])
        except ValueError:
            return None


def _linked(cell: str, urn: int) -> int:
    try:
        linked = unique_reference_number(cell)
    except Refused:
        raise Refused("links to a URN that isn’t a number of six digits") from None
    if linked == urn:
        raise Refused("links a school to itself")
    return linked


def kind_of(link_type: str) -> str:
    """The kind behind the register's seventeen types of link. "Closure", "Expansion" and "Merged - …" go both ways, so tell
    nothing about who came first."""
    word = key(link_type)
    if word.startswith("predecessor") or word == "resultofamalgamation":
        return PREDECESSOR
    if word.startswith("successor"):
        return SUCCESSOR
    return SIXTH_FORM_CENTRE if word.startswith("sixthformcentre") else OTHER


def successions(links: Iterable[LinkRow]) -> list[Succession]:
    """Each succession once, in the order of the file, with its date if either side has one."""
    found: dict[tuple[int, int], date | None] = {}
    for link in links:
        if link.kind == PREDECESSOR:
            pair = (link.linked_urn, link.urn)
        elif link.kind == SUCCESSOR:
            pair = (link.urn, link.linked_urn)
        else:
            continue
        found[pair] = found.get(pair) or link.established
    return [Succession(before, after, on) for (before, after), on in found.items()]
