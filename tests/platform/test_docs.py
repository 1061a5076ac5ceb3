"""What operators read is true: every setting and command is documented, and what is documented exists."""

import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return OPERATIONS.split(f"\n## {title}\n")[1].split("\n## ")[0]


def in_first_column(text: str) -> set[str]:
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([\w]+)[^`]*`", cell)}


def settings_read() -> set[str]:
    """Names of environment variables the wiring reads."""
    found: set[str] = set()
    for path in (ROOT / "backend").glob("*.py"):
        found |= set(
            re.findall(r"""\benv(?:\.\w+)?\(\s*['"]([A-Z_]+)['"]""", path.read_text())
            + re.findall(r"""environ\.get\(['"]([A-Z_]+)['"]""", path.read_text())
        )
    return found


def test_every_setting_is_documented_and_every_documented_setting_is_read() -> None:
    assert in_first_column(section("Settings")) == settings_read()


def test_every_command_of_ours_is_documented_and_every_documented_command_exists() -> None:
    commands = get_commands()
    ours = {name for name, app in commands.items() if _is_ours(app)}

    documented = in_first_column(section("Commands"))

    assert ours <= documented
    assert documented <= set(commands)


def _is_ours(app: object) -> bool:
    return any(config.name == app and Path(config.path).is_relative_to(ROOT) and ".venv" not in config.path
               for config in apps.get_app_configs())  # fmt: skip


@pytest.mark.django_db
def test_every_append_only_table_is_closed_to_the_applications_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE proname = 'refuse_change'"
        )
        append_only = {table for (table,) in cursor.fetchall()}
    revoked = re.search(r"REVOKE UPDATE, DELETE, TRUNCATE ON ([\w, ]+) FROM", OPERATIONS)

    assert revoked and set(revoked[1].split(", ")) == append_only


@pytest.mark.parametrize(
    "document", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=lambda p: p.name
)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))

    missing = [link for link in links if not (document.parent / link).exists() and not link.endswith(".png")]

    assert missing == []


def test_the_make_targets_named_in_the_readme_exist() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert {f"make {target}" for target in re.findall(r"\bmake (run|test|reset|help)\b", README)} <= {
        line.split("  ")[0].strip() for line in listed.splitlines()
    }


def test_decisions_are_numbered_without_a_gap() -> None:
    names = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))

    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_no_lock_file_names_a_host() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        assert "://" not in lock.read_text(encoding="utf-8"), lock.name


@pytest.mark.parametrize("script", [".ci/run", ".ci/install-test-tools", "docker/entrypoint"])
def test_scripts_are_well_formed_and_can_be_run(script: str) -> None:
    path = ROOT / script
    shell = "sh" if path.read_text(encoding="utf-8").startswith("#!/bin/sh") else "bash"

    assert subprocess.run([shell, "-n", path], capture_output=True).returncode == 0
    assert path.stat().st_mode & 0o111
