"""Bookings in their other shapes: several dates in one order, any suitable person, clock times, a visit moved, a school closed.

Like what waits in `waiting`, these go through the actions people use.
"""

from collections.abc import Container, Iterable
from datetime import timedelta
from typing import Any

from marketplace.bookings import actions, queries
from marketplace.bookings.actions.closing import UNFORESEEN_DAYS
from marketplace.bookings.models import PROMISED, Booking, BookingStatus
from marketplace.catalogue.models import DeliveryMode, Offer, OfferStatus
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Today, clock_at
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import School, User
from marketplace.organisations.queries import actor_for

AHEAD = 45
DATES = 3
TRIES = 12
LAST_TERM = 80


def book_in_shapes(people: People, booked: Iterable[Booking], today: Today) -> list[Booking]:
    """What the school to sign in as has ordered in other shapes, and what a head moved and another called off; the new bookings."""
    made = []
    school = people.receiving_school
    if school is not None and school.pk in people.staff:
        made = [*_several_dates(people, school, today), *_anybody_by_the_clock(people, school, today)]
    _close_one(people, booked, today)
    _move_one(people, booked, today)
    return made


def _several_dates(people: People, school: School, today: Today) -> list[Booking]:
    """Three full days ordered as one: they wait for the budget holder."""
    staff = people.staff[school.pk]
    with clock_at(today.ago(1)):
        for offer in _offers(school, 1):
            version = offer.shown
            person = version.practitioners.select_related("releasing_organisation", "diary").first()
            if person is None or person.releasing_organisation_id == school.pk:
                continue
            free = queries.next_free_sessions(
                person, "day", after=today + AHEAD, now=today.ago(1), count=4 * DATES, school=school
            )
            days = [time.day for time in free][::4][:DATES]
            if len(days) < DATES:
                continue
            try:
                order = actions.hold_dates(
                    practitioner=person, days=days, session="day", **_wish(staff, school, offer)
                )
                actions.order_together(
                    actor=actor_for(staff), order=order, purchase_order_number="PO31902", focus=_FOCUS
                )
            except DomainError:
                continue
            return list(order.bookings.order_by("starts_at"))
    return []


def _anybody_by_the_clock(people: People, school: School, today: Today) -> list[Booking]:
    """An hour and a half with any suitable person of an offer that has several."""
    staff = people.staff[school.pk]
    with clock_at(today.ago(1)):
        for offer in _offers(school, 2):
            team = list(queries.people_to_send(offer, school.pk))
            free = queries.next_free_sessions(
                team, "10:30+90", after=today + (AHEAD + 7), now=today.ago(1), count=1, school=school
            )
            if not free:
                continue
            try:
                held = actions.hold_any_person(
                    day=free[0].day, session="10:30+90", **_wish(staff, school, offer)
                )
                return [actions.order_booking(actor=actor_for(staff), booking=held)]
            except DomainError:
                continue
    return []


def _move_one(people: People, booked: Iterable[Booking], today: Today) -> None:
    """A head moves a confirmed visit: the releasing head is asked again."""
    for booking in _in_person(booked, today, first=20, last=70):
        head = people.heads.get(booking.receiving_school_id)
        if head is None:
            continue
        with clock_at(today.ago(0.5)):
            free = queries.next_free_sessions(
                booking.practitioner,
                booking.session,
                after=booking.day + timedelta(days=7),
                now=today.ago(0.5),
                count=1,
                school=booking.receiving_school,
            )
            try:
                for time in free:
                    actions.reschedule_booking(
                        actor=actor_for(head),
                        booking=booking.reference,
                        day=time.day,
                        session=time.session,
                        reason="Our inset day was moved.",
                    )
                    return
            except DomainError:
                continue


def _close_one(people: People, booked: Iterable[Booking], today: Today) -> None:
    """A school has no heating on the day of a visit, which is called off free of charge: this week, in holidays one of last term."""
    own = getattr(people.receiving_school, "pk", None)
    rows = [
        *_in_person(booked, today, first=1, last=UNFORESEEN_DAYS, states=PROMISED),
        *reversed(_in_person(booked, today, first=-LAST_TERM, last=-1)),
    ]
    for booking in sorted(
        rows,
        key=lambda row: (
            row.receiving_school_id == own
            or row.practitioner.user_id == getattr(people.practitioner, "pk", None),
            row.status != BookingStatus.CONFIRMED,
        ),
    ):
        head = people.heads.get(booking.receiving_school_id)
        if head is None:
            continue
        with clock_at(min(today.ago(0.2), booking.starts_at - timedelta(hours=14))):
            try:
                actions.declare_closure(
                    actor=actor_for(head),
                    place=booking.receiving_school,
                    day=booking.day,
                    reason="No heating",
                )
            except DomainError:
                continue
        return


_FOCUS = "Half a term’s coaching for the new reading lead."


def _in_person(
    booked: Iterable[Booking],
    today: Today,
    *,
    first: int,
    last: int,
    states: Container[str] = (BookingStatus.CONFIRMED,),
) -> list[Booking]:
    rows = [
        booking
        for booking in booked
        if booking.status in states
        and booking.mode == DeliveryMode.IN_PERSON
        and today + first <= booking.day <= today + last
        and not booking.is_prepaid
        and booking.funding_stream_id is None
    ]
    return sorted(rows, key=lambda booking: (booking.day, booking.reference))


def _offers(school: School, people: int) -> list[Offer]:
    """Offers of days for a phase of the school, by schools of other families, with at least so many people."""
    rows = (
        Offer.objects.filter(status=OfferStatus.PUBLISHED, current__phases__overlap=list(school.phases))
        .exclude(provider=school.pk)
        .select_related("current", "provider")
        .order_by("pk")
    )
    return [offer for offer in rows[:60] if offer.shown.practitioners.count() >= people][:TRIES]


def _wish(staff: User, school: School, offer: Offer) -> dict[str, Any]:
    version = offer.shown
    return {
        "actor": actor_for(staff),
        "offer": offer,
        "school": school,
        "theme": version.themes.first(),
        "phase": next(phase for phase in version.phases if phase in school.phases),
        "mode": "remote" if version.mode == DeliveryMode.REMOTE else "in_person",
    }
