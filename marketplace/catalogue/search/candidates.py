"""The rows a search is worked out from: one query, whatever the number of offers.

Each candidate carries, for every filter that the database can judge, whether it passes. Those that pass all come first, so that
cutting at 500 never loses one; the others are kept because the counts beside the filters are made from them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isqrt
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import (
    SearchQuery,
    SearchRank,
    SearchVectorExact,
    SearchVectorField,
)
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Least

from marketplace.catalogue import rules
from marketplace.catalogue.models import Offer, OfferVersion
from marketplace.catalogue.queries import published
from marketplace.catalogue.search.criteria import Criteria
from marketplace.catalogue.search.text import search_query
from marketplace.kernel.access import Actor
from marketplace.organisations.models import OrganisationKind, School

MOST_RANKED = 500

_ROW = {
    "offer_id": "pk",
    "reference": "reference",
    "version_id": "current_id",
    "title": "current__title",
    "summary": "current__summary",
    "support_type_id": "current__support_type_id",
    "phases": "current__phases",
    "mode": "current__mode",
    "reach_km": "current__reach_km",
    "minimum_half_days": "current__minimum_half_days",
    "capacity_half_days": "current__capacity_half_days",
    "activity_basis": "current__activity_basis",
    "scope": "current__scope",
    "price_rule": "current__price_rule",
    "brokerage_fee": "current__brokerage_fee",
    "cancellation_tariff": "current__cancellation_tariff",
    "provider_id": "provider_id",
    "provider_reference": "provider__reference",
    "provider_name": "provider__name",
    "provider_kind": "provider__kind",
    "published_at": "published_at",
    "confirmed_at": "confirmed_at",
    "rating_total": "rating_total",
    "rating_count": "rating_count",
    "theme_ids": "theme_ids",
    "people_ids": "people_ids",
    "rank": "rank",
    "by_its_own_words": "by_its_own_words",
    "square_metres": "square_metres",
}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One offer that matches the words, by its own or only by what is said of its people. `passes` holds, by name of the filter,
    whether it passes; `metres` is a straight line."""

    offer_id: int
    reference: str
    version_id: int
    title: str
    summary: str
    support_type_id: int
    phases: list[str]
    mode: str
    reach_km: int
    minimum_half_days: int
    capacity_half_days: int | None
    activity_basis: str
    scope: str
    price_rule: Mapping[str, Any]
    brokerage_fee: Mapping[str, Any]
    cancellation_tariff: Mapping[str, Any]
    provider_id: int
    provider_reference: str
    provider_name: str
    provider_kind: str
    published_at: datetime | None
    confirmed_at: datetime | None
    rating_total: int
    rating_count: int
    theme_ids: list[int]
    people_ids: list[int]
    rank: float
    by_its_own_words: bool
    metres: int | None
    passes: dict[str, bool]

    @property
    def quality(self) -> int:
        """In hundredths, with the five ratings that every offer starts with."""
        return rules.quality_hundredths(self.rating_total, self.rating_count)


def candidates(
    actor: Actor,
    criteria: Criteria,
    school: School | None,
    *,
    theme_ids: Collection[int],
    references: Collection[str] | None = None,
) -> tuple[list[Candidate], bool]:
    """The offers on show to this person that match the words, at most 500, and whether there were more.

    `theme_ids` are the chosen themes with those under them; `references` keeps to some offers.
    """
    query = search_query(criteria.q)
    offers = published(actor)
    if query is not None:
        offers = offers.filter(current__search=query)
    if references is not None:
        offers = offers.filter(reference__in=references)
    offers = _measured(offers, query, school)
    filters = dict(_filters(criteria, theme_ids))
    ranked: Any = offers.annotate(**{f"ok_{name}": condition for name, condition in filters.items()})
    rows = ranked.order_by(
        *_passing_first(filters),
        "-by_its_own_words",
        "-rank",
        F("square_metres").asc(nulls_last=True),
        "-published_at",
        "pk",
    ).values(*_ROW.values(), *(f"ok_{name}" for name in filters))[: MOST_RANKED + 1]
    found = [_candidate(row, filters) for row in rows]
    return found[:MOST_RANKED], len(found) > MOST_RANKED


def metres_to(offer: Offer, school: School | None) -> int | None:
    """Metres in a straight line from a school to the nearest site of an offer's provider; `None` where either is not located."""
    row = Offer.objects.filter(pk=offer.pk).annotate(square_metres=square_metres_from(school))
    square = row.values_list("square_metres", flat=True).first()
    return None if square is None else isqrt(square)


def _passing_first(filters: Collection[str]) -> tuple[Case, ...]:
    """Order by whether all filters pass, where there are any."""
    if not filters:
        return ()
    passing = When(Q(*(Q(**{f"ok_{name}": True}) for name in filters)), then=Value(0))
    return (Case(passing, default=Value(1), output_field=IntegerField()),)


def _candidate(row: Mapping[str, Any], filters: Collection[str]) -> Candidate:
    values = {name: row[column] for name, column in _ROW.items()}
    square = values.pop("square_metres")
    return Candidate(
        **values,
        metres=None if square is None else isqrt(square),
        passes={name: bool(row[f"ok_{name}"]) for name in filters},
    )


def _measured(offers: QuerySet[Offer], query: SearchQuery | None, school: School | None) -> QuerySet[Offer]:
    rank = Value(0.0, output_field=FloatField()) if query is None else SearchRank(F("current__search"), query)
    themes = OfferVersion.themes.through.objects.filter(offerversion=OuterRef("current"))
    people = OfferVersion.practitioners.through.objects.filter(
        offerversion=OuterRef("current"), practitioner__is_active=True
    )
    return offers.annotate(
        rank=rank,
        by_its_own_words=_by_its_own_words(query),
        square_metres=square_metres_from(school),
        theme_ids=ArraySubquery(themes.values("theme_id")),
        people_ids=ArraySubquery(people.values("practitioner_id")),
    )


def _by_its_own_words(query: SearchQuery | None) -> Any:
    """Whether the words are found without what is said of the offer's people (weight D)."""
    if query is None:
        return Value(True)
    own = Func(
        F("current__search"),
        template="ts_filter(%(expressions)s, '{a,b,c}')",
        output_field=SearchVectorField(),
    )
    return ExpressionWrapper(SearchVectorExact(own, query), output_field=BooleanField())


def square_metres_from(school: School | None) -> Any:
    """The square of the distance to the provider's nearest site: its own, or for a trust or federation that of its schools."""
    if school is None or school.easting is None or school.northing is None:
        return Value(None, output_field=BigIntegerField())

    def from_school(prefix: str) -> Any:
        east = Cast(F(f"{prefix}easting"), BigIntegerField()) - Value(school.easting)
        north = Cast(F(f"{prefix}northing"), BigIntegerField()) - Value(school.northing)
        return ExpressionWrapper(east * east + north * north, output_field=BigIntegerField())

    def of_group(link: str) -> Subquery:
        sites = School.objects.filter(
            **{link: OuterRef("provider")}, status_code__in=School.OPEN_STATUSES
        ).order_by()
        nearest = sites.annotate(square=from_school("")).values(link).annotate(least=Min("square"))
        return Subquery(nearest.values("least"), output_field=BigIntegerField())

    own = from_school("provider__")
    return Case(
        When(provider__kind=OrganisationKind.TRUST, then=Least(own, of_group("trust"))),
        When(provider__kind=OrganisationKind.FEDERATION, then=Least(own, of_group("federation"))),
        default=own,
        output_field=BigIntegerField(),
    )


def _filters(criteria: Criteria, theme_ids: Collection[int]) -> Any:
    """Parameter of each filter in use with its condition, for those that the database can judge."""
    if criteria.themes:
        link = OfferVersion.themes.through.objects.filter(
            offerversion=OuterRef("current"), theme__in=list(theme_ids)
        )
        yield "theme", Exists(link)
    if criteria.phases:
        yield "phase", _holds(current__phases__overlap=list(criteria.phases))
    if criteria.support_types:
        yield "type", _holds(current__support_type__code__in=criteria.support_types)
    if criteria.modes:
        yield "mode", _holds(current__mode__in=_modes(criteria.modes))
    if criteria.provider_kinds:
        yield "provider", _holds(provider__kind__in=criteria.provider_kinds)
    if criteria.within_km:
        yield "within", _holds(square_metres__lte=(criteria.within_km * 1000) ** 2)
    if criteria.quality:
        # (350 + total) / (5 + count) ≥ wanted, multiplied out so that it stays in whole numbers.
        wanted = Value(criteria.quality) * (F("rating_count") + rules.PSEUDO_RATINGS)
        start = rules.PSEUDO_RATINGS * rules.PSEUDO_RATING
        yield "quality", _holds(rating_total__gte=wanted - start)


def _holds(**condition: Any) -> ExpressionWrapper:
    return ExpressionWrapper(Q(**condition), output_field=BooleanField())


def _modes(chosen: Collection[str]) -> set[str]:
    """Whoever wants support in person is served by what is given both ways too, and the same for remote."""
    return {*chosen, "both"}
