"""The journal file: two sides for each line of a paper, balanced to the penny, with control totals."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from marketplace.kernel.errors import DomainError

HEADINGS = (
    "Side",
    "Cost centre",
    "Organisation",
    "URN",
    "Code",
    "Period",
    "Net debit",
    "Net credit",
    "VAT",
    "Reference",
    "Document date",
    "Narrative",
)
VAT = "Nil (internal)"


class JournalUnbalanced(DomainError):
    """Debits and credits of a journal differ, or a line carries VAT."""

    code = "journal_unbalanced"
    status = 409


class Side(NamedTuple):
    """One of the two parties of a paper, as the authority's ledger knows it."""

    centre: str
    name: str
    urn: str


class JournalLine(NamedTuple):
    """A line of a paper: who pays under which code, who receives under which, net pence (below zero on a credit note)."""

    buyer: Side
    supplier: Side
    cfr_code: str
    income_code: str
    net_pence: int
    vat_pence: int
    reference: str
    issued_on: date
    narrative: str


class JournalRow(NamedTuple):
    """One row of the file. Amounts in pence; one of `debit` and `credit` is zero."""

    side: str
    centre: str
    name: str
    urn: str
    code: str
    period: str
    debit: int
    credit: int
    reference: str
    issued_on: date
    narrative: str


class Control(NamedTuple):
    """What the file must add up to."""

    papers: int
    rows: int
    debit_pence: int
    credit_pence: int


def period_name(first_day: date) -> str:
    """The accounting period of a month, as ledgers number them: April is 01. `2026-27/08` is November 2026."""
    number = (first_day.month - 4) % 12 + 1
    year = first_day.year if first_day.month >= 4 else first_day.year - 1
    return f"{year}-{(year + 1) % 100:02d}/{number:02d}"


def journal_rows(lines: Iterable[JournalLine], period: str) -> list[JournalRow]:
    """Two rows for each line: the buyer's code is debited and the supplier's income credited, the other way round on a credit note.

    Raises `JournalUnbalanced` for a line with VAT: inside one authority there is no supply.
    """
    rows = []
    for line in lines:
        if line.vat_pence:
            raise JournalUnbalanced(
                f"{line.reference} carries VAT, and a journal inside one authority has none.",
                remedy="Credit it and issue it again outside the scope of VAT.",
            )
        pence = abs(line.net_pence)
        is_credit = line.net_pence < 0
        rows.append(_row("Buyer", line.buyer, line.cfr_code, period, pence, not is_credit, line))
        rows.append(_row("Supplier", line.supplier, line.income_code, period, pence, is_credit, line))
    return rows


def _row(
    name: str, side: Side, code: str, period: str, pence: int, is_debit: bool, line: JournalLine
) -> JournalRow:
    debit, credit = (pence, 0) if is_debit else (0, pence)
    return JournalRow(
        name, *side, code, period, debit, credit, line.reference, line.issued_on, line.narrative
    )


def control_of(rows: Sequence[JournalRow]) -> Control:
    """Count and add up. Raises `JournalUnbalanced` where debits and credits differ."""
    debit, credit = sum(row.debit for row in rows), sum(row.credit for row in rows)
    if debit != credit:
        raise JournalUnbalanced(
            "Debits and credits of this journal differ.", remedy="Nothing was exported: tell support."
        )
    return Control(len({row.reference for row in rows}), len(rows), debit, credit)
