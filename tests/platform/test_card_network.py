"""The stand-in for the card network: refused wherever it could be taken for the real one, on this computer only, and gone with its parent."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from backend import card_network
from tests.platform.test_settings import settings_of

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = "http://127.0.0.1:8420"
GOOD = {"STRIPE_API_BASE": HERE, "STRIPE_SECRET_KEY": "sk_test_1", "DEBUG": "1"}


def test_a_stand_in_is_taken_with_a_test_key_here_and_in_debug(tmp_path: Path) -> None:
    assert settings_of(tmp_path, "s.STRIPE_API_BASE", **GOOD).stdout.strip() == HERE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"STRIPE_SECRET_KEY": "sk_live_1"}, "must begin with sk_test_"),
        ({"STRIPE_API_BASE": "http://192.0.2.7:8420"}, "must be one of this computer"),
        ({"STRIPE_API_BASE": "http://127.0.0.1.evil.example"}, "must be one of this computer"),
        ({"DEBUG": "0", "SECRET_KEY": "x" * 60}, "an installation must not have it"),
    ],
)
def test_anything_else_does_not_start(tmp_path: Path, change: dict[str, str], said: str) -> None:
    ran = settings_of(tmp_path, **(GOOD | change))

    assert ran.returncode != 0 and said in ran.stderr


def test_a_real_key_wants_its_publishable_half(tmp_path: Path) -> None:
    ran = settings_of(tmp_path, DEBUG="1", STRIPE_SECRET_KEY="sk_live_1")

    assert "STRIPE_PUBLISHABLE_KEY" in ran.stderr


def test_it_listens_on_this_computer_only_and_ends_with_its_block() -> None:
    with card_network.stand_in() as running:
        process = psutil.Process(running.process.pid)
        listening = [each.laddr.ip for each in process.net_connections("inet") if each.status == "LISTEN"]
        assert listening == ["127.0.0.1"]

    assert not process.is_running()


def test_it_ends_with_a_parent_that_was_killed() -> None:
    script = (
        "from backend.card_network import stand_in; import time\n"
        "with stand_in() as s: print(s.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert parent.stdout
    child = psutil.Process(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    parent.wait()

    until = time.monotonic() + 10
    while child.is_running() and time.monotonic() < until:
        time.sleep(0.05)
    assert not child.is_running()


def test_it_is_no_part_of_an_installation() -> None:
    assert "localstripe" not in (ROOT / "requirements-server.lock").read_text(encoding="utf-8")


def test_the_settings_of_cards_reach_an_installation_but_never_a_stand_in() -> None:
    """`docker/compose.yaml` passes on each of them; the address of a stand-in is for one's own computer only."""

    known = set(re.findall(r"^(STRIPE_\w+)", (ROOT / "backend/settings.py").read_text(), re.MULTILINE))
    passed = dict(
        re.findall(r"^    (\w+): \$\{\1:-(.*)\}$", (ROOT / "docker/compose.yaml").read_text(), re.MULTILINE)
    )

    assert known - set(passed) == {"STRIPE_API_BASE"}
    assert "CARD_LIMIT_PENCE" in passed


def test_the_settings_of_cards_left_empty_are_those_of_no_cards(tmp_path: Path) -> None:
    empty = {"STRIPE_SECRET_KEY": "", "STRIPE_PUBLISHABLE_KEY": "", "STRIPE_WEBHOOK_SECRETS": ""}
    ran = settings_of(
        tmp_path,
        "(s.STRIPE_SECRET_KEY, s.STRIPE_WEBHOOK_SECRETS, s.STRIPE_CONNECT, s.CARD_LIMIT_PENCE)",
        DEBUG="1",
        STRIPE_CONNECT="0",
        CARD_LIMIT_PENCE="100000",
        **empty,
    )

    assert ran.stdout.strip() == "('', [], False, 100000)", ran.stderr
