"""Reading what schools did: one query for each kind of record, however many schools there are."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from marketplace.bookings import queries as bookings
from marketplace.bookings.models import BookingStatus, PlaceOrderStatus
from marketplace.bookings.queries import courses
from marketplace.brokerage import queries as brokerage
from marketplace.brokerage.models import (
    DeploymentEvaluation,
    ImpactEvaluation,
    NeedsReturn,
    RequestStatus,
    UnmetCause,
    UnmetDemand,
)
from marketplace.buyback import queries as buyback
from marketplace.buyback.models import AgreementStatus
from marketplace.coverage.engagement.rules import Named, Signal, Standing
from marketplace.kernel.access import SYSTEM, Role
from marketplace.organisations.models import Area, Cluster, Membership, Phase, School
from marketplace.organisations.queries import open_schools

TOOK_PLACE = (BookingStatus.DELIVERED, BookingStatus.EVALUATED, BookingStatus.COMPLETED)
NEVER_ORDERED = (BookingStatus.HELD, BookingStatus.EXPIRED)
GOVERNANCE = "governance"
"""The heading of the themes that courses for governors are about."""

Latest = dict[int, dict[Signal, datetime]]


def standings(area: Area, only: Iterable[int] | None = None) -> list[Standing]:
    """The area's open schools by name (or `only` those with these keys), each with what it last did."""
    rows = (
        open_schools(area)
        .select_related("diocese")
        .defer("ward__geometry")
        .order_by("organisation__name", "urn")
    )
    schools = list(rows if only is None else rows.filter(pk__in=list(only)))
    keys = [school.pk for school in schools]
    latest: Latest = {pk: {} for pk in keys}
    for signal, pairs in _moments(keys):
        for pk, moment in pairs:
            if moment is not None and moment > latest[pk].get(
                signal, moment.min.replace(tzinfo=moment.tzinfo)
            ):
                latest[pk][signal] = moment
    people = _people(keys, latest)
    clusters = _clusters(area)
    return [_standing(school, latest[school.pk], people, clusters.get(school.pk, ())) for school in schools]


def _moments(keys: Sequence[int]) -> Iterable[tuple[Signal, Iterable[tuple[int, datetime | None]]]]:
    """For each kind of record: when each school's newest one is from."""
    needs = brokerage.needs_visible_to(SYSTEM).filter(school__in=keys)
    yield Signal.NEEDS, _newest(needs, "school", "declared_at")
    yield Signal.NEEDS, _newest(NeedsReturn.objects.filter(school__in=keys), "school", "confirmed_at")
    searches = UnmetDemand.objects.filter(organisation__in=keys, cause=UnmetCause.SEARCH)
    yield Signal.SEARCHED, _newest(searches, "organisation", "at")
    requests = (
        brokerage.requests_visible_to(SYSTEM).filter(school__in=keys).exclude(status=RequestStatus.DRAFT)
    )
    yield Signal.ASKED, _newest(requests, "school", "opened_at")
    made = bookings.visible_to(SYSTEM)
    ordered = made.filter(receiving_school__in=keys).exclude(status__in=NEVER_ORDERED)
    yield Signal.BOOKED, _newest(ordered, "receiving_school", "created_at")
    over = made.filter(status__in=TOOK_PLACE)
    yield Signal.RECEIVED, _newest(over.filter(receiving_school__in=keys), "receiving_school", "starts_at")
    yield (
        Signal.GAVE,
        _newest(over.filter(releasing_organisation__in=keys), "releasing_organisation", "starts_at"),
    )
    places = courses.orders_visible_to(SYSTEM).filter(school__in=keys)
    yield Signal.BOOKED, _newest(places, "school", "created_at")
    attended = places.filter(status=PlaceOrderStatus.DELIVERED)
    yield Signal.RECEIVED, _newest(attended, "school", "event__starts_at")
    for_governors = places.filter(
        status__in=(PlaceOrderStatus.CONFIRMED, PlaceOrderStatus.DELIVERED),
        event__offer_version__themes__parent__code=GOVERNANCE,
    )
    yield Signal.GOVERNORS, _newest(for_governors, "school", "created_at")
    agreements = buyback.agreements_visible_to(SYSTEM).filter(buyer__in=keys, accepted_at__isnull=False)
    agreements = agreements.exclude(status__in=(AgreementStatus.DRAFT, AgreementStatus.WITHDRAWN))
    yield Signal.BOOKED, _newest(agreements, "buyer", "accepted_at")
    judged = ImpactEvaluation.objects.filter(booking__receiving_school__in=keys)
    yield Signal.EVALUATED, _newest(judged, "booking__receiving_school", "evaluated_at")
    closed = DeploymentEvaluation.objects.filter(deployment__receiving_school__in=keys)
    yield Signal.EVALUATED, _newest(closed, "deployment__receiving_school", "written_at")


def _newest(rows: QuerySet[Any], school: str, moment: str) -> Iterable[tuple[int, datetime | None]]:
    return rows.order_by().values_list(school).annotate(newest=Max(moment))


def _people(keys: Sequence[int], latest: Latest) -> dict[int, tuple[int, int]]:
    """People with an account, and governors among them, by school; when one of them last signed in goes to `latest`."""
    found = {}
    rows = (
        Membership.objects.filter(organisation__in=keys, ended_at__isnull=True, user__is_active=True)
        .order_by()
        .values_list("organisation")
        .annotate(
            people=Count("user", distinct=True),
            governors=Count("user", distinct=True, filter=Q(role=Role.GOVERNOR)),
            signed_in=Max("user__last_login"),
        )
    )
    for pk, people, governors, signed_in in rows:
        found[pk] = (people, governors)
        if signed_in:
            latest[pk][Signal.SIGNED_IN] = signed_in
    return found


def _clusters(area: Area) -> dict[int, tuple[Named, ...]]:
    found: dict[int, tuple[Named, ...]] = {}
    rows = Cluster.objects.filter(area=area, schools__isnull=False).order_by("name")
    for reference, name, school in rows.values_list("reference", "name", "schools"):
        found[school] = (*found.get(school, ()), (reference, name))
    return found


def _standing(
    school: School,
    latest: dict[Signal, datetime],
    people: dict[int, tuple[int, int]],
    clusters: tuple[Named, ...],
) -> Standing:
    accounts, governors = people.get(school.pk, (0, 0))
    organisation = school.organisation
    return Standing(
        pk=school.pk,
        urn=school.urn,
        reference=organisation.reference,
        name=organisation.name,
        phases=tuple((phase, str(Phase(phase).label)) for phase in school.phases),
        kind=(organisation.legal_status, organisation.get_legal_status_display()),
        trust=(school.trust.reference, school.trust.name) if school.trust else None,
        diocese=(school.diocese.reference, school.diocese.name) if school.diocese else None,
        ward=(school.ward.code, school.ward.name) if school.ward else None,
        clusters=clusters,
        telephone=school.telephone,
        website=school.website,
        people=accounts,
        governors=governors,
        latest=latest,
    )
