"""What waits for a person, what comes next, and how much of a year's days is used."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from marketplace.bookings import rules
from marketplace.bookings.models import (
    PROMISED,
    USED,
    Booking,
    BookingStatus,
    CourseLead,
    EventStatus,
    LeadStatus,
)
from marketplace.bookings.queries.handing_over import sessions_offered
from marketplace.bookings.queries.interests import without_interest
from marketplace.bookings.queries.scopes import (
    OTHER_RELEASERS,
    RELEASERS_OF_SCHOOLS,
    requirement_of,
    visible_to,
    with_ladders,
)
from marketplace.bookings.queries.waiving import waivers_to_decide
from marketplace.bookings.rules import Load
from marketplace.buyback import queries as buyback
from marketplace.catalogue.models import EmployerAssurance, Practitioner
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import Period, add_working_days, clock_words, local, long_date, to_utc
from marketplace.kernel.days import HalfDays
from marketplace.kernel.money import pounds
from marketplace.kernel.work import WorkItem
from marketplace.organisations.models import OrganisationKind

DAYS_TO_CONSENT = 1
"""Whoever releases a person decides by the last working day before the visit."""

DAYS_TO_APPROVE = 2
"""An order is approved a working day earlier, so that the person can still be released."""


def awaiting(actor: Actor, *, now: datetime | None = None) -> list[WorkItem]:
    """Orders to approve, people to release, visits that lost their assurance, times held and charges to waive, for this person."""
    now = now or timezone.now()
    return [
        *_to_approve(actor, now),
        *_to_release(actor, now),
        *_unassured(actor, now),
        *_held(actor, now),
        *sessions_offered(actor),
        *waivers_to_decide(actor),
    ]


def upcoming(actor: Actor, *, now: datetime | None = None) -> QuerySet[Booking]:
    """Confirmed bookings still to come, soonest first."""
    return (
        visible_to(actor)
        .filter(status=BookingStatus.CONFIRMED, ends_at__gt=now or timezone.now())
        .order_by("starts_at")
    )


Promises = Callable[[Collection[int], str], Mapping[int, HalfDays]]
_promises: list[Promises] = []


def counts_as_promised(count: Promises) -> None:
    """Let `count(people, academic_year)` say by practitioner how many half-days are promised otherwise than by a booking.

    Capabilities above this one register here when they start; what is booked already is not theirs to count.
    """
    if count not in _promises:
        _promises.append(count)


def load_of(practitioner: Practitioner, academic_year: str, *, without: Booking | None = None) -> Load:
    """Half-days of an academic year (`2026/27`): agreed with the headteacher, used, promised. `without` leaves a booking out.

    Promised are bookings still to come, and what was agreed for the year and is not booked yet (`unbooked`).
    """
    agreed = {practitioner.pk: practitioner.agreed_half_days}
    return loads_of(agreed, academic_year, without=without)[practitioner.pk]


def loads_of(
    agreed: Mapping[int, HalfDays], academic_year: str, *, without: Booking | None = None
) -> dict[int, Load]:
    """The same for several people, whose ids are given with the half-days their headteachers agreed to.

    Two queries, and one for each capability that promises days.
    """
    year = rules.academic_period(academic_year)
    booked = _half_days_booked(agreed, year, without)
    led = _half_days_led(agreed, year)
    promises = [count(agreed.keys(), academic_year) for count in _promises]
    loads = {}
    for pk, half_days in agreed.items():
        used, promised = (sum(pair) for pair in zip(booked.get(pk, (0, 0)), led.get(pk, (0, 0)), strict=True))
        unbooked = sum(found.get(pk, 0) for found in promises)
        loads[pk] = Load(half_days, used, promised + unbooked, unbooked)
    return loads


UsedAndPromised = tuple[HalfDays, HalfDays]


def _half_days_booked(
    people: Collection[int], year: Period, without: Booking | None
) -> dict[int, UsedAndPromised]:
    rows = Booking.objects.scoped().filter(
        practitioner__in=people, status__in=(*USED, *PROMISED), day__range=(year.start, year.end)
    )
    if without is not None:
        rows = rows.exclude(pk=without.pk)
    return _by_person(rows, used=Q(status__in=USED), promised=Q(status__in=PROMISED))


def _half_days_led(people: Collection[int], year: Period) -> dict[int, UsedAndPromised]:
    rows = CourseLead.objects.filter(
        practitioner__in=people,
        event__starts_at__gte=to_utc(year.start, time()),
        event__starts_at__lt=to_utc(year.end + timedelta(days=1), time()),
    ).exclude(status=LeadStatus.REFUSED)
    return _by_person(
        rows,
        used=Q(event__status=EventStatus.DELIVERED),
        promised=Q(event__status__in=[EventStatus.PLANNED, EventStatus.OPEN]),
    )


def _by_person(rows: QuerySet[Any], *, used: Q, promised: Q) -> dict[int, UsedAndPromised]:
    sums = (
        rows.order_by()
        .values_list("practitioner_id")
        .annotate(
            of_used=Coalesce(Sum("half_days", filter=used), 0),
            of_promised=Coalesce(Sum("half_days", filter=promised), 0),
        )
    )
    return {pk: (of_used, of_promised) for pk, of_used, of_promised in sums}


def _to_approve(actor: Actor, now: datetime) -> list[WorkItem]:
    rows = list(
        visible_to(actor).filter(
            status=BookingStatus.AWAITING_APPROVAL,
            receiving_school__in=actor.organisations(*buyback.ALL_APPROVERS),
            starts_at__gt=now,
        )
    )
    mine = [
        booking
        for booking in with_ladders(without_interest(actor, rows))
        if buyback.may_approve_under(
            actor,
            booking.receiving_school_id,
            requirement_of(booking),
            booking.requested_by_id,
        )
    ]
    return _items("Approve", mine, "bookings:approve", now, before=DAYS_TO_APPROVE)


def _to_release(actor: Actor, now: datetime) -> list[WorkItem]:
    rows = visible_to(actor).filter(
        _released_by(actor), status=BookingStatus.AWAITING_RELEASE, starts_at__gt=now
    )
    return _items("Consent to release", list(rows), "bookings:consent", now, before=DAYS_TO_CONSENT)


def _released_by(actor: Actor) -> Q:
    is_school = Q(releasing_organisation__kind=OrganisationKind.SCHOOL)
    return Q(is_school, releasing_organisation__in=actor.organisations(*RELEASERS_OF_SCHOOLS)) | Q(
        ~is_school, releasing_organisation__in=actor.organisations(*OTHER_RELEASERS)
    )


def _unassured(actor: Actor, now: datetime) -> list[WorkItem]:
    """Confirmed visits to come whose assurance was taken back: to be given again, or the visit to be cancelled."""
    covering = EmployerAssurance.objects.filter(
        practitioner=OuterRef("practitioner"),
        withdrawn_at__isnull=True,
        valid_from__lte=OuterRef("day"),
        valid_to__gte=OuterRef("day"),
    )
    rows = visible_to(actor).filter(
        ~Exists(covering), _released_by(actor), status=BookingStatus.CONFIRMED, ends_at__gt=now
    )
    return [
        WorkItem(
            verb="Assure again or cancel",
            title=_title(booking),
            detail=f"The visit on {long_date(booking.day)} is confirmed, but no assurance covers that day any more.",
            due_on=booking.day,
            url_name="bookings:booking",
            url_args=(booking.reference,),
        )
        for booking in rows
    ]


def _held(actor: Actor, now: datetime) -> list[WorkItem]:
    rows = visible_to(actor).filter(
        status=BookingStatus.HELD, requested_by=actor.user_id, hold_expires_at__gt=now
    )
    seen: set[int] = set()
    items = []
    for booking in rows:
        if booking.order_id in seen:
            continue
        order = booking.order
        if order is not None:
            seen.add(order.pk)
        items.append(
            WorkItem(
                verb="Finish your booking",
                title=_title(booking),
                detail=f"Held for you until {clock_words(local(booking.hold_expires_at).time())}.",
                due_on=local(booking.hold_expires_at).date(),
                url_name="bookings:order_dates" if order else "bookings:order",
                url_args=(order.reference if order else booking.reference,),
            )
        )
    return items


def _items(verb: str, rows: list[Booking], url_name: str, now: datetime, *, before: int) -> list[WorkItem]:
    """One item for each booking, and one for all dates of an order that are decided on as one.

    Each is due so many working days `before` the (first) visit, or today where that is past: the order falls through with its visit.
    """
    today = local(now).date()
    due = {each.pk: max(today, add_working_days(each.day, -before)) for each in rows}
    alone = [_item(verb, booking, url_name, due[booking.pk]) for booking in rows if booking.order_id is None]
    orders: dict[int, list[Booking]] = {}
    for booking in rows:
        if booking.order_id is not None:
            orders.setdefault(booking.order_id, []).append(booking)
    return alone + [
        _item_of_dates(verb, dates, f"{url_name}_dates", min(due[each.pk] for each in dates))
        for dates in orders.values()
    ]


def _item_of_dates(verb: str, dates: list[Booking], url_name: str, due_on: date) -> WorkItem:
    first = min(dates, key=lambda booking: booking.starts_at)
    assert first.order is not None
    total = sum(booking.net_pence for booking in dates)
    return WorkItem(
        verb=verb,
        title=_title(first),
        detail=f"{len(dates)} dates from {long_date(first.day)}, {pounds(total)} before VAT together.",
        due_on=due_on,
        url_name=url_name,
        url_args=(first.order.reference,),
    )


def _item(verb: str, booking: Booking, url_name: str, due_on: date) -> WorkItem:
    return WorkItem(
        verb=verb,
        title=_title(booking),
        detail=f"{booking.get_session_display()} on {long_date(booking.day)}, {pounds(booking.net_pence)} before VAT.",
        due_on=due_on,
        url_name=url_name,
        url_args=(booking.reference,),
    )


def _title(booking: Booking) -> str:
    return f"{booking.practitioner} at {booking.receiving_school}, {booking.theme}"
