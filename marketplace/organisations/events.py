"""What organisations announce."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RegisterChanged:
    """Schools, wards or groups of these areas changed: a register import was applied or undone, or (then `batch_id` is None)
    boundaries or groups were imported."""

    batch_id: int | None
    area_ids: tuple[int, ...]


@dataclass(frozen=True)
class PersonInvited:
    """An invitation was made or sent again. The token travels in the queue only, never in the invitation's row."""

    invitation_id: int
    token: str


@dataclass(frozen=True)
class MembershipEnded:
    """A person no longer holds a role."""

    user_id: int
    organisation_id: int


@dataclass(frozen=True)
class SuspensionChanged:
    """An organisation was suspended (`suspend`) or may be booked again (`lift_suspension`)."""

    organisation_id: int
    verb: str


@dataclass(frozen=True)
class InterestDeclared:
    """A person told of an interest of theirs."""

    declaration_id: int


@dataclass(frozen=True)
class SchoolProposed:
    """Who leads a network has asked a school to join it."""

    membership_id: int
