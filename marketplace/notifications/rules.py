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
    PAYMENT_OVERDUE = "payment_overdue"
    DOCUMENT_QUESTIONED = "document_questioned"
    DOCUMENT_ANSWERED = "document_answered"
    WRITE_OFF_WANTED = "write_off_wanted"
    WRITE_OFF_DECIDED = "write_off_decided"
    AGREEMENT_MOVED = "agreement_moved"
    AGREEMENT_ENDS = "agreement_ends"
    PRICE_CHANGED = "price_changed"
    NOT_SOLD_AGAIN = "not_sold_again"
    DAYS_LAPSING = "days_lapsing"
    CARRY_WANTED = "carry_wanted"
    CARRY_DECIDED = "carry_decided"
    USE_RECORDED = "use_recorded"
    SESSION_OFFERED = "session_offered"
    SESSION_HANDED_OVER = "session_handed_over"
    CHARGE_WAIVED = "charge_waived"
    WAIVER_WANTED = "waiver_wanted"
    WAIVER_REFUSED = "waiver_refused"
    CARD_PAID = "card_paid"
    CARD_DECLINED = "card_declined"
    CARD_REFUNDED = "card_refunded"
    CARD_NEEDS_LOOK = "card_needs_look"
    COMPLAINT_TO_ANSWER = "complaint_to_answer"
    COMPLAINT_MOVED = "complaint_moved"
    SUSPENSION = "suspension"
    DESIGNATION_ENDS = "designation_ends"
    SIGNATURE_WANTED = "signature_wanted"
    REVIEW_DUE = "review_due"
    CONCERN_RAISED = "concern_raised"
    DEPLOYMENT_NEWS = "deployment_news"
    INTERESTS_TO_CONFIRM = "interests_to_confirm"
    NEEDS_WANTED = "needs_wanted"
    SCHOOL_MISSED = "school_missed"
    NETWORK_ASKS = "network_asks"
    REQUEST_INVITED = "request_invited"
    REQUEST_CLOSING = "request_closing"
    REQUEST_QUESTION = "request_question"
    REQUEST_ANSWERED = "request_answered"
    REQUEST_DECLINED = "request_declined"
    REQUEST_CLOSED = "request_closed"
    REQUEST_DECIDED = "request_decided"
    BOOKING_MOVED = "booking_moved"
    SCHOOL_CLOSED = "school_closed"
    PLACE_OFFERED = "place_offered"
    WAITING_ENDED = "waiting_ended"
    MESSAGE_WAITING = "message_waiting"
    CALL_FOR_OFFERS = "call_for_offers"
    CALL_DECIDED = "call_decided"
    CALL_NEWS = "call_news"
    COMMISSION_REVIEW = "commission_review"
    COMMISSION_NEWS = "commission_news"

    @property
    def is_emailed(self) -> bool:
        """Whether the message goes by e-mail as well as into the notification centre."""
        return self not in {Kind.BOOKING_PROGRESS, Kind.SUPPORT_EVALUATED, Kind.CALL_NEWS}

    @property
    def asks_to_act(self) -> bool:
        """Whether somebody waits for the person."""
        return self in {
            Kind.APPROVAL_WANTED,
            Kind.RELEASE_WANTED,
            Kind.RECORD_DUE,
            Kind.EVALUATION_DUE,
            Kind.CARRY_WANTED,
            Kind.SESSION_OFFERED,
            Kind.PLACE_OFFERED,
            Kind.WAIVER_WANTED,
            Kind.OFFER_TO_JUDGE,
            Kind.OFFER_RETURNED,
            Kind.PAYMENT_OVERDUE,
            Kind.DOCUMENT_QUESTIONED,
            Kind.WRITE_OFF_WANTED,
            Kind.CARD_NEEDS_LOOK,
            Kind.COMPLAINT_TO_ANSWER,
            Kind.SIGNATURE_WANTED,
            Kind.REVIEW_DUE,
            Kind.CONCERN_RAISED,
            Kind.INTERESTS_TO_CONFIRM,
            Kind.NEEDS_WANTED,
            Kind.REQUEST_INVITED,
            Kind.REQUEST_CLOSING,
            Kind.REQUEST_QUESTION,
            Kind.REQUEST_CLOSED,
            Kind.COMMISSION_REVIEW,
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
