"""The check of the wire itself: it lets through what Stripe understands, and stops what it does not, at any depth."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from marketplace.billing.gateways import Done, PayeeAccount
from marketplace.billing.stripe_gateway import StripeNetwork
from tests.billing.cards.wire import CheckedClient, Malformed, check, nested

INTENTS = "https://api.stripe.com/v1/payment_intents"
TRANSFERS = "https://api.stripe.com/v1/transfers"


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("post", INTENTS, "amount=100&currency=gbp&metadata[payment]=CP-1"),
        ("get", f"{INTENTS}/pi_1?expand[0]=latest_charge", ""),
        ("post", f"{INTENTS}/pi_1/cancel", ""),
        ("post", TRANSFERS, "amount=100&currency=gbp&destination=acct_1&source_transaction=ch_1"),
        ("post", f"{TRANSFERS}/tr_1/reversals", "amount=100"),
        ("get", "https://api.stripe.com/v1/events?limit=100&created[gte]=1", ""),
    ],
)
def test_what_stripe_understands_is_let_through(method: str, url: str, body: str) -> None:
    check(method, url, body)


@pytest.mark.parametrize(
    ("method", "url", "body", "wrong"),
    [
        ("post", INTENTS, "amount=100", "currency: missing"),
        ("post", INTENTS, "amount=1.5&currency=gbp", "expected int"),
        ("post", INTENTS, "amount=100&currency=gbp&metdata[a]=b", "metdata: unknown"),
        ("post", INTENTS, "amount=100&currency=gbp&capture_method=later", "not one of"),
        ("post", INTENTS, "amount=100&currency=gbp&shipping[adress][line1]=x", "shipping.adress: unknown"),
        ("post", TRANSFERS, "amount=100&currency=gbp&destinaton=acct_1", "destinaton: unknown"),
        ("post", "https://api.stripe.com/v1/payment_intent", "amount=1", "no such address"),
        ("get", f"{INTENTS}/pi_1?expand=latest_charge", "", "expected a list"),
    ],
)
def test_what_stripe_would_not_understand_is_stopped(method: str, url: str, body: str, wrong: str) -> None:
    with pytest.raises(Malformed, match=wrong):
        check(method, url, body)


ACCOUNT = {
    "id": "acct_1",
    "object": "account",
    "capabilities": {"transfers": "active"},
    "requirements": {"currently_due": ["external_account"]},
}
READY = PayeeAccount("acct_1", True, ("external_account",))
KINDS = [("charge", 41_400), ("refund", -1_000), ("payout", -40_000)]
MOVEMENTS = [
    {"id": f"txn_{kind}", "object": "balance_transaction", "type": kind, "net": net} for kind, net in KINDS
]
PAY = {
    "amount": 100,
    "currency": "gbp",
    "destination": "acct_1",
    "source_transaction": "ch_1",
    "metadata": {"a": "b"},
}
PASSING_ON: list[tuple[str, Callable[[StripeNetwork], Any], dict[str, Any], Any]] = [
    (
        "POST /v1/accounts",
        lambda to: to.open_account(name="Oakfield", metadata={"a": "b"}, key="k"),
        ACCOUNT,
        READY,
    ),
    (
        "POST /v1/account_links",
        lambda to: to.onboarding_url("acct_1", back="https://x.example/", again="https://x.example/"),
        {"object": "account_link", "url": "https://connect.example/"},
        "https://connect.example/",
    ),
    ("GET /v1/accounts/acct_1", lambda to: to.account("acct_1"), ACCOUNT, READY),
    (
        "POST /v1/transfers",
        lambda to: to.pay(PAY, key="k"),
        {"id": "tr_1", "object": "transfer"},
        Done("tr_1"),
    ),
    (
        "POST /v1/transfers/tr_1/reversals",
        lambda to: to.reverse({"transfer": "tr_1", "amount": 100, "metadata": {"a": "b"}}, key="k"),
        {"id": "trr_1", "object": "transfer_reversal"},
        Done("trr_1"),
    ),
    (
        "GET /v1/balance_transactions",
        lambda to: to.balance(),
        {"object": "list", "data": MOVEMENTS, "has_more": False, "url": "/v1/balance_transactions"},
        40_400,
    ),
]


@pytest.mark.parametrize(
    ("address", "ask", "answer", "meant"), PASSING_ON, ids=[address for address, *_ in PASSING_ON]
)
def test_what_is_asked_about_accounts_passing_on_and_the_balance_is_what_stripe_understands(
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    ask: Callable[[StripeNetwork], Any],
    answer: dict[str, Any],
    meant: Any,
) -> None:
    """The stand-in knows none of this: the real request is built and checked, and the answer is of the shape Stripe documents."""
    monkeypatch.setattr(stripe.RequestsClient, "request", lambda *_: (json.dumps(answer), 200, {}))
    client = CheckedClient()

    assert ask(StripeNetwork("sk_test_shape", http_client=client)) == meant

    [sent] = client.sent
    assert f"{sent.method} {sent.path}" == address
    is_keyed = sent.headers.get("Idempotency-Key") == "k"
    assert is_keyed or sent.method == "GET" or sent.path == "/v1/account_links"


def test_flat_names_become_what_they_stand_for() -> None:
    pairs = [("a", "1"), ("b[c][d]", "2"), ("e[0]", "3"), ("e[1]", "4")]

    assert nested(pairs) == {"a": "1", "b": {"c": {"d": "2"}}, "e": ["3", "4"]}
