"""Which code a line carries, who is owed what, and what a document adds up to. Route and VAT come from `kernel.supply`."""

from marketplace.billing.rules.codes import (
    CFR_CODES,
    CfrCode,
    CfrPurpose,
    NoCfrCode,
    cfr_code,
    cfr_code_for_service,
)
from marketplace.billing.rules.documents import (
    INVOICE_TERMS_DAYS,
    BackfillTooLarge,
    DocumentLine,
    RateTotal,
    Settlement,
    Totals,
    YearShare,
    by_financial_year,
    due_date,
    settlement,
    totals,
)

__all__ = [
    "CFR_CODES",
    "INVOICE_TERMS_DAYS",
    "BackfillTooLarge",
    "CfrCode",
    "CfrPurpose",
    "DocumentLine",
    "NoCfrCode",
    "RateTotal",
    "Settlement",
    "Totals",
    "YearShare",
    "by_financial_year",
    "cfr_code",
    "cfr_code_for_service",
    "due_date",
    "settlement",
    "totals",
]
