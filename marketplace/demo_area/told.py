"""What the people to sign in as have been told: the same messages, for the same reasons, at the time they would have come."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from marketplace.billing.models import Document
from marketplace.bookings.models import Booking
from marketplace.bookings.models import BookingStatus as S
from marketplace.demo_area.bookings import Booked
from marketplace.demo_area.offers import Listed
from marketplace.demo_area.people import demo_people
from marketplace.demo_area.stage import Chance, Today, write
from marketplace.kernel import history
from marketplace.notifications import messages
from marketplace.notifications import people as concerned
from marketplace.notifications.models import Notification
from marketplace.notifications.rules import Kind, Message, Recipient

A_WHILE = timedelta(days=45)
READ_AFTER = timedelta(days=9)


@dataclass(frozen=True)
class Told:
    """Something told at a moment to some people in some words, both worked out only if it is recent."""

    at: datetime
    effect: str
    to: Callable[[], list[Recipient]]
    message: Callable[[], Message]


def tell_the_cast(
    booked: Booked,
    by_hand: list[Booking],
    listed: list[Listed],
    documents: list[Document],
    chance: Chance,
    today: Today,
    also: Iterable[Told] = (),
) -> None:
    """Notifications of the last weeks for the people to sign in as, the older ones read; `also` is what else was told."""
    cast = {user.pk for _, user in demo_people()}
    since = today.now - A_WHILE
    everything = [
        *_of_records(booked, today),
        *_of_bookings(booked),
        *(told for booking in by_hand for told in _of_history(booking)),
        *_of_offers(listed),
        *_of_documents(documents),
        *also,
    ]
    recent = [told for told in everything if since < told.at <= today.now]
    rows = [
        _row(to, told, chance, today)
        for told in sorted(recent, key=lambda each: (each.at, each.effect))
        for to in {to.user_id: to for to in told.to()}.values()
        if to.user_id in cast
    ]
    write(rows)


def _row(to: Recipient, told: Told, chance: Chance, today: Today) -> Notification:
    message = told.message()
    is_old = told.at < today.now - READ_AFTER
    return Notification(
        reference=chance.reference("NT"),
        user_id=to.user_id,
        organisation_id=to.organisation_id,
        kind=message.kind,
        title=message.title[:200],
        body=message.body,
        path=message.path,
        effect=told.effect,
        created_at=told.at,
        read_at=told.at + timedelta(hours=3) if is_old else None,
        emailed_at=told.at if message.kind.is_emailed else None,
    )


def _of_records(booked: Booked, today: Today) -> Iterable[Told]:
    """Records of visit that are due."""
    for booking in booked.rows:
        if booking.status == S.CONFIRMED and booking.ends_at < today.now:
            yield Told(
                min(booking.ends_at + timedelta(hours=14), today.now),
                f"booking:{booking.pk}:record_due",
                partial(concerned.practitioner, booking),
                partial(messages.record_due, booking),
            )


def _of_bookings(booked: Booked) -> Iterable[Told]:
    for booking in booked.rows:
        for step in booked.lives[booking.reference].steps:
            yield from _of_step(booking, step.verb, step.after, step.by.pk if step.by else None, step.at)


def _of_history(booking: Booking) -> Iterable[Told]:
    for line in history.of(booking):
        yield from _of_step(booking, line.verb, line.after, line.by_id, line.at)


def _of_step(booking: Booking, verb: str, after: str, by: int | None, at: datetime) -> Iterable[Told]:
    if told := _ABOUT.get(S(after)):
        to, message, kind = told
        yield Told(
            at,
            f"booking:{booking.pk}:{verb}:{kind}",
            partial(_others, to, booking, by),
            partial(message, booking),
        )


def _others(to: Callable[[Booking], list[Recipient]], booking: Booking, by: int | None) -> list[Recipient]:
    """Nobody is told what they did themselves."""
    return [each for each in to(booking) if each.user_id != by]


def _who_evaluation_concerns(booking: Booking) -> list[Recipient]:
    return concerned.practitioner(booking) + concerned.provider_leads(booking)


_ABOUT = {
    S.AWAITING_APPROVAL: (concerned.approvers, messages.approval_wanted, Kind.APPROVAL_WANTED),
    S.AWAITING_RELEASE: (concerned.releasers, messages.release_wanted, Kind.RELEASE_WANTED),
    S.CONFIRMED: (concerned.all_concerned, messages.confirmed, Kind.BOOKING_CONFIRMED),
    S.DELIVERED: (concerned.receiving_heads, messages.evaluation_due, Kind.EVALUATION_DUE),
    S.EVALUATED: (_who_evaluation_concerns, messages.evaluated, Kind.SUPPORT_EVALUATED),
}
"""Whom a step concerns and what they read, by the state it leads to."""


def _of_offers(listed: list[Listed]) -> Iterable[Told]:
    for each in listed:
        version = each.versions[-1]
        if version.status == "submitted" and version.submitted_at:
            yield Told(
                version.submitted_at,
                f"offer:{each.offer.pk}:submit:{version.number}:1",
                partial(concerned.convenors_of, each.provider),
                partial(messages.offer_to_judge, each.offer, version),
            )
        if version.status == "returned" and version.reviewed_at:
            yield Told(
                version.reviewed_at,
                f"offer:{each.offer.pk}:return:{version.number}:2",
                partial(concerned.leads_of, each.offer),
                partial(messages.offer_returned, each.offer, version),
            )


def _of_documents(documents: list[Document]) -> Iterable[Told]:
    for document in documents:
        yield Told(
            document.issued_at,
            f"document:{document.pk}:issued",
            partial(_payers_and_paid, document),
            partial(messages.document_issued, document),
        )


def _payers_and_paid(document: Document) -> list[Recipient]:
    return concerned.payers(document) + concerned.paid(document)
