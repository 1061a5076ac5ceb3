"""The stand-in for the card network, for every test that pays by card: one process for the whole run, each request checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from backend import card_network
from marketplace.billing import network
from marketplace.billing.models import CardPayment
from marketplace.billing.stripe_gateway import (
    ACCEPTED_CARD,
    DECLINED_CARD,
    NEEDS_BANK_CHECK,
    StripeNetwork,
)
from tests.billing.cards.wire import CheckedClient, Request


@dataclass
class Cards:
    """The network as this test has it: what was sent, and what its payers do in their browsers."""

    stand_in: card_network.StandIn
    client: CheckedClient
    gateway: StripeNetwork

    @property
    def sent(self) -> list[Request]:
        """The requests so far."""
        return self.client.sent

    def accept(self, payment: CardPayment) -> None:
        """The payer enters a card, and it is accepted."""
        self.gateway.pretend_to_pay(_intent(payment), ACCEPTED_CARD)

    def decline(self, payment: CardPayment) -> None:
        """The payer enters a card, and it is declined."""
        with pytest.raises(Exception, match="declined"):
            self.gateway.pretend_to_pay(_intent(payment), DECLINED_CARD)

    def ask_bank(self, payment: CardPayment) -> None:
        """The payer enters a card whose bank wants to ask them."""
        self.gateway.pretend_to_pay(_intent(payment), NEEDS_BANK_CHECK)

    def answer_bank(self, payment: CardPayment, *, passed: bool) -> None:
        """The payer answers their bank."""
        self.gateway.pretend_bank_check(_intent(payment), passed=passed)


def _intent(payment: CardPayment) -> str:
    payment.refresh_from_db()
    assert payment.intent_id, "the payment is not set up with the network"
    return payment.intent_id


def a_gateway(stand_in: card_network.StandIn, *, base: str = "") -> tuple[StripeNetwork, CheckedClient]:
    """A gateway to the stand-in (or to what stands before it, at `base`) whose every request is checked."""
    client = CheckedClient()
    gateway = StripeNetwork(
        stand_in.secret_key,
        webhook_secrets=(stand_in.webhook_secret,),
        base=base or stand_in.base,
        http_client=client,
    )
    return gateway, client


@pytest.fixture(scope="session")
def simulated_network() -> Iterator[card_network.StandIn]:
    """The stand-in's process."""
    with card_network.stand_in() as running:
        yield running


@pytest.fixture
def cards(simulated_network: card_network.StandIn, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Cards:
    """Cards are taken, by the stand-in."""
    settings.STRIPE_SECRET_KEY = simulated_network.secret_key
    settings.STRIPE_WEBHOOK_SECRETS = [simulated_network.webhook_secret]
    settings.STRIPE_API_BASE = simulated_network.base
    gateway, client = a_gateway(simulated_network)
    monkeypatch.setattr(network, "client", lambda: gateway)
    return Cards(simulated_network, client, gateway)
