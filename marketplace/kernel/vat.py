"""Value added tax: the four treatments a line can have, and the rates of each by date.

Which treatment a line has is decided by `marketplace.kernel.supply.vat_treatment` from who sells what to whom; this
module only knows what follows from a treatment.
"""

from datetime import date
from enum import StrEnum

from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import percent_of


class VatTreatment(StrEnum):
    """How VAT law treats one line of a document."""

    OUTSIDE_SCOPE = "outside_scope"
    EXEMPT_EDUCATION = "exempt_education"
    STANDARD = "standard"
    ZERO = "zero"

    @property
    def label(self) -> str:
        """The treatment in words for a document."""
        return _LABELS[self]

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Stored value and words, for a form or a model field."""
        return [(treatment.value, treatment.label) for treatment in cls]


_LABELS = {
    VatTreatment.OUTSIDE_SCOPE: "Outside the scope of VAT",
    VatTreatment.EXEMPT_EDUCATION: "Exempt from VAT (education)",
    VatTreatment.STANDARD: "Standard-rated",
    VatTreatment.ZERO: "Zero-rated",
}

RATES: dict[VatTreatment, tuple[tuple[date, int], ...]] = {
    VatTreatment.OUTSIDE_SCOPE: ((date(1973, 4, 1), 0),),
    VatTreatment.EXEMPT_EDUCATION: ((date(1973, 4, 1), 0),),
    VatTreatment.ZERO: ((date(1973, 4, 1), 0),),
    VatTreatment.STANDARD: (
        (date(1991, 4, 1), 1750),
        (date(2008, 12, 1), 1500),
        (date(2010, 1, 1), 1750),
        (date(2011, 1, 4), 2000),
    ),
}
"""For each treatment the first day of each rate, in basis points, oldest first. A new rate is one more row."""


class NoVatRate(DomainError):
    """No rate of VAT is known for the date."""

    code = "no_vat_rate"


def rate_on(treatment: VatTreatment, on: date) -> int:
    """The rate in basis points in force on a day. Raises `NoVatRate` before the first one known."""
    known = [basis_points for first_day, basis_points in RATES[treatment] if first_day <= on]
    if not known:
        raise NoVatRate(
            f"No rate of VAT is known for {on:%d/%m/%Y}.",
            remedy=f"Check the tax date: rates are held from {RATES[treatment][0][0]:%d/%m/%Y}.",
        )
    return known[-1]


def vat_on(net_pence: int, basis_points: int) -> int:
    """VAT in pence on a net amount in pence, rounded to the penny, half away from zero."""
    return percent_of(net_pence, basis_points)
