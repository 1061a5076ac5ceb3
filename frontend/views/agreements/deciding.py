"""Accepting the terms, approving or refusing an order, taking it back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.agreements import AcceptForm, ApproveAgreementForm, OptionalWhyForm
from frontend.views.agreements import presenting
from frontend.views.tools import add_domain_error, signed_in
from marketplace.buyback import actions, queries
from marketplace.buyback.models import ServiceAgreement
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.errors import DomainError, NotAllowed
from marketplace.kernel.money import pounds
from marketplace.organisations import queries as organisations


@signed_in
def accept(request: HttpRequest, reference: str) -> HttpResponse:
    """Accept the seller's terms for the school, by name and position."""
    agreement = queries.agreement_for(request.actor, reference)
    if not queries.may_with_agreement(request.actor, agreement, "accept"):
        raise NotAllowed(
            "You can’t accept the terms of this agreement.",
            remedy="This is for the headteacher or a budget holder of the school, or the lead of its trust.",
        )
    if agreement.status != "awaiting_approval" or agreement.accepted_at is not None:
        messages.info(request, "The terms of this agreement don’t wait for acceptance.")
        return redirect("agreements:agreement", reference)
    form = AcceptForm(request.POST or None, initial={"name": request.actor.name})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.accept_terms(
                actor=request.actor, agreement=agreement, name=data["name"], capacity=data["capacity"]
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "You have accepted the terms.")
            verbs = queries.agreement_verbs_for(
                request.actor,
                queries.agreement_for(request.actor, reference),
                today=local(timezone.now()).date(),
            )
            return redirect("agreements:approve" if "approve" in verbs else "agreements:agreement", reference)
    context = {"form": form, "agreement": agreement, "parties": presenting.party_rows(agreement)}
    return render(request, "frontend/agreements/accept.html", context, status=422 if form.errors else 200)


@signed_in
def approve(request: HttpRequest, reference: str) -> HttpResponse:
    """Commit the school's money to an agreement, or not."""
    agreement = queries.agreement_for(request.actor, reference)
    if not _may_decide(request, agreement):
        return redirect("agreements:agreement", reference)
    requirement = queries.requirement_of(agreement)
    form = _approval_form(request, agreement)
    if request.method == "POST" and form.is_valid():
        try:
            _decide(request, agreement, form)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Agreement approved." if form.is_yes else "Order refused.")
            return redirect("agreements:agreement", reference)
    evidence = agreement.quotes_evidence
    context = {
        "form": form,
        "agreement": agreement,
        "parties": presenting.party_rows(agreement),
        "terms": presenting.terms_rows(agreement),
        "payment": presenting.payment_rows(agreement),
        "lines": presenting.lines_shown(agreement),
        "years": queries.years_standing(agreement),
        "why": f"{_worth(agreement)} The approval ladder of {requirement.source} holds.",
        "requirement": requirement,
        "own": queries.needs_another_person(request.actor, agreement),
        "tied": organisations.has_interest(request.actor.user_id, agreement.seller_id),
        "evidence": evidence,
        "minute": agreement.minute_reference or (evidence.minute_reference if evidence else ""),
        "may_accept": agreement.accepted_at is None
        and queries.may_with_agreement(request.actor, agreement, "accept"),
    }
    return render(request, "frontend/agreements/approve.html", context, status=422 if form.errors else 200)


def _worth(agreement: ServiceAgreement) -> str:
    if agreement.funding_stream:
        return f"{agreement.funding_stream} pays, so it costs the school nothing."
    return f"The whole term comes to {pounds(queries.order_value(agreement))} with VAT."


def _approval_form(request: HttpRequest, agreement: ServiceAgreement) -> ApproveAgreementForm:
    form = ApproveAgreementForm(
        request.POST or None,
        question="Do you approve this agreement?",
        yes="Yes, approve it",
        no="No, refuse it",
        hint="A reason is needed if you refuse. The person who ordered reads it.",
    )
    evidence = agreement.quotes_evidence
    named = agreement.minute_reference or (evidence.minute_reference if evidence else "")
    if named or not queries.requirement_of(agreement).minute_needed:
        del form.fields["minute_reference"]
    return form


def _decide(request: HttpRequest, agreement: ServiceAgreement, form: ApproveAgreementForm) -> None:
    data = form.cleaned_data
    if form.is_yes:
        actions.approve_agreement(
            actor=request.actor,
            agreement=agreement,
            note=data["note"],
            minute_reference=data.get("minute_reference", ""),
        )
    else:
        actions.refuse_agreement(actor=request.actor, agreement=agreement, reason=data["note"])


def _may_decide(request: HttpRequest, agreement: ServiceAgreement) -> bool:
    """Whether the question still stands for this person; otherwise the agreement's own page says where it is."""
    if not queries.may_with_agreement(request.actor, agreement, "approve"):
        return False
    if agreement.status != "awaiting_approval":
        messages.info(request, f"This is decided: {agreement.get_status_display().lower()}.")
        return False
    return True


@signed_in
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Take an order back before it is approved."""
    agreement = queries.agreement_for(request.actor, reference)
    verbs = queries.agreement_verbs_for(request.actor, agreement, today=local(timezone.now()).date())
    if "withdraw" not in verbs:
        return redirect("agreements:agreement", reference)
    form = OptionalWhyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw_agreement(
                actor=request.actor, agreement=agreement, reason=form.cleaned_data["reason"]
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "The order is withdrawn.")
            return redirect("agreements:agreement", reference)
    context = {
        "form": form,
        "agreement": agreement,
        "title": "Withdraw this order",
        "explanation": f"It is not approved yet, so there is nothing to pay. It would have started on "
        f"{long_date(agreement.starts_on)}.",
        "button": "Withdraw it",
        "rows": presenting.party_rows(agreement),
    }
    return render(request, "frontend/agreements/confirm.html", context, status=422 if form.errors else 200)
