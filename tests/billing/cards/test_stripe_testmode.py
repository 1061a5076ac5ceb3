"""The same against Stripe's own test mode: run with `STRIPE_SECRET_KEY=sk_test_… pytest -m stripe_testmode`. No money is moved there."""

import os
import secrets

import pytest

from marketplace.billing.gateways import CURRENCY, IntentStatus, Outcome, Refused
from marketplace.billing.stripe_gateway import ACCEPTED_CARD, StripeNetwork
from tests.billing.cards.wire import CheckedClient

KEY = os.environ.get("STRIPE_SECRET_KEY", "")
pytestmark = [
    pytest.mark.stripe_testmode,
    pytest.mark.skipif(not KEY.startswith("sk_test_"), reason="needs a key of Stripe's test mode"),
]


@pytest.fixture
def stripe_itself() -> StripeNetwork:
    return StripeNetwork(KEY, http_client=CheckedClient(timeout=(5.0, 30.0)))


def test_a_payment_from_start_to_refund(stripe_itself: StripeNetwork) -> None:
    mark = secrets.token_hex(8)
    params = {"amount": 12_000, "currency": CURRENCY, "metadata": {"exchange": "test", "payment": mark}}

    intent = stripe_itself.start(params, key=f"test/{mark}")
    assert stripe_itself.start(params, key=f"test/{mark}").id == intent.id
    assert intent.status == IntentStatus.WANTS_CARD
    stripe_itself._v1.payment_intents.confirm(
        intent.id, {"payment_method": ACCEPTED_CARD, "return_url": "https://exchange.example/"}
    )
    paid = stripe_itself.get(intent.id)
    assert (paid.status, paid.pence, paid.currency) == (IntentStatus.SUCCEEDED, 12_000, CURRENCY)
    assert paid.fee_pence > 0 and paid.charge_id

    refund = {"payment_intent": intent.id, "amount": 5_000, "metadata": {"refund": mark}}
    done = stripe_itself.refund(refund, key=f"test/{mark}/refund")
    assert done.outcome == Outcome.SUCCEEDED
    with pytest.raises(Refused):
        stripe_itself.refund(refund | {"amount": 8_000}, key=f"test/{mark}/too-much")


def test_an_unpaid_payment_can_be_given_up(stripe_itself: StripeNetwork) -> None:
    mark = secrets.token_hex(8)
    params = {"amount": 5_000, "currency": CURRENCY, "metadata": {"exchange": "test", "payment": mark}}
    intent = stripe_itself.start(params, key=f"test/{mark}")

    given_up = stripe_itself.cancel({"payment_intent": intent.id}, key=f"test/{mark}/cancel")

    assert given_up.status == IntentStatus.CANCELLED
