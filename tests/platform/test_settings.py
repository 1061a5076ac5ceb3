"""Settings refuse what would be unsafe, and say what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def settings_of(tmp_path: Path, show: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own, without starting a database, and print an expression."""
    dropped = (
        "DATABASE",
        "REDIS",
        "SECRET",
        "DEBUG",
        "PYTEST",
        "HTTPS",
        "DATA_DIR",
        "SITE_URL",
        "PORT",
        "DEMO",
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return subprocess.run(
        [sys.executable, "-c", f"from backend import settings as s; print({show or 's.DEBUG'})"],
        cwd=ROOT,
        env=kept | {"DATA_DIR": str(tmp_path), "DATABASE_URL": "postgres://somewhere/exchange"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_an_installation_must_give_a_secret_key(tmp_path: Path) -> None:
    ran = settings_of(tmp_path)

    assert ran.returncode != 0
    assert "Set SECRET_KEY to a long random string" in ran.stderr
    assert not (tmp_path / "secret_key").exists()


def test_an_installation_is_not_in_debug_and_wants_https(tmp_path: Path) -> None:
    ran = settings_of(
        tmp_path, "s.DEBUG, s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.DEMO_AREA", SECRET_KEY="x" * 60
    )

    assert ran.stdout.strip() == "False True True False", ran.stderr


def test_one_persons_computer_makes_a_key_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    first = settings_of(tmp_path, "s.SECRET_KEY", DEBUG="1")
    second = settings_of(tmp_path, "s.SECRET_KEY", DEBUG="1")

    assert first.stdout == second.stdout and len(first.stdout.strip()) > 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("port", "url"), [("8123", "http://localhost:8123"), ("", "http://localhost:8000")])
def test_links_in_emails_follow_the_port_unless_an_address_is_given(
    tmp_path: Path, port: str, url: str
) -> None:
    given = {"PORT": port} if port else {}

    assert settings_of(tmp_path, "s.SITE_URL", DEBUG="1", **given).stdout.strip() == url
    with_address = settings_of(tmp_path, "s.SITE_URL", DEBUG="1", SITE_URL="https://exchange.example/")
    assert with_address.stdout.strip() == "https://exchange.example"


def test_redis_carries_cache_and_frames_where_it_is_given(tmp_path: Path) -> None:
    show = "s.CACHES['default']['BACKEND'], s.CHANNEL_LAYERS['default']['BACKEND']"

    without = settings_of(tmp_path, show, DEBUG="1").stdout
    given = settings_of(tmp_path, show, DEBUG="1", REDIS_URL="redis://somewhere:6379/0").stdout

    assert "LocMemCache" in without and "InMemory" in without
    assert "RedisCache" in given and "RedisChannelLayer" in given
