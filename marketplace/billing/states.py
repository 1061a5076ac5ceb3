"""How card payments, settlement statements and claims for cover move. Only news fetched from the card network moves a payment to its end."""

from marketplace.billing.models import (
    OPEN_CARD_PAYMENT,
    ClaimStatus,
    DisputeStatus,
    PayoutStatus,
    RefundStatus,
    SettlementStatus,
    StatementStatus,
    WriteOffStatus,
)
from marketplace.billing.models import CardPaymentStatus as S
from marketplace.kernel.transitions import Edge, Transitions

NETWORK = "card network"
PAYER = "payer"
FINANCE = "finance of the payee"

NEWS: dict[str, S] = {
    "set_up": S.AWAITING_CARD,
    "decline": S.DECLINED,
    "bank_asked": S.AWAITING_BANK,
    "process": S.PROCESSING,
    "pay": S.PAID,
    "cancel": S.CANCELLED,
    "mismatch": S.MISMATCHED,
}
"""Where each piece of news leads, from any state that is no end."""

CARD_PAYMENT = Transitions(
    "card payment",
    [
        *(
            Edge(state, verb, NETWORK, target)
            for state in OPEN_CARD_PAYMENT
            for verb, target in NEWS.items()
            if state != target
        ),
        Edge(S.DECLINED, "try_again", PAYER, S.STARTED),
        Edge(S.MISMATCHED, "close", FINANCE, S.CLOSED),
    ],
)

REFUND = Transitions(
    "card refund",
    [
        Edge(RefundStatus.OPEN, "complete", NETWORK, RefundStatus.DONE),
        Edge(RefundStatus.OPEN, "get_stuck", NETWORK, RefundStatus.STUCK),
        Edge(RefundStatus.DONE, "bounce", NETWORK, RefundStatus.STUCK),
        Edge(RefundStatus.STUCK, "try_again", FINANCE, RefundStatus.OPEN),
        Edge(RefundStatus.STUCK, "pay_by_bank", FINANCE, RefundStatus.DONE),
    ],
)

PAYOUT = Transitions(
    "card payout",
    [
        Edge(PayoutStatus.ASKED, "complete", NETWORK, PayoutStatus.DONE),
        Edge(PayoutStatus.ASKED, "refuse", NETWORK, PayoutStatus.REFUSED),
    ],
)

FINANCE_OF_PAYEE = "finance of the payee"

BANK_STATEMENT = Transitions(
    "bank statement",
    [
        Edge(StatementStatus.PREVIEWED, "apply", FINANCE_OF_PAYEE, StatementStatus.APPLIED),
        Edge(StatementStatus.PREVIEWED, "discard", FINANCE_OF_PAYEE, StatementStatus.DISCARDED),
    ],
)

DISPUTE = Transitions(
    "dispute", [Edge(DisputeStatus.OPEN, "settle", "finance of the supplier", DisputeStatus.SETTLED)]
)

WRITE_OFF = Transitions(
    "write-off",
    [
        Edge(WriteOffStatus.REQUESTED, "approve", "another person with authority", WriteOffStatus.APPROVED),
        Edge(WriteOffStatus.REQUESTED, "refuse", "another person with authority", WriteOffStatus.REFUSED),
        Edge(WriteOffStatus.APPROVED, "undo", "finance of the supplier", WriteOffStatus.UNDONE),
    ],
)

BROKER = "broker"
RELEASING = "releasing organisation"
AREA_FINANCE = "area finance"

SETTLEMENT = Transitions(
    "settlement statement",
    [
        Edge(SettlementStatus.AWAITING_INVOICE, "record_invoice", RELEASING, SettlementStatus.TO_PAY),
        Edge(SettlementStatus.TO_PAY, "pay", BROKER, SettlementStatus.PAID),
        Edge(SettlementStatus.TO_JOURNAL, "export", AREA_FINANCE, SettlementStatus.PAID),
        Edge(SettlementStatus.AWAITING_INVOICE, "withdraw", BROKER, SettlementStatus.WITHDRAWN),
        Edge(SettlementStatus.TO_PAY, "withdraw", BROKER, SettlementStatus.WITHDRAWN),
        Edge(SettlementStatus.TO_JOURNAL, "withdraw", BROKER, SettlementStatus.WITHDRAWN),
    ],
)

CLAIM = Transitions(
    "backfill claim",
    [
        Edge(ClaimStatus.CLAIMED, "accept", BROKER, ClaimStatus.ACCEPTED),
        Edge(ClaimStatus.CLAIMED, "refuse", BROKER, ClaimStatus.REFUSED),
        Edge(ClaimStatus.CLAIMED, "withdraw", RELEASING, ClaimStatus.WITHDRAWN),
    ],
)
