"""Who sees what a package still holds, the balances, and every movement behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from marketplace.buyback.ledgers import Drawdown
from marketplace.buyback.models import CarryRequest, CarryStatus, Entitlement, InclusionKind
from marketplace.buyback.rules.drawing import Holding
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.kernel.models import Account, Ledger, Transfer
from marketplace.kernel.work import WorkItem

HOLDER_READERS = SCHOOL_BUYERS | {Role.GOVERNOR, Role.FINANCE}
SELLER_READERS = frozenset({Role.PROVIDER_LEAD, Role.FINANCE})
AREA_READERS = (Role.CONVENOR, Role.FINANCE)
ANSWERABLE = frozenset({Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.TRUST_LEAD})

LAPSING_SOON_DAYS = 84
"""Twelve weeks before the end of the year unused days are called about to lapse."""


def entitlements_visible_to(actor: Actor) -> QuerySet[Entitlement]:
    """Entitlements of the person's schools, of those they sell to, and for convenors and finance of their area's schools."""
    rows = Entitlement.objects.select_related(
        "agreement__seller", "line__edition__package", "holder", "theme", "support_type", "carried_from"
    )
    if actor.is_system:
        return rows
    if actor.user_id is None:
        return rows.none()
    return rows.filter(
        Q(holder__in=actor.organisations(*HOLDER_READERS))
        | Q(agreement__seller__in=actor.organisations(*SELLER_READERS))
        | Q(holder__area__in=actor.in_area(*AREA_READERS))
    )


def entitlements_held_by(actor: Actor) -> QuerySet[Entitlement]:
    """Those of the schools the person is one of: a trust's lead sees all its schools."""
    return entitlements_visible_to(actor).filter(holder__in=actor.organisations(*HOLDER_READERS))


def entitlements_sold(actor: Actor) -> QuerySet[Entitlement]:
    """Those the person's organisation sold, or for convenors and finance all of the area's schools."""
    return entitlements_visible_to(actor).filter(
        Q(agreement__seller__in=actor.organisations(*SELLER_READERS))
        | Q(holder__area__in=actor.in_area(*AREA_READERS))
    )


def entitlement_for(actor: Actor, reference: str, number: int) -> Entitlement:
    """An entitlement by its agreement's reference and its own number, with balances; `NotFound` where there is none."""
    rows = with_balances(entitlements_visible_to(actor)).select_related("carry_request")
    found = rows.filter(agreement__reference=reference, pk=number).first()
    if found is None:
        raise NotFound
    return found


def may_answer_for(actor: Actor, organisation_id: int) -> bool:
    """Whether the person may decide what becomes of an organisation's days and credits."""
    return actor.holds(*ANSWERABLE, at=organisation_id)


def may_decide_for_seller(actor: Actor, entitlement: Entitlement) -> bool:
    """Whether the person may let unused days be carried forward: a lead of the seller."""
    return actor.holds(Role.PROVIDER_LEAD, at=entitlement.agreement.seller_id)


# Balances ------------------------------------------------------------------------------------------------------------


def with_balances(rows: QuerySet[Entitlement]) -> QuerySet[Entitlement]:
    """The rows with `available`, `reserved`, `used`, `expired`, `carried` and `converted` as the ledger has them."""
    kept = [purpose for purpose in Drawdown if purpose != Drawdown.GRANTED]
    return rows.annotate(**{str(purpose): Coalesce(_balance(purpose), Value(0)) for purpose in kept})


def _balance(purpose: Drawdown) -> Subquery:
    accounts = Account.objects.filter(
        ledger=Ledger.ENTITLEMENT,
        owner_id=OuterRef("holder_id"),
        purpose=str(purpose),
        detail=Concat(Value("entitlement:"), Cast(OuterRef("pk"), CharField())),
        unit=OuterRef("unit"),
    )
    return Subquery(accounts.values("balance")[:1])


def lapsing(
    rows: QuerySet[Entitlement], *, today: date, within: int = LAPSING_SOON_DAYS
) -> QuerySet[Entitlement]:
    """Rows (with balances) of which something is left that lapses within so many days."""
    soon = rows.filter(closed_at=None, valid_to__gte=today, valid_to__lte=today + timedelta(days=within))
    return soon.alias(left=_balance(Drawdown.AVAILABLE)).filter(left__gt=0)


def spendable_on(school_id: int, seller_id: int, day: date, *, at_least: int = 1) -> QuerySet[Entitlement]:
    """Days of support a school holds with a seller that can be used on a day, with balances, soonest to lapse first."""
    rows = Entitlement.objects.select_related("agreement__seller", "line", "theme", "support_type")
    return (
        with_balances(rows)
        .filter(
            holder=school_id,
            agreement__seller=seller_id,
            kind=InclusionKind.DAYS,
            closed_at=None,
            valid_from__lte=day,
            valid_to__gte=day,
        )
        .alias(left=_balance(Drawdown.AVAILABLE))
        .filter(left__gte=at_least)
        .order_by("valid_to", "pk")
    )


def holding_of(entitlement: Entitlement) -> Holding:
    """What the entitlement is good for, as the rules read it."""
    return Holding(
        holder=entitlement.holder_id,
        seller=entitlement.agreement.seller_id,
        is_days=entitlement.kind == InclusionKind.DAYS,
        is_places=entitlement.kind == InclusionKind.PLACES,
        theme=entitlement.theme_id,
        support_type=entitlement.support_type_id,
        valid_from=entitlement.valid_from,
        valid_to=entitlement.valid_to,
        is_closed=entitlement.closed_at is not None,
    )


# Movements -----------------------------------------------------------------------------------------------------------

VERBS = {
    (Drawdown.GRANTED, Drawdown.AVAILABLE): "Granted",
    (Drawdown.AVAILABLE, Drawdown.RESERVED): "Reserved",
    (Drawdown.RESERVED, Drawdown.AVAILABLE): "Given back",
    (Drawdown.RESERVED, Drawdown.USED): "Used",
    (Drawdown.USED, Drawdown.AVAILABLE): "Given back",
    (Drawdown.AVAILABLE, Drawdown.USED): "Used",
    (Drawdown.EXPIRED, Drawdown.USED): "Used, recorded after the end",
    (Drawdown.AVAILABLE, Drawdown.EXPIRED): "Lapsed",
    (Drawdown.AVAILABLE, Drawdown.CARRIED): "Carried forward",
    (Drawdown.AVAILABLE, Drawdown.CONVERTED): "Turned into credits",
}


@dataclass(frozen=True)
class Step:
    """One movement: what happened, how much, and what was left after it. `subject` is the key of the booking it was for, or 0."""

    transfer: Transfer
    verb: str
    quantity: int
    left: int

    @property
    def subject(self) -> int:
        """The key of the booking the movement was for; 0 where it was for none."""
        return booking_of(self.transfer)


def steps_of(entitlement: Entitlement) -> list[Step]:
    """Every movement of an entitlement, oldest first, with what was available after it."""
    transfers = (
        Transfer.objects.filter(
            source__ledger=Ledger.ENTITLEMENT,
            source__owner_id=entitlement.holder_id,
            source__detail=entitlement.account_detail,
        )
        .select_related("source", "target", "by")
        .order_by("pk")
    )
    steps, left = [], 0
    for transfer in transfers:
        source, target = Drawdown(transfer.source.purpose), Drawdown(transfer.target.purpose)
        left += transfer.amount * ((target == Drawdown.AVAILABLE) - (source == Drawdown.AVAILABLE))
        steps.append(Step(transfer, VERBS[source, target], transfer.amount, left))
    return steps


def booking_of(transfer: Transfer) -> int:
    """The key of the booking in a transfer's effect (`booking:17:use:…`); 0 where it has none."""
    subject, _, rest = transfer.effect.partition(":")
    return int(rest.partition(":")[0]) if subject == "booking" else 0


def bookings_of(transfers: Iterable[Transfer]) -> set[int]:
    """The keys of the bookings the transfers were for."""
    return {booking_of(transfer) for transfer in transfers} - {0}


# What waits ----------------------------------------------------------------------------------------------------------


def carrying_to_decide(actor: Actor) -> list[WorkItem]:
    """Requests to carry unused days forward that wait for the person, as a lead of the seller."""
    waiting = CarryRequest.objects.filter(
        status=CarryStatus.WAITING,
        entitlement__agreement__seller__in=actor.organisations(Role.PROVIDER_LEAD),
    ).select_related("entitlement__holder", "entitlement__line", "entitlement__agreement")
    return [
        WorkItem(
            verb="Decide",
            title=f"{request.entitlement.holder} asks to carry days forward",
            detail=f"{request.entitlement.line.description}.",
            due_on=request.entitlement.valid_to,
            url_name="balances:carry_decide",
            url_args=(request.entitlement.agreement.reference, str(request.entitlement_id)),
        )
        for request in waiting
    ]
