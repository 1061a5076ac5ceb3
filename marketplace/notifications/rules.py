"""Kinds of message, and what a message is made of."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a message is about. Those that ask a person to act, or change a day of theirs, also go by e-mail."""

    APPROVAL_WANTED = "approval_wanted"
    RELEASE_WANTED = "release_wanted"
    RECORD_DUE = "record_due"
    EVALUATION_DUE = "evaluation_due"
    OFFER_TO_JUDGE = "offer_to_judge"
    OFFER_RETURNED = "offer_returned"
    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKING_ENDED = "booking_ended"
    BOOKING_PROGRESS = "booking_progress"
    SUPPORT_EVALUATED = "support_evaluated"
    OFFER_PUBLISHED = "offer_published"
    DOCUMENT_ISSUED = "document_issued"

    @property
    def is_emailed(self) -> bool:
        """Whether the message goes by e-mail as well as into the notification centre."""
        return self not in {Kind.BOOKING_PROGRESS, Kind.SUPPORT_EVALUATED}

    @property
    def asks_to_act(self) -> bool:
        """Whether somebody waits for the person."""
        return self in {
            Kind.APPROVAL_WANTED,
            Kind.RELEASE_WANTED,
            Kind.RECORD_DUE,
            Kind.EVALUATION_DUE,
            Kind.OFFER_TO_JUDGE,
            Kind.OFFER_RETURNED,
        }


@dataclass(frozen=True)
class Recipient:
    """A person, and the organisation they are told for: when their last role there ends, so does what they were told."""

    user_id: int
    organisation_id: int | None = None


@dataclass(frozen=True)
class Message:
    """Words for a person: the title says it all in a line, the body adds what they need, `path` is the page to do it on."""

    kind: Kind
    title: str
    body: str
    path: str = ""


def letter(*, name: str, body: str, link: str) -> str:
    """The text of an e-mail."""
    go = f"Open it here:\n{link}\n\n" if link else ""
    return (
        f"Hello {name},\n\n{body}\n\n{go}"
        "School Support Exchange\n"
        "You get this because of your role. Please don’t reply: nobody reads this mailbox.\n"
    )
