"""Card payments: who may be asked, what the network's news means, how a refund is split, how long money may be held."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds

ALERT_AFTER_DAYS = 60
DECIDE_AFTER_DAYS = 80
MOST_DAYS_HELD = 90
"""Card networks let a platform keep money for about three months; after that it has to go on or back."""


class TooLargeForCard(DomainError):
    """Cards are for small amounts only."""

    code = "too_large_for_card"


class OverRefund(DomainError):
    """More would be given back than is left of the payment."""

    code = "over_refund"
    status = 409


class PayoutTooLarge(DomainError):
    """More would be passed on than came in, less what was given back and the network's fee."""

    code = "payout_too_large"
    status = 409


def check_amount(pence: int, limit: int) -> None:
    """Raise `TooLargeForCard` above the limit, in pence, VAT included."""
    if pence > limit:
        raise TooLargeForCard(
            f"{pounds(pence)} is more than the {pounds(limit)} that can be paid by card.",
            remedy="Pay it by bank transfer, quoting the document’s number.",
        )


def news(status: str, *, was_refused: bool) -> str | None:
    """The verb that the network's status of a payment asks for; nothing where it tells nothing new."""
    if status in ("requires_payment_method", "requires_confirmation"):
        return "decline" if was_refused else "set_up"
    return {
        "requires_action": "bank_asked",
        "processing": "process",
        "requires_capture": "process",
        "succeeded": "pay",
        "canceled": "cancel",
    }.get(status)


class PassedOn(NamedTuple):
    """Pence of a payout that have not been fetched back, with its key."""

    payout: int
    pence: int


class Leg(NamedTuple):
    """A step of a refund: `payout` is what is fetched back from, nothing for the refund itself."""

    pence: int
    payout: int | None = None


def legs_of_refund(
    pence: int, *, with_network: int, passed_on: Sequence[PassedOn], fee: int = 0
) -> tuple[Leg, ...]:
    """The steps of a refund, in order: fetch back what the network no longer holds for us, then give the money back.

    `with_network` is what of the payment is still with the network, in pence. The network's `fee` is not there, and nobody has it to give:
    up to that much the payee bears out of other money. Raises `OverRefund` when all together is too little.
    """
    missing = max(0, pence - max(0, with_network))
    legs = []
    for payout in passed_on:
        if taken := min(missing, payout.pence):
            legs.append(Leg(taken, payout.payout))
            missing -= taken
    if missing > fee:
        raise OverRefund(
            f"{pounds(pence)} is {pounds(missing)} more than is left of this payment.",
            remedy="Choose a smaller amount.",
            field="amount",
        )
    return (*legs, Leg(pence))


def check_refund(pence: int, *, paid: int, refunded: int) -> None:
    """Raise `OverRefund` when `pence` is nothing, or more than the payment less what was given back before."""
    left = paid - refunded
    if not 0 < pence <= left:
        raise OverRefund(
            f"{pounds(left)} of this payment can be given back, and {pounds(pence)} was asked for.",
            remedy="Enter an amount above zero, and no more than is left.",
            field="amount",
        )


def largest_payout(*, paid: int, refunded: int, fee: int, earned: int) -> int:
    """Pence that may be passed on: what came in less refunds, never more than was delivered for, less the network's fee (I13)."""
    return max(0, min(paid - refunded, earned) - fee)


class Held(StrEnum):
    """How urgent held money is."""

    IN_TIME = "in_time"
    ALERT = "alert"
    DECIDE = "decide"
    OVER = "over"


def held_state(days: int) -> Held:
    """How urgent money is that has been held for so many days."""
    if days >= MOST_DAYS_HELD:
        return Held.OVER
    if days >= DECIDE_AFTER_DAYS:
        return Held.DECIDE
    return Held.ALERT if days >= ALERT_AFTER_DAYS else Held.IN_TIME


_NEXT = {
    "started": "The exchange sets the payment up. This takes a few seconds.",
    "awaiting_card": "The payer enters the card. Not finished within a day, it is given up and nothing is taken.",
    "card_declined": "The payer tries another card, or pays by bank transfer.",
    "awaiting_bank": "The payer answers their bank’s question.",
    "processing": "The bank decides. Nothing to do.",
    "cancelled": "Nothing: no money was taken.",
    "mismatched": "Finance compares the amount with the card network’s dashboard, gives the money back there, and closes the payment here with a note.",
    "closed": "Nothing: what was taken was dealt with in the card network’s dashboard.",
}


def what_next(status: str, *, held_pence: int, is_for_booking: bool, left_pence: int) -> str:
    """What happens next with a card payment, in a sentence."""
    if status != "paid":
        return _NEXT[status]
    if held_pence:
        return f"{pounds(held_pence)} is held until the visit has taken place."
    if not left_pence:
        return "Nothing: all of it was given back."
    return "Nothing: the invoice is paid." if is_for_booking else "Nothing: the document is paid."
