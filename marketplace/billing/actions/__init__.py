"""Verbs of billing. Each is one transaction."""

from marketplace.billing.actions.backfill import (
    accept_backfill,
    claim_backfill,
    refuse_backfill,
    withdraw_backfill,
)
from marketplace.billing.actions.collecting import (
    approve_write_off,
    raise_dispute,
    refuse_write_off,
    request_write_off,
    send_due_reminders,
    send_reminder,
    set_bank_details,
    set_reminder_policy,
    settle_dispute,
    undo_write_off,
)
from marketplace.billing.actions.crediting import credit, override_vat
from marketplace.billing.actions.documents import (
    credit_waived_charge,
    credit_waived_move,
    issue_for_cancellation,
    issue_for_delivery,
    issue_for_move,
)
from marketplace.billing.actions.instalments import (
    issue_due_instalments,
    issue_instalment,
    plan_instalments,
    take_back_not_run,
)
from marketplace.billing.actions.journals import run_journals, set_cost_centre
from marketplace.billing.actions.missed import bill_booking, bill_move, bill_what_was_missed
from marketplace.billing.actions.receipts import (
    allocate,
    pay_back,
    put_on_account,
    record_receipt,
    release_overpaid,
    unallocate,
)
from marketplace.billing.actions.self_billing import agree_self_billing, end_self_billing
from marketplace.billing.actions.settlement import (
    clear_dispute,
    dispute_statement,
    make_statement,
    pay_statement,
    record_invoice,
    withdraw_statement,
)
from marketplace.billing.actions.statements import (
    apply_statement,
    confirm_exact,
    confirm_match,
    discard_statement,
    read_statement,
)

__all__ = [
    "accept_backfill",
    "agree_self_billing",
    "allocate",
    "apply_statement",
    "approve_write_off",
    "bill_booking",
    "bill_move",
    "bill_what_was_missed",
    "claim_backfill",
    "clear_dispute",
    "confirm_exact",
    "confirm_match",
    "credit",
    "credit_waived_charge",
    "credit_waived_move",
    "discard_statement",
    "dispute_statement",
    "end_self_billing",
    "issue_due_instalments",
    "issue_for_cancellation",
    "issue_for_delivery",
    "issue_for_move",
    "issue_instalment",
    "make_statement",
    "override_vat",
    "pay_back",
    "pay_statement",
    "plan_instalments",
    "put_on_account",
    "raise_dispute",
    "read_statement",
    "record_invoice",
    "record_receipt",
    "refuse_backfill",
    "refuse_write_off",
    "release_overpaid",
    "request_write_off",
    "run_journals",
    "send_due_reminders",
    "send_reminder",
    "set_bank_details",
    "set_cost_centre",
    "set_reminder_policy",
    "settle_dispute",
    "take_back_not_run",
    "unallocate",
    "undo_write_off",
    "withdraw_backfill",
    "withdraw_statement",
]
