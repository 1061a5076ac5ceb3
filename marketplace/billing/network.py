"""The card network of this installation, as the settings say."""

from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from marketplace.billing.gateways import CardNetwork
from marketplace.billing.stripe_gateway import StripeNetwork


def network() -> CardNetwork:
    """The network, to be asked at once. Raises where a transaction is open: what it has locked would wait for the answer, and a
    rollback would forget it."""
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("the card network is never asked inside a transaction")
    return client()


@lru_cache(maxsize=1)
def client() -> CardNetwork:
    """One client for the life of the process."""
    return StripeNetwork(
        settings.STRIPE_SECRET_KEY,
        webhook_secrets=tuple(settings.STRIPE_WEBHOOK_SECRETS),
        base=settings.STRIPE_API_BASE,
    )


def takes_cards() -> bool:
    """Whether there is a network to pay by."""
    return bool(settings.STRIPE_SECRET_KEY)


def is_simulated() -> bool:
    """Whether the network is a stand-in on this computer, and no money is moved."""
    return takes_cards() and bool(settings.STRIPE_API_BASE)


def environment() -> str:
    """Which exchange asks: the first part of every key, and a mark on every object, so that two exchanges may share an account."""
    return urlsplit(settings.SITE_URL).netloc or "exchange"
