"""The lines of quotes evidence: who was asked, prices of the exchange, answers, the choice."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.approvals import AnswerForm, OfferSearchForm, SupplierForm
from frontend.views.tools import add_domain_error, page_of, signed_in
from marketplace.buyback import actions, queries
from marketplace.buyback.models import AskedQuote, QuotesEvidence
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue import quotes as pricing
from marketplace.catalogue.models import Offer
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotFound

OFFERS_ON_A_PAGE = 10
TWO_HALF_DAYS = 2


@signed_in
def ask_supplier(request: HttpRequest, reference: str) -> HttpResponse:
    """Note who was asked, on the exchange or elsewhere."""
    evidence = queries.evidence_for(request.actor, reference)
    form = SupplierForm(
        request.POST or None,
        suppliers=queries.suppliers_on_the_exchange(request.actor),
        initial={"asked_on": local(timezone.now()).date()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_supplier(actor=request.actor, evidence=evidence, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Added. Record the answer when it comes.")
            return redirect("approvals:evidence", reference)
    context = {"form": form, "evidence": evidence}
    return render(
        request, "frontend/approvals/ask_supplier.html", context, status=422 if form.errors else 200
    )


@signed_in
def ask_offers(request: HttpRequest, reference: str) -> HttpResponse:
    """Prices of the exchange for this school, to put into the evidence."""
    evidence = queries.evidence_for(request.actor, reference)
    school = getattr(evidence.organisation, "school", None)
    if school is None:
        raise NotFound
    form = OfferSearchForm(request.GET or None, initial={"days": TWO_HALF_DAYS})
    text = form.cleaned_data["q"].strip() if form.is_valid() else ""
    half_days = (form.cleaned_data["days"] if form.is_valid() else None) or TWO_HALF_DAYS
    if request.method == "POST":
        offer = catalogue.offer_for(request.actor, request.POST.get("offer", ""))
        quote = actions.ask_offer(actor=request.actor, evidence=evidence, offer=offer, half_days=half_days)
        messages.success(request, f"{quote}’s price is in the evidence.")
        return redirect(request.get_full_path())
    page = page_of(request, queries.offers_matching(request.actor, text), OFFERS_ON_A_PAGE)
    context = {
        "evidence": evidence,
        "form": form,
        "page": page,
        "priced": [_priced(offer, evidence, half_days) for offer in page],
        "half_days": half_days,
    }
    return render(request, "frontend/approvals/ask_offers.html", context)


@signed_in
def answer(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Record what a supplier answered."""
    evidence, quote = _quote(request, reference, number)
    form = AnswerForm(
        request.POST or None,
        initial={
            "answer": quote.answer,
            "price_pence": quote.price_pence,
            "answered_on": quote.answered_on or local(timezone.now()).date(),
            "comment": quote.comment,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_answer(actor=request.actor, quote=quote, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"The answer of {quote} is recorded.")
            return redirect("approvals:evidence", reference)
    context = {"form": form, "evidence": evidence, "quote": quote}
    return render(request, "frontend/approvals/answer.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def choose(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Choose a quote."""
    _, quote = _quote(request, reference, number)
    actions.choose_quote(actor=request.actor, quote=quote)
    messages.success(request, f"{quote} is chosen.")
    return redirect("approvals:evidence", reference)


@signed_in
@require_POST
def remove(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Take out a line written by mistake."""
    _, quote = _quote(request, reference, number)
    actions.remove_quote(actor=request.actor, quote=quote)
    messages.success(request, f"{quote} is taken out. The history keeps that it was there.")
    return redirect("approvals:evidence", reference)


def _quote(request: HttpRequest, reference: str, number: int) -> tuple[QuotesEvidence, AskedQuote]:
    evidence = queries.evidence_for(request.actor, reference)
    quote = next((each for each in evidence.quotes.all() if each.pk == number), None)
    if quote is None:
        raise NotFound
    return evidence, quote


def _priced(offer: Offer, evidence: QuotesEvidence, half_days: int) -> dict[str, Any]:
    """An offer with its price for the school, or why there is none."""
    version = offer.current
    assert version is not None  # published offers have one
    row: dict[str, Any] = {"offer": offer, "version": version}
    row["is_in"] = any(
        q.offer_version and q.offer_version.offer_id == offer.pk for q in evidence.quotes.all()
    )
    try:
        price = pricing.quote(
            version.price_rule,
            version.brokerage_fee,
            catalogue.school_facts(evidence.organisation.school),
            on_date=local(timezone.now()).date(),
            half_days=half_days,
            minimum_half_days=version.minimum_half_days,
        )
    except DomainError as error:
        return row | {"why_not": str(error)}
    lines = [{"text": line.sentence, "amount": line.pence} for line in price.lines]
    return row | {"pence": price.total_pence, "lines": lines}
