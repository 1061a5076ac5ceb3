"""What bookings announce."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BookingMoved:
    """A booking went along `verb` from `before` to `after` (values of `BookingStatus`; `before` is empty for a new hold)."""

    booking_id: int
    verb: str
    before: str
    after: str


@dataclass(frozen=True)
class ApprovalBarred:
    """Somebody who may approve orders of the school was about to approve this one and has an interest in who is paid for it."""

    booking_id: int
    user_id: int


@dataclass(frozen=True)
class ChargeWaived:
    """The charge of a cancelled booking is not owed after all: waived by the provider, or the time was taken by another school."""

    booking_id: int


@dataclass(frozen=True)
class SessionOffered:
    """A school offers a booked session to another school of its family."""

    hand_over_id: int


@dataclass(frozen=True)
class SessionHandedOver:
    """Another school takes a booked session: who pays, and how, has changed."""

    hand_over_id: int


@dataclass(frozen=True)
class BookingRescheduled:
    """A booking went to another time; `was` is the state it was in (a value of `BookingStatus`)."""

    move_id: int
    was: str


@dataclass(frozen=True)
class SchoolClosed:
    """Schools are closed for a day, and visits to them were called off or turned remote."""

    closure_id: int


@dataclass(frozen=True)
class TurnedRemote:
    """A visit takes place from afar, because the school is closed."""

    booking_id: int
    closure_id: int


@dataclass(frozen=True)
class WaiverAsked:
    """A school asks the provider to let the charge of a cancelled visit go."""

    request_id: int


@dataclass(frozen=True)
class WaiverRefused:
    """The provider lets the charge stand. (Where it lets it go, `ChargeWaived` says so.)"""

    request_id: int


@dataclass(frozen=True)
class MoveWaiverAsked:
    """A school asks the provider to let the charge of a late move go."""

    waiver_id: int


@dataclass(frozen=True)
class MoveWaiverRefused:
    """The provider lets the charge of a late move stand."""

    waiver_id: int


@dataclass(frozen=True)
class MoveChargeWaived:
    """The charge of a late move is not owed after all."""

    waiver_id: int
