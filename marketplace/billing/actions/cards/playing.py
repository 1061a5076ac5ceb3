"""The payer's side: the secret with which the network's own field in the browser works, or, with the stand-in, what the payer does there."""

from typing import Protocol, cast

from marketplace.billing.actions.cards.following import look_again
from marketplace.billing.errors import NoCards
from marketplace.billing.gateways import Intent, Refused, Unsettled
from marketplace.billing.models import CardPayment
from marketplace.billing.network import is_simulated, network
from marketplace.billing.queries import cards as queries
from marketplace.billing.stripe_gateway import ACCEPTED_CARD, DECLINED_CARD, NEEDS_BANK_CHECK
from marketplace.kernel.access import Actor
from marketplace.kernel.errors import NotFound

CARDS = {"accept": ACCEPTED_CARD, "decline": DECLINED_CARD, "check": NEEDS_BANK_CHECK}


class StandIn(Protocol):
    """What only a stand-in for the network does."""

    def pretend_to_pay(self, intent_id: str, method: str) -> Intent:
        """Give a card and confirm."""
        ...

    def pretend_bank_check(self, intent_id: str, *, passed: bool) -> None:
        """Answer the bank's question."""
        ...


def client_secret(*, actor: Actor, payment: CardPayment) -> str:
    """What the network's field in the payer's browser needs; asked for each time, and kept nowhere. Raises `NoCards`."""
    queries.must_pay_for(actor, payment.payer_id)
    if not payment.intent_id:
        raise NotFound
    try:
        return network().get(payment.intent_id).client_secret
    except (Refused, Unsettled) as error:
        raise NoCards(
            "The card network does not answer at the moment.",
            remedy="Try again in a few minutes; nothing was taken.",
        ) from error


def play_the_payer(*, actor: Actor, payment: CardPayment, outcome: str) -> None:
    """Do with the stand-in what a payer does in their browser: `accept`, `decline`, `check`, and `passed` or `failed` for their bank.

    What follows is told by the network as ever: nothing is marked as paid here.
    """
    queries.must_pay_for(actor, payment.payer_id)
    if not is_simulated() or not payment.intent_id:
        raise NotFound
    stand_in = cast("StandIn", network())
    try:
        if outcome in CARDS:
            stand_in.pretend_to_pay(payment.intent_id, CARDS[outcome])
        else:
            stand_in.pretend_bank_check(payment.intent_id, passed=outcome == "passed")
    except Refused:
        pass  # a card that is declined is answered like this, and told of by an event
    except Unsettled as error:
        raise NoCards(
            "The simulated card network does not answer.", remedy="Start the exchange again: make run."
        ) from error
    if outcome in ("check", "failed"):  # the stand-in sends no event of these
        look_again(payment.intent_id)
