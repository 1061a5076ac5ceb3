"""What waits for a person about courses: places to approve, offers to answer, people to release, too few sold, registers to fill in."""

from datetime import date, datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from marketplace.bookings.models import (
    CourseDate,
    CourseEvent,
    CourseLead,
    EventStatus,
    LeadStatus,
    PlaceOrderStatus,
    WaitingStatus,
)
from marketplace.bookings.queries.courses.scopes import (
    events_visible_to,
    orders_visible_to,
    requirement_of,
    waiting_visible_to,
)
from marketplace.bookings.queries.scopes import OTHER_RELEASERS, PROVIDER_SIDE, RELEASERS_OF_SCHOOLS
from marketplace.bookings.rules import courses as rules
from marketplace.buyback import queries as buyback
from marketplace.catalogue.tariffs import CancellationTariff
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.dates import deadline_words, last_day_before, local, long_date
from marketplace.kernel.money import pounds
from marketplace.kernel.work import WorkItem
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import OrganisationKind

LOOK_AHEAD = timedelta(days=21)


def awaiting(actor: Actor, *, now: datetime | None = None) -> list[WorkItem]:
    """Everything about courses that waits for the person."""
    if actor.user_id is None:
        return []
    now = now or timezone.now()
    return [
        *_to_approve(actor, now),
        *_to_answer(actor, now),
        *_to_release(actor, now),
        *_too_few(actor, now),
        *_registers(actor, now),
    ]


def _to_approve(actor: Actor, now: datetime) -> list[WorkItem]:
    orders = orders_visible_to(actor).filter(
        status=PlaceOrderStatus.AWAITING_APPROVAL,
        school__in=actor.organisations(*buyback.ALL_APPROVERS),
        approve_by__gt=now,
    )
    return [
        WorkItem(
            verb="Approve",
            title=f"Places on “{order.event.title}” for {order.school}",
            detail=f"{order.reference}, {pounds(order.net_pence)} before VAT, kept until {deadline_words(order.approve_by)}.",
            due_on=last_day_before(order.approve_by),
            url_name="courses:order",
            url_args=(order.reference,),
        )
        for order in orders.exclude(
            event__provider__in=organisations.organisations_of_interest(actor.user_id)
        )
        if buyback.may_approve_under(actor, order.school_id, requirement_of(order), order.requested_by_id)
    ]


def _to_answer(actor: Actor, now: datetime) -> list[WorkItem]:
    entries = waiting_visible_to(actor).filter(
        status=WaitingStatus.OFFERED,
        school__in=actor.organisations(*SCHOOL_BUYERS),
        offer_expires_at__gt=now,
    )
    return [
        WorkItem(
            verb="Take or decline",
            title=f"{entry.offered_places} {'place' if entry.offered_places == 1 else 'places'} on “{entry.event.title}”",
            detail=f"Kept for {entry.school} until {deadline_words(entry.offer_expires_at)}.",
            due_on=last_day_before(entry.offer_expires_at),
            url_name="courses:waiting",
            url_args=(entry.reference,),
        )
        for entry in entries
        if entry.offer_expires_at is not None
    ]


def _to_release(actor: Actor, now: datetime) -> list[WorkItem]:
    is_school = Q(practitioner__releasing_organisation__kind=OrganisationKind.SCHOOL)
    mine = Q(
        is_school, practitioner__releasing_organisation__in=actor.organisations(*RELEASERS_OF_SCHOOLS)
    ) | Q(~is_school, practitioner__releasing_organisation__in=actor.organisations(*OTHER_RELEASERS))
    rows = CourseLead.objects.filter(
        mine, status=LeadStatus.AWAITING_RELEASE, event__status=EventStatus.PLANNED, event__starts_at__gt=now
    ).select_related("event__provider", "practitioner")
    return [
        WorkItem(
            verb="Consent to release",
            title=f"{lead.practitioner} to lead “{lead.event.title}”",
            detail=f"{lead.event.provider}, from {long_date(local(lead.event.starts_at).date())}.",
            due_on=local(lead.event.starts_at).date(),
            url_name="courses:release",
            url_args=(lead.event.reference, lead.practitioner.reference),
        )
        for lead in rows
    ]


def _too_few(actor: Actor, now: datetime) -> list[WorkItem]:
    rows = events_visible_to(actor).filter(
        provider__in=actor.organisations(*PROVIDER_SIDE),
        status=EventStatus.OPEN,
        starts_at__gt=now,
        starts_at__lte=now + LOOK_AHEAD,
        seats_taken__lt=F("minimum_places"),
    )
    return [
        WorkItem(
            verb="Decide",
            title=f"Too few places sold: “{event.title}”",
            detail=f"{event.seats_taken} of at least {event.minimum_places}, on {long_date(local(event.starts_at).date())}.",
            due_on=decide_by(event),
            url_name="courses:event",
            url_args=(event.reference,),
        )
        for event in rows
    ]


def decide_by(event: CourseEvent) -> date:
    """The last day on which the provider can call the course off with the notice it promised."""
    tariff = CancellationTariff.from_data(event.cancellation_tariff)
    return rules.decide_by(tariff, local(event.starts_at).date())


def _registers(actor: Actor, now: datetime) -> list[WorkItem]:
    mine = Q(event__provider__in=actor.organisations(*PROVIDER_SIDE)) | Q(
        event__leads__practitioner__user=actor.user_id
    )
    dates = (
        CourseDate.objects.filter(mine, event__status=EventStatus.OPEN, register_at=None, starts_at__lte=now)
        .select_related("event")
        .distinct()
    )
    items = [
        WorkItem(
            verb="Fill in the register",
            title=f"“{each.event.title}”",
            detail=f"Who came on {long_date(each.day)}.",
            due_on=each.day,
            url_name="courses:register",
            url_args=(each.event.reference, str(each.number)),
        )
        for each in dates
    ]
    over = (
        events_visible_to(actor)
        .filter(
            Q(provider__in=actor.organisations(*PROVIDER_SIDE)) | Q(leads__practitioner__user=actor.user_id),
            status=EventStatus.OPEN,
            ends_at__lte=now,
        )
        .exclude(dates__register_at=None)
        .distinct()
    )
    return items + [
        WorkItem(
            verb="Finish the course",
            title=f"“{event.title}”",
            detail="Every register is filled in. Finishing it bills the places and gives certificates.",
            due_on=local(event.ends_at).date(),
            url_name="courses:event",
            url_args=(event.reference,),
        )
        for event in over
    ]
