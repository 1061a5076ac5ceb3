"""The seller records places and reviews that were used, and takes back what was recorded by mistake."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.recording import RecordUseForm, TakeBackUseForm
from frontend.views.tools import add_domain_error, signed_in
from marketplace.buyback import actions, queries
from marketplace.buyback.rules.drawing import amount_words
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.errors import DomainError, NotFound

NOUNS = {"places": "places", "peer_review": "peer reviews"}


@signed_in
def record(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Record use of places, or of a peer review."""
    found = queries.entitlement_for(request.actor, reference, number)
    today = local(timezone.now()).date()
    can_record = queries.can_record_now(found, today=today)
    if not can_record or not queries.may_record_use(request.actor, found):
        raise NotFound
    left = found.available if found.closed_at is None else found.expired
    form = RecordUseForm(
        request.POST or None,
        entitlement=found,
        question="How many were used?",
        hint=f"{amount_words(left, found.unit)} {'left' if found.closed_at is None else 'lapsed at the end of the year'}.",
    )
    if request.method == "POST" and form.is_valid():
        try:
            use = actions.record_use(actor=request.actor, entitlement=found, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            amount = amount_words(use.quantity, found.unit)
            messages.success(request, f"{amount} recorded as used. {found.holder} is told.")
            return redirect("balances:entitlement", reference, number)
    context = {
        "form": form,
        "entitlement": found,
        "title": f"Record use of {NOUNS[found.kind]}",
        "explanation": f"{found.holder} is told at once and sees it in its balance. You can take it back if it was a mistake.",
        "button": "Record the use",
    }
    return render(request, "frontend/balances/ask.html", context, status=422 if form.errors else 200)


@signed_in
def take_back(request: HttpRequest, reference: str, number: int, use: int) -> HttpResponse:
    """Take back a use recorded by mistake: the school has it again."""
    recorded = queries.recorded_use_for(request.actor, reference, number, use)
    found = recorded.entitlement
    if not queries.may_record_use(request.actor, found):
        raise NotFound
    form = TakeBackUseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.take_back_use(actor=request.actor, use=recorded, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Taken back. {found.holder} is told.")
            return redirect("balances:entitlement", reference, number)
    amount = amount_words(recorded.quantity, found.unit)
    context = {
        "form": form,
        "entitlement": found,
        "title": "Take back a recorded use",
        "explanation": f"Recorded: {amount} on {long_date(recorded.used_on)}, {recorded.what}. {found.holder} has"
        " it again; after the end of the year it lapses.",
        "button": "Take it back",
    }
    return render(request, "frontend/balances/ask.html", context, status=422 if form.errors else 200)
