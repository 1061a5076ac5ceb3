"""What a contract year brings, and what becomes of the rest at its end.

Locks are taken on the agreement or the entitlement first and on the accounts last; nobody who holds accounts waits for either.
"""

import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from marketplace.buyback import ledgers
from marketplace.buyback.ledgers import Drawdown
from marketplace.buyback.models import (
    UNITS,
    AgreementLine,
    AgreementYear,
    BuyBackWindow,
    CarryForward,
    CarryStatus,
    Entitlement,
    InclusionKind,
    ServiceAgreement,
)
from marketplace.buyback.queries.agreements import RUNNING, following
from marketplace.buyback.rules.drawing import amount_words, carried, grant_words, granted_for
from marketplace.kernel import history, transfers
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import ContractCalendar, contract_year, local, long_date, whole_months_remaining
from marketplace.kernel.db import action, locked
from marketplace.kernel.models import Account, Ledger
from marketplace.kernel.transfers import Movement

log = logging.getLogger(__name__)

CARRY_DECISION_DAYS = 28
"""How long after the year's end a request to carry forward may wait for the seller before the days lapse."""

LONGEST_WAIT_DAYS = 92
"""How long after the year's end days may wait for next year's order, where its window is still to open or open, or it is not approved yet."""


@action
def grant_entitlements(*, actor: Actor, year: AgreementYear) -> list[Entitlement]:
    """Grant what the agreement includes in one of its contract years, once; a part of a year brings its share.

    Asked for again it returns what was granted.
    """
    agreement = locked(ServiceAgreement.objects.scoped(), pk=year.agreement_id)
    granted = list(
        Entitlement.objects.filter(agreement=agreement, year_number=year.number, carried_from=None)
    )
    if granted:
        return granted
    months = whole_months_remaining(year.starts_on, year.ends_on)
    words: dict[int, str] = {}
    lines = agreement.lines.select_related("edition").prefetch_related("edition__inclusions")
    for line in lines:
        for inclusion in line.edition.inclusions.all():
            quantity = granted_for(inclusion.quantity, months)
            if not quantity:
                continue
            unit = UNITS[InclusionKind(inclusion.kind)]
            entitlement = Entitlement.objects.create(
                agreement=agreement,
                line=line,
                year_number=year.number,
                holder_id=agreement.buyer_id,
                kind=inclusion.kind,
                unit=unit,
                granted=quantity,
                theme_id=inclusion.theme_id,
                support_type_id=inclusion.support_type_id,
                valid_from=year.starts_on,
                valid_to=year.ends_on,
            )
            words[entitlement.pk] = grant_words(inclusion.quantity, months, unit)
            granted.append(entitlement)
    ledgers.open_accounts(granted)
    today = _today()
    for entitlement in granted:
        reason = f"{entitlement.line.description}: {words[entitlement.pk]}"
        transfers.move(by=actor, movements=[_grant(entitlement, reason)], on=today)
        history.write(entitlement, verb="grant", by=actor, note=reason)
    return granted


@action
def close_entitlements(*, actor: Actor, agreement: ServiceAgreement, on: date) -> None:
    """Settle what is left of an agreement on a day: years that are over carry or lapse by policy, others lapse at once.

    What is reserved for sessions still to be recorded stays reserved.
    """
    for pk in _open_of(agreement):
        entitlement = _locked(pk)
        if entitlement.valid_to <= on:
            _settle_year(actor, entitlement)
        else:
            _lapse(actor, entitlement, f"{agreement} ended on {long_date(on)}")


@action
def move_entitlements(
    *, actor: Actor, old: ServiceAgreement, new: ServiceAgreement, on: date
) -> list[Entitlement]:
    """Move what is left of an agreement to the one that replaces it from `on`, line by line, to be used as long as before."""
    lines = {line.position: line for line in new.lines.all()}
    moved = []
    for pk in _open_of(old):
        entitlement = _locked(pk)
        line = lines.get(entitlement.line.position)
        left = _available(entitlement)
        if line is not None and left and entitlement.valid_to >= on:
            successor = _successor(entitlement, left, on, entitlement.valid_to, agreement=new, line=line)
            _carry(actor, entitlement, successor, f"Moved to {new}")
            moved.append(successor)
            _close(actor, entitlement, "move", f"{amount_words(left, entitlement.unit)} moved to {new}")
        else:
            _lapse(actor, entitlement, f"{old} was replaced by {new}")
    return moved


def settle_ended_years(*, now: datetime | None = None) -> int:
    """Each night: carry or lapse what is left of contract years that are over, and what came back to settled ones; how many.

    One that fails is logged, tried again the next night, and holds up no other.
    """
    today = local(now or timezone.now()).date()
    over = Entitlement.objects.filter(closed_at=None, valid_to__lt=today).values_list("pk", flat=True)
    came_back = Entitlement.objects.filter(closed_at__isnull=False, pk__in=_with_something_left())
    return sum(_try_to_settle(pk) for pk in [*over, *came_back.values_list("pk", flat=True)])


def _try_to_settle(pk: int) -> bool:
    try:
        return _settle_one(pk=pk)
    except Exception:
        log.exception("What is left of entitlement %s could not be settled.", pk)
        return False


@action
def _settle_one(*, pk: int) -> bool:
    entitlement = _locked(pk)
    if entitlement.closed_at is None:
        return _settle_year(SYSTEM, entitlement)
    if _followed_on(entitlement):
        return True
    return _expire(SYSTEM, entitlement, "Came back after the year was settled") > 0


# Steps ---------------------------------------------------------------------------------------------------------------


def _settle_year(actor: Actor, entitlement: Entitlement) -> bool:
    """Carry by policy, expire the rest, close; False where the seller has still to decide, or the school to order again."""
    request = getattr(entitlement, "carry_request", None)
    approved = 0
    if waits_for_an_order(entitlement, on=_today()):
        return False
    if request is not None and request.status == CarryStatus.WAITING:
        asked_on = max(entitlement.valid_to, local(request.requested_at).date())
        if _today() <= asked_on + timedelta(days=CARRY_DECISION_DAYS):
            return False
    elif request is not None and request.status == CarryStatus.APPROVED:
        approved = request.quantity
    edition = entitlement.line.edition
    left = _available(entitlement)
    amount = carried(
        edition.carry_forward,
        left,
        cap=_cap_left(entitlement),
        approved=approved,
        was_carried=was_carried(entitlement),
        is_days=entitlement.kind == InclusionKind.DAYS,
    )
    note = ""
    if amount and runs_on(entitlement):
        starts = entitlement.valid_to + timedelta(days=1)
        ends = contract_year(ContractCalendar(entitlement.agreement.calendar), starts).end
        successor = _successor(entitlement, amount, starts, ends)
        _carry(actor, entitlement, successor, f"Carried forward until {long_date(ends)}")
        note = f"{amount_words(amount, entitlement.unit)} carried forward until {long_date(ends)}. "
    expired = _expire(actor, entitlement, f"Not used by {long_date(entitlement.valid_to)}")
    if expired:
        note += f"{amount_words(expired, entitlement.unit)} lapsed."
    _close(actor, entitlement, "settle", note or "Nothing was left.")
    return True


def _followed_on(entitlement: Entitlement) -> bool:
    """Let what came back after its agreement was replaced follow the rest to the agreement that replaced it."""
    successor = Entitlement.objects.filter(carried_from=entitlement, closed_at=None).first()
    if successor is None or not _is_replacement(successor):
        return False
    accounts = ledgers.accounts_of(entitlement, lock=True)
    arrived = ledgers.accounts_of(successor, lock=True)
    left = accounts[Drawdown.AVAILABLE].balance
    times = accounts[Drawdown.AVAILABLE].out.filter(target=accounts[Drawdown.CARRIED]).count()
    effect = f"{entitlement.account_detail}:carry:{times + 1}"
    reason = f"Came back and moved to {successor.agreement}"
    out = Movement(accounts[Drawdown.AVAILABLE], accounts[Drawdown.CARRIED], left, reason, effect)
    came = Movement(arrived[Drawdown.GRANTED], arrived[Drawdown.AVAILABLE], left, reason, f"{effect}:arrived")
    transfers.move(by=SYSTEM, movements=[out, came], on=_today())
    Entitlement.objects.filter(pk=successor.pk).update(granted=F("granted") + left)
    history.write(successor, verb="grant", by=SYSTEM, note=reason)
    return left > 0


def _is_replacement(entitlement: Entitlement) -> bool:
    before = entitlement.carried_from
    return before is not None and before.agreement_id != entitlement.agreement_id


def was_carried(entitlement: Entitlement) -> bool:
    """Whether these days come from the year before (and not from an agreement replaced in mid-year)."""
    return entitlement.carried_from is not None and not _is_replacement(entitlement)


def runs_on(entitlement: Entitlement) -> bool:
    """Whether the school has the agreement for another contract year, or one that follows it and is approved."""
    if entitlement.agreement.ends_on > entitlement.valid_to:
        return True
    return _following(entitlement).filter(status__in=RUNNING).exists()


def is_ordered_again(entitlement: Entitlement) -> bool:
    """Whether the agreement runs on, or an order for the next contract year waits for approval."""
    return runs_on(entitlement) or _following(entitlement).exists()


def _following(entitlement: Entitlement) -> QuerySet[ServiceAgreement]:
    return following(entitlement.agreement, package=entitlement.line.edition.package_id)


def waits_for_an_order(entitlement: Entitlement, *, on: date) -> bool:
    """Whether unused days that could be carried wait for next year's order: its window opens or closes after their last day, or it waits
    for approval.

    Where the seller has to agree, the school has until then to ask, too. What is waiting can't be used for sessions any more.
    """
    policy = entitlement.line.edition.carry_forward
    last_day = entitlement.valid_to + timedelta(days=LONGEST_WAIT_DAYS)
    if policy == CarryForward.NONE or was_carried(entitlement) or on > last_day:
        return False
    if not ledgers.accounts_of(entitlement)[Drawdown.AVAILABLE].balance:
        return False
    if not runs_on(entitlement) and is_ordered_again(entitlement):
        return True
    window = BuyBackWindow.objects.filter(
        area=entitlement.agreement.window.area_id,
        calendar=entitlement.agreement.calendar,
        first_day=entitlement.valid_to + timedelta(days=1),
        closes_on__gt=entitlement.valid_to,
    ).first()
    if window is None or on > window.closes_on:
        return False
    if not runs_on(entitlement):
        return True
    has_asked = hasattr(entitlement, "carry_request")
    return (
        policy == CarryForward.WITH_APPROVAL and not has_asked and window.orders_from > entitlement.valid_to
    )


def _cap_left(entitlement: Entitlement) -> int:
    """What of the cap is free: it is one for all days a package includes, whatever they are for."""
    line = locked(AgreementLine.objects.select_related("edition"), pk=entitlement.line_id)
    carried_on = Entitlement.objects.filter(
        line=line, kind=InclusionKind.DAYS, carried_from__line=line, year_number=entitlement.year_number + 1
    )
    used = carried_on.aggregate(Sum("granted"))["granted__sum"] or 0
    return max(0, line.edition.carry_cap_half_days - used)  # type: ignore[no-any-return]


def carries_with_approval(entitlement: Entitlement) -> bool:
    """Whether the package leaves it to the seller to carry its unused days forward."""
    with_approval = entitlement.line.edition.carry_forward == CarryForward.WITH_APPROVAL
    return with_approval and not was_carried(entitlement)


def _successor(
    entitlement: Entitlement, quantity: int, starts: date, ends: date, **changes: Any
) -> Entitlement:
    values: dict[str, Any] = {
        "agreement": entitlement.agreement,
        "line": entitlement.line,
        "year_number": entitlement.year_number + (not changes),
        "holder_id": getattr(changes.get("agreement"), "buyer_id", entitlement.holder_id),
        "kind": entitlement.kind,
        "unit": entitlement.unit,
        "granted": quantity,
        "theme_id": entitlement.theme_id,
        "support_type_id": entitlement.support_type_id,
        "valid_from": starts,
        "valid_to": ends,
        "carried_from": entitlement,
    }
    successor = Entitlement.objects.create(**values | changes)
    ledgers.open_accounts([successor])
    return successor


def _carry(actor: Actor, entitlement: Entitlement, successor: Entitlement, reason: str) -> None:
    """Out of the old, into the new: both or neither."""
    accounts = ledgers.accounts_of(entitlement)
    out = Movement(
        accounts[Drawdown.AVAILABLE],
        accounts[Drawdown.CARRIED],
        successor.granted,
        reason,
        f"{entitlement.account_detail}:carry",
    )
    came = _grant(successor, f"Carried over from {entitlement.line.description}"[:200])
    transfers.move(by=actor, movements=[out, came], on=_today())
    history.write(successor, verb="grant", by=actor, note=came.reason)


def _grant(entitlement: Entitlement, reason: str) -> Movement:
    accounts = ledgers.accounts_of(entitlement)
    return Movement(
        accounts[Drawdown.GRANTED],
        accounts[Drawdown.AVAILABLE],
        entitlement.granted,
        reason[:200],
        f"{entitlement.account_detail}:grant",
    )


def _lapse(actor: Actor, entitlement: Entitlement, reason: str) -> None:
    expired = _expire(actor, entitlement, reason)
    lapsed = f"{amount_words(expired, entitlement.unit)} lapsed. " if expired else ""
    _close(actor, entitlement, "settle", f"{lapsed}{reason}.")


def _expire(actor: Actor, entitlement: Entitlement, reason: str) -> int:
    """Let what is available lapse. The effect names the transfer before it: what comes back later can lapse once more."""
    accounts = ledgers.accounts_of(entitlement, lock=True)
    available = accounts[Drawdown.AVAILABLE]
    left = available.balance
    if left:
        times = available.out.filter(target=accounts[Drawdown.EXPIRED]).count()
        effect = f"{entitlement.account_detail}:expire:{times + 1}"
        movement = Movement(available, accounts[Drawdown.EXPIRED], left, reason[:200], effect)
        transfers.move(by=actor, movements=[movement], on=_today())
    return left


def _close(actor: Actor, entitlement: Entitlement, verb: str, note: str) -> None:
    entitlement.closed_at = timezone.now()
    entitlement.save(update_fields=["closed_at"])
    history.write(entitlement, verb=verb, by=actor, note=note)


def _available(entitlement: Entitlement) -> int:
    return ledgers.accounts_of(entitlement, lock=True)[Drawdown.AVAILABLE].balance


def _locked(pk: int) -> Entitlement:
    rows = Entitlement.objects.select_related(
        "agreement__window", "line__edition", "carried_from", "carry_request"
    )
    entitlement: Entitlement = locked(rows, pk=pk)
    return entitlement


def _open_of(agreement: ServiceAgreement) -> list[int]:
    rows = Entitlement.objects.filter(agreement=agreement, closed_at=None).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _with_something_left() -> list[int]:
    accounts = Account.objects.filter(
        ledger=Ledger.ENTITLEMENT, purpose=Drawdown.AVAILABLE, balance__gt=0
    ).values_list("detail", flat=True)
    return [int(detail.partition(":")[2]) for detail in accounts]


def _today() -> date:
    return local(timezone.now()).date()
