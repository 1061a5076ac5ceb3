"""What waits for a person, what comes next, and how much of a year's days is used."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from marketplace.bookings import rules
from marketplace.bookings.models import PROMISED, USED, Booking, BookingStatus
from marketplace.bookings.queries.scopes import (
    OTHER_RELEASERS,
    RELEASERS_OF_SCHOOLS,
    visible_to,
)
from marketplace.bookings.rules import Load
from marketplace.buyback import queries as buyback
from marketplace.buyback.rules import needs_second_person
from marketplace.catalogue.models import EmployerAssurance, Practitioner
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.money import pounds
from marketplace.kernel.work import WorkItem
from marketplace.organisations.models import OrganisationKind


def awaiting(actor: Actor, *, now: datetime | None = None) -> list[WorkItem]:
    """Orders to approve, people to release, visits that lost their assurance and times held, for this person."""
    now = now or timezone.now()
    return [
        *_to_approve(actor, now),
        *_to_release(actor, now),
        *_unassured(actor, now),
        *_held(actor, now),
    ]


def upcoming(actor: Actor, *, now: datetime | None = None) -> QuerySet[Booking]:
    """Confirmed bookings still to come, soonest first."""
    return (
        visible_to(actor)
        .filter(status=BookingStatus.CONFIRMED, ends_at__gt=now or timezone.now())
        .order_by("starts_at")
    )


def load_of(practitioner: Practitioner, academic_year: str, *, without: Booking | None = None) -> Load:
    """Half-days of an academic year (`2026/27`): agreed with the headteacher, used, promised. `without` leaves a booking out."""
    year = rules.academic_period(academic_year)
    rows = Booking.objects.scoped().filter(practitioner=practitioner, day__range=(year.start, year.end))
    if without is not None:
        rows = rows.exclude(pk=without.pk)
    sums = rows.order_by().aggregate(
        used=Sum("half_days", filter=Q(status__in=USED)),
        promised=Sum("half_days", filter=Q(status__in=PROMISED)),
    )
    return Load(practitioner.agreed_half_days, sums["used"] or 0, sums["promised"] or 0)


def _to_approve(actor: Actor, now: datetime) -> list[WorkItem]:
    rows = visible_to(actor).filter(
        status=BookingStatus.AWAITING_APPROVAL,
        receiving_school__in=actor.organisations(*buyback.APPROVERS),
        starts_at__gt=now,
    )
    return [
        _item("Approve", booking, "bookings:approve")
        for booking in rows
        if not _own_large_order(actor, booking)
    ]


def _own_large_order(actor: Actor, booking: Booking) -> bool:
    return booking.requested_by_id == actor.user_id and needs_second_person(
        booking.gross_pence, buyback.threshold_for(booking.receiving_school)
    )


def _to_release(actor: Actor, now: datetime) -> list[WorkItem]:
    rows = visible_to(actor).filter(
        _released_by(actor), status=BookingStatus.AWAITING_RELEASE, starts_at__gt=now
    )
    return [_item("Consent to release", booking, "bookings:consent") for booking in rows]


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
    return [
        WorkItem(
            verb="Finish your booking",
            title=_title(booking),
            detail=f"Held for you until {local(booking.hold_expires_at):%H:%M}.",
            due_on=local(booking.hold_expires_at).date(),
            url_name="bookings:order",
            url_args=(booking.reference,),
        )
        for booking in rows
    ]


def _item(verb: str, booking: Booking, url_name: str) -> WorkItem:
    return WorkItem(
        verb=verb,
        title=_title(booking),
        detail=f"{booking.get_session_display()} on {long_date(booking.day)}, {pounds(booking.net_pence)} before VAT.",
        due_on=booking.day,
        url_name=url_name,
        url_args=(booking.reference,),
    )


def _title(booking: Booking) -> str:
    return f"{booking.practitioner} at {booking.receiving_school}, {booking.theme}"
