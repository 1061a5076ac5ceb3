"""The accounts behind balances: what a package still holds, and the bank of days.

**Entitlement ledger.** Each `Entitlement` has accounts of its own, told apart by `account_detail`, in the unit of what is included.
What was granted lies in the others, so that granted = available + reserved + used + expired + carried + converted, always.

**Exchange ledger.** Each organisation has a balance and what it reserved for booked sessions, in credits. Credits come in where a
sponsor gives them or unused package days are turned into them; from then on they only change hands.
"""

from collections.abc import Iterable
from enum import StrEnum

from marketplace.buyback.models import Entitlement
from marketplace.kernel.models import Account, Ledger
from marketplace.organisations.models import Organisation

CREDITS = "credits"


class Drawdown(StrEnum):
    """The accounts of one entitlement. Only `granted`, the source, lies below zero."""

    GRANTED = "granted"
    AVAILABLE = "available"
    RESERVED = "reserved"
    USED = "used"
    EXPIRED = "expired"
    CARRIED = "carried"
    CONVERTED = "converted"


class Credit(StrEnum):
    """The accounts of one organisation in the bank of days. The sources `sponsor` and `converted` lie below zero."""

    BALANCE = "balance"
    RESERVED = "reserved"
    SPONSOR = "sponsor"
    CONVERTED = "converted"


SOURCES = frozenset({Drawdown.GRANTED, Credit.SPONSOR, Credit.CONVERTED})


def open_accounts(entitlements: Iterable[Entitlement]) -> None:
    """Make the accounts of new entitlements, in one statement."""
    Account.objects.bulk_create(
        [
            Account(
                ledger=Ledger.ENTITLEMENT,
                owner_id=entitlement.holder_id,
                purpose=purpose,
                detail=entitlement.account_detail,
                unit=entitlement.unit,
                may_go_negative=purpose == Drawdown.GRANTED,
            )
            for entitlement in entitlements
            for purpose in Drawdown
        ],
        ignore_conflicts=True,
    )


def accounts_of(entitlement: Entitlement, *, lock: bool = False) -> dict[str, Account]:
    """The accounts of an entitlement by purpose. With `lock` nobody else moves anything until the transaction ends."""
    rows = Account.objects.filter(
        ledger=Ledger.ENTITLEMENT, owner_id=entitlement.holder_id, detail=entitlement.account_detail
    )
    if lock:
        rows = rows.select_for_update(no_key=True).order_by("pk")
    return {row.purpose: row for row in rows}


def credit_accounts(*organisations: Organisation | int) -> dict[tuple[int, str], Account]:
    """The accounts of organisations in the bank of days, by organisation and purpose; made the first time they are asked for."""
    wanted = [each if isinstance(each, int) else each.pk for each in organisations]
    found = _credits(wanted)
    if len(found) < len(set(wanted)) * len(Credit):
        Account.objects.bulk_create(
            [
                Account(
                    ledger=Ledger.EXCHANGE,
                    owner_id=owner,
                    purpose=purpose,
                    unit=CREDITS,
                    may_go_negative=purpose in SOURCES,
                )
                for owner in wanted
                for purpose in Credit
            ],
            ignore_conflicts=True,
        )
        found = _credits(wanted)
    return found


def _credits(owners: list[int]) -> dict[tuple[int, str], Account]:
    rows = Account.objects.filter(ledger=Ledger.EXCHANGE, owner_id__in=owners, unit=CREDITS, detail="")
    return {(row.owner_id or 0, row.purpose): row for row in rows}
