"""Reading a bank statement as banks export it: a CSV file whose columns are known by their headings.

Only money in is a receipt. A line that cannot be read is refused with its line number and the reason; nothing is guessed.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import AmountNotUnderstood, parse_pounds

MOST_LINES = 20_000
_ROWS_BEFORE_HEADINGS = 25
_EARLIEST = date(2000, 1, 1)

HEADINGS: dict[str, tuple[str, ...]] = {
    "date": (
        "date",
        "transaction date",
        "value date",
        "posting date",
        "date posted",
        "posted date",
        "booking date",
        "entry date",
        "trans date",
    ),
    "amount": ("amount", "value", "transaction amount", "amount gbp", "amount in gbp", "net amount"),
    "credit": (
        "credit",
        "credits",
        "credit amount",
        "paid in",
        "money in",
        "receipts",
        "in",
        "credit gbp",
        "deposits",
    ),
    "debit": (
        "debit",
        "debits",
        "debit amount",
        "paid out",
        "money out",
        "payments",
        "out",
        "debit gbp",
        "withdrawals",
    ),
    "sign": ("cr dr", "dr cr", "credit debit", "debit credit", "credit debit indicator", "indicator"),
    "description": (
        "description",
        "transaction description",
        "details",
        "transaction details",
        "narrative",
        "narrative 1",
        "memo",
        "particulars",
        "transaction narrative",
    ),
    "reference": (
        "reference",
        "payment reference",
        "ref",
        "customer reference",
        "bank reference",
        "transaction reference",
        "narrative 2",
        "their reference",
        "remittance information",
    ),
    "payer": (
        "name",
        "payer",
        "payer name",
        "counterparty",
        "counter party",
        "counterparty name",
        "from",
        "remitter",
        "paid by",
        "received from",
    ),
}
"""Which column is which, by the words banks and finance systems put over it. An earlier word wins."""

_DATE_FORMS = (
    "%d/%m/%Y",
    "%d/%m/%y",
    "%d-%m-%Y",
    "%d-%m-%y",
    "%d.%m.%Y",
    "%Y-%m-%d",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %y",
    "%Y%m%d",
)
_CREDIT_WORDS = frozenset({"cr", "c", "credit", "in"})
_DEBIT_WORDS = frozenset({"dr", "d", "debit", "out"})


class StatementNotUnderstood(DomainError):
    """The file is not a bank statement this service can read."""

    code = "statement_not_understood"


class MoneyIn(NamedTuple):
    """One line of money in; `line` is its number in the file."""

    line: int
    received_on: date
    pence: int
    payer_name: str
    text: str
    fingerprint: str


class Refusal(NamedTuple):
    """A line that was not taken, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class ReadStatement:
    """What a file says: `layout` names the columns found, `money_out` counts the lines that are no receipts."""

    layout: str
    money_in: tuple[MoneyIn, ...]
    money_out: int
    refused: tuple[Refusal, ...]

    @property
    def total_pence(self) -> int:
        """All money in."""
        return sum(line.pence for line in self.money_in)


def read(text: str, *, today: date) -> ReadStatement:
    """Read a statement. Raises `StatementNotUnderstood` where no row of headings with a date and an amount is found."""
    rows = _rows(text)
    start, columns, layout = _headings(rows)
    money_in: list[MoneyIn] = []
    refused: list[Refusal] = []
    money_out = 0
    seen: Counter[str] = Counter()
    for number, cells in rows[start:]:
        if not any(cell.strip() for cell in cells):
            continue
        try:
            received_on = parse_date(_cell(cells, columns, "date"), today=today)
            pence = _pence(cells, columns)
        except DomainError as error:
            refused.append(Refusal(number, error.message))
            continue
        if pence <= 0:
            money_out += 1
            continue
        payer, said = _cell(cells, columns, "payer"), _said(cells, columns)
        plain = _plain(f"{payer} {said}")
        key = f"{received_on}|{pence}|{plain}"
        seen[key] += 1
        mark = hashlib.sha256(f"{key}|{seen[key]}".encode()).hexdigest()
        money_in.append(MoneyIn(number, received_on, pence, payer[:200], said[:300], mark))
    return ReadStatement(layout, tuple(money_in), money_out, tuple(refused))


def parse_date(text: str, *, today: date) -> date:
    """A day as British banks write it. Raises `StatementNotUnderstood` for anything else and for days to come."""
    written = " ".join(text.split())[:20]
    for form in _DATE_FORMS:
        try:
            day = datetime.strptime(written, form).date()
        except ValueError:
            continue
        if day > today:
            raise StatementNotUnderstood(f"“{written}” is in the future.")
        if day >= _EARLIEST:
            return day
    raise StatementNotUnderstood(
        f"“{written}” is not a date this service knows." if written else "The date is missing."
    )


def parse_amount(text: str) -> int:
    """Pence, below zero for money out: `£1,234.50`, `(12.00)`, `12.00-`, `12.00 DR`. Raises `AmountNotUnderstood`."""
    written = " ".join(text.replace("\xa0", " ").split())
    negative = False
    if match := re.fullmatch(r"\((.*)\)", written):
        written, negative = match[1], True
    if match := re.fullmatch(r"(.*?)\s*(CR|DR)\.?", written, re.IGNORECASE):
        written, negative = match[1], match[2].upper() == "DR"
    if written.endswith(("-", "−")):
        written, negative = written[:-1], True
    written = re.sub(r"^([-−+]?)\s*(?:GBP|£)\s*([-−]?)", r"\1\2", written.strip(), flags=re.IGNORECASE)
    pence = parse_pounds(written.removeprefix("+"))
    return -abs(pence) if negative else pence


def _rows(text: str) -> list[tuple[int, list[str]]]:
    first = "\n".join(text.splitlines()[:_ROWS_BEFORE_HEADINGS])
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            rows.append((reader.line_num, cells))
            if len(rows) > MOST_LINES:
                raise StatementNotUnderstood(
                    f"The file has more than {MOST_LINES:,} lines.",
                    remedy="Export a shorter period.",
                    field="file",
                )
    except csv.Error as error:
        raise _not_understood() from error
    return rows


def _headings(rows: Sequence[tuple[int, list[str]]]) -> tuple[int, dict[str, int], str]:
    for index, (_, cells) in enumerate(rows[:_ROWS_BEFORE_HEADINGS]):
        columns = _columns(cells)
        if "date" in columns and ("amount" in columns or "credit" in columns):
            layout = ", ".join(cells[at].strip() for at in sorted(columns.values()))
            return index + 1, columns, layout[:200]
    raise _not_understood()


def _columns(cells: Sequence[str]) -> dict[str, int]:
    words = [_plain(cell) for cell in cells]
    found: dict[str, int] = {}
    for name, known in HEADINGS.items():
        for word in known:
            if word in words and words.index(word) not in found.values():
                found[name] = words.index(word)
                break
    return found


def _pence(cells: Sequence[str], columns: dict[str, int]) -> int:
    if "credit" in columns:
        credit, debit = _cell(cells, columns, "credit"), _cell(cells, columns, "debit")
        if credit and (pence := parse_amount(credit)):
            return pence
        if debit:
            return -abs(parse_amount(debit))
        if credit:
            return 0
        if "amount" not in columns:
            raise AmountNotUnderstood("The amount is missing.")
    pence = parse_amount(_cell(cells, columns, "amount"))
    sign = _plain(_cell(cells, columns, "sign"))
    if sign in _DEBIT_WORDS:
        return -abs(pence)
    return abs(pence) if sign in _CREDIT_WORDS else pence


def _cell(cells: Sequence[str], columns: dict[str, int], name: str) -> str:
    at = columns.get(name)
    return " ".join(cells[at].replace("\x00", "").split()) if at is not None and at < len(cells) else ""


def _said(cells: Sequence[str], columns: dict[str, int]) -> str:
    said: Iterable[str] = (_cell(cells, columns, name) for name in ("description", "reference"))
    return " ".join(dict.fromkeys(part for part in said if part))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.casefold()))


def _not_understood() -> StatementNotUnderstood:
    return StatementNotUnderstood(
        "No row of headings with a date and an amount was found in this file.",
        remedy="Export the statement as CSV with headings such as Date, Description, Reference and Amount "
        "(or Paid in and Paid out).",
        field="file",
    )
