"""What is owed, and the papers that say so.

On delivery (or a charged cancellation) a `Document` is issued by the route the booking promised: an invoice, or an internal
journal where buyer and supplier are maintained by the same local authority. Numbers come from a `NumberSeries` row, locked last, so that each
series runs 1…n without a gap. Issued documents and their lines never change: a credit note puts one right.

The money ledger (`kernel.transfers`, unit `pence`) takes the same amounts: receivable from the buyer, payable to the
releasing organisation, fee income of the broker, VAT.
"""

from marketplace.billing.models.cards import (
    OPEN_CARD_PAYMENT,
    AppliedEffect,
    CallAction,
    CallStatus,
    CardPayment,
    CardPaymentStatus,
    ConnectedAccount,
    GatewayCall,
    GatewayEvent,
    LegStatus,
    NetworkBalance,
    Payout,
    PayoutStatus,
    Refund,
    RefundLeg,
    RefundStatus,
)
from marketplace.billing.models.collecting import (
    BankDetails,
    Dispute,
    DisputeStatus,
    NightlyCheck,
    Reminder,
    ReminderLevel,
    ReminderPolicy,
    WriteOff,
    WriteOffStatus,
)
from marketplace.billing.models.documents import (
    BillingFailure,
    Document,
    DocumentKind,
    DocumentLine,
    NumberSeries,
    document_reference,
)
from marketplace.billing.models.instalments import Instalment
from marketplace.billing.models.journals import CostCentre, JournalEntry, JournalRun
from marketplace.billing.models.receipts import (
    Allocation,
    AllocationKind,
    BankLine,
    BankStatement,
    Receipt,
    ReceiptMethod,
    StatementStatus,
)
from marketplace.billing.models.settlement import (
    BackfillClaim,
    ClaimStatus,
    CoverKind,
    SelfBillingAgreement,
    SettlementStatement,
    SettlementStatus,
    StatementLine,
)

__all__ = [
    "OPEN_CARD_PAYMENT",
    "Allocation",
    "AllocationKind",
    "AppliedEffect",
    "BackfillClaim",
    "BankDetails",
    "BankLine",
    "BankStatement",
    "BillingFailure",
    "CallAction",
    "CallStatus",
    "CardPayment",
    "CardPaymentStatus",
    "ClaimStatus",
    "ConnectedAccount",
    "CostCentre",
    "CoverKind",
    "Dispute",
    "DisputeStatus",
    "Document",
    "DocumentKind",
    "DocumentLine",
    "GatewayCall",
    "GatewayEvent",
    "Instalment",
    "JournalEntry",
    "JournalRun",
    "LegStatus",
    "NetworkBalance",
    "NightlyCheck",
    "NumberSeries",
    "Payout",
    "PayoutStatus",
    "Receipt",
    "ReceiptMethod",
    "Refund",
    "RefundLeg",
    "RefundStatus",
    "Reminder",
    "ReminderLevel",
    "ReminderPolicy",
    "SelfBillingAgreement",
    "SettlementStatement",
    "SettlementStatus",
    "StatementLine",
    "StatementStatus",
    "WriteOff",
    "WriteOffStatus",
    "document_reference",
]
