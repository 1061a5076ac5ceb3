"""The double-entry engine: the only module that writes `Transfer` rows and account balances.

Accounts are locked in primary-key order before anything is read, so that two people spending the last day of a package can't
both have it, and the database's own check stands behind the lock.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, connection
from django.db.models import F, Sum

from marketplace.kernel.access import Actor
from marketplace.kernel.db import constraint_of
from marketplace.kernel.errors import DomainError
from marketplace.kernel.models import Account, Transfer


class NotEnough(DomainError):
    """The account does not hold what was to be taken from it."""

    code = "not_enough"
    status = 409


@dataclass(frozen=True)
class Movement:
    """What to move: `amount` units (pence, half-days …) from one account to another.

    `effect` names the business effect (`booking:17:deliver:receivable`): a second movement of the same effect is refused, so a
    job that runs twice moves once.
    """

    source: Account
    target: Account
    amount: int
    reason: str
    effect: str


def account(
    *,
    ledger: str,
    purpose: str,
    unit: str,
    owner_id: int | None = None,
    detail: str = "",
    may_go_negative: bool = False,
) -> Account:
    """The account for the purpose, made the first time it is asked for."""
    found, _ = Account.objects.get_or_create(
        ledger=ledger,
        owner_id=owner_id,
        purpose=purpose,
        detail=detail,
        unit=unit,
        defaults={"may_go_negative": may_go_negative},
    )
    return found


def move(*, by: Actor, movements: list[Movement], on: date) -> list[Transfer]:
    """Carry out all movements or none, once each.

    Movements whose effect is already in the ledger are left out. Raises `NotEnough` when an account that may not go below
    zero would. Must be called inside an action (a transaction).
    """
    if not connection.in_atomic_block:
        raise RuntimeError("transfers.move() belongs inside an action")
    movements = [m for m in movements if m.amount]
    accounts = _lock({a.pk for m in movements for a in (m.source, m.target)})
    done = set(
        Transfer.objects.filter(effect__in=[m.effect for m in movements]).values_list("effect", flat=True)
    )
    written = []
    for movement in movements:
        if movement.effect in done:
            continue
        _check_units(movement)
        _shift(accounts[movement.source.pk], -movement.amount)
        _shift(accounts[movement.target.pk], movement.amount)
        written.append(
            Transfer.objects.create(
                source=movement.source,
                target=movement.target,
                amount=movement.amount,
                unit=movement.source.unit,
                reason=movement.reason,
                effect=movement.effect,
                on=on,
                by_id=by.user_id,
            )
        )
    return written


def reverse(*, by: Actor, transfer: Transfer, reason: str, on: date) -> Transfer:
    """Write the movement that undoes `transfer`; a transfer is reversed at most once."""
    [written] = move(
        by=by,
        movements=[
            Movement(transfer.target, transfer.source, transfer.amount, reason, f"reverse:{transfer.pk}"),
        ],
        on=on,
    ) or [Transfer.objects.get(effect=f"reverse:{transfer.pk}")]
    return written


def disagreements() -> list[str]:
    """Replay every ledger and compare with the balances kept on the accounts: one sentence for each that differs."""
    came_in = dict(Transfer.objects.values_list("target").annotate(Sum("amount")))
    went_out = dict(Transfer.objects.values_list("source").annotate(Sum("amount")))
    found = []
    for each in Account.objects.order_by("pk"):
        replayed = came_in.get(each.pk, 0) - went_out.get(each.pk, 0)
        if replayed != each.balance:
            found.append(
                f"Account {each}: balance is {each.balance} {each.unit}, its transfers make {replayed}."
            )
    return found


def mixed_units() -> list[str]:
    """Transfers that are not in the unit of both their accounts: one sentence each. The database refuses them."""
    mixed = Transfer.objects.exclude(source__unit=F("unit"), target__unit=F("unit"))
    rows = mixed.order_by("pk").values_list("effect", "unit", "source__unit", "target__unit")
    return [f"Transfer {effect}: {unit} from {source} to {target}." for effect, unit, source, target in rows]


def _lock(ids: set[int]) -> dict[int, Account]:
    rows = Account.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows}


def _check_units(movement: Movement) -> None:
    if movement.amount < 0 or movement.source.unit != movement.target.unit:
        raise ValueError(f"{movement.effect}: a movement is positive and keeps to one unit")


def _shift(row: Account, amount: int) -> Any:
    if amount < 0 and not row.may_go_negative and row.balance + amount < 0:
        raise NotEnough(
            f"There are {row.balance} {row.unit} left and this would take {-amount}.",
            remedy="Choose a smaller amount, or add to the balance first.",
        )
    try:
        Account.objects.filter(pk=row.pk).update(balance=F("balance") + amount)
    except IntegrityError as error:
        if constraint_of(error) == "account_balance_is_not_negative":
            raise NotEnough(
                "The balance would fall below zero.", remedy="Choose a smaller amount."
            ) from error
        raise
    row.balance += amount
