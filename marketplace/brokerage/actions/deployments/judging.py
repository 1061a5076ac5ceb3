"""Looking at a deployment: progress reviews, the broker half-way, the evaluation, the practitioner's word, the case study."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from marketplace.brokerage import queries, rules
from marketplace.brokerage.actions.deployments.steps import (
    LONGEST_TEXT,
    lock_deployment,
    move,
    must,
    must_run,
    needed,
    signer,
)
from marketplace.brokerage.errors import AlreadyWritten, NeedInvalid, TooEarly
from marketplace.brokerage.events import DeploymentNoted
from marketplace.brokerage.models import (
    Answer,
    CaseStudyConsent,
    Deployment,
    DeploymentEvaluation,
    DeploymentObjective,
    DeploymentStatus,
    MidPointCheck,
    ObjectiveOutcome,
    Outcome,
    ProgressReview,
    Rag,
    ReviewRating,
)
from marketplace.brokerage.rules.deployments import HEADS
from marketplace.catalogue import actions as catalogue
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import Period, local, long_date
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotNow


class Rating(NamedTuple):
    """Red, amber or green for one objective, and why."""

    rag: str
    details: str


class Judged(NamedTuple):
    """What became of one objective, the evidence, and what speaks against it."""

    outcome: str
    evidence: str
    counter_evidence: str = ""


@action
def review_progress(
    *,
    actor: Actor,
    deployment: Deployment,
    ratings: Mapping[int, Rating],
    next_steps: str,
    next_review_on: date | None = None,
    reviewed_on: date | None = None,
) -> ProgressReview:
    """Say how far each objective has come (`ratings` by its number), the next steps, and when to look again."""
    row = lock_deployment(actor, deployment)
    must(actor, row, "review")
    must_run(row)
    today = local(timezone.now()).date()
    on = reviewed_on or today
    rules.check_review_days(on, next_review_on, Period(row.starts_on, row.ends_on), today)
    objectives = _objectives(row)
    for number in objectives:
        rating = ratings.get(number)
        if rating is None or rating.rag not in Rag.values:
            raise NeedInvalid(f"Objective {number}: choose red, amber or green.", field=f"rag_{number}")
        needed(rating.details, f"details_{number}", f"Objective {number}: say why.")
    review = ProgressReview.objects.create(
        deployment=row,
        reviewed_on=on,
        next_steps=needed(next_steps, "next_steps", "Say what comes next."),
        next_review_on=next_review_on,
        written_by=signer(actor),
        written_as=queries.spoken_as(actor, row)[1],
    )
    for number, objective in objectives.items():
        ReviewRating.objects.create(
            review=review,
            objective=objective,
            rag=ratings[number].rag,
            details=ratings[number].details.strip(),
        )
    colours = ", ".join(f"{number} {Rag(ratings[number].rag).name.lower()}" for number in objectives)
    _told(row, actor, "review", review.pk, f"Objectives: {colours}")
    return review


@action
def check_mid_point(
    *, actor: Actor, deployment: Deployment, on_course: str, value: str, concern: str = ""
) -> MidPointCheck:
    """The broker's look half-way, once: is it on course, is it worth it, is anything wrong. All parties read it."""
    row = lock_deployment(actor, deployment)
    must(actor, row, "check_mid_point")
    must_run(row)
    if MidPointCheck.objects.filter(deployment=row).exists():
        raise AlreadyWritten(
            "The mid-point check is written already.", remedy="Open the deployment to read it."
        )
    if on_course not in Answer.values:
        raise NeedInvalid("Say whether it is on course.", field="on_course")
    check = MidPointCheck.objects.create(
        deployment=row,
        on_course=on_course,
        value=needed(value, "value", "Say what value the school sees in it."),
        concern=rules.within(concern, "concern", LONGEST_TEXT),
        written_by=signer(actor),
        written_as=queries.spoken_as(actor, row)[1],
    )
    _told(row, actor, "mid_point", check.pk, f"On course: {check.get_on_course_display().lower()}")
    return check


@action
def evaluate_deployment(
    *,
    actor: Actor,
    deployment: Deployment,
    outcomes: Mapping[int, Judged],
    overall: int,
    effectiveness: int,
    value_for_money: str,
    what_lasts: str,
) -> DeploymentEvaluation:
    """The receiving head's final judgement, by objective (`outcomes` by its number); the deployment is finished.

    Marks run from 1 to 5 and go into the offer's rating once. Raises `TooEarly` before the last day while days are left.
    """
    row = lock_deployment(actor, deployment)
    must(actor, row, "evaluate")
    must_run(row)
    _must_be_time(row)
    for mark, field in ((overall, "overall"), (effectiveness, "effectiveness")):
        if mark not in rules.MARK_MEANINGS:
            raise NeedInvalid("Choose a mark from 1 to 5.", field=field)
    if value_for_money not in Answer.values:
        raise NeedInvalid("Say whether it was worth its price.", field="value_for_money")
    objectives = _objectives(row)
    for number in objectives:
        judged = outcomes.get(number)
        if judged is None or judged.outcome not in Outcome.values:
            raise NeedInvalid(f"Objective {number}: say what became of it.", field=f"outcome_{number}")
        needed(judged.evidence, f"evidence_{number}", f"Objective {number}: say how you know.")
    evaluation = DeploymentEvaluation.objects.create(
        deployment=row,
        overall=overall,
        effectiveness=effectiveness,
        value_for_money=value_for_money,
        what_lasts=needed(what_lasts, "what_lasts", "Say what will last."),
        written_by=signer(actor),
    )
    for number, objective in objectives.items():
        ObjectiveOutcome.objects.create(
            evaluation=evaluation,
            objective=objective,
            outcome=outcomes[number].outcome,
            evidence=outcomes[number].evidence.strip(),
            counter_evidence=rules.within(
                outcomes[number].counter_evidence, f"counter_evidence_{number}", LONGEST_TEXT
            ),
        )
    catalogue.rate_offer(offer=row.offer_version.offer, hundredths=rules.rating_of(overall, effectiveness))
    move(row, "evaluate", actor=actor, note=f"Overall {overall} of 5", ended_at=timezone.now())
    return evaluation


@action
def comment_on_evaluation(*, actor: Actor, deployment: Deployment, text: str) -> DeploymentEvaluation:
    """The practitioner's own view of the evaluation, once."""
    row = lock_deployment(actor, deployment)
    must(actor, row, "comment_on_evaluation")
    evaluation = DeploymentEvaluation.objects.filter(deployment=row).first()
    if evaluation is None:
        raise TooEarly("There is no evaluation yet.", remedy="The receiving headteacher writes it.")
    if evaluation.commented_at:
        raise AlreadyWritten("Your comment is written already.", remedy="Open the deployment to read it.")
    evaluation.practitioner_comment = needed(text, "text", "Write your comment.")
    evaluation.commented_by, evaluation.commented_at = signer(actor), timezone.now()
    evaluation.save(update_fields=["practitioner_comment", "commented_by", "commented_at"])
    _told(row, actor, "practitioner_comment", evaluation.pk, "")
    return evaluation


@action
def agree_case_study(*, actor: Actor, deployment: Deployment, agreed: bool) -> Deployment:
    """A head agrees that what came of it may be shared, or takes that back. It is a case study while both heads agree."""
    row = lock_deployment(actor, deployment)
    must(actor, row, "agree_case_study")
    if row.status != DeploymentStatus.FINISHED:
        raise NotNow("Only a finished deployment can be shared.", remedy="Evaluate it first.")
    mine = [each for each in queries.capacities_of(actor, row) if each in HEADS]
    standing = CaseStudyConsent.objects.filter(deployment=row, withdrawn_at=None, capacity__in=mine)
    if agreed:
        there = set(standing.values_list("capacity", flat=True))
        for capacity in mine:
            if capacity not in there:
                CaseStudyConsent.objects.create(deployment=row, capacity=capacity, given_by=signer(actor))
    else:
        standing.update(withdrawn_at=timezone.now())
    history.write(
        row,
        verb="agree_case_study" if agreed else "take_case_study_back",
        before=row.status,
        after=row.status,
        by=actor,
        note=", ".join(each.label for each in mine),
    )
    return row


def _objectives(row: Deployment) -> dict[int, DeploymentObjective]:
    return {each.number: each for each in row.objectives.filter(is_dropped=False)}


def _must_be_time(row: Deployment) -> None:
    if not queries.is_time_to_evaluate(row):
        raise TooEarly(
            f"The deployment runs until {long_date(row.ends_on)} and not all its days are given.",
            remedy="Evaluate it after its last visit, or agree on an earlier last day.",
        )


def _told(row: Deployment, actor: Actor, what: str, row_id: int, note: str) -> None:
    verb = {"mid_point": "look_in_half_way", "practitioner_comment": "comment"}.get(what, what)
    history.write(row, verb=verb, before=row.status, after=row.status, by=actor, note=note)
    events.publish(DeploymentNoted(row.pk, what, row_id))
