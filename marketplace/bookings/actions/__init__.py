"""Verbs of bookings and diaries. Each is one transaction; locks are taken in the order of `kernel.db`."""

from marketplace.bookings.actions.agreed import follow_agreement
from marketplace.bookings.actions.anybody import (
    hold_any_person,
    hold_dates,
)
from marketplace.bookings.actions.asking_waiver import (
    ask_for_waiver,
    decide_waiver,
)
from marketplace.bookings.actions.closing import (
    cancel_days,
    declare_closure,
    must_be_closable,
)
from marketplace.bookings.actions.commissioning import (
    commission_booking,
    uncommission_booking,
)
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
from marketplace.bookings.actions.handing_over import (
    accept_session,
    offer_session,
    refuse_session,
    take_offer_back,
)
from marketplace.bookings.actions.holding import (
    expire_holds,
    hold_session,
)
from marketplace.bookings.actions.moving import (
    reschedule_booking,
)
from marketplace.bookings.actions.together import (
    approve_together,
    consent_together,
    order_together,
    refuse_release_together,
    refuse_together,
    withdraw_together,
)
from marketplace.bookings.actions.waiving import (
    waive_charge,
    waive_for_refill,
)
from marketplace.bookings.actions.waiving_moves import (
    ask_for_move_waiver,
    decide_move_waiver,
    waive_move_charge,
)
from marketplace.bookings.actions.wishes import must_be_a_phase_of, must_be_sold_by_time, must_have_no_tie

__all__ = [
    "PatternStretch",
    "TermStretch",
    "accept_session",
    "add_blackout",
    "add_exception",
    "approve_booking",
    "approve_together",
    "ask_for_move_waiver",
    "ask_for_waiver",
    "cancel_booking",
    "cancel_days",
    "change_diary",
    "commission_booking",
    "complete_unevaluated",
    "consent_to_release",
    "consent_together",
    "decide_move_waiver",
    "decide_waiver",
    "declare_closure",
    "decline_booking",
    "expire_holds",
    "follow_agreement",
    "hold_any_person",
    "hold_dates",
    "hold_session",
    "mark_delivered",
    "mark_evaluated",
    "must_be_a_phase_of",
    "must_be_closable",
    "must_be_sold_by_time",
    "must_have_no_tie",
    "offer_session",
    "order_booking",
    "order_together",
    "record_no_show",
    "refuse_approval",
    "refuse_release",
    "refuse_release_together",
    "refuse_session",
    "refuse_together",
    "remove_blackout",
    "remove_exception",
    "reschedule_booking",
    "set_terms",
    "set_weekly_pattern",
    "take_offer_back",
    "uncommission_booking",
    "waive_charge",
    "waive_for_refill",
    "waive_move_charge",
    "withdraw_booking",
    "withdraw_together",
]
