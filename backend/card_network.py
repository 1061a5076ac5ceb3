"""The stand-in for the card network, for one person's computer: a server that speaks like Stripe, in a process of its own.

It is the package `localstripe`, which an installation does not have. It keeps everything in memory, listens on this computer only, and
ends with the process that started it, however that one ends.
"""

import contextlib
import importlib.util
import secrets
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SERVER = Path(__file__).with_name("card_network_server.py")
TEST_KEY = "sk_test_"
STARTS_WITHIN = 20.0
HOOK = "exchange"


def check_stand_in(base: str, secret_key: str, *, is_production: bool) -> None:
    """Refuse to start where a stand-in could be taken for the real network: other than with a test key, here, and not in production."""
    problems = []
    if not secret_key.startswith(TEST_KEY):
        problems.append(f"STRIPE_SECRET_KEY must begin with {TEST_KEY}")
    if not _is_this_computer(base):
        problems.append("the address must be one of this computer (127.0.0.1)")
    if is_production:
        problems.append("an installation must not have it at all")
    if problems:
        raise ImproperlyConfigured(
            f"STRIPE_API_BASE names a stand-in for the card network: {'; '.join(problems)}."
        )


def _is_this_computer(base: str) -> bool:
    host = urllib.parse.urlsplit(base).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True)
class StandIn:
    """Where the stand-in listens, and the keys that work with it."""

    base: str
    secret_key: str
    webhook_secret: str
    process: "subprocess.Popen[bytes]"

    def environment(self) -> dict[str, str]:
        """The settings that lead the exchange to it."""
        return {
            "STRIPE_API_BASE": self.base,
            "STRIPE_SECRET_KEY": self.secret_key,
            "STRIPE_WEBHOOK_SECRETS": self.webhook_secret,
        }

    def send_events_to(self, url: str) -> None:
        """Have every event sent to an address of this computer, signed."""
        body = urllib.parse.urlencode({"url": url, "secret": self.webhook_secret}).encode()
        asked = f"{self.base}/_config/webhooks/{HOOK}"
        urllib.request.urlopen(asked, data=body, timeout=5).close()  # noqa: S310  (on this computer)


def is_installed() -> bool:
    """Whether the stand-in is there to be started: in a checkout, with the extras for development and demonstration."""
    return SERVER.exists() and importlib.util.find_spec("localstripe") is not None


@contextlib.contextmanager
def stand_in() -> Iterator[StandIn]:
    """Run the stand-in until the block ends. A lost parent ends it too: it reads a pipe that then closes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        process = subprocess.Popen(  # noqa: S603  (a file of our own)
            [sys.executable, str(SERVER), str(listening.fileno())],
            pass_fds=[listening.fileno()],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    running = StandIn(
        base=f"http://127.0.0.1:{port}",
        secret_key=TEST_KEY + secrets.token_hex(16),
        webhook_secret=f"whsec_{secrets.token_hex(16)}",
        process=process,
    )
    try:
        _wait_until_up(port, process)
        yield running
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_up(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/js.stripe.com/v3/", timeout=1),
        ):
            return
        time.sleep(0.05)
    raise RuntimeError("The simulated card network did not start.")
