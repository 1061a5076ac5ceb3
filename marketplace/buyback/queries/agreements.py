"""Who sees a service agreement, who may do what with it, and what it is worth.

The buying school and its trust, whoever ordered, the seller, and the convenors and finance officers of the school's area see an
agreement. To everybody else it isn't there.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from marketplace.buyback.models import (
    AgreementEnding,
    AgreementLine,
    AgreementStatus,
    AgreementYear,
    ServiceAgreement,
)
from marketplace.buyback.queries.ladders import (
    ORDERERS,
    holds_approval,
    is_own_order,
    ladders_of,
    requirement_for,
)
from marketplace.buyback.rules import Requirement, step_for
from marketplace.buyback.states import AGREEMENT
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import pro_rata
from marketplace.organisations.models import LegalStatus
from marketplace.organisations.queries import has_interest

BUYERS_WHO_READ = SCHOOL_BUYERS | {Role.GOVERNOR, Role.FINANCE}
SELLERS_WHO_READ = frozenset({Role.PROVIDER_LEAD, Role.FINANCE, Role.HEADTEACHER, Role.TRUST_LEAD})
SELLER_LEADS = frozenset({Role.PROVIDER_LEAD, Role.HEADTEACHER, Role.TRUST_LEAD})
AREA_READERS = (Role.CONVENOR, Role.FINANCE)

RUNNING = (AgreementStatus.SUBMITTED, AgreementStatus.ACTIVE)
"""Agreements that are settled and not over."""


def agreements_visible_to(actor: Actor) -> QuerySet[ServiceAgreement]:
    """The agreements the person may see, with the names a list shows."""
    rows = ServiceAgreement.objects.scoped().select_related(
        "buyer__school__trust", "buyer__area", "seller__area", "ordered_by", "window__area", "terms"
    )
    if actor.is_system:
        return rows
    if actor.user_id is None:
        return rows.none()
    return rows.filter(
        Q(buyer__in=actor.organisations(*BUYERS_WHO_READ))
        | Q(ordered_by__in=actor.organisations(*BUYERS_WHO_READ))
        | Q(seller__in=actor.organisations(*SELLERS_WHO_READ))
        | Q(buyer__area__in=actor.in_area(*AREA_READERS))
    )


def agreement_for(actor: Actor, reference: str) -> ServiceAgreement:
    """One agreement by its reference; `NotFound` where there is none for this person."""
    found = agreements_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def with_amounts(rows: QuerySet[ServiceAgreement]) -> QuerySet[ServiceAgreement]:
    """Add `ordered_pence`, the first contract year before VAT with the late charge, as the agreement was ordered."""
    lines = AgreementLine.objects.filter(agreement=OuterRef("pk")).order_by().values("agreement")
    of_lines = Subquery(lines.annotate(total=Sum("year_pence")).values("total"))
    return rows.annotate(ordered_pence=Coalesce(of_lines, 0) + F("late_charge_pence"))


def with_lines(rows: QuerySet[ServiceAgreement]) -> QuerySet[ServiceAgreement]:
    """Fetch lines and begun years along, for pages and files that show them."""
    return rows.prefetch_related(
        Prefetch("lines", AgreementLine.objects.select_related("edition__package")),
        Prefetch("contract_years", AgreementYear.objects.all()),
    )


# What it is worth ----------------------------------------------------------------------------------------------------


def year_pence(agreement: ServiceAgreement) -> int:
    """The first contract year before VAT, without the late charge."""
    return sum(line.year_pence for line in agreement.lines.all())


def first_year_pence(agreement: ServiceAgreement) -> int:
    """The first contract year before VAT, with the late charge."""
    return year_pence(agreement) + agreement.late_charge_pence


def gross_of_first_year(agreement: ServiceAgreement) -> int:
    """What the first contract year costs with VAT and the late charge, in pence."""
    return sum(line.year_pence + line.vat_pence for line in agreement.lines.all()) + _late_charge(agreement)


def order_value(agreement: ServiceAgreement) -> int:
    """What the approval ladder looks at: the whole term with VAT, in pence, at today's prices (the value of a contract is its whole life's).

    Zero where a funding stream pays, for then it takes nothing from the school.
    """
    if agreement.funding_stream_id is not None:
        return 0
    later = sum(_with_vat(line, line.price["total_pence"]) for line in agreement.lines.all())
    return gross_of_first_year(agreement) + (agreement.years - 1) * later


def _late_charge(agreement: ServiceAgreement) -> int:
    """The late charge with VAT as the first line has it."""
    line = next(iter(agreement.lines.all()), None)
    return _with_vat(line, agreement.late_charge_pence) if line else agreement.late_charge_pence


def _with_vat(line: AgreementLine, pence: int) -> int:
    return pence + (pro_rata(pence, line.vat_pence, line.year_pence) if line.year_pence else 0)


def agreed_on(agreement: ServiceAgreement) -> date:
    """The day on which the terms were accepted: before it there was no agreement."""
    return local(agreement.accepted_at or agreement.created_at).date()


def ending_of(agreement: ServiceAgreement) -> AgreementEnding | None:
    """The notice that it ends early, where one stands or has been carried out."""
    return (
        agreement.endings.filter(taken_back_at__isnull=True)
        .select_related("successor", "recorded_by")
        .first()
    )


def last_day_of(agreement: ServiceAgreement, ending: AgreementEnding | None) -> date:
    """The last day on which it will be in force, as things stand."""
    return agreement.ended_on or (ending.last_day if ending else agreement.ends_on)


# Who may do what -----------------------------------------------------------------------------------------------------


def requirement_of(agreement: ServiceAgreement) -> Requirement:
    """What the buyer's ladder asks for an order of this size."""
    return requirement_for(agreement.buyer, order_value(agreement))


def requirements_of(agreements: Iterable[ServiceAgreement]) -> dict[int, Requirement]:
    """The same for many agreements at once, by their ids."""
    rows = list(agreements)
    ladders = ladders_of(row.buyer for row in rows)
    return {row.pk: step_for(ladders[row.buyer_id], order_value(row)) for row in rows}


def _approver(actor: Actor, agreement: ServiceAgreement) -> bool:
    return holds_approval(actor, agreement.buyer_id, requirement_of(agreement))


def needs_another_person(actor: Actor, agreement: ServiceAgreement) -> bool:
    """Whether the person ordered this and the ladder wants somebody else's word."""
    return is_own_order(actor, requirement_of(agreement), agreement.requested_by_id)


def _buyer(actor: Actor, agreement: ServiceAgreement) -> bool:
    return actor.holds(*SCHOOL_BUYERS, at=agreement.buyer_id) or actor.holds(
        *SCHOOL_BUYERS, at=agreement.ordered_by_id
    )


def has_authority(actor: Actor, agreement: ServiceAgreement) -> bool:
    """Whether the person may commit the buyer: its headteacher, a budget holder, or its trust's lead."""
    return actor.holds(*ORDERERS, at=agreement.buyer_id)


def is_seller(actor: Actor, agreement: ServiceAgreement) -> bool:
    """Whether the person leads the seller."""
    return actor.holds(*SELLER_LEADS, at=agreement.seller_id)


def _between(actor: Actor, agreement: ServiceAgreement) -> bool:
    """The seller's lead, or a convenor of the area, who stands between the two."""
    return is_seller(actor, agreement) or actor.convenes(agreement.buyer.area_id)


def _either_side(actor: Actor, agreement: ServiceAgreement) -> bool:
    return has_authority(actor, agreement) or _between(actor, agreement)


_WHO: dict[str, tuple[Callable[[Actor, ServiceAgreement], bool], str]] = {
    "accept": (has_authority, "the headteacher or a budget holder of the school, or the lead of its trust"),
    "approve": (_approver, "whoever the school’s approval ladder names"),
    "refuse_approval": (_approver, "whoever the school’s approval ladder names"),
    "withdraw": (_buyer, "somebody of the school or of the organisation that ordered"),
    "terminate": (
        _either_side,
        "the headteacher or a budget holder of the school, a lead of the seller, or the area’s convenor",
    ),
    "end_for_cause": (_between, "a lead of the seller, or the area’s convenor"),
    "convert": (
        _either_side,
        "the headteacher or a budget holder of the school, a lead of the seller, or the area’s convenor",
    ),
    "renew": (_buyer, "somebody of the school or of the organisation that ordered"),
}


def may_with_agreement(actor: Actor, agreement: ServiceAgreement, verb: str) -> bool:
    """Whether the person's roles let them do this with the agreement, whatever state it is in."""
    return actor.is_system or _WHO[verb][0](actor, agreement)


def who_may_with_agreement(verb: str) -> str:
    """Those who may, in words."""
    return _WHO[verb][1]


def agreement_verbs_for(actor: Actor, agreement: ServiceAgreement, *, today: date) -> tuple[str, ...]:
    """What the person can do with the agreement now: a page shows these buttons and no others."""
    stands = ending_of(agreement)
    possible = [
        *(["accept"] if agreement.accepted_at is None and agreement.status == "awaiting_approval" else []),
        *(
            verb
            for verb in AGREEMENT.verbs_from(agreement.status)
            if verb in ("approve", "refuse_approval", "withdraw")
        ),
        *(["terminate", "convert"] if agreement.status in RUNNING and stands is None else []),
        *(["take_back"] if agreement.status in RUNNING and stands is not None else []),
        *(["renew"] if _can_be_renewed(agreement, today) else []),
    ]
    if "convert" in possible and not can_convert(agreement):
        possible.remove("convert")
    return tuple(verb for verb in possible if _may(actor, agreement, verb, stands))


def can_convert(agreement: ServiceAgreement) -> bool:
    """Whether the agreement is in force and was made with a maintained school, which can become an academy."""
    made_with = agreement.parties.get("buyer", {}).get("legal_status", LegalStatus.LA_MAINTAINED)
    return agreement.status == AgreementStatus.ACTIVE and made_with == LegalStatus.LA_MAINTAINED


def _may(actor: Actor, agreement: ServiceAgreement, verb: str, ending: AgreementEnding | None) -> bool:
    if verb == "take_back":
        return ending is not None and may_take_back(actor, agreement, ending)
    if verb in ("approve", "refuse_approval") and needs_another_person(actor, agreement):
        return False
    if verb == "approve" and has_interest(actor.user_id, agreement.seller_id):
        return False
    return may_with_agreement(actor, agreement, verb)


def may_take_back(actor: Actor, agreement: ServiceAgreement, ending: AgreementEnding) -> bool:
    """Whether the person may take a notice back: the side that gave it."""
    if ending.ground == "buyer_notice":
        return has_authority(actor, agreement) or _between(actor, agreement)
    return may_with_agreement(
        actor, agreement, "convert" if ending.ground == "conversion" else "end_for_cause"
    )


def _can_be_renewed(agreement: ServiceAgreement, today: date) -> bool:
    over = (AgreementStatus.ACTIVE, AgreementStatus.ENDED)
    is_time = agreement.status in over and (agreement.ends_on - today).days < 366
    return is_time and not following(agreement).exists()


# What follows --------------------------------------------------------------------------------------------------------


def following(agreement: ServiceAgreement, *, package: int | None = None) -> QuerySet[ServiceAgreement]:
    """Agreements that stand for the time after the agreement's last day, waiting for approval or settled: the one linked to it, and
    others of the same school and seller with the package, or any of its packages where none is named. One basket can renew two
    agreements, and only one of them is linked."""
    packages = [package] if package else agreement.lines.values("edition__package")
    return _going_on(agreement.pk, agreement.buyer_id, agreement.seller_id, agreement.ends_on, packages)


def _going_on(pk: Any, buyer: Any, seller: Any, ends_on: Any, packages: Any) -> QuerySet[ServiceAgreement]:
    again = Q(
        buyer=buyer,
        seller=seller,
        window__first_day__lte=ends_on + timedelta(days=1),
        ends_on__gt=ends_on,
        lines__edition__package__in=packages,
    )
    standing = (AgreementStatus.AWAITING_APPROVAL, *RUNNING)
    return ServiceAgreement._rows.filter(Q(supersedes=pk) | again, status__in=standing).distinct()


# Lists ---------------------------------------------------------------------------------------------------------------


def of_contract_year(rows: QuerySet[ServiceAgreement], first_day: date) -> QuerySet[ServiceAgreement]:
    """Those of `rows` that run in the contract year that starts on a day, as far as they were agreed."""
    return rows.filter(starts_on__lt=first_day.replace(year=first_day.year + 1), ends_on__gt=first_day)


def agreements_with_package(text: str) -> QuerySet[Any, Any]:
    """Ids of the agreements with a line called something like `text`, to filter by."""
    return AgreementLine.objects.filter(description__icontains=text).values("agreement")


def totals_by_school(rows: QuerySet[ServiceAgreement]) -> list[dict[str, Any]]:
    """For each buying school of `rows`: how many agreements run or wait, and what their first year costs before VAT, by name."""
    counted: QuerySet[Any] = with_amounts(rows).order_by("buyer__name", "pk")
    schools: dict[int, dict[str, Any]] = {}
    for row in counted:
        school = schools.setdefault(
            row.buyer_id,
            {"school": row.buyer, "running": 0, "waiting": 0, "running_pence": 0, "waiting_pence": 0},
        )
        kind = "waiting" if row.status == AgreementStatus.AWAITING_APPROVAL else "running"
        if row.status in (*RUNNING, AgreementStatus.AWAITING_APPROVAL):
            school[kind] += 1
            school[f"{kind}_pence"] += row.ordered_pence
    return list(schools.values())


def ending_soon(today: date, days: int) -> QuerySet[ServiceAgreement]:
    """Agreements in force whose last day is at most so many days away and that nothing follows yet. For jobs."""
    packages = AgreementLine.objects.filter(agreement=OuterRef(OuterRef("pk"))).values("edition__package")
    follows = _going_on(OuterRef("pk"), OuterRef("buyer"), OuterRef("seller"), OuterRef("ends_on"), packages)
    told = AgreementEnding.objects.filter(agreement=OuterRef("pk"), taken_back_at__isnull=True)
    return (
        ServiceAgreement.objects.scoped()
        .select_related("buyer", "seller")
        .filter(
            ~Exists(follows),
            ~Exists(told),
            status=AgreementStatus.ACTIVE,
            ends_on__gte=today,
            ends_on__lte=date.fromordinal(today.toordinal() + days),
        )
        .order_by("pk")
    )


def due_on(day: date) -> QuerySet[ServiceAgreement]:
    """Agreements for which a day may bring something: to begin, to end, or a contract year. For jobs."""
    years = (
        AgreementYear.objects.filter(agreement=OuterRef("pk"))
        .order_by()
        .values("agreement")
        .annotate(last=Max("ends_on"))
        .values("last")
    )
    told = AgreementEnding.objects.filter(
        agreement=OuterRef("pk"), taken_back_at__isnull=True, carried_out_at__isnull=True, last_day__lt=day
    )
    return (
        ServiceAgreement.objects.scoped()
        .annotate(year_until=Subquery(years))
        .filter(
            Q(status=AgreementStatus.SUBMITTED, starts_on__lte=day)
            | Q(Exists(told), status__in=RUNNING)
            | Q(status=AgreementStatus.ACTIVE, ends_on__lt=day)
            | Q(Q(year_until__isnull=True) | Q(year_until__lt=day), status=AgreementStatus.ACTIVE)
        )
        .order_by("pk")
    )
