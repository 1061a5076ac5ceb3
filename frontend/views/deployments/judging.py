"""Reviews, the broker half-way, the evaluation, the practitioner's word, the case study, and concerns."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.deployments import (
    AnswerForm,
    CommentForm,
    ConcernForm,
    DeploymentEvaluationForm,
    MidPointForm,
    ReviewForm,
    WhyForm,
)
from frontend.views.repeats import not_repeated
from frontend.views.tools import add_domain_error, signed_in
from marketplace.brokerage import actions, queries
from marketplace.brokerage.models import Deployment, DeploymentStatus, Listener
from marketplace.kernel import history
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotAllowed


@signed_in
@not_repeated
def review(request: HttpRequest, reference: str) -> HttpResponse:
    """Red, amber or green for each objective, next steps, and when to look again."""
    found = _found(request, reference, "review")
    form = ReviewForm(
        request.POST or None,
        objectives=_objectives(found),
        initial={"reviewed_on": local(timezone.now()).date()},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.review_progress(
                actor=request.actor,
                deployment=found,
                ratings=form.ratings(),
                next_steps=data["next_steps"],
                next_review_on=data["next_review_on"],
                reviewed_on=data["reviewed_on"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return _done(request, found, "The review is saved. All parties can read it.")
    context = {
        "deployment": found,
        "form": form,
        "title": "Review progress",
        "intro": "All parties read the review.",
        "button": "Save the review",
    }
    return _by_objective(request, context, form)


@signed_in
def mid_point(request: HttpRequest, reference: str) -> HttpResponse:
    """The broker looks in half-way."""
    found = _found(request, reference, "check_mid_point")
    form = MidPointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.check_mid_point(actor=request.actor, deployment=found, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return _done(request, found, "Saved. All parties can read it.")
    return _form(
        request,
        found,
        form,
        title="Look in half-way",
        intro="You look in as the broker, once. Talk with both sides first.",
        button="Save",
    )


@signed_in
def evaluate(request: HttpRequest, reference: str) -> HttpResponse:
    """The receiving head's final judgement."""
    found = _found(request, reference, "evaluate")
    form = DeploymentEvaluationForm(request.POST or None, objectives=_objectives(found))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.evaluate_deployment(
                actor=request.actor,
                deployment=found,
                outcomes=form.outcomes(),
                overall=data["overall"],
                effectiveness=data["effectiveness"],
                value_for_money=data["value_for_money"],
                what_lasts=data["what_lasts"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return _done(request, found, "Thank you. The deployment is finished.")
    context = {
        "deployment": found,
        "form": form,
        "title": "Evaluate the deployment",
        "intro": "The two marks go into the offer’s rating, once. Your words are read by the parties and the convenors. It ends the deployment.",
        "button": "Save the evaluation",
    }
    return _by_objective(request, context, form)


@signed_in
def comment_on_evaluation(request: HttpRequest, reference: str) -> HttpResponse:
    """The practitioner's own view."""
    found = _found(request, reference, "comment_on_evaluation")
    form = CommentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.comment_on_evaluation(
                actor=request.actor, deployment=found, text=form.cleaned_data["text"]
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return _done(request, found, "Your comment stands beside the evaluation.")
    return _form(
        request,
        found,
        form,
        title="Comment on the evaluation",
        intro="It stands beside the headteacher’s evaluation, and all parties read it. You write it once.",
        button="Save the comment",
    )


@signed_in
@require_POST
def case_study(request: HttpRequest, reference: str) -> HttpResponse:
    """Agree that what came of it may be shared, or take that back."""
    found = queries.deployment_for(request.actor, reference)
    agreed = request.POST.get("agreed", "yes") == "yes"
    actions.agree_case_study(actor=request.actor, deployment=found, agreed=agreed)
    return _done(request, found, "You agree to share it." if agreed else "You no longer agree to share it.")


# Concerns ----------------------------------------------------------------------------------------------------------------


@signed_in
@not_repeated
def new_concern(request: HttpRequest, reference: str) -> HttpResponse:
    """Say what worries you, seeing beforehand who will read it."""
    found = _found(request, reference, "raise_concern")
    side = queries.spoken_as(request.actor, found)[0]
    hints = {
        each.value: f"Read by {', '.join(queries.who_sees_concern(found, side, each.value))}."
        for each in Listener
    }
    form = ConcernForm(request.POST or None, hints=hints)
    if request.method == "POST" and form.is_valid():
        try:
            concern = actions.raise_concern(actor=request.actor, deployment=found, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Your concern is raised. You are told when it is answered.")
            return redirect("deployments:concern", reference, concern.number)
    return _form(
        request,
        found,
        form,
        title="Raise a concern",
        intro="Nobody but those named under your choice can read it, or sees that there is one.",
        button="Raise the concern",
    )


@signed_in
def concern(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """One concern with its history: answered and closed by whom it was raised with, opened again by who raised it."""
    found = queries.deployment_for(request.actor, reference)
    row = queries.concern_for(request.actor, found, number)
    verbs = queries.concern_verbs_for(request.actor, row)
    answer = AnswerForm(request.POST if "answer" in request.POST else None)
    reopen = WhyForm(request.POST if "reason" in request.POST else None)
    if request.method == "POST":
        try:
            if _move_concern(request, row, answer, reopen):
                return redirect("deployments:concern", reference, number)
        except DomainError as error:
            if error.status in (403, 404):
                raise
            add_domain_error(answer if "answer" in request.POST else reopen, error)
    context = {
        "deployment": found,
        "concern": row,
        "verbs": verbs,
        "answer": answer,
        "reopen": reopen,
        "readers": [
            row.raised_by.name if who == "you" else who
            for who in queries.who_sees_concern(found, row.side, row.listener)
        ],
        "history": history.of(row),
    }
    wrong = answer.errors or reopen.errors
    return render(request, "frontend/deployments/concern.html", context, status=422 if wrong else 200)


def _move_concern(request: HttpRequest, row: Any, answer: AnswerForm, reopen: WhyForm) -> bool:
    """Do what the form asks for; whether anything was done."""
    if "close" in request.POST:
        actions.close_concern(actor=request.actor, concern=row)
        messages.success(request, "Closed.")
        return True
    if "answer" in request.POST and answer.is_valid():
        actions.answer_concern(actor=request.actor, concern=row, **answer.cleaned_data)
        messages.success(request, "Answered.")
        return True
    if "reason" in request.POST and reopen.is_valid():
        actions.reopen_concern(actor=request.actor, concern=row, **reopen.cleaned_data)
        messages.success(request, "Open again.")
        return True
    return False


# Steps -------------------------------------------------------------------------------------------------------------------


def _found(request: HttpRequest, reference: str, verb: str) -> Deployment:
    """The deployment, where the person may do this with it at all."""
    found = queries.deployment_for(request.actor, reference)
    if not queries.may_in_deployment(request.actor, found, verb):
        raise NotAllowed(
            "You can’t do this with this deployment.",
            remedy="Its page says who signs and speaks for each side.",
        )
    return found


def _objectives(found: Deployment) -> list[Any]:
    return list(found.objectives.filter(is_dropped=False))


def _done(request: HttpRequest, found: Deployment, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("deployments:deployment", found.reference)


def _form(request: HttpRequest, found: Deployment, form: Any, **words: str) -> HttpResponse:
    context = {"deployment": found, "form": form} | words
    return render(request, "frontend/deployments/form.html", context, status=422 if form.errors else 200)


def _by_objective(request: HttpRequest, context: dict[str, Any], form: Any) -> HttpResponse:
    context["rests"] = context["deployment"].status != DeploymentStatus.ACTIVE
    return render(
        request, "frontend/deployments/by_objective.html", context, status=422 if form.errors else 200
    )
