"""Reserving, using and giving back what an entitlement holds.

Called from verbs of bookings, which have asked who may. Each movement carries an effect made of what it is for (`booking:17`) and
of the entitlement, so that it happens once however often it is asked for; the account's lock and the database keep `available`
from falling below zero, however many ask at once (I3).
"""

from django.utils import timezone

from marketplace.buyback.ledgers import Drawdown, accounts_of
from marketplace.buyback.models import Entitlement
from marketplace.buyback.queries.balances import holding_of
from marketplace.buyback.rules.drawing import Wish, amount_words, why_unfit
from marketplace.kernel import transfers
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action
from marketplace.kernel.errors import DomainError
from marketplace.kernel.transfers import Movement, NotEnough


class DoesNotFit(DomainError):
    """The session can't be drawn from these days."""

    code = "entitlement_does_not_fit"
    status = 409


class NothingLeft(NotEnough):
    """The package does not hold as much as was asked for."""

    code = "not_enough_left"


@action
def reserve(
    *, actor: Actor, entitlement: Entitlement, wish: Wish, quantity: int, effect: str, reason: str
) -> None:
    """Set `quantity` aside for a session. Raises `DoesNotFit`, and `NothingLeft` where less is available."""
    if why := why_unfit(holding_of(entitlement), wish):
        raise DoesNotFit(why, remedy="Choose another way to pay.", field="pay_by")
    try:
        _move(
            actor, entitlement, Drawdown.AVAILABLE, Drawdown.RESERVED, quantity, f"{effect}:reserve", reason
        )
    except NotEnough as error:
        left = accounts_of(entitlement)[Drawdown.AVAILABLE].balance
        raise NothingLeft(
            f"{entitlement.line.description} has {amount_words(left, entitlement.unit)} left, and this takes"
            f" {amount_words(quantity, entitlement.unit)}.",
            remedy="Choose another way to pay, or a shorter session.",
            field="pay_by",
        ) from error


@action
def use(*, actor: Actor, entitlement: Entitlement, quantity: int, effect: str, reason: str) -> None:
    """Count what was reserved as used: the session took place, or the tariff keeps it."""
    _move(actor, entitlement, Drawdown.RESERVED, Drawdown.USED, quantity, f"{effect}:use", reason)


@action
def release(*, actor: Actor, entitlement: Entitlement, quantity: int, effect: str, reason: str) -> None:
    """Make what was reserved available again."""
    _move(actor, entitlement, Drawdown.RESERVED, Drawdown.AVAILABLE, quantity, f"{effect}:release", reason)


@action
def give_back(*, actor: Actor, entitlement: Entitlement, quantity: int, effect: str, reason: str) -> None:
    """Make available again what the tariff kept: the charge was waived."""
    _move(actor, entitlement, Drawdown.USED, Drawdown.AVAILABLE, quantity, f"{effect}:give_back", reason)


def _move(
    actor: Actor,
    entitlement: Entitlement,
    source: Drawdown,
    target: Drawdown,
    quantity: int,
    effect: str,
    reason: str,
) -> None:
    accounts = accounts_of(entitlement)
    movement = Movement(
        accounts[source], accounts[target], quantity, reason[:200], f"{effect}:{entitlement.account_detail}"
    )
    transfers.move(by=actor, movements=[movement], on=local(timezone.now()).date())
