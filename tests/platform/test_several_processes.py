"""Several web processes on one PostgreSQL server and one Redis: one slot, one winner, and the other process's open page hears of it.

Runs where `DATABASE_URL` and `REDIS_URL` name servers, as in the second run of the whole check.
"""

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from websockets.sync.client import connect

from marketplace.bookings.models import Booking, BookingStatus
from marketplace.kernel.access import Role
from tests.builders import Scene, a_person, a_scene, a_school

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        settings.EMBEDDED or not settings.REDIS_URL,
        reason="several processes need a PostgreSQL server and Redis: set DATABASE_URL and REDIS_URL",
    ),
]

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, PEOPLE = 3, 32
SECONDS_TO_START = 60


@dataclass
class Web:
    """One web process: pages, API and sockets on a port of its own."""

    port: int
    process: subprocess.Popen[bytes]

    def is_up(self) -> bool:
        try:
            asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
            asked.request("GET", "/healthz")
            return asked.getresponse().status == 200
        except OSError:
            return False


def _started(database: str) -> Web:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    given = {
        "DATABASE_URL": database,
        "SECRET_KEY": settings.SECRET_KEY,
        "HTTPS": "0",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "LOG_LEVEL": "CRITICAL",
    }
    command = [sys.executable, "-m", "uvicorn", "backend.asgi:application", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--lifespan", "off", "--log-level", "critical"], cwd=ROOT, env=os.environ | given
    )
    return Web(port, process)


@pytest.fixture
def webs() -> Iterator[list[Web]]:
    where = connection.settings_dict
    secret = f":{where['PASSWORD']}" if where["PASSWORD"] else ""
    address = f"{where['HOST'] or '127.0.0.1'}:{where['PORT'] or 5432}"
    database = f"postgres://{where['USER']}{secret}@{address}/{where['NAME']}"
    started = [_started(database) for _ in range(PROCESSES)]
    try:
        until = time.monotonic() + SECONDS_TO_START
        while not all(web.is_up() for web in started):
            assert time.monotonic() < until, "a web process did not start"
            time.sleep(0.2)
        yield started
    finally:
        for web in started:
            web.process.terminate()
        for web in started:
            web.process.wait(20)


def _cookie(user: Any) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _hold(web: Web, cookie: str, wish: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    token = secrets.token_hex(16)
    headers = {
        "Content-Type": "application/json",
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}; {settings.CSRF_COOKIE_NAME}={token}",
        "X-CSRFToken": token,
    }
    asked = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
    asked.request("POST", "/api/bookings/", json.dumps(wish), headers)
    answer = asked.getresponse()
    return answer.status, json.loads(answer.read())


def _wish(scene: Scene, urn: int) -> dict[str, Any]:
    return {
        "offer": scene.offer.reference,
        "practitioner": scene.practitioner.reference,
        "school": urn,
        "theme": scene.offer.shown.themes.get().code,
        "phase": "primary",
        "mode": "in_person",
        "day": scene.day.isoformat(),
        "session": "day",
    }


def test_of_thirty_two_people_at_three_processes_one_gets_the_slot_and_an_open_page_hears_of_it(
    webs: list[Web], run_jobs: Callable[[], list[str]]
) -> None:
    scene = a_scene()
    buyers = []
    for _ in range(PEOPLE):
        school = a_school(scene.area)
        buyers.append((school.urn, _cookie(a_person(Role.STAFF, at=school))))
    watcher = _cookie(a_person(Role.STAFF, at=a_school(scene.area)))
    told: list[tuple[int, dict[str, Any]]] = []
    gate = threading.Barrier(PEOPLE)

    def ask(number: int, urn: int, cookie: str) -> None:
        gate.wait()
        told.append(_hold(webs[number % PROCESSES], cookie, _wish(scene, urn)))

    threads = [threading.Thread(target=ask, args=(n, *buyer)) for n, buyer in enumerate(buyers)]
    page = f"127.0.0.1:{webs[-1].port}"
    with connect(
        f"ws://{page}/live/?watch=slot:{scene.practitioner.reference}",
        origin=f"http://{page}",  # type: ignore[arg-type]
        additional_headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={watcher}"},
    ) as live:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        run_jobs()
        frame = json.loads(live.recv(timeout=5))

    assert Counter(status for status, _ in told) == {201: 1, 409: PEOPLE - 1}
    assert {body["code"] for status, body in told if status == 409} == {"slot_taken"}
    assert all(body["next_free"] for status, body in told if status == 409)
    assert Booking.objects.scoped().get().status == BookingStatus.HELD
    assert frame["kind"] == "slot"
