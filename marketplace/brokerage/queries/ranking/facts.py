"""What is known of the providers and people behind some offers, read for all of them at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Coalesce

from marketplace.bookings import queries as bookings
from marketplace.bookings.models import OCCUPYING, USED, BookingStatus
from marketplace.brokerage.queries.ranking.asked import Asked
from marketplace.brokerage.rules.ranking import (
    EMPLOYED_MONTHS,
    RECIPROCAL_MONTHS,
    WORKED_TOGETHER_MONTHS,
    SchoolContext,
)
from marketplace.catalogue.models import Practitioner
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import ACADEMIC, academic_year, contract_year, local
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import InterestKind, Membership
from marketplace.organisations.queries.interests import DECIDERS
from marketplace.organisations.rules import months_before

HAPPENED = (BookingStatus.DELIVERED, BookingStatus.EVALUATED, BookingStatus.COMPLETED)
DEPLOYED = (BookingStatus.CONFIRMED, *USED)


class Person(NamedTuple):
    """Somebody who could come. `agreed` half-days are `None` where nothing is agreed with their headteacher."""

    id: int
    user: int | None
    employer: int
    employer_trust: int | None
    employer_federation: int | None
    phases: list[str]
    agreed: int | None
    context: SchoolContext | None

    def belongs_to(self, groups: Collection[int]) -> bool:
        """Whether their employer is one of the groups or a school of one."""
        return not {self.employer, self.employer_trust, self.employer_federation}.isdisjoint(groups)


@dataclass(frozen=True)
class Known:
    """What was read. Half-days and numbers of bookings are of this school year, those left of what heads agreed to never below zero; dates are the last of their kind."""

    people: dict[int, Person]
    left_of_people: dict[int, int]
    taken_of_offers: dict[int, int]
    deployments: dict[int, int]
    declared: frozenset[int]
    employed_until: dict[int, date]
    worked_together: dict[int, date]
    helped_by_school: dict[int, date]
    deciders_tied: dict[int, int]


def read(asked: Asked, rows: Collection[dict[str, Any]]) -> Known:
    """Read about the rows' people, offers and providers: twelve queries, however many rows there are."""
    offers = [row["pk"] for row in rows]
    providers = {row["provider_id"] for row in rows}
    people = _people({pk for row in rows for pk in row["people_ids"]})
    users = {person.user: pk for pk, person in people.items() if person.user}
    taken, deployments = _of_offers(asked, offers)
    declared, employed = _ties(asked, users)
    return Known(
        people=people,
        left_of_people=_left_of_people(asked, people),
        taken_of_offers=taken,
        deployments=deployments,
        declared=declared,
        employed_until=employed,
        worked_together=_worked_together(asked, providers),
        helped_by_school=_helped_by_school(asked, providers | {each.employer for each in people.values()}),
        deciders_tied=_deciders_tied(asked, rows),
    )


def context_of(values: Any) -> SchoolContext | None:
    """A school's context from its four columns; `None` where there is no school."""
    pupils, meals, phase, kind = values
    return None if phase is None else SchoolContext(pupils, meals, phase, kind)


def _people(ids: Collection[int]) -> dict[int, Person]:
    rows = Practitioner.objects.filter(pk__in=ids, is_active=True).values_list(
        "pk",
        "user_id",
        "releasing_organisation_id",
        "releasing_organisation__school__trust_id",
        "releasing_organisation__school__federation_id",
        "phases",
        "agreed_half_days",
        "releasing_organisation__school__pupils",
        "releasing_organisation__school__fsm_basis_points",
        "releasing_organisation__school__phase_code",
        "releasing_organisation__school__type_group_code",
    )
    return {row[0]: Person(*row[:6], row[6] or None, context_of(row[7:])) for row in rows}


def _of_offers(asked: Asked, offers: Collection[int]) -> tuple[dict[int, int], dict[int, int]]:
    rows = (
        bookings.visible_to(SYSTEM)
        .filter(offer_version__offer__in=offers, day__range=_year(asked))
        .order_by()
        .values_list("offer_version__offer_id")
        .annotate(
            taken=Coalesce(Sum("half_days", filter=Q(status__in=OCCUPYING)), 0),
            deployed=Count("pk", filter=Q(status__in=DEPLOYED)),
        )
    )
    found = list(rows)
    return {pk: taken for pk, taken, _ in found}, {pk: number for pk, _, number in found}


def _left_of_people(asked: Asked, people: dict[int, Person]) -> dict[int, int]:
    """Of those whose headteachers agreed to days: what is neither used nor promised, by a booking, a course or an agreement."""
    agreed = {pk: person.agreed for pk, person in people.items() if person.agreed is not None}
    loads = bookings.loads_of(agreed, academic_year(asked.today))
    return {pk: max(0, load.left) for pk, load in loads.items()}


def _ties(asked: Asked, users: dict[int, int]) -> tuple[frozenset[int], dict[int, date]]:
    """People with a declared personal tie to the school, and until when others were employed there, by id of the practitioner."""
    school, today = asked.school.pk, asked.today
    declared: set[int] = set()
    employed: dict[int, date] = {}
    rows = organisations.counting(today).filter(
        Q(organisation=school) | Q(organisation__in=asked.groups), user__in=users
    )
    for user, kind, ended_on in rows.values_list("user_id", "kind", "ended_on"):
        if kind == InterestKind.EMPLOYMENT:
            _keep_latest(employed, users[user], ended_on or today)
        else:
            declared.add(users[user])
    since = months_before(today, EMPLOYED_MONTHS)
    held = Membership.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__date__gte=since), user__in=users, organisation=school
    ).exclude(role=Role.GOVERNOR)
    for user, ended_at in held.values_list("user_id", "ended_at"):
        _keep_latest(employed, users[user], local(ended_at).date() if ended_at else today)
    return frozenset(declared), employed


def _worked_together(asked: Asked, providers: Collection[int]) -> dict[int, date]:
    since = months_before(asked.today, WORKED_TOGETHER_MONTHS)
    rows = bookings.visible_to(SYSTEM).filter(
        receiving_school=asked.school.pk, provider__in=providers, status__in=HAPPENED, day__gte=since
    )
    return dict(rows.order_by().values_list("provider_id").annotate(Max("day")))


def _helped_by_school(asked: Asked, organisations_there: Collection[int]) -> dict[int, date]:
    """When the school last helped each of the organisations, itself or by releasing somebody."""
    school = asked.school.pk
    since = months_before(asked.today, RECIPROCAL_MONTHS)
    rows = bookings.visible_to(SYSTEM).filter(
        Q(provider=school) | Q(releasing_organisation=school),
        receiving_school__in=organisations_there,
        status__in=(*HAPPENED, BookingStatus.CONFIRMED),
        day__gte=since,
    )
    return dict(rows.order_by().values_list("receiving_school_id").annotate(Max("day")))


def _deciders_tied(asked: Asked, rows: Iterable[dict[str, Any]]) -> dict[int, int]:
    """How many who decide for the school have an interest in each provider, or in its trust or federation."""
    deciding = Membership.objects.filter(
        Q(organisation=asked.school.pk) | Q(organisation__in=asked.groups, role=Role.TRUST_LEAD),
        role__in=DECIDERS,
        ended_at__isnull=True,
    )
    tied: dict[int, set[int]] = defaultdict(set)
    interests = organisations.counting(asked.today).filter(user__in=deciding.values("user"))
    for organisation, user in interests.values_list("organisation_id", "user_id"):
        tied[organisation].add(user)
    found = {}
    for row in rows:
        bodies = (
            row["provider_id"],
            row["provider__school__trust_id"],
            row["provider__school__federation_id"],
        )
        found[row["provider_id"]] = len(set().union(*(tied.get(pk, ()) for pk in bodies if pk)))
    return found


def _keep_latest(found: dict[int, date], key: int, day: date) -> None:
    found[key] = max(day, found.get(key, day))


def _year(asked: Asked) -> tuple[date, date]:
    year = contract_year(ACADEMIC, asked.today)
    return (year.start, year.end)
