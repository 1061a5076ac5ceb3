"""What can go wrong with a booking, told to the person it happened to."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from marketplace.kernel.dates import clock_words, local, long_date
from marketplace.kernel.errors import DomainError


class FreeTime(NamedTuple):
    """A session that can still be booked."""

    day: date
    session: str
    starts_at: datetime
    ends_at: datetime

    def __str__(self) -> str:
        starts, ends = local(self.starts_at), local(self.ends_at)
        return (
            f"{starts:%A} {long_date(self.day)}, {clock_words(starts.time())} to {clock_words(ends.time())}"
        )


class SlotTaken(DomainError):
    """Somebody else has the person at that time. `next_free` are the next times of the same kind, soonest first."""

    code = "slot_taken"
    status = 409

    def __init__(self, next_free: Sequence[FreeTime] = ()) -> None:
        self.next_free = tuple(next_free)
        times = "; ".join(str(free) for free in self.next_free)
        super().__init__(
            "That time has just been taken.",
            remedy=f"The next free times are: {times}."
            if times
            else "Choose another person or a later month.",
            field="session",
        )

    @property
    def extensions(self) -> dict[str, list[dict[str, str]]]:
        """What a program is told besides the message."""
        return {
            "next_free": [
                {
                    "day": free.day.isoformat(),
                    "session": free.session,
                    "starts_at": free.starts_at.isoformat(),
                    "ends_at": free.ends_at.isoformat(),
                }
                for free in self.next_free
            ]
        }


class NotAvailable(DomainError):
    """The person can't be booked at that time, for the reason told."""

    code = "not_available"
    status = 409


class NotBookable(DomainError):
    """The offer, the person or the school does not allow this booking."""

    code = "not_bookable"
    status = 409


class HoldExpired(DomainError):
    """The time to decide has run out."""

    code = "hold_expired"
    status = 409


class AssuranceMissing(DomainError):
    """The employer has not confirmed the checks for the day of the visit (I19)."""

    code = "assurance_missing"
    status = 409


class BeyondAgreedDays(DomainError):
    """The booking would use more days than the person's headteacher agreed to for the year."""

    code = "beyond_agreed_days"
    status = 409


class NotYourDecision(DomainError):
    """Another person has to take this decision."""

    code = "not_your_decision"
    status = 403


class CannotBeCommissioned(DomainError):
    """The authority can't pay for this order, or not from this funding stream."""

    code = "cannot_be_commissioned"
    status = 409


class BookingsInTheWay(DomainError):
    """A change to a diary would leave bookings outside it. `bookings` are their references with date and session."""

    code = "bookings_in_the_way"
    status = 409

    def __init__(self, bookings: Sequence[str]) -> None:
        self.bookings = tuple(bookings)
        super().__init__(
            f"This would close time that is already booked: {'; '.join(self.bookings)}.",
            remedy="Cancel these bookings first, or leave their times open.",
        )


class DiaryInvalid(DomainError):
    """Times or dates of a diary contradict each other."""

    code = "diary_invalid"


class NotYet(DomainError):
    """It is too early for this: the day of the visit has not come."""

    code = "not_yet"
    status = 409


class NoLongerPossible(DomainError):
    """It is too late for this: the session has begun."""

    code = "too_late"
    status = 409


class ReasonMissing(DomainError):
    """A no is given with a reason."""

    code = "reason_missing"


class WhoIsNotKnown(DomainError):
    """It was not said which side cancelled or did not come."""

    code = "who_is_not_known"


class NotPayableSo(DomainError):
    """The booking can't be paid in the way chosen."""

    code = "not_payable_so"


class NothingToWaive(DomainError):
    """The booking was not charged, or its charge is waived already."""

    code = "nothing_to_waive"
    status = 409


class NotForHandingOver(DomainError):
    """The session can't be handed over, or not to that school."""

    code = "not_for_handing_over"
    status = 409


class TooLong(DomainError):
    """A text is longer than can be kept."""

    code = "too_long"

    def __init__(self, longest: int, field: str) -> None:
        super().__init__("That is too long.", remedy=f"Use {longest:,} characters or fewer.", field=field)


class PartOfAnOrder(DomainError):
    """The booking is one of several dates that are decided on as one. `order` is their reference."""

    code = "part_of_an_order"
    status = 409

    def __init__(self, order: str) -> None:
        self.order = order
        super().__init__(
            f"This date belongs to order {order}, whose dates are decided on together.",
            remedy="Open the order and decide on all of them.",
        )

    @property
    def extensions(self) -> dict[str, str]:
        """What a program is told besides the message."""
        return {"order": self.order}


class DatesInvalid(DomainError):
    """The dates of an order are none, too many, or the same twice."""

    code = "dates_invalid"


class NotMovable(DomainError):
    """The booking can't be moved, or not to that time."""

    code = "not_movable"
    status = 409


class ClosureInvalid(DomainError):
    """A closure was not said in full, or was said before."""

    code = "closure_invalid"


class LinkDead(DomainError):
    """A signed link has no power: it is old, was used, or what it was about has moved on."""

    code = "link_dead"
    status = 404

    def __init__(self) -> None:
        super().__init__(
            "This link no longer works.",
            remedy="Links work once and for a while, and only as long as the question stands. Sign in to see what waits for you.",
        )
