"""How many days deployments promise beyond those that are booked already: of a person's year, of an offer, to a need."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from marketplace.bookings import queries as bookings
from marketplace.bookings.rules import Load
from marketplace.brokerage import rules
from marketplace.brokerage.models import RUNNING, Deployment, DeploymentSignature, DeploymentStatus
from marketplace.brokerage.queries.deployment_days import TAKING_DAYS
from marketplace.brokerage.queries.needs import COUNTED_STATUSES
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


@dataclass(frozen=True)
class Promise:
    """What a running deployment still promises of an offer, to a need if it was made for one, evenly over the days left to it.

    `for_need` are the half-days that no visit counts for yet; `of_offer` those that no visit takes, not even one that waits for a word.
    """

    need: int | None
    offer: int
    for_need: HalfDays
    of_offer: HalfDays
    period: Period


def open_promises(*, needs: Collection[int], offers: Collection[int], today: date) -> list[Promise]:
    """Of deployments for these needs or of these offers that are agreed and not over. One query."""
    rows = (
        Deployment.objects.scoped()
        .filter(
            Q(need__in=needs) | Q(offer_version__offer__in=offers), status__in=RUNNING, ends_on__gte=today
        )
        .annotate(
            counted=Sum("visits__booking__half_days", filter=Q(visits__booking__status__in=COUNTED_STATUSES)),
            taken=Sum("visits__booking__half_days", filter=Q(visits__booking__status__in=TAKING_DAYS)),
        )
        .select_related("offer_version")
        .order_by("pk")
    )
    return [
        Promise(
            need=row.need_id,
            offer=row.offer_version.offer_id,
            for_need=rules.days_left(row.half_days, row.counted or 0),
            of_offer=rules.days_left(row.half_days, row.taken or 0),
            period=Period(max(row.starts_on, today), row.ends_on),
        )
        for row in rows
    ]


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
