"""Ending an agreement early: what it costs is on the page before anybody confirms."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.agreements import EndForm, WhyForm
from frontend.views.agreements import presenting
from frontend.views.tools import add_domain_error, query_string, signed_in
from marketplace.buyback import actions, queries
from marketplace.buyback.models import AgreementStatus, ServiceAgreement
from marketplace.buyback.rules import EndingCost, Ground, check_calling_off, check_ending, check_told
from marketplace.buyback.rules.ending import BUYERS_OWN, earliest_last_day
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.errors import DomainError


@signed_in
def end(request: HttpRequest, reference: str) -> HttpResponse:
    """First why and when; then what it costs, the reason, and the confirmation."""
    agreement = queries.agreement_for(request.actor, reference)
    today = local(timezone.now()).date()
    if "terminate" not in queries.agreement_verbs_for(request.actor, agreement, today=today):
        return redirect("agreements:agreement", reference)
    form = _end_form(request, agreement, today)
    cost = _cost(form, agreement, today) if form.is_bound and form.is_valid() else None
    why = WhyForm(request.POST or None)
    if request.method == "POST" and cost is not None and why.is_valid():
        try:
            ended = actions.terminate_agreement(
                actor=request.actor,
                agreement=agreement,
                ground=form.cleaned_data["ground"],
                last_day=form.cleaned_data.get("last_day"),
                told_on=form.cleaned_data.get("told_on"),
                reason=why.cleaned_data["reason"],
            )
        except DomainError as error:
            add_domain_error(why, error)
        else:
            messages.success(request, _said(ended))
            return redirect("agreements:agreement", reference)
    context = {
        "form": form,
        "why": why,
        "cost": cost,
        "agreement": agreement,
        "rows": presenting.party_rows(agreement),
        "not_started": agreement.status == AgreementStatus.SUBMITTED,
        "earliest": _earliest(agreement, today),
        "ground": dict(_choices(form)).get(form.cleaned_data["ground"], "") if cost else "",
        "query": query_string(request),
    }
    wrong = form.errors or (request.method == "POST" and why.errors)
    return render(request, "frontend/agreements/end.html", context, status=422 if wrong else 200)


def _end_form(request: HttpRequest, agreement: ServiceAgreement, today: date) -> EndForm:
    may_name_any = queries.may_with_agreement(request.actor, agreement, "end_for_cause")
    own = sorted(BUYERS_OWN)
    grounds = list(Ground) if may_name_any else own
    form = EndForm(request.GET or None, grounds=grounds, initial={"told_on": today})
    if agreement.status != AgreementStatus.SUBMITTED:
        if not may_name_any:
            form.give_today()
    else:
        form.call_off()
        if len(grounds) == 1 and not form.is_bound:
            form = EndForm({"ground": grounds[0].value}, grounds=grounds)
            form.call_off()
    return form


def _choices(form: EndForm) -> Any:
    field: Any = form.fields["ground"]
    return field.choices


def _cost(form: EndForm, agreement: ServiceAgreement, today: date) -> EndingCost | None:
    """What it would cost; None, with the reason on the form, where it can't end so."""
    data = form.cleaned_data
    ground = Ground(data["ground"])
    try:
        if agreement.status == AgreementStatus.SUBMITTED:
            check_calling_off(ground, today, agreement.period)
            return queries.ending_cost(agreement, ground, today)
        told_on = data.get("told_on", today)
        # Who is asked for the day may name one that is past.
        check_told(told_on, agreed_on=queries.agreed_on(agreement), today=today, may_backdate=True)
        check_ending(ground, told_on, data["last_day"], agreement.period, today=today)
        return queries.ending_cost(agreement, ground, data["last_day"])
    except DomainError as error:
        add_domain_error(form, error)
        return None


def _earliest(agreement: ServiceAgreement, today: date) -> str:
    """With notice given today, the first day it can end on."""
    return long_date(earliest_last_day(Ground.BUYER_NOTICE, today, agreement.period))


def _said(agreement: ServiceAgreement) -> str:
    if agreement.status == AgreementStatus.TERMINATED:
        return "The agreement is ended."
    ending = queries.ending_of(agreement)
    return f"Notice is given: the last day is {long_date(ending.last_day)}." if ending else "Notice is given."


@signed_in
def take_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a notice, or a conversion told ahead, back."""
    agreement = queries.agreement_for(request.actor, reference)
    ending = queries.ending_of(agreement)
    verbs = queries.agreement_verbs_for(request.actor, agreement, today=local(timezone.now()).date())
    if "take_back" not in verbs or ending is None:
        return redirect("agreements:agreement", reference)
    form = Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.take_back_ending(actor=request.actor, agreement=agreement)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "The notice is taken back: the agreement runs on.")
            return redirect("agreements:agreement", reference)
    context = {
        "form": form,
        "agreement": agreement,
        "title": "Take the notice back",
        "explanation": f"The agreement was to end on {long_date(ending.last_day)}: "
        f"{ending.get_ground_display().lower()}. If you take the notice back it runs on to {long_date(agreement.ends_on)}.",
        "button": "Take it back",
        "rows": presenting.party_rows(agreement),
    }
    return render(request, "frontend/agreements/confirm.html", context, status=422 if form.errors else 200)
