"""Booking places: seats are taken at once, under the course's lock, and the order climbs the school's approval ladder."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from marketplace.bookings.actions.courses import money, refilling
from marketplace.bookings.actions.courses.steps import (
    EventRef,
    lock_event,
    move_order,
    move_places,
    take_seats,
)
from marketplace.bookings.actions.steps import (
    LONGEST_MINUTE_REFERENCE,
    LONGEST_PURCHASE_ORDER_NUMBER,
    trimmed,
)
from marketplace.bookings.course_errors import CourseClosed, CourseInvalid
from marketplace.bookings.course_events import PlaceOrderMoved
from marketplace.bookings.errors import NotBookable, NotPayableSo
from marketplace.bookings.models import (
    SEATED,
    CourseEvent,
    GroupBooking,
    PaymentRoute,
    Place,
    PlaceOrder,
    PlaceOrderStatus,
    PlaceStatus,
    WaitingEntry,
)
from marketplace.bookings.queries.courses import quotes, scopes
from marketplace.bookings.rules import courses as rules
from marketplace.buyback import queries as buyback
from marketplace.buyback.actions import check_minute, check_quotes
from marketplace.buyback.models import Entitlement, QuotesEvidence
from marketplace.catalogue.models import OfferScope
from marketplace.kernel import events, history
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action
from marketplace.kernel.money import split_pence
from marketplace.organisations.models import School

LONGEST_NAME = 150
LONGEST_JOB_TITLE = 120


class Attendee(NamedTuple):
    """Who sits on a place; nobody yet where the name is empty."""

    name: str = ""
    job_title: str = ""


@action
def book_places(
    *,
    actor: Actor,
    event: EventRef,
    school: School,
    attendees: Sequence[Attendee],
    pay_by: str = "",
    entitlement: Entitlement | None = None,
    purchase_order_number: str = "",
    evidence: QuotesEvidence | None = None,
    minute_reference: str = "",
) -> PlaceOrder:
    """Book a place for each of `attendees` (who may be named later). Where the ladder lets the person approve, it is confirmed at once.

    Raises `SeatsTaken` where fewer are left, `CourseClosed`, `EvidenceMissing` where the ladder asks for quotes, and what the package
    says where one is to pay (`pay_by` is `entitlement`).
    """
    row = lock_event(actor, event)
    now = timezone.now()
    must_be_open(row, now)
    check_school(actor, row, school)
    check_number(len(attendees))
    take_seats(row, len(attendees))
    quote = quotes.quote(row, school, len(attendees), today=local(now).date())
    return place_order(
        actor,
        row,
        school,
        attendees,
        now,
        price=quote.price.to_data(),
        net_pence=quote.net_pence,
        vat_pence=quote.vat_pence,
        route=quote.route.kind,
        route_reason=quote.route.reason,
        pay=pay(pay_by, entitlement, len(attendees)),
        purchase_order_number=purchase_order_number,
        evidence=evidence,
        minute_reference=minute_reference,
    )


def place_order(
    actor: Actor,
    event: CourseEvent,
    school: School,
    attendees: Sequence[Attendee],
    now: datetime,
    *,
    price: dict[str, Any],
    net_pence: int,
    vat_pence: int,
    route: str,
    route_reason: str,
    pay: dict[str, Any] | None = None,
    purchase_order_number: str = "",
    evidence: QuotesEvidence | None = None,
    minute_reference: str = "",
    waited: WaitingEntry | None = None,
    group: GroupBooking | None = None,
) -> PlaceOrder:
    """Write an order whose seats are taken already, and approve it where the person ordering may. The course is locked."""
    attendees = check_attendees(event, school, attendees)
    assert actor.user_id is not None, "a person books, never the exchange itself"
    fields = {"route": route, "route_reason": route_reason[:300]} | (pay or {})
    order = PlaceOrder(
        event=event,
        school=school.organisation,
        group=group,
        waited=waited,
        approve_by=min(now + timedelta(days=settings.COURSE_APPROVAL_DAYS), event.closes_at),
        price=price,
        net_pence=net_pence,
        vat_pence=vat_pence,
        cancellation_tariff=event.cancellation_tariff,
        purchase_order_number=trimmed(
            purchase_order_number, LONGEST_PURCHASE_ORDER_NUMBER, "purchase_order_number"
        ),
        minute_reference=trimmed(minute_reference, LONGEST_MINUTE_REFERENCE, "minute_reference"),
        quotes_evidence=evidence,
        requested_by_id=actor.user_id,
        **fields,
    )
    requirement = scopes.requirement_of(order)
    check_quotes(
        order.school, requirement, evidence, gross_pence=order.committed_pence, supplier=event.provider
    )
    order.save(force_insert=True)
    shares = split_pence(net_pence, [1] * len(attendees))
    places = Place.objects.bulk_create(
        Place(
            order=order,
            event=event,
            number=number,
            attendee=attendee.name,
            job_title=attendee.job_title,
            net_pence=pence,
        )
        for number, (attendee, pence) in enumerate(zip(attendees, shares, strict=True), start=1)
    )
    money.reserve(order, len(places), actor=actor)
    history.write(order, verb="order", after=PlaceOrderStatus.AWAITING_APPROVAL, by=actor)
    history.write_many(places, verb="reserve", after=PlaceStatus.RESERVED, by=actor)
    events.publish(PlaceOrderMoved(order.pk, "order", "", str(order.status)))
    may_approve = buyback.may_approve_under(actor, school.pk, requirement, actor.user_id)
    if may_approve and not scopes.has_interest_in(actor, order):
        approve(order, actor=actor, now=now, note="Approved with the order")
    return order


def approve(order: PlaceOrder, *, actor: Actor, now: datetime, note: str, minute_reference: str = "") -> None:
    """Approve an order under the ladder as it stands now, which the history keeps (I8). One of a group waits for the others."""
    requirement = scopes.requirement_of(order)
    minute = trimmed(minute_reference, LONGEST_MINUTE_REFERENCE, "minute_reference") or order.minute_reference
    check_minute(requirement, order.quotes_evidence, minute)
    move_order(
        order,
        "agree" if order.group_id else "approve",
        actor=actor,
        note="\n".join(filter(None, [note.strip(), requirement.words])),
        approved_by_id=actor.user_id,
        approved_at=now,
        minute_reference=minute,
    )
    if not order.group_id:
        book_reserved(order, actor=actor)


def book_reserved(order: PlaceOrder, *, actor: Actor) -> None:
    """The reserved places of a confirmed order are booked; seats that were given back late may be refilled by them."""
    places = list(order.places.filter(status=PlaceStatus.RESERVED))
    move_places(places, "book", actor=actor)
    if order.waited_id:
        refilling.refill(order, places)


# Checks -------------------------------------------------------------------------------------------------------------


def must_be_open(event: CourseEvent, now: datetime) -> None:
    """Raise `CourseClosed` where no places can be booked."""
    if why := scopes.why_closed(event, now):
        raise CourseClosed(why, remedy="Look for another date of the course.")


def check_school(actor: Actor, event: CourseEvent, school: School) -> None:
    """Raise unless the person buys for the school and the course is for it."""
    actor.must_hold(*SCHOOL_BUYERS, at=school.pk, to="book places for this school")
    check_fits(event, school)


def check_fits(event: CourseEvent, school: School) -> None:
    """Raise `NotBookable` unless the course is for the school."""
    if not school.is_open:
        raise NotBookable(
            f"{school.organisation} is closed in the register.", remedy="Book for an open school."
        )
    if school.pk == event.provider_id:
        raise NotBookable(
            f"{school.organisation} gives this course itself.", remedy="Your own people need no booking."
        )
    if event.offer_version.scope == OfferScope.TRUST and not _is_of_the_family(event, school):
        raise NotBookable("This course is only for schools of its trust.", remedy="Look for another one.")


def _is_of_the_family(event: CourseEvent, school: School) -> bool:
    families: set[int | None] = {event.provider_id}
    if hasattr(event.provider, "school"):
        families |= {event.provider.school.trust_id, event.provider.school.federation_id}
    return bool(({school.trust_id, school.federation_id} - {None}) & families)


def check_number(number: int) -> None:
    """Raise `CourseInvalid` unless so many places can be ordered at once."""
    if not 1 <= number <= rules.MOST_PLACES:
        raise CourseInvalid(
            "Say how many places you need.",
            remedy=f"Give a number from 1 to {rules.MOST_PLACES}.",
            field="places",
        )


def check_attendees(event: CourseEvent, school: School, attendees: Sequence[Attendee]) -> list[Attendee]:
    """The attendees without spaces around their names. Raises `CourseInvalid` where one has a place already or is named twice."""
    clean = [
        Attendee(
            trimmed(each.name, LONGEST_NAME, "attendees"),
            trimmed(each.job_title, LONGEST_JOB_TITLE, "attendees"),
        )
        for each in attendees
    ]
    names = [each.name.casefold() for each in clean if each.name]
    taken = {
        name.casefold()
        for name in Place.objects.filter(event=event, order__school=school.pk, status__in=SEATED)
        .exclude(attendee="")
        .values_list("attendee", flat=True)
    }
    for number, name in enumerate(names):
        if name in taken or name in names[:number]:
            who = next(each.name for each in clean if each.name.casefold() == name)
            raise CourseInvalid(
                f"{who} has a place on this course already." if name in taken else f"{who} is named twice.",
                remedy="Name somebody else, or leave the name empty.",
                field="attendees",
            )
    return clean


def pay(pay_by: str, entitlement: Entitlement | None, number: int) -> dict[str, Any]:
    """The fields of the way to pay: none for the route between the parties. Raises `NotPayableSo`."""
    if pay_by in ("", PaymentRoute.JOURNAL, PaymentRoute.INVOICE):
        return {}
    if pay_by != PaymentRoute.ENTITLEMENT or entitlement is None:
        raise NotPayableSo(
            "Places can’t be paid that way.", remedy="Choose one of the ways shown.", field="pay_by"
        )
    places = "1 place" if number == 1 else f"{number} places"
    return {
        "route": PaymentRoute.ENTITLEMENT,
        "entitlement": entitlement,
        "route_reason": f"{places} of {entitlement.line.description} ({entitlement.agreement.reference}): nothing to pay."[
            :300
        ],
    }
