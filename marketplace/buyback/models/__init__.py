"""Buying for a year ahead, and agreeing to spend.

An area's `BuyBackWindow` says when its schools order for one contract year. A seller's `Package` has an `PackageEdition` in each
window: what it includes and costs that year, under which `TermsVersion`. Schools (or their trust) fill a `Basket`; submitted, it
becomes one `ServiceAgreement` per school and seller, with the prices and tariffs as they then were. What an agreement includes is
an `Entitlement` for each contract year, drawn down in the entitlement ledger. An `AgreementEnding` is the notice that an agreement
ends early, or becomes another one when its school becomes an academy; a `PriceNotice` tells a buyer of next year's price.

An `ApprovalLadder` says whose word an order needs, from what amount on, and when quotes must have been asked for
(`QuotesEvidence`). A `FundingStream` is a pot of the area that orders may be paid from. `CreditValue` is what a credit of the bank
of days is worth.
"""

from marketplace.buyback.models.agreements import (
    AgreementLine,
    AgreementRoute,
    AgreementStatus,
    AgreementYear,
    Entitlement,
    ServiceAgreement,
)
from marketplace.buyback.models.approvals import (
    ApprovalLadder,
    ApprovalStep,
    AskedQuote,
    EvidenceStatus,
    QuoteAnswer,
    QuotesEvidence,
)
from marketplace.buyback.models.baskets import Basket, BasketLine, BasketStatus
from marketplace.buyback.models.drawing import CarryRequest, CarryStatus, CreditMovement
from marketplace.buyback.models.endings import AgreementEnding, EndingGround, PriceNotice
from marketplace.buyback.models.exchange import CreditValue, ExchangeStatement
from marketplace.buyback.models.funding import FundingKind, FundingStream
from marketplace.buyback.models.selling import (
    UNITS,
    BuyBackWindow,
    CarryForward,
    EditionStatus,
    InclusionKind,
    LateRule,
    Package,
    PackageEdition,
    PackageInclusion,
    TermsVersion,
)
from marketplace.buyback.models.used import RecordedUse

__all__ = [
    "UNITS",
    "AgreementEnding",
    "AgreementLine",
    "AgreementRoute",
    "AgreementStatus",
    "AgreementYear",
    "ApprovalLadder",
    "ApprovalStep",
    "AskedQuote",
    "Basket",
    "BasketLine",
    "BasketStatus",
    "BuyBackWindow",
    "CarryForward",
    "CarryRequest",
    "CarryStatus",
    "CreditMovement",
    "CreditValue",
    "EditionStatus",
    "EndingGround",
    "Entitlement",
    "EvidenceStatus",
    "ExchangeStatement",
    "FundingKind",
    "FundingStream",
    "InclusionKind",
    "LateRule",
    "Package",
    "PackageEdition",
    "PackageInclusion",
    "PriceNotice",
    "QuoteAnswer",
    "QuotesEvidence",
    "RecordedUse",
    "ServiceAgreement",
    "TermsVersion",
]
