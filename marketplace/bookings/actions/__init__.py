"""Verbs of bookings and diaries. Each is one transaction; locks are taken in the order of `kernel.db`."""

from marketplace.bookings.actions.deciding import (
    approve_booking,
    consent_to_release,
    decline_booking,
    order_booking,
    refuse_approval,
    refuse_release,
    withdraw_booking,
)
from marketplace.bookings.actions.diaries import (
    PatternStretch,
    TermStretch,
    add_blackout,
    add_exception,
    change_diary,
    remove_blackout,
    remove_exception,
    set_terms,
    set_weekly_pattern,
)
from marketplace.bookings.actions.ending import (
    cancel_booking,
    complete_unevaluated,
    mark_delivered,
    mark_evaluated,
    record_no_show,
)
from marketplace.bookings.actions.holding import expire_holds, hold_session

__all__ = [
    "PatternStretch",
    "TermStretch",
    "add_blackout",
    "add_exception",
    "approve_booking",
    "cancel_booking",
    "change_diary",
    "complete_unevaluated",
    "consent_to_release",
    "decline_booking",
    "expire_holds",
    "hold_session",
    "mark_delivered",
    "mark_evaluated",
    "order_booking",
    "record_no_show",
    "refuse_approval",
    "refuse_release",
    "remove_blackout",
    "remove_exception",
    "set_terms",
    "set_weekly_pattern",
    "withdraw_booking",
]
