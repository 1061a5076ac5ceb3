"""`make run` for real: a process with a data folder of its own, started, used, stopped with Ctrl-C, and started again."""

import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from pytest_django.plugin import DjangoDbBlocker
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests import database

ROOT = Path(__file__).resolve().parent.parent.parent
STARTS_WITHIN = 120

MIGRATED = """
import sys
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute(sys.stdin.read())
"""
PEOPLE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from marketplace.kernel.access import Role
from marketplace.organisations.models import Area, Membership, Organisation, User
area = Area.objects.create(code="901", name="Test area")
authority = Organisation.objects.create(kind="local_authority", name="Test council", area=area)
user = User.objects.create(email="cora@example.org", name="Cora Vale")
Membership.objects.create(user=user, organisation=authority, role=Role.CONVENOR)
"""
ANNOUNCE = """
import django; django.setup()
from marketplace.coverage.events import CoverageRecomputed
from marketplace.kernel.events import publish
from marketplace.organisations.models import Area
publish(CoverageRecomputed(area_id=Area.objects.get().pk, snapshot_id=41))
"""
LEAVE = """
import django; django.setup()
from django.utils import timezone
from marketplace.kernel.events import publish
from marketplace.organisations.events import MembershipEnded
from marketplace.organisations.models import Membership
membership = Membership.objects.get()
Membership.objects.update(ended_at=timezone.now())
publish(MembershipEnded(user_id=membership.user_id, organisation_id=membership.organisation_id))
"""


class Exchange:
    """One data folder and one port, and the process that serves them; no card network but the stand-in."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.printed = data.parent / "printed.txt"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "DATABASE", "REDIS", "STRIPE"))
        }
        self.environment = kept | {
            "DATA_DIR": str(data),
            "PORT": str(self.port),
            "DEMO_AREA": "0",
            "DJANGO_SETTINGS_MODULE": "backend.settings",
        }

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def run(self, script: str, given: str = "") -> None:
        """Run a script on the same data, as a process of its own."""
        command = [sys.executable, "-c", script]
        subprocess.run(
            command, cwd=ROOT, env=self.environment, input=given, text=True, check=True, timeout=300
        )

    def start(self) -> tuple[subprocess.Popen[bytes], float]:
        """Start the server as the leader of its own process group; the process, and how long it took until it answered."""
        began = time.monotonic()
        with self.printed.open("w") as printed:
            process = subprocess.Popen(
                [sys.executable, "-m", "backend.serve"],
                cwd=ROOT,
                env=self.environment,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while time.monotonic() - began < STARTS_WITHIN and process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=STARTS_WITHIN) as answer:
                    assert json.load(answer) == {"status": "ok"}
                    return process, time.monotonic() - began
            except (urllib.error.URLError, TimeoutError):
                time.sleep(0.1)
        process.kill()
        pytest.fail(f"The server did not start: {self.printed.read_text()}")

    def interrupt(self, process: subprocess.Popen[bytes]) -> str:
        """Press Ctrl-C: the signal goes to the whole process group, as from a terminal. What the process printed."""
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)
        assert process.returncode == 0, self.printed.read_text()
        return self.printed.read_text()

    def processes(self) -> list[str]:
        """Whatever still runs on this data folder."""
        lines = [" ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"])]
        return [line for line in lines if str(self.data) in line]


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    made = Exchange(tmp_path / "data")
    yield made
    for left in psutil.process_iter(["cmdline"]):
        if str(made.data) in " ".join(left.info["cmdline"] or []):
            left.kill()


@pytest.fixture
def migrated(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> str:
    """Statements that leave a database as migrations do: to run them all again would take a minute."""
    with django_db_blocker.unblock():
        return database.statements() if settings.EMBEDDED else "SELECT 'the migrations are to be run'"


def signed_in(link: str) -> str:
    """Open a one-time link; the session cookie it gives."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with browser.open(link, timeout=30) as page:
        assert "Your work" in page.read().decode()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def listen(exchange: Exchange, cookie: str, origin: str = "") -> ClientConnection:
    return connect(
        f"ws://localhost:{exchange.port}/live/",
        additional_headers={"Cookie": cookie},
        origin=origin or exchange.url,  # type: ignore[arg-type]
        proxy=None,
    )


def test_it_starts_serves_stops_and_starts_again_with_its_data(exchange: Exchange, migrated: str) -> None:
    exchange.run(MIGRATED, migrated)
    exchange.run(PEOPLE)

    process, first_start = exchange.start()
    [stand_in] = stand_ins(process)
    assert {each.laddr.ip for each in stand_in.net_connections() if each.status == "LISTEN"} == {"127.0.0.1"}
    cookie = check_links_and_sockets(exchange)
    printed = exchange.interrupt(process)
    assert f"The exchange is at {exchange.url}/" in printed and "Traceback" not in printed
    assert exchange.processes() == []
    assert not stand_in.is_running()

    exchange.environment |= {
        "STRIPE_SECRET_KEY": "sk_test_of_our_own",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_of_our_own",
    }
    process, second_start = exchange.start()
    assert stand_ins(process) == [], "with a key of the real network there is no stand-in"
    with pytest.raises(InvalidStatus):
        listen(exchange, "")
    listen(exchange, cookie).close()
    exchange.interrupt(process)
    assert exchange.processes() == []
    assert second_start < max(10.0, first_start)


def stand_ins(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The stand-ins for the card network that an exchange has started."""
    children = psutil.Process(process.pid).children(recursive=True)
    return [each for each in children if any("card_network_server.py" in word for word in each.cmdline())]


def check_links_and_sockets(exchange: Exchange) -> str:
    """One printed line signs a person in, once; a job's frame reaches their page; no stranger's; none after their role ended."""
    link = first_link(exchange.printed.read_text())
    cookie = signed_in(link)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(link, timeout=30)

    with pytest.raises(InvalidStatus):
        listen(exchange, cookie, origin="https://evil.example")
    with listen(exchange, cookie) as page:
        exchange.run(ANNOUNCE)
        frame = json.loads(page.recv(timeout=30))
        assert frame["kind"] == "coverage" and frame["snapshot"] == 41
        exchange.run(LEAVE)
        with pytest.raises(Exception, match="4408"):
            page.recv(timeout=30)
    with listen(exchange, cookie) as page:
        exchange.run(ANNOUNCE)
        with pytest.raises(TimeoutError):
            page.recv(timeout=4)
    return cookie


def first_link(printed: str) -> str:
    found = re.search(r"convenor\s+cora@example.org\s+(http\S+/sign-in/\S+/)", printed)
    assert found, printed
    return found.group(1)


def test_a_taken_port_is_said_in_one_line(exchange: Exchange) -> None:
    with socket.create_server(("127.0.0.1", exchange.port)):
        ran = subprocess.run(
            [sys.executable, "-m", "backend.serve"],
            cwd=ROOT,
            env=exchange.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert ran.returncode == 1
    assert ran.stderr == (
        f"Port {exchange.port} is taken by another program. Choose another one: PORT={exchange.port + 1} make run\n"
    )
    assert not exchange.data.exists()
