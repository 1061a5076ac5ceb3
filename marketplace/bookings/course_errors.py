"""What can go wrong with courses, told to the person it happened to."""

from marketplace.kernel.errors import DomainError


class CourseInvalid(DomainError):
    """A course can't be scheduled with these dates, seats or people."""

    code = "course_invalid"


class LeadTaken(DomainError):
    """A person who should lead the course has something else at that time."""

    code = "lead_taken"
    status = 409


class SeatsTaken(DomainError):
    """Fewer seats are left than were asked for. `left` is how many."""

    code = "seats_taken"
    status = 409

    def __init__(self, left: int) -> None:
        self.left = left
        seats = (
            f"Only {left} {'seat is' if left == 1 else 'seats are'} left." if left else "The course is full."
        )
        super().__init__(
            seats,
            remedy="Ask for fewer places, or join the waiting list." if left else "Join the waiting list.",
            field="places",
        )

    @property
    def extensions(self) -> dict[str, int]:
        """What a program is told besides the message."""
        return {"seats_left": self.left}


class CourseClosed(DomainError):
    """Bookings for the course have closed, or it takes none."""

    code = "course_closed"
    status = 409


class NotForWaiting(DomainError):
    """One can't join this waiting list now."""

    code = "not_for_waiting"
    status = 409


class OfferEnded(DomainError):
    """The offered places are not kept any more."""

    code = "offer_ended"
    status = 409


class NoSubstitute(DomainError):
    """A colleague can't take this place any more."""

    code = "no_substitute"
    status = 409


class RegisterIncomplete(DomainError):
    """The register does not say of everybody whether they came."""

    code = "register_incomplete"
    status = 409


class GroupInvalid(DomainError):
    """The schools or shares of a group booking don't fit."""

    code = "group_invalid"
