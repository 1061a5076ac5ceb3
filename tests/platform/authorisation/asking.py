"""Asking, and the file of what was decided."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client

from tests.platform.authorisation.addresses import METHODS

FILE = Path(__file__).resolve().parent.parent / "authorisation.csv"
UNDECIDED = "?"

DOES, SEES, DENY, SIGN_IN = "does", "sees", "deny", "sign in"
NOT_A_METHOD = 405


class Writes:
    """Notes whether a statement changed anything but the person's own session."""

    def __init__(self) -> None:
        self.seen = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        words = sql.split(maxsplit=3)
        is_change = words[0] in ("INSERT", "UPDATE", "DELETE") and "django_session" not in sql
        self.seen = self.seen or is_change
        return execute(sql, params, many, context)


def ignore(page: str, name: str) -> None:
    """Whatever it says."""


def check_page(page: str, name: str) -> None:
    """What holds for every page whatever it says."""
    if "<html" not in page:
        return
    assert page.count("<h1") == 1, f"{name} has {page.count('<h1')} headings of the first level"
    assert re.search(r"<title>\s*\S", page), f"{name} has no title"
    assert not re.search(r"""\s(onclick|onload|onsubmit|style)=["']""", page), (
        f"{name} has inline script or style"
    )
    assert "{{" not in page and "{%" not in page, f"{name} shows template code"


def verdict(
    client: Client, method: str, address: str, body: str = "", look: Callable[[str, str], None] = ignore
) -> str:
    """What the answer to a request says about authorisation; nothing where the address does not take the method.

    `look` is shown the page that comes with the answer, if any, and what was asked for.
    """
    writes = Writes()
    with connection.execute_wrapper(writes):
        answer = client.generic(method, address, body, content_type="application/x-www-form-urlencoded")
    status = answer.status_code
    if status == NOT_A_METHOD:
        return ""
    if "text/html" in answer.get("Content-Type", "") and status < 500 and not answer.streaming:
        look(answer.content.decode(), f"{method} {address}")
    if status == 401 or (status == 302 and "/accounts/login/" in answer["Location"]):
        return SIGN_IN
    if status in (403, 404):
        return DENY
    if status >= 500:
        return f"fault {status}"
    return DOES if writes.seen and status < 400 else SEES


def decided() -> dict[str, dict[str, str]]:
    """The reviewed file: endpoint → column → cell."""
    if not FILE.exists():
        return {}
    with FILE.open(newline="", encoding="utf-8") as file:
        return {row.pop("endpoint"): row for row in csv.DictReader(file)}


def write(rows: dict[str, dict[str, str]], columns: list[str]) -> None:
    """Write the file, sorted by address and method; without methods that nobody signed in can use."""
    rows = {name: row for name, row in rows.items() if set(row) - {"anonymous"}}
    with FILE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["endpoint", *columns], lineterminator="\n", restval=UNDECIDED)
        writer.writeheader()
        for name in sorted(rows, key=lambda key: (key.split()[1], METHODS.index(key.split()[0]))):
            writer.writerow({"endpoint": name} | rows[name])
