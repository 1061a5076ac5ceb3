"""How many days deployments promise of a person's year, beyond those that are booked already."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from marketplace.bookings import queries as bookings
from marketplace.bookings.rules import Load
from marketplace.brokerage import rules
from marketplace.brokerage.models import RUNNING, Deployment, DeploymentSignature, DeploymentStatus
from marketplace.brokerage.queries.deployments import TAKING_DAYS
from marketplace.brokerage.rules.deployments import Capacity, Terms
from marketplace.kernel.dates import Period, local
from marketplace.kernel.days import HalfDays


def promised_but_not_booked(people: Collection[int], academic_year: str) -> dict[int, HalfDays]:
    """By practitioner, the half-days of an academic year that deployments promise and no booking takes yet. One query."""
    today = local(timezone.now()).date()
    found: dict[int, HalfDays] = defaultdict(int)
    for each in promising(people).annotate(
        taken=Sum("visits__booking__half_days", filter=Q(visits__booking__status__in=TAKING_DAYS))
    ):
        left = each.half_days - (each.taken or 0)
        found[each.practitioner_id] += _share(left, each.starts_on, each.ends_on, academic_year, today)
    return found


def promising(people: Collection[int]) -> QuerySet[Deployment]:
    """Deployments whose days the people's heads have promised: running ones, and those signed by the head and waiting for others."""
    released = DeploymentSignature.objects.filter(
        version__deployment=OuterRef("pk"),
        version__number=OuterRef("version"),
        capacity=Capacity.RELEASING_HEAD,
    )
    return (
        Deployment.objects.scoped()
        .filter(practitioner__in=people)
        .filter(Q(status__in=RUNNING) | Q(Exists(released), status=DeploymentStatus.TO_SIGN))
        .order_by(F("starts_on"))
    )


def _share(half_days: HalfDays, starts_on: date, ends_on: date, academic_year: str, today: date) -> HalfDays:
    """What is still to be booked falls between today and the last day; after that it can't be booked any more."""
    if today > ends_on:
        return 0
    left = rules.days_left(half_days, 0)
    return rules.share_of_year(left, Period(max(starts_on, today), ends_on), academic_year)


def extra_by_year(deployment: Deployment, terms: Terms, taken: HalfDays) -> dict[str, HalfDays]:
    """By academic year, the half-days that signing these terms would promise beyond what counts as promised already.

    Of an agreement not in force yet these are all days not booked; of a change, the days it adds.
    """
    before = deployment.half_days if deployment.version_in_force else taken
    extra = max(0, terms.half_days - max(before, taken))
    today = local(timezone.now()).date()
    period = Period(min(max(terms.starts_on, today), terms.ends_on), terms.ends_on)
    return {year: rules.share_of_year(extra, period, year) for year in rules.years_of(period)}


def loads_if_signed(
    deployment: Deployment, terms: Terms, taken: HalfDays
) -> list[tuple[str, Load, HalfDays]]:
    """For each academic year the text touches: the year, the person's load without it, and the half-days it adds."""
    return [
        (year, bookings.load_of(deployment.practitioner, year), extra)
        for year, extra in extra_by_year(deployment, terms, taken).items()
    ]
