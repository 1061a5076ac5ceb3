"""Verbs of requests for support, in the order they are used: write, send, ask and answer, close, decide."""

from marketplace.brokerage.actions.requests.asking import answer_question, ask_question
from marketplace.brokerage.actions.requests.closing import close_due_requests, withdraw_request
from marketplace.brokerage.actions.requests.deciding import award_request, end_request
from marketplace.brokerage.actions.requests.drafting import change_request, choose_providers, draft_request
from marketplace.brokerage.actions.requests.interests import check_no_interest
from marketplace.brokerage.actions.requests.opening import ask_another, open_request
from marketplace.brokerage.actions.requests.responding import decline_request, respond_to_request

__all__ = [
    "answer_question",
    "ask_another",
    "ask_question",
    "award_request",
    "change_request",
    "check_no_interest",
    "choose_providers",
    "close_due_requests",
    "decline_request",
    "draft_request",
    "end_request",
    "open_request",
    "respond_to_request",
    "withdraw_request",
]
