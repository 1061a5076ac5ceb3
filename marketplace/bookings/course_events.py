"""What courses announce. The states are values of the capability's choices; `before` is empty for something new."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CourseEventMoved:
    """A course went along `verb`: it opened, was cancelled, or took place."""

    event_id: int
    verb: str
    after: str


@dataclass(frozen=True)
class LeadAsked:
    """Somebody's headteacher is asked to release them to lead a course."""

    lead_id: int


@dataclass(frozen=True)
class PlaceOrderMoved:
    """An order of places went along `verb`."""

    order_id: int
    verb: str
    before: str
    after: str


@dataclass(frozen=True)
class PlaceCancelled:
    """A school gave one place back."""

    place_id: int


@dataclass(frozen=True)
class PlaceChargeWaived:
    """The charge of a cancelled place is not owed after all: waived by the provider, or somebody who waited took the seat."""

    place_id: int


@dataclass(frozen=True)
class WaitingMoved:
    """An entry of a waiting list went along `verb`: places were offered, taken, declined, or the offer ran out."""

    entry_id: int
    verb: str
    after: str
