"""Totals and due dates of documents, what of a price is for which year, and how much cover fits into a share."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from marketplace.kernel.dates import FINANCIAL, Period, months_split
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds, split_pence

INVOICE_TERMS_DAYS = 30


class BackfillTooLarge(DomainError):
    """A releasing school cannot be paid more backfill than its whole share."""

    code = "backfill_too_large"


def check_backfill(backfill_pence: int, share_pence: int) -> None:
    """Raise `BackfillTooLarge` unless a claim for cover lies inside the releasing school's share of the price."""
    if not 0 <= backfill_pence <= share_pence:
        raise BackfillTooLarge(
            f"The backfill of {pounds(backfill_pence)} does not fit into the releasing school’s share of "
            f"{pounds(share_pence)}.",
            remedy="Claim cover up to that share.",
            field="amount",
        )


class Amounts(Protocol):
    """Whatever has a net amount and its VAT, in pence: a line, or a piece of one."""

    @property
    def net_pence(self) -> int:
        """Before VAT."""
        ...

    @property
    def vat_pence(self) -> int:
        """The VAT, rounded once."""
        ...


class Totals(NamedTuple):
    """A document's totals: sums of its lines, nothing worked out again."""

    net_pence: int
    vat_pence: int
    gross_pence: int


def totals(lines: Iterable[Amounts]) -> Totals:
    """Add lines up."""
    net_pence = vat_pence = 0
    for line in lines:
        net_pence += line.net_pence
        vat_pence += line.vat_pence
    return Totals(net_pence, vat_pence, net_pence + vat_pence)


def due_date(issued_on: date, *, terms_days: int = INVOICE_TERMS_DAYS) -> date:
    """The day by which an invoice is to be paid: 30 calendar days after issue unless terms say otherwise."""
    return issued_on + timedelta(days=terms_days)


class YearShare(NamedTuple):
    """The part of a price that belongs to one financial year."""

    year: str
    months: int
    pence: int


def by_financial_year(price_pence: int, contract: Period) -> tuple[YearShare, ...]:
    """Share the price of a contract of whole months between financial years: 7/12 and 5/12 for an academic year."""
    parts = months_split(contract, FINANCIAL)
    shares = split_pence(price_pence, [part.months for part in parts])
    return tuple(YearShare(part.year, part.months, pence) for part, pence in zip(parts, shares, strict=True))
