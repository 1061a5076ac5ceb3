"""What people are told, in plain words: one function per thing that happens."""

from django.urls import reverse

from marketplace.billing.models import Document
from marketplace.bookings.models import Booking
from marketplace.brokerage import rules as brokerage
from marketplace.catalogue.models import Offer, OfferVersion
from marketplace.kernel.dates import clock_words, local, long_date
from marketplace.kernel.money import pounds
from marketplace.notifications.rules import Kind, Message


def approval_wanted(booking: Booking) -> Message:
    return Message(
        Kind.APPROVAL_WANTED,
        f"Approve: {_visit(booking)}",
        f"{booking.requested_by} has ordered support that needs a budget holder’s approval.\n\n{_facts(booking)}",
        reverse("bookings:approve", args=[booking.reference]),
    )


def release_wanted(booking: Booking) -> Message:
    return Message(
        Kind.RELEASE_WANTED,
        f"Consent to release: {_visit(booking)}",
        f"{booking.receiving_school} has booked {booking.practitioner}, who is released by "
        f"{booking.releasing_organisation}. It is confirmed once you consent.\n\n{_facts(booking)}",
        reverse("bookings:consent", args=[booking.reference]),
    )


def approved(booking: Booking) -> Message:
    return _progress(
        booking, "Approved", "The order was approved. It now waits for the releasing headteacher’s consent."
    )


def confirmed(booking: Booking) -> Message:
    return Message(
        Kind.BOOKING_CONFIRMED,
        f"Confirmed: {_visit(booking)}",
        f"Everybody has agreed: the session takes place.\n\n{_facts(booking)}",
        _page(booking),
    )


def ended(booking: Booking, what: str, reason: str) -> Message:
    """The booking came to nothing or was undone: `what` in a few words (“Cancelled by the school”), and why."""
    why = f"Reason given: {reason}\n\n" if reason else ""
    return Message(
        Kind.BOOKING_ENDED,
        f"{what}: {_visit(booking)}",
        f"{what}. The time is free again.\n\n{why}{_facts(booking)}",
        _page(booking),
    )


def not_as_planned(booking: Booking, what: str, reason: str) -> Message:
    """The day came and the session did not take place."""
    why = f"What was said: {reason}\n\n" if reason else ""
    return Message(
        Kind.BOOKING_ENDED,
        f"{what}: {_visit(booking)}",
        f"The session was recorded as not having taken place. If that is wrong, tell the provider.\n\n{why}{_facts(booking)}",
        _page(booking),
    )


def record_due(booking: Booking) -> Message:
    due = brokerage.record_due_on(booking.day)
    return Message(
        Kind.RECORD_DUE,
        f"Write the record of visit by {_day(due)}: {booking.receiving_school}",
        f"Say what happened and what was agreed, by {long_date(due)}.\n\n{_facts(booking)}",
        reverse("brokerage:record", args=[booking.reference]),
    )


def evaluation_due(booking: Booking) -> Message:
    return Message(
        Kind.EVALUATION_DUE,
        f"Say what changed: {_visit(booking)}",
        f"The record of visit is written. Please judge what the support has changed, by "
        f"{long_date(brokerage.evaluation_due_on(booking.day))}.\n\n{_facts(booking)}",
        reverse("brokerage:evaluate", args=[booking.reference]),
    )


def evaluated(booking: Booking) -> Message:
    return Message(
        Kind.SUPPORT_EVALUATED,
        f"Evaluated: {_visit(booking)}",
        f"The receiving headteacher has said what the support changed.\n\n{_facts(booking)}",
        _page(booking),
    )


def offer_to_judge(offer: Offer, version: OfferVersion) -> Message:
    return Message(
        Kind.OFFER_TO_JUDGE,
        f"Judge an offer: {version.title}",
        f"{offer.provider} has submitted “{version.title}” for publication.",
        reverse("catalogue:review", args=[offer.reference]),
    )


def offer_returned(offer: Offer, version: OfferVersion) -> Message:
    return Message(
        Kind.OFFER_RETURNED,
        f"Returned with reasons: {version.title}",
        f"The convenor has returned “{version.title}”. Change it and submit it again.\n\nReasons: {version.return_reason}",
        reverse("catalogue:my_offer", args=[offer.reference]),
    )


def offer_published(offer: Offer, version: OfferVersion) -> Message:
    return Message(
        Kind.OFFER_PUBLISHED,
        f"Published: {version.title}",
        f"Schools can now find and book “{version.title}”.",
        reverse("catalogue:my_offer", args=[offer.reference]),
    )


def document_issued(document: Document) -> Message:
    due = f" It is due by {long_date(document.due_on)}." if document.due_on else ""
    return Message(
        Kind.DOCUMENT_ISSUED,
        f"{document.get_kind_display()} {document.full_number}: {pounds(document.gross_pence)}",
        f"From {document.supplier} to {document.buyer}, {pounds(document.gross_pence)} with VAT.{due}",
        reverse("billing:document", args=[document.reference]),
    )


def _progress(booking: Booking, what: str, sentence: str) -> Message:
    return Message(
        Kind.BOOKING_PROGRESS,
        f"{what}: {_visit(booking)}",
        f"{sentence}\n\n{_facts(booking)}",
        _page(booking),
    )


def _visit(booking: Booking) -> str:
    return f"{booking.practitioner} at {booking.receiving_school}, {_day(booking.day)}"


def _facts(booking: Booking) -> str:
    times = " to ".join(clock_words(local(at).time()) for at in (booking.starts_at, booking.ends_at))
    return (
        f"When: {booking.day:%A} {long_date(booking.day)}, {times}\n"
        f"Who: {booking.practitioner}\n"
        f"For: {booking.receiving_school}\n"
        f"From: {booking.provider}\n"
        f"About: {booking.theme}\n"
        f"Price: {pounds(booking.net_pence)} before VAT\n"
        f"Reference: {booking.reference}"
    )


def _page(booking: Booking) -> str:
    return reverse("bookings:booking", args=[booking.reference])


def _day(day: object) -> str:
    return f"{day:%-d %B}"
