"""The days of a deployment: which visits take of them, on which a visit may be, and what is left."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet, Sum
from django.utils import timezone

from marketplace.bookings.models import OCCUPYING, Booking, BookingStatus
from marketplace.brokerage import rules
from marketplace.brokerage.models import Deployment, DeploymentVisit, VisitKind
from marketplace.brokerage.rules.deployments import Terms
from marketplace.catalogue.models import EmployerAssurance
from marketplace.kernel.dates import local, long_date

TAKING_DAYS = (*OCCUPYING, BookingStatus.NO_SHOW_BUYER)
"""States in which a visit takes days from what was agreed: those that take up the person's time, and those the school missed."""

GIVEN = (
    BookingStatus.DELIVERED,
    BookingStatus.EVALUATED,
    BookingStatus.COMPLETED,
    BookingStatus.NO_SHOW_BUYER,
)
"""States in which the person has given the time."""


def half_days_taken(deployment: Deployment) -> int:
    """Half-days that visits of this deployment take up or took up."""
    return _sum_of(deployment, TAKING_DAYS)


def half_days_given(deployment: Deployment) -> int:
    """Half-days of visits that took place."""
    return _sum_of(deployment, GIVEN)


def why_not_on(deployment: Deployment, day: date, kind: str) -> str:
    """Why a visit can't be on a day, in a sentence; empty where it can. Only a scoping visit may come before the first day."""
    if not _is_outside(day, kind, deployment.starts_on, deployment.ends_on):
        return ""
    return (
        f"{long_date(day)} is outside the deployment, which was agreed from {long_date(deployment.starts_on)}"
        f" to {long_date(deployment.ends_on)}."
    )


def visits_outside(deployment: Deployment, first_day: date, last_day: date) -> list[Booking]:
    """Bookings of visits that take days of it and would lie outside, were these its first and its last day; the earliest first."""
    visits = (
        DeploymentVisit.objects.filter(deployment=deployment, booking__status__in=TAKING_DAYS)
        .select_related("booking")
        .order_by("booking__starts_at")
    )
    return [each.booking for each in visits if _is_outside(each.booking.day, each.kind, first_day, last_day)]


def _is_outside(day: date, kind: str, first_day: date, last_day: date) -> bool:
    return day > last_day or (day < first_day and kind != VisitKind.SCOPING)


def why_not_moved(booking: Booking, day: date) -> str:
    """The same for moving a booking; empty where it is no visit of a deployment."""
    visit = DeploymentVisit.objects.filter(booking=booking).select_related("deployment").first()
    return why_not_on(visit.deployment, day, visit.kind) if visit else ""


def is_time_to_evaluate(deployment: Deployment) -> bool:
    """Whether its last day has passed or all its days were given."""
    return rules.may_be_evaluated(
        today=local(timezone.now()).date(),
        ends_on=deployment.ends_on,
        agreed=deployment.half_days,
        delivered=half_days_given(deployment),
    )


def _sum_of(deployment: Deployment, statuses: Iterable[str]) -> int:
    rows = Booking.objects.scoped().filter(deployment_visit__deployment=deployment, status__in=statuses)
    return rows.order_by().aggregate(total=Sum("half_days"))["total"] or 0


def bookings_to_tie(deployment: Deployment) -> QuerySet[Booking]:
    """Bookings of the same person for the same school that belong to no deployment yet and still take up time."""
    return (
        Booking.objects.scoped()
        .filter(
            receiving_school=deployment.receiving_school_id,
            practitioner=deployment.practitioner_id,
            provider=deployment.provider_id,
            status__in=TAKING_DAYS,
            deployment_visit__isnull=True,
        )
        .exclude(status=BookingStatus.HELD)
        .order_by("-starts_at")
    )


def first_day_without_assurance(deployment: Deployment, terms: Terms) -> date | None:
    """The first day of the text's period that no assurance of the employer covers; `None` where all are covered."""
    held = EmployerAssurance.objects.filter(
        practitioner=deployment.practitioner_id, withdrawn_at__isnull=True
    )
    return rules.first_day_uncovered(terms.period, list(held.values_list("valid_from", "valid_to")))
