"""Which way money goes, which tax and code a line carries, and what a document adds up to.

Everything here follows from three things: the legal body of the supplier, the legal body of the buyer, and the kind of
service. Two schools maintained by the same local authority are one legal body: they settle by an internal journal and
there is no supply for VAT. VAT treatments and CFR codes are tables with dates, not code, and every answer carries its
reason, so that a finance officer can agree with it or override it.
"""

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
from marketplace.billing.rules.parties import (
    ELIGIBLE_FOR_EDUCATION,
    LegalFacts,
    LegalStatus,
    Route,
    RouteKind,
    ServiceKind,
    route_for,
)
from marketplace.billing.rules.tax import (
    VAT_RULES,
    OverrideNeedsReason,
    VatDecision,
    VatRule,
    override_vat,
    vat_treatment,
)

__all__ = [
    "CFR_CODES",
    "ELIGIBLE_FOR_EDUCATION",
    "INVOICE_TERMS_DAYS",
    "VAT_RULES",
    "BackfillTooLarge",
    "CfrCode",
    "CfrPurpose",
    "DocumentLine",
    "LegalFacts",
    "LegalStatus",
    "NoCfrCode",
    "OverrideNeedsReason",
    "RateTotal",
    "Route",
    "RouteKind",
    "ServiceKind",
    "Settlement",
    "Totals",
    "VatDecision",
    "VatRule",
    "YearShare",
    "by_financial_year",
    "cfr_code",
    "cfr_code_for_service",
    "due_date",
    "override_vat",
    "route_for",
    "settlement",
    "totals",
    "vat_treatment",
]
