"""Asking the seller to carry unused days forward, and turning unused days into credits."""

from datetime import timedelta

from django.utils import timezone

from marketplace.buyback import ledgers
from marketplace.buyback.actions.entitlements import (
    carries_with_approval,
    close_entitlements,
    is_ordered_again,
    waits_for_an_order,
)
from marketplace.buyback.events import CarryDecided, CarryRequested
from marketplace.buyback.ledgers import Credit, Drawdown
from marketplace.buyback.models import CarryRequest, CarryStatus, Entitlement, InclusionKind
from marketplace.buyback.queries.balances import (
    entitlements_visible_to,
    may_answer_for,
    may_decide_for_seller,
)
from marketplace.buyback.rules.drawing import amount_words
from marketplace.kernel import events, history, transfers
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotAllowed, NotNow
from marketplace.kernel.transfers import Movement

CARRY_ASKED_FROM_DAYS = 92
"""How long before the year's end a school can ask: before that the days had better be used."""


class NothingToCarry(DomainError):
    """Unused days can't be carried forward, or not as many."""

    code = "nothing_to_carry"
    status = 409


class NotConvertible(DomainError):
    """Unused days can't be turned into credits, or not as many."""

    code = "not_convertible"
    status = 409


@action
def request_carry_forward(
    *, actor: Actor, entitlement: Entitlement, quantity: int, reason: str
) -> CarryRequest:
    """Ask the seller to carry unused days into the next contract year, before the days are settled."""
    row = _own(actor, entitlement)
    today = local(timezone.now()).date()
    if not waits_for_an_order(row, on=today):
        _must_be_open(row)
    if not carries_with_approval(row):
        raise NothingToCarry(
            "Unused days of this package are not carried forward by agreement.",
            remedy="Use them before they lapse.",
        )
    if not is_ordered_again(row):
        raise NothingToCarry(
            "There is no agreement for the next contract year into which they could be carried.",
            remedy="Renew the agreement first.",
        )
    if today < row.valid_to - timedelta(days=CARRY_ASKED_FROM_DAYS):
        raise NothingToCarry(
            f"These days can be used until {long_date(row.valid_to)}, so it is too soon to carry them forward.",
            remedy=f"Ask from {long_date(row.valid_to - timedelta(days=CARRY_ASKED_FROM_DAYS))}.",
        )
    _check_quantity(row, quantity, NothingToCarry)
    if hasattr(row, "carry_request"):
        raise NotNow("You have asked already.", remedy="The seller’s answer will be shown here.")
    request = CarryRequest.objects.create(
        entitlement=row, quantity=quantity, reason=_needed(reason), requested_by_id=actor.user_id
    )
    history.write(
        row,
        verb="ask_to_carry",
        by=actor,
        note=f"{amount_words(quantity, row.unit)}: {reason.strip()}",
    )
    events.publish(CarryRequested(request.pk))
    return request


@action
def decide_carry_forward(
    *, actor: Actor, request: CarryRequest, approve: bool, note: str = ""
) -> CarryRequest:
    """The seller lets unused days be carried forward, or not, with the reason. Where the year is over they are settled at once."""
    row = _visible(actor, request.entitlement)
    if not may_decide_for_seller(actor, row):
        raise NotAllowed("You can’t decide this.", remedy="A lead of the seller decides.")
    asked: CarryRequest = locked(CarryRequest.objects.all(), pk=request.pk)
    if asked.status != CarryStatus.WAITING:
        raise NotNow("This has been decided.", remedy="Open the page again to see how.")
    if not approve:
        note = _needed(note)
    asked.status = CarryStatus.APPROVED if approve else CarryStatus.REFUSED
    asked.decided_by_id, asked.decided_at, asked.decision_note = actor.user_id, timezone.now(), note.strip()
    asked.save(update_fields=["status", "decided_by", "decided_at", "decision_note"])
    verb = "approve_carrying" if approve else "refuse_carrying"
    history.write(row, verb=verb, by=actor, note=note.strip())
    events.publish(CarryDecided(asked.pk))
    today = local(timezone.now()).date()
    if row.valid_to < today:
        close_entitlements(actor=actor, agreement=row.agreement, on=row.valid_to)
    return asked


@action
def convert_to_credits(*, actor: Actor, entitlement: Entitlement, quantity: int) -> None:
    """Turn unused half-days into as many credits of the bank of days, where the package has that right."""
    row = _own(actor, entitlement)
    _must_be_open(row)
    if not row.line.edition.exchange_rights or row.kind != InclusionKind.DAYS:
        raise NotConvertible(
            "This package has no right to turn its days into credits.", remedy="Use them as days of support."
        )
    _check_quantity(row, quantity, NotConvertible)
    accounts = ledgers.accounts_of(row, lock=True)
    credits = ledgers.credit_accounts(row.holder_id)
    times = accounts[Drawdown.AVAILABLE].out.filter(target=accounts[Drawdown.CONVERTED]).count()
    effect = f"{row.account_detail}:convert:{times + 1}"
    reason = f"From {row.line.description}"[:200]
    out = Movement(
        accounts[Drawdown.AVAILABLE],
        accounts[Drawdown.CONVERTED],
        quantity,
        "Turned into credits of the bank of days",
        effect,
    )
    came = Movement(
        credits[row.holder_id, Credit.CONVERTED],
        credits[row.holder_id, Credit.BALANCE],
        quantity,
        reason,
        f"{effect}:credits",
    )
    transfers.move(by=actor, movements=[out, came], on=local(timezone.now()).date())
    words = f"{amount_words(quantity, row.unit)} into {amount_words(quantity, ledgers.CREDITS)}"
    history.write(row, verb="convert", by=actor, note=words)


def _own(actor: Actor, entitlement: Entitlement) -> Entitlement:
    row = _visible(actor, entitlement)
    if not may_answer_for(actor, row.holder_id):
        raise NotAllowed(
            "You can’t do this with these days.",
            remedy="Ask the headteacher, a budget holder or the trust’s lead.",
        )
    return row


def _visible(actor: Actor, entitlement: Entitlement) -> Entitlement:
    row: Entitlement = locked(entitlements_visible_to(actor), pk=entitlement.pk)
    return row


def _must_be_open(entitlement: Entitlement) -> None:
    if entitlement.closed_at is not None or entitlement.valid_to < local(timezone.now()).date():
        raise NotNow(
            f"These days could be used until {long_date(entitlement.valid_to)} and have been settled.",
            remedy="See their history for what became of the rest.",
        )


def _check_quantity(entitlement: Entitlement, quantity: int, refusal: type[DomainError]) -> None:
    left = ledgers.accounts_of(entitlement)[Drawdown.AVAILABLE].balance
    if not 1 <= quantity <= left:
        raise refusal(
            f"{amount_words(left, entitlement.unit)} of these are left.",
            remedy="Choose that or less." if left else "Nothing can be done with none.",
            field="quantity",
        )


def _needed(reason: str) -> str:
    if not reason.strip():
        raise DomainError(
            "Say why.", remedy="One sentence is enough: the other side will read it.", field="reason"
        )
    return reason.strip()[:2_000]
