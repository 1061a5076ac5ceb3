"""The verbs of calls for offers and of commissions: the only place that writes their tables."""

from marketplace.partnership.actions.answering import (
    pass_over_response,
    respond_to_call,
    take_back_response,
)
from marketplace.partnership.actions.calling import (
    close_call,
    close_due_calls,
    extend_call,
    publish_call,
    withdraw_call,
)
from marketplace.partnership.actions.commissioning import (
    FIRST_REVIEW_AFTER,
    change_commission,
    decide_commission,
    open_commission,
    pause_commission,
    record_notice,
    resume_commission,
    start_commission,
    withdraw_commission,
)
from marketplace.partnership.actions.concern import name_reader, set_category, unname_reader
from marketplace.partnership.actions.reviewing import exit_commission, review_commission
from marketplace.partnership.actions.working import (
    attach_deployment,
    draft_deployment_for,
    pay_for_visit,
)

__all__ = [
    "FIRST_REVIEW_AFTER",
    "attach_deployment",
    "change_commission",
    "close_call",
    "close_due_calls",
    "decide_commission",
    "draft_deployment_for",
    "exit_commission",
    "extend_call",
    "name_reader",
    "open_commission",
    "pass_over_response",
    "pause_commission",
    "pay_for_visit",
    "publish_call",
    "record_notice",
    "respond_to_call",
    "resume_commission",
    "review_commission",
    "set_category",
    "start_commission",
    "take_back_response",
    "unname_reader",
    "withdraw_call",
    "withdraw_commission",
]
