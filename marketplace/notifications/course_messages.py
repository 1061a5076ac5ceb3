"""What people are told of courses: one function per thing that happens."""

from django.urls import reverse

from marketplace.bookings.models import CourseEvent, CourseLead, Place, PlaceOrder, WaitingEntry
from marketplace.kernel.dates import deadline_words, local, long_date, moment_words
from marketplace.kernel.money import pounds
from marketplace.notifications.rules import Kind, Message


def approval_wanted(order: PlaceOrder) -> Message:
    return Message(
        Kind.APPROVAL_WANTED,
        f"Approve: places on “{order.event.title}”",
        f"{order.requested_by} has ordered places that need approval. They are kept until {deadline_words(order.approve_by)}.\n\n"
        f"{_facts(order)}",
        reverse("courses:decide", args=[order.reference]),
    )


def confirmed(order: PlaceOrder) -> Message:
    return _places(order, "Confirmed", "The places are booked. The page of the order tells how to join.")


def sold(order: PlaceOrder) -> Message:
    return Message(
        Kind.BOOKING_PROGRESS,
        f"Booked: “{order.event.title}” by {order.school}",
        f"{order.event.seats_taken} of {order.event.seats} seats are taken.\n\n{_facts(order)}",
        reverse("courses:event", args=[order.event.reference]),
    )


def called_off(order: PlaceOrder) -> Message:
    return _places(
        order,
        "Called off",
        f"The provider called the course off, and you owe nothing. Reason given: {order.event.cancelled_reason}",
    )


def came_to_nothing(order: PlaceOrder) -> Message:
    return _places(
        order,
        order.get_status_display(),
        "The order came to nothing. There is nothing to pay, and the seats are free again.",
    )


def offered(entry: WaitingEntry) -> Message:
    places = "A place is" if entry.offered_places == 1 else f"{entry.offered_places} places are"
    until = deadline_words(entry.offer_expires_at) if entry.offer_expires_at else ""
    return Message(
        Kind.PLACE_OFFERED,
        f"{places} free on “{entry.event.title}”",
        f"You were on the waiting list. It is kept for {entry.school} until {until}; then it goes to the next school.",
        _waiting(entry),
    )


def lapsed(entry: WaitingEntry) -> Message:
    return Message(
        Kind.WAITING_ENDED,
        f"The offer has run out: “{entry.event.title}”",
        "Nobody answered in time, and the place went to the next school. You can join the waiting list again.",
        _waiting(entry),
    )


def list_closed(entry: WaitingEntry) -> Message:
    return Message(
        Kind.WAITING_ENDED,
        f"The waiting list has closed: “{entry.event.title}”",
        "No more places are offered on this course.",
        _waiting(entry),
    )


def release_wanted(lead: CourseLead) -> Message:
    return Message(
        Kind.RELEASE_WANTED,
        f"Consent to release: {lead.practitioner} to lead “{lead.event.title}”",
        f"{lead.event.provider} has put the course on {long_date(local(lead.event.starts_at).date())}. It opens for bookings"
        " once you consent.",
        reverse("courses:release", args=[lead.event.reference, lead.practitioner.reference]),
    )


def course_moved(event: CourseEvent, verb: str) -> Message:
    is_open = verb == "open"
    words = (
        "It is open for bookings." if is_open else f"It is called off. Reason given: {event.cancelled_reason}"
    )
    return Message(
        Kind.BOOKING_PROGRESS if is_open else Kind.BOOKING_ENDED,
        f"{'Open' if is_open else 'Called off'}: “{event.title}”, {long_date(local(event.starts_at).date())}",
        words,
        reverse("courses:event", args=[event.reference]),
    )


def given_back(place: Place) -> Message:
    return Message(
        Kind.BOOKING_PROGRESS,
        f"A place was given back: “{place.event.title}”",
        f"By {place.order.school}. {place.charge_explanation}",
        reverse("courses:event", args=[place.event.reference]),
    )


def charge_waived(place: Place) -> Message:
    return Message(
        Kind.CHARGE_WAIVED,
        f"Nothing to pay after all: “{place.event.title}”",
        f"The charge for place {place.number} of {place.order.reference} is let go. {place.charge_waiver_reason}",
        reverse("courses:order", args=[place.order.reference]),
    )


def _places(order: PlaceOrder, what: str, words: str) -> Message:
    kind = Kind.BOOKING_CONFIRMED if order.status == "confirmed" else Kind.BOOKING_ENDED
    return Message(
        kind,
        f"{what}: places on “{order.event.title}”",
        f"{words}\n\n{_facts(order)}",
        reverse("courses:order", args=[order.reference]),
    )


def _facts(order: PlaceOrder) -> str:
    return (
        f"{order.reference}, {order.school}\n{order.event.title}, {moment_words(order.event.starts_at)}\n"
        f"{pounds(order.net_pence)} before VAT"
    )


def _waiting(entry: WaitingEntry) -> str:
    return reverse("courses:waiting", args=[entry.reference])
