"""What a person can choose for each kind of notification, and the words and groups of the page on which they do."""

from collections.abc import Iterable
from itertools import groupby

from marketplace.notifications.models import Choice
from marketplace.notifications.rules import Kind

OTHER = "Other"
WORDS: dict[Kind, tuple[str, str]] = {
    Kind.APPROVAL_WANTED: ("Bookings", "An order waits for your approval"),
    Kind.RELEASE_WANTED: ("Bookings", "Somebody of yours is asked for"),
    Kind.BOOKING_CONFIRMED: ("Bookings", "A session is confirmed"),
    Kind.BOOKING_ENDED: ("Bookings", "A session is cancelled or did not take place"),
    Kind.BOOKING_PROGRESS: ("Bookings", "An order of yours has moved on"),
    Kind.SESSION_OFFERED: ("Bookings", "Another school offers you a session"),
    Kind.SESSION_HANDED_OVER: ("Bookings", "A session was handed over"),
    Kind.CHARGE_WAIVED: ("Bookings", "A charge was waived"),
    Kind.BOOKING_MOVED: ("Bookings", "A session has moved to another time"),
    Kind.SCHOOL_CLOSED: ("Bookings", "A school is closed and visits are called off"),
    Kind.PLACE_OFFERED: ("Courses", "A seat is offered to you"),
    Kind.WAITING_ENDED: ("Courses", "A waiting list has ended"),
    Kind.NEEDS_WANTED: ("Needs and requests", "Your list of needs is not confirmed yet"),
    Kind.SCHOOL_MISSED: ("Needs and requests", "A school has not taken part for a year"),
    Kind.NETWORK_ASKS: ("Needs and requests", "A network asks your school to join"),
    Kind.REQUEST_INVITED: ("Needs and requests", "A school asks you for support"),
    Kind.REQUEST_CLOSING: ("Needs and requests", "A request closes soon"),
    Kind.REQUEST_QUESTION: ("Needs and requests", "A provider has a question"),
    Kind.REQUEST_ANSWERED: ("Needs and requests", "A question was answered"),
    Kind.REQUEST_DECLINED: ("Needs and requests", "A provider has declined"),
    Kind.REQUEST_CLOSED: ("Needs and requests", "The responses can be read"),
    Kind.REQUEST_DECIDED: ("Needs and requests", "A school has decided"),
    Kind.SIGNATURE_WANTED: ("Deployments", "An agreement waits for your signature"),
    Kind.REVIEW_DUE: ("Deployments", "A review or evaluation is due"),
    Kind.CONCERN_RAISED: ("Deployments", "A concern was raised with you"),
    Kind.DEPLOYMENT_NEWS: ("Deployments", "A deployment has moved on"),
    Kind.MESSAGE_WAITING: ("Messages", "Somebody has written to you"),
    Kind.RECORD_DUE: ("Visits", "A record of visit is due"),
    Kind.EVALUATION_DUE: ("Visits", "An evaluation is due"),
    Kind.SUPPORT_EVALUATED: ("Visits", "Support you gave was evaluated"),
    Kind.OFFER_TO_JUDGE: ("Offers", "An offer waits to be judged"),
    Kind.OFFER_RETURNED: ("Offers", "An offer came back with reasons"),
    Kind.OFFER_PUBLISHED: ("Offers", "An offer is published"),
    Kind.CALL_FOR_OFFERS: ("Offers", "A call for offers you can answer"),
    Kind.CALL_DECIDED: ("Offers", "A call you answered has ended"),
    Kind.CALL_NEWS: ("Offers", "News of a call for offers"),
    Kind.COMMISSION_REVIEW: ("Quality", "A review of a commission is due"),
    Kind.COMMISSION_NEWS: ("Quality", "You are named for a commission"),
    Kind.COMPLAINT_TO_ANSWER: ("Quality", "A complaint waits for your answer"),
    Kind.COMPLAINT_MOVED: ("Quality", "A complaint has moved on"),
    Kind.SUSPENSION: ("Quality", "A provider is suspended, or may be booked again"),
    Kind.DESIGNATION_ENDS: ("Quality", "A designation ends soon"),
    Kind.INTERESTS_TO_CONFIRM: ("Quality", "Your declared interests are a year old"),
    Kind.AGREEMENT_MOVED: ("Buy-back", "An agreement has moved on"),
    Kind.AGREEMENT_ENDS: ("Buy-back", "An agreement ends"),
    Kind.PRICE_CHANGED: ("Buy-back", "A price changes next year"),
    Kind.DAYS_LAPSING: ("Buy-back", "Days are about to lapse"),
    Kind.CARRY_WANTED: ("Buy-back", "A school asks to carry days forward"),
    Kind.CARRY_DECIDED: ("Buy-back", "Carrying days forward was decided"),
    Kind.DOCUMENT_ISSUED: ("Money", "A document was issued"),
    Kind.PAYMENT_OVERDUE: ("Money", "A payment is overdue"),
    Kind.DOCUMENT_QUESTIONED: ("Money", "A document is questioned"),
    Kind.DOCUMENT_ANSWERED: ("Money", "A question about a document was answered"),
    Kind.WRITE_OFF_WANTED: ("Money", "A debt is proposed to be written off"),
    Kind.WRITE_OFF_DECIDED: ("Money", "Writing off a debt was decided"),
    Kind.CARD_PAID: ("Money", "A card payment has succeeded"),
    Kind.CARD_DECLINED: ("Money", "A card was declined"),
    Kind.CARD_REFUNDED: ("Money", "A card payment was given back"),
    Kind.CARD_NEEDS_LOOK: ("Money", "A card payment needs a look"),
}


def words_of(kind: Kind) -> str:
    """What the kind is about, in a line. A kind nobody has put into words yet is called by its name."""
    return WORDS[kind][1] if kind in WORDS else kind.replace("_", " ").capitalize()


def grouped(kinds: Iterable[Kind] = tuple(Kind)) -> list[tuple[str, list[Kind]]]:
    """The kinds under their headings, those without one last."""
    order = [*dict.fromkeys(group for group, _ in WORDS.values()), OTHER]

    def place(kind: Kind) -> int:
        return order.index(WORDS[kind][0] if kind in WORDS else OTHER)

    return [(order[number], list(those)) for number, those in groupby(sorted(kinds, key=place), key=place)]


def default_of(kind: Kind) -> Choice:
    """What holds for who has chosen nothing: what asks to act or changes a day comes at once, the rest not by e-mail."""
    return Choice.AT_ONCE if kind.is_emailed else Choice.NEVER


def offered_for(kind: Kind) -> tuple[Choice, ...]:
    """What can be chosen: where somebody waits for the person, e-mail can come later but not never."""
    return (Choice.AT_ONCE, Choice.DAILY) if kind.asks_to_act else tuple(Choice)


def weakest_for(kind: Kind) -> Choice:
    """The least e-mail the kind allows."""
    return offered_for(kind)[-1]
