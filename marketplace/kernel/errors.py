"""Errors of the domain: what went wrong, in words for the person it happened to, and how to put it right.

One handler turns them into a page (`frontend.middleware`) and one into a problem+json answer (`api.errors`).
"""

from typing import ClassVar


class DomainError(Exception):
    """A rule said no.

    `message` says what is wrong, `remedy` how to put it right; `status` is the HTTP status of the answer and `code` a stable
    name that programs can rely on. `field` names the form field at fault where there is one.
    """

    code: ClassVar[str] = "not_allowed"
    status: ClassVar[int] = 400

    def __init__(self, message: str, *, remedy: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.field = field

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class NotFound(DomainError):
    """The thing is not there, or not there for this person: the answer is the same for both."""

    code = "not_found"
    status = 404

    def __init__(self, message: str = "We can’t find that page or record.", *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)


class NotAllowed(DomainError):
    """The person may see the thing but not do this with it."""

    code = "not_allowed"
    status = 403


class NotNow(DomainError):
    """The record is not in a state in which this can be done, often because somebody else acted meanwhile."""

    code = "not_in_this_state"
    status = 409


class Busy(DomainError):
    """The database stayed locked through every retry."""

    code = "busy"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            "Too many people are changing this at the same moment.",
            remedy="Nothing was saved. Try again in a minute.",
        )
