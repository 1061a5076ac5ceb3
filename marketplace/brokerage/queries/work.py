"""What waits for a person in brokerage."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q

from marketplace.bookings import queries as bookings
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.brokerage import rules
from marketplace.brokerage.models import NeedsReturn
from marketplace.brokerage.queries.complaints import complaints_to_act_on
from marketplace.brokerage.queries.deployment_work import awaiting_in_deployments
from marketplace.brokerage.queries.request_work import requests_awaiting
from marketplace.brokerage.queries.visits import EVALUATORS
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import academic_year, local
from marketplace.kernel.work import WorkItem
from marketplace.organisations import queries as organisations


def awaiting(actor: Actor, *, now: datetime) -> list[WorkItem]:
    """Records to write, support to evaluate, returns to confirm, and what complaints, deployments and requests ask of this person."""
    today = local(now).date()
    return [
        *_records_to_write(actor, now),
        *_support_to_evaluate(actor),
        *_returns_to_confirm(actor, today),
        *complaints_to_act_on(actor, now=now),
        *awaiting_in_deployments(actor, now=now),
        *requests_awaiting(actor, today),
    ]


def _records_to_write(actor: Actor, now: datetime) -> list[WorkItem]:
    due = (
        bookings.visible_to(actor)
        .filter(status=BookingStatus.CONFIRMED, ends_at__lt=now, visit_record=None)
        .filter(Q(practitioner__user=actor.user_id) | Q(provider__in=actor.organisations(Role.PROVIDER_LEAD)))
        .select_related("receiving_school", "practitioner", "deployment_visit__deployment")
    )
    return [
        WorkItem(
            verb="Write the record of visit",
            title=f"{booking.receiving_school}, {booking.day:%-d %B %Y}",
            detail=f"{booking.practitioner} visited. The record is due within five working days.",
            due_on=rules.record_due_on(booking.day),
            **_record_page(booking),
        )
        for booking in due
    ]


def _record_page(booking: Booking) -> dict[str, Any]:
    """A visit of a deployment is recorded with what it did for the objectives."""
    if visit := getattr(booking, "deployment_visit", None):
        return {
            "url_name": "deployments:visit",
            "url_args": (visit.deployment.reference, booking.reference),
        }
    return {"url_name": "brokerage:record", "url_args": (booking.reference,)}


def _support_to_evaluate(actor: Actor) -> list[WorkItem]:
    delivered = (
        bookings.visible_to(actor)
        .filter(status=BookingStatus.DELIVERED, receiving_school__in=actor.organisations(*EVALUATORS))
        .filter(deployment_visit__isnull=True)  # a deployment is evaluated as a whole
        .select_related("receiving_school", "practitioner")
    )
    return [
        WorkItem(
            verb="Evaluate the support",
            title=f"{booking.practitioner} at {booking.receiving_school}, {booking.day:%-d %B %Y}",
            detail="Say what changed. Other schools see the mark, never your words.",
            due_on=rules.evaluation_due_on(booking.day),
            url_name="brokerage:evaluate",
            url_args=(booking.reference,),
        )
        for booking in delivered
    ]


def _returns_to_confirm(actor: Actor, today: date) -> list[WorkItem]:
    year = academic_year(today)
    heads = actor.organisations(Role.HEADTEACHER)
    schools = organisations.schools_buying_for(actor).filter(pk__in=heads)
    confirmed = set(
        NeedsReturn.objects.filter(school__in=heads, academic_year=year).values_list("school_id", flat=True)
    )
    return [
        WorkItem(
            verb="Confirm your needs",
            title=f"{school.organisation}: what support do you need in {year}?",
            detail="Say so even if you need none: an unanswered school can’t be planned for.",
            due_on=None,
            url_name="brokerage:needs",
        )
        for school in schools
        if school.pk not in confirmed
    ]
