"""Verbs of deployments: agree, sign, visit, review, evaluate, raise a concern."""

from marketplace.brokerage.actions.deployments.agreeing import (
    change_terms,
    draft_deployment,
    drop_change,
    send_deployment,
)
from marketplace.brokerage.actions.deployments.concerns import (
    answer_concern,
    close_concern,
    raise_concern,
    reopen_concern,
)
from marketplace.brokerage.actions.deployments.ending import (
    pause_deployment,
    resume_deployment,
    stop_deployment,
    withdraw_deployment,
)
from marketplace.brokerage.actions.deployments.funding import fund_deployment
from marketplace.brokerage.actions.deployments.judging import (
    Judged,
    Rating,
    agree_case_study,
    check_mid_point,
    comment_on_evaluation,
    evaluate_deployment,
    review_progress,
)
from marketplace.brokerage.actions.deployments.signing import decline_deployment, sign_deployment
from marketplace.brokerage.actions.deployments.visiting import (
    book_visit,
    comment_on_visit,
    note_objectives,
    record_deployment_visit,
    tie_visit,
)

__all__ = [
    "Judged",
    "Rating",
    "agree_case_study",
    "answer_concern",
    "book_visit",
    "change_terms",
    "check_mid_point",
    "close_concern",
    "comment_on_evaluation",
    "comment_on_visit",
    "decline_deployment",
    "draft_deployment",
    "drop_change",
    "evaluate_deployment",
    "fund_deployment",
    "note_objectives",
    "pause_deployment",
    "raise_concern",
    "record_deployment_visit",
    "reopen_concern",
    "resume_deployment",
    "review_progress",
    "send_deployment",
    "sign_deployment",
    "stop_deployment",
    "tie_visit",
    "withdraw_deployment",
]
