"""What may call what, checked on the code itself."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = [
    path
    for folder in ("backend", "marketplace", "api", "frontend")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts and "node_modules" not in path.parts
]


def test_imports_go_down_the_house_only() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")

    ran = subprocess.run([lint_imports], cwd=ROOT, capture_output=True, text=True)

    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize(
    ("what", "pattern", "where"),
    [
        ("sends mail", r"\b(EmailMessage|send_mail|EmailMultiAlternatives|mail_managers)\(", ("marketplace/notifications/mail.py",)),
        ("pushes frames", r"\bgroup_send\b", ("marketplace/notifications/live.py",)),
        ("writes transfers", r"\bTransfer\.objects\.(create|bulk_create)\b", ("marketplace/kernel/transfers.py",)),
        ("marks text as safe HTML", r"\bmark_safe\(", ("frontend/templatetags/", "frontend/forms/")),
        ("writes CSV", r"\bcsv\.writer\(", ("marketplace/kernel/spreadsheets.py", "marketplace/demo_area/")),
    ],
)  # fmt: skip
def test_some_things_are_done_in_one_place_only(what: str, pattern: str, where: tuple[str, ...]) -> None:
    found = [
        str(path.relative_to(ROOT)) for path in CODE if re.search(pattern, path.read_text(encoding="utf-8"))
    ]

    assert [path for path in found if not path.startswith(where)] == [], f"only {where} {what}"
    assert found, f"nothing {what}: is the pattern still right?"


def test_a_moment_becomes_a_day_by_london_clocks_only() -> None:
    """An hour after midnight in summer is the day before in UTC."""
    of_a_moment = re.compile(r"\b(\w+_)?at(\.date\(\)|:%-?d %B)")

    found = [
        str(path.relative_to(ROOT)) for path in CODE if of_a_moment.search(path.read_text(encoding="utf-8"))
    ]

    assert found == [], "say local(moment).date()"


def test_every_part_of_billing_but_the_gateway_is_held_to_not_speaking_to_stripe() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    [contract] = [
        each for each in contracts["contracts"] if each["name"] == "Only the gateway speaks to Stripe"
    ]
    parts = {
        path.relative_to(ROOT / "marketplace/billing").parts[0].removesuffix(".py")
        for path in CODE
        if path.is_relative_to(ROOT / "marketplace/billing")
    }

    named = {name.removeprefix("marketplace.billing.") for name in contract["source_modules"]}

    assert parts - named == {"__init__", "stripe_gateway"}


def test_the_package_ships_nothing_that_needs_the_stand_in_for_the_card_network() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    needs_it = r"^\s*(from|import) (aiohttp|localstripe)\b"
    found = [
        str(path.relative_to(ROOT))
        for path in CODE
        if re.search(needs_it, path.read_text(encoding="utf-8"), re.MULTILINE)
    ]

    assert found == wheel["targets"]["wheel"]["exclude"] == ["backend/card_network_server.py"]


def test_no_module_has_grown_past_its_room() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in CODE
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }

    assert long == {}, "a file past 400 lines becomes a folder with the same name and face"
