"""Verbs of card payments. Those that only change our own rows are one transaction; those that ask the network hold none while they wait."""

from marketplace.billing.actions.cards.closing import close_mismatched
from marketplace.billing.actions.cards.following import look_again
from marketplace.billing.actions.cards.holding import hand_over, settle_booking
from marketplace.billing.actions.cards.inbox import keep_event, look_into, receive_event
from marketplace.billing.actions.cards.objecting import lose_objection, win_objection
from marketplace.billing.actions.cards.paying_out import (
    look_at_account,
    onboarding_url,
    open_account,
    pay_out,
)
from marketplace.billing.actions.cards.playing import client_secret, play_the_payer
from marketplace.billing.actions.cards.reconciling import (
    compare_balance,
    compare_with_network,
    reconcile,
    tell_of_held_money,
)
from marketplace.billing.actions.cards.refunding import refund_by_bank, request_refund, try_refund_again
from marketplace.billing.actions.cards.sending import carry_out
from marketplace.billing.actions.cards.starting import (
    give_up,
    start_booking_payment,
    start_document_payment,
    try_another_card,
)

__all__ = [
    "carry_out",
    "client_secret",
    "close_mismatched",
    "compare_balance",
    "compare_with_network",
    "give_up",
    "hand_over",
    "keep_event",
    "look_again",
    "look_at_account",
    "look_into",
    "lose_objection",
    "onboarding_url",
    "open_account",
    "pay_out",
    "play_the_payer",
    "receive_event",
    "reconcile",
    "refund_by_bank",
    "request_refund",
    "settle_booking",
    "start_booking_payment",
    "start_document_payment",
    "tell_of_held_money",
    "try_another_card",
    "try_refund_again",
    "win_objection",
]
