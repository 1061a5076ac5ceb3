"""The card network itself tells us: an event sent by the stand-in to the address of the exchange, signed, is what makes a payment paid."""

import time
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from backend import card_network
from marketplace.billing import network
from marketplace.billing.models import CardPaymentStatus, GatewayEvent
from tests.billing.cards.paying import Run, set_up
from tests.builders import a_booking_payment
from tests.card_network import Cards, a_gateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ARRIVES_WITHIN = 20.0


def test_a_payment_is_paid_because_the_network_said_so_and_nobody_looked(
    live_server: LiveServer, run_jobs: Run, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not card_network.is_installed():
        pytest.skip("the stand-in for the card network is not installed")
    with card_network.stand_in() as stand_in:
        settings.STRIPE_SECRET_KEY = stand_in.secret_key
        settings.STRIPE_WEBHOOK_SECRETS = [stand_in.webhook_secret]
        settings.STRIPE_API_BASE = stand_in.base
        gateway, client = a_gateway(stand_in)
        monkeypatch.setattr(network, "client", lambda: gateway)
        stand_in.send_events_to(f"{live_server.url}/webhooks/stripe/")
        payment = set_up(a_booking_payment(), run_jobs)

        Cards(stand_in, client, gateway).accept(payment)
        wait_for("payment_intent.succeeded")
        run_jobs()

        payment.refresh_from_db()
        assert payment.status == CardPaymentStatus.PAID
        assert set(GatewayEvent.objects.values_list("source", flat=True)) == {"webhook"}


def wait_for(kind: str) -> None:
    until = time.monotonic() + ARRIVES_WITHIN
    while not GatewayEvent.objects.filter(kind=kind).exists():
        assert time.monotonic() < until, f"{kind} did not arrive"
        time.sleep(0.05)
