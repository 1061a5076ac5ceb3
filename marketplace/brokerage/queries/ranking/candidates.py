"""One offer that might help, with all that the ranking knows of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import isqrt
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from marketplace.brokerage.queries.ranking import facts as reading
from marketplace.brokerage.queries.ranking.asked import REMOTE, Asked, reasons_of
from marketplace.brokerage.queries.ranking.facts import Known, Person, context_of
from marketplace.brokerage.rules.ranking import (
    ADJACENT_EXPERTISE,
    EXACT_EXPERTISE,
    MAIN_PHASE,
    OTHER_PHASE,
    ConflictFacts,
    ConflictTable,
    Facts,
    FoundConflict,
    HardReason,
    SchoolContext,
    conflicts_in,
    context_share,
    first_reason,
)
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue import rules as catalogue_rules
from marketplace.catalogue.models import DeliveryMode, Offer, OfferScope, OfferVersion
from marketplace.catalogue.pricing import SchoolFacts, is_by_the_place
from marketplace.catalogue.quotes import Priced, priced
from marketplace.kernel.dates import local
from marketplace.kernel.days import HALF_DAYS_IN_A_DAY
from marketplace.organisations.models import OrganisationKind

LA_KINDS = (OrganisationKind.LA_SERVICE, OrganisationKind.LOCAL_AUTHORITY)

_COLUMNS = (
    "pk",
    "reference",
    "rating_total",
    "rating_count",
    "confirmed_at",
    "current__title",
    "current__phases",
    "current__mode",
    "current__reach_km",
    "current__scope",
    "current__capacity_half_days",
    "current__minimum_half_days",
    "current__price_rule",
    "current__brokerage_fee",
    "provider_id",
    "provider__reference",
    "provider__name",
    "provider__kind",
    "provider__suspended_at",
    "provider__school__trust_id",
    "provider__school__federation_id",
    "provider__school__phases",
    "provider__school__pupils",
    "provider__school__fsm_basis_points",
    "provider__school__phase_code",
    "provider__school__type_group_code",
    "square_metres",
    "is_exact",
    "is_near",
    "has_phase",
    "in_reach",
    "people_ids",
)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One offer. `facts` are what the score is made of, `reasons` all that speaks against it, `conflicts` what the table says.

    `metres` is a straight line; `people` who could come, `set_aside` how many of its people can't for a tie to the school.
    """

    reference: str
    title: str
    provider_id: int
    provider_reference: str
    provider_name: str
    provider_kind: str
    mode: str
    is_exact: bool
    metres: int | None
    facts: Facts
    reasons: frozenset[HardReason]
    conflicts: tuple[FoundConflict, ...]
    priced: Priced
    people: int
    set_aside: int
    is_confirmed: bool
    by_distance: bool

    @property
    def is_la_service(self) -> bool:
        """Whether the local authority itself provides it: then a banner says so."""
        return self.provider_kind in LA_KINDS

    @property
    def reason(self) -> HardReason | None:
        """What is counted of all that speaks against it."""
        return self.facts.reason


def read_candidates(asked: Asked, offers: QuerySet[Offer]) -> list[Candidate]:
    """The candidates of some of the considered offers, in order of their ids."""
    people = OfferVersion.practitioners.through.objects.filter(
        offerversion=OuterRef("current"), practitioner__is_active=True
    )
    annotated: Any = offers.annotate(people_ids=ArraySubquery(people.values("practitioner_id")))
    rows = list(annotated.order_by("pk").values(*_COLUMNS))
    if not rows:
        return []
    known = reading.read(asked, rows)
    prices = catalogue.school_facts(asked.school)
    school = asked.school
    own = SchoolContext(school.pupils, school.fsm_basis_points, school.phase_code, school.type_group_code)
    return [_candidate(asked, row, known, prices, own) for row in rows]


def _candidate(
    asked: Asked, row: Mapping[str, Any], known: Known, prices: SchoolFacts, school: SchoolContext
) -> Candidate:
    named = [known.people[pk] for pk in row["people_ids"] if pk in known.people]
    removed = {person.id: why for person in named if (why := _set_aside(asked, person, row, known))}
    people = [person for person in named if person.id not in removed]
    square = row["square_metres"]
    metres = None if square is None else isqrt(square)
    price = _price(asked, row, prices)
    free = _free(row, people, known)
    reasons = {
        *reasons_of(dict(row)),
        *_of_the_provider(asked, row),
        *([HardReason.NO_CAPACITY] if free == 0 else []),
        *([HardReason.BY_THE_PLACE] if is_by_the_place(row["current__price_rule"]) else []),
        *([HardReason.CEILING] if _too_dear(asked, price) else []),
    }
    if named and not people:
        reasons.add(_first(removed.values()))
    facts = Facts(
        id=row["pk"],
        expertise=EXACT_EXPERTISE if row["is_exact"] else ADJACENT_EXPERTISE if row["is_near"] else 0.0,
        phase=_phase(asked, row, people),
        distance=_nearness(asked, row, metres),
        free_half_days=free,
        rating_total=row["rating_total"],
        rating_count=row["rating_count"],
        price_pence=price.quote.total_pence if price.quote else None,
        context=_context(row, people, school),
        deployments=known.deployments.get(row["pk"], 0),
        reason=first_reason(reasons),
    )
    confirmed = row["confirmed_at"]
    return Candidate(
        reference=row["reference"],
        title=row["current__title"],
        provider_id=row["provider_id"],
        provider_reference=row["provider__reference"],
        provider_name=row["provider__name"],
        provider_kind=row["provider__kind"],
        mode=row["current__mode"],
        is_exact=row["is_exact"],
        metres=metres,
        facts=facts,
        reasons=frozenset(reasons),
        conflicts=_conflicts(asked, row, known, people, reasons, metres),
        priced=price,
        people=len(people),
        set_aside=len(removed),
        is_confirmed=catalogue_rules.is_confirmed(
            local(confirmed).date() if confirmed else None, asked.today
        ),
        by_distance=_takes_distance(asked, row),
    )


# What speaks against it ----------------------------------------------------------------------------------------------


def _set_aside(asked: Asked, person: Person, row: Mapping[str, Any], known: Known) -> HardReason | None:
    """Why a person can't come to this school, whatever their provider."""
    if person.employer == asked.school.pk:
        return HardReason.OWN_SCHOOL
    if row["current__scope"] != OfferScope.TRUST and person.belongs_to(asked.groups):
        return HardReason.SAME_TRUST
    return HardReason.DECLARED_CONFLICT if person.id in known.declared else None


def _of_the_provider(asked: Asked, row: Mapping[str, Any]) -> Iterable[HardReason]:
    if row["provider_id"] == asked.school.pk:
        yield HardReason.OWN_SCHOOL
    if row["current__scope"] != OfferScope.TRUST and _is_of_the_group(asked, row):
        yield HardReason.SAME_TRUST
    if row["provider__suspended_at"]:
        yield HardReason.SUSPENDED


def _is_of_the_group(asked: Asked, row: Mapping[str, Any]) -> bool:
    bodies = {
        row["provider_id"],
        row["provider__school__trust_id"],
        row["provider__school__federation_id"],
    }
    return row["provider_id"] != asked.school.pk and not bodies.isdisjoint(asked.groups)


def _price(asked: Asked, row: Mapping[str, Any], prices: SchoolFacts) -> Priced:
    """What the half-days asked for cost; a price a place says nothing of days."""
    if is_by_the_place(row["current__price_rule"]):
        return Priced(None, "Sold by the place, on its courses: it has no price for days.")
    return priced(
        row["current__price_rule"],
        row["current__brokerage_fee"],
        prices,
        on_date=asked.today,
        half_days=asked.half_days,
        minimum_half_days=row["current__minimum_half_days"],
    )


def _too_dear(asked: Asked, price: Priced) -> bool:
    """Whether a ceiling is passed; what has no price passes none."""
    if price.quote is None:
        return False
    total = price.quote.total_pence
    if asked.most_pence is not None and total > asked.most_pence:
        return True
    half_days = price.quote.quantity.half_days or asked.half_days
    return (
        asked.most_a_day_pence is not None and total * HALF_DAYS_IN_A_DAY > asked.most_a_day_pence * half_days
    )


def _first(reasons: Collection[HardReason]) -> HardReason:
    found = first_reason(reasons)
    assert found is not None  # there is one for each person who was set aside
    return found


def _conflicts(
    asked: Asked,
    row: Mapping[str, Any],
    known: Known,
    people: list[Person],
    reasons: Collection[HardReason],
    metres: int | None,
) -> tuple[FoundConflict, ...]:
    bodies = {row["provider_id"], *(person.employer for person in people)}
    return conflicts_in(
        ConflictFacts(
            own_school=HardReason.OWN_SCHOOL in reasons,
            declared=HardReason.DECLARED_CONFLICT in reasons,
            same_trust=HardReason.SAME_TRUST in reasons,
            helped_by_school_on=max(
                (known.helped_by_school[pk] for pk in bodies if pk in known.helped_by_school), default=None
            ),
            employed_until=max(
                (known.employed_until[p.id] for p in people if p.id in known.employed_until), default=None
            ),
            worked_together_on=known.worked_together.get(row["provider_id"]),
            metres=metres,
            same_phase=asked.phase in (row["provider__school__phases"] or ()),
            decision_makers=known.deciders_tied.get(row["provider_id"], 0),
        ),
        ConflictTable.SUPPORT,
        on=asked.today,
    )


# What the score is made of -------------------------------------------------------------------------------------------


def _free(row: Mapping[str, Any], people: list[Person], known: Known) -> int | None:
    """Half-days left this school year: of what the offer states, and of what is agreed with its people’s headteachers."""
    left = []
    if row["current__capacity_half_days"] is not None:
        left.append(row["current__capacity_half_days"] - known.taken_of_offers.get(row["pk"], 0))
    agreed = [known.left_of_people[person.id] for person in people if person.id in known.left_of_people]
    if agreed:
        left.append(sum(agreed))
    return max(0, min(left)) if left else None


def _phase(asked: Asked, row: Mapping[str, Any], people: list[Person]) -> float:
    if not row["has_phase"]:
        return 0.0
    is_main = len(row["current__phases"]) == 1 or any(asked.phase in person.phases for person in people)
    return MAIN_PHASE if is_main else OTHER_PHASE


def _takes_distance(asked: Asked, row: Mapping[str, Any]) -> bool:
    return asked.works_remotely and row["current__mode"] in REMOTE


def _nearness(asked: Asked, row: Mapping[str, Any], metres: int | None) -> float:
    share = catalogue_rules.nearness_share(
        None if row["current__mode"] == DeliveryMode.REMOTE else metres,
        reach_metres=row["current__reach_km"] * 1000,
        far_metres=asked.theme.max_km * 1000,
        remote_fit=asked.theme.remote_fit if _takes_distance(asked, row) else None,
    )
    return share or 0.0  # nobody knows how far


def _context(row: Mapping[str, Any], people: list[Person], school: SchoolContext) -> float:
    """Of the provider where it is a school, else the most alike of the schools that its people come from."""
    own = context_of(
        (
            row["provider__school__pupils"],
            row["provider__school__fsm_basis_points"],
            row["provider__school__phase_code"],
            row["provider__school__type_group_code"],
        )
    )
    if own is not None:
        return context_share(school, own)
    alike = [context_share(school, person.context) for person in people if person.context]
    return max(alike) if alike else context_share(school, None)
