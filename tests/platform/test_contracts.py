"""What may call what, checked on the code itself."""

import re
import subprocess
import sys
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
        ("writes CSV", r"\bcsv\.writer\(", ("frontend/views/tools.py", "marketplace/demo_area/")),
    ],
)  # fmt: skip
def test_some_things_are_done_in_one_place_only(what: str, pattern: str, where: tuple[str, ...]) -> None:
    found = [
        str(path.relative_to(ROOT)) for path in CODE if re.search(pattern, path.read_text(encoding="utf-8"))
    ]

    assert [path for path in found if not path.startswith(where)] == [], f"only {where} {what}"
    assert found, f"nothing {what}: is the pattern still right?"


def test_no_module_has_grown_past_its_room() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in CODE
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }

    assert long == {}, "a file past 400 lines becomes a folder with the same name and face"
