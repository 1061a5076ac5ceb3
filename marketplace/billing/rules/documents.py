"""Lines, totals and due dates of documents, and the two sides of a brokered session."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from marketplace.catalogue.pricing import BrokerageFee, split
from marketplace.kernel.dates import FINANCIAL, Period, months_split
from marketplace.kernel.days import HalfDays
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds, split_pence
from marketplace.kernel.supply import VatDecision
from marketplace.kernel.vat import VatTreatment, vat_on

INVOICE_TERMS_DAYS = 30


class BackfillTooLarge(DomainError):
    """A releasing school cannot be paid more backfill than its whole share."""

    code = "backfill_too_large"


class Settlement(NamedTuple):
    """The two sides of a brokered session, net pence: receivable = payable + fee; backfill is part of the payable."""

    receivable_from_buyer: int
    payable_to_releasing_school: int
    of_which_backfill: int
    brokerage_fee: int


def settlement(
    price_pence: int, half_days: HalfDays, fee: BrokerageFee | None, *, backfill_pence: int = 0
) -> Settlement:
    """What the buyer owes the broker and the broker the releasing school; without a fee everything is passed on.

    Raises `BackfillTooLarge` when the claim for cover exceeds the releasing school's share.
    """
    buyer, releasing_school, broker = (
        split(price_pence, half_days, fee) if fee else (price_pence, price_pence, 0)
    )
    if not 0 <= backfill_pence <= releasing_school:
        raise BackfillTooLarge(
            f"The backfill of {pounds(backfill_pence)} does not fit into the releasing school’s share of "
            f"{pounds(releasing_school)}.",
            remedy="Claim cover up to that share.",
        )
    return Settlement(buyer, releasing_school, backfill_pence, broker)


@dataclass(frozen=True, kw_only=True)
class DocumentLine:
    """One line of a document. Its VAT is worked out and rounded here, once."""

    description: str
    net_pence: int
    vat: VatDecision
    cfr_code: str = ""
    income_code: str = ""

    @property
    def vat_pence(self) -> int:
        """VAT of the line in pence."""
        return vat_on(self.net_pence, self.vat.basis_points)

    @property
    def gross_pence(self) -> int:
        """Net and VAT."""
        return self.net_pence + self.vat_pence

    def credited(self) -> "DocumentLine":
        """The line of a credit note that undoes this one to the penny."""
        return DocumentLine(
            description=f"Credit: {self.description}",
            net_pence=-self.net_pence,
            vat=self.vat,
            cfr_code=self.cfr_code,
            income_code=self.income_code,
        )


class RateTotal(NamedTuple):
    """What the lines of one VAT treatment and rate add up to."""

    treatment: VatTreatment
    basis_points: int
    net_pence: int
    vat_pence: int


class Totals(NamedTuple):
    """A document's totals: sums of its lines, nothing worked out again."""

    net_pence: int
    vat_pence: int
    gross_pence: int
    by_rate: tuple[RateTotal, ...]


def totals(lines: Iterable[DocumentLine]) -> Totals:
    """Add lines up, in all and by VAT treatment and rate in order of first appearance."""
    sums: dict[tuple[VatTreatment, int], tuple[int, int]] = {}
    for line in lines:
        key = (line.vat.treatment, line.vat.basis_points)
        net, vat = sums.get(key, (0, 0))
        sums[key] = (net + line.net_pence, vat + line.vat_pence)
    by_rate = tuple(RateTotal(*key, *amounts) for key, amounts in sums.items())
    net_pence = sum(rate.net_pence for rate in by_rate)
    vat_pence = sum(rate.vat_pence for rate in by_rate)
    return Totals(net_pence, vat_pence, net_pence + vat_pence, by_rate)


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
