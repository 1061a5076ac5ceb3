"""Card money for finance: what waits for somebody, refunds, and passing money on."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frontend.forms.cards import ByBankForm, CloseForm, ObjectionForm, RefundForm
from frontend.views.tools import add_domain_error, signed_in
from marketplace.billing import queries as billing
from marketplace.billing.actions import cards as actions
from marketplace.billing.gateways import Refused, Unsettled
from marketplace.billing.models import CardPayment, CardPaymentStatus
from marketplace.billing.network import takes_cards
from marketplace.billing.queries import cards as queries
from marketplace.billing.rules import ALERT_AFTER_DAYS, DECIDE_AFTER_DAYS, MOST_DAYS_HELD
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.money import pounds


@signed_in
def attention(request: HttpRequest) -> HttpResponse:
    """What about card money does not move by itself: objected to, held for long, stuck, or different from the ledger."""
    if not queries.keeps_any_books(request.actor):
        raise NotFound
    context = {
        "held": queries.held_over(0, actor=request.actor),
        "objections": queries.objections(request.actor),
        "stuck": queries.stuck_sagas(actor=request.actor),
        "balance": queries.latest_balance(),
        "days": {"alert": ALERT_AFTER_DAYS, "decide": DECIDE_AFTER_DAYS, "most": MOST_DAYS_HELD},
        "takes_cards": takes_cards(),
    }
    return render(request, "frontend/cards/attention.html", context)


@signed_in
def refund(request: HttpRequest, reference: str) -> HttpResponse:
    """Give a card payment back, in part or whole, with the reason."""
    payment = queries.card_payment_for(request.actor, reference)
    if not queries.may_refund(request.actor, payment):
        raise NotFound
    free = queries.free_to_refund(payment)
    form = RefundForm(_sent(request), most=free)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.request_refund(
                actor=request.actor,
                payment=payment,
                pence=form.cleaned_data["amount"],
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request, f"{pounds(made.pence)} is on its way back to the card ({made.reference})."
            )
            return redirect("cards:payment", reference)
    context = {
        "payment": payment,
        "form": form,
        "free": free,
        "held_pence": queries.held_pence(payment),
        "documents": queries.documents_paid_by(payment),
    }
    return render(request, "frontend/cards/refund.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def refund_again(request: HttpRequest, reference: str) -> HttpResponse:
    """Send a refund the network refused once more."""
    found = queries.refund_for(request.actor, reference)
    actions.try_refund_again(actor=request.actor, refund=found)
    messages.success(request, "The refund was sent again.")
    return redirect("cards:payment", found.payment.reference)


@signed_in
def refund_by_bank(request: HttpRequest, reference: str) -> HttpResponse:
    """Record that a refund the network refused was sent by bank transfer."""
    found = queries.refund_for(request.actor, reference)
    if not queries.may_refund(request.actor, found.payment):
        raise NotFound
    form = ByBankForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.refund_by_bank(actor=request.actor, refund=found, note=form.cleaned_data["note"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{found.reference} is recorded as sent by bank transfer.")
            return redirect("cards:payment", found.payment.reference)
    context = {"refund": found, "form": form}
    return render(request, "frontend/cards/refund_by_bank.html", context, status=422 if form.errors else 200)


@signed_in
def objection(request: HttpRequest, reference: str) -> HttpResponse:
    """Say what the bank decided about the objection of a card's holder."""
    payment = queries.card_payment_for(request.actor, reference)
    if not (queries.may_refund(request.actor, payment) and payment.disputed_at):
        raise NotFound
    form = ObjectionForm(_sent(request), most=payment.left_pence)
    if request.method == "POST" and form.is_valid():
        try:
            _settle_objection(request, payment, form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return redirect("cards:payment", reference)
    context = {"payment": payment, "form": form}
    return render(request, "frontend/cards/objection.html", context, status=422 if form.errors else 200)


def _settle_objection(request: HttpRequest, payment: CardPayment, said: dict[str, Any]) -> None:
    charge = said["charge"] or 0
    if said["outcome"] == "won":
        actions.win_objection(actor=request.actor, payment=payment, note=said["note"], charge_pence=charge)
        messages.success(request, "The objection is settled: the money stays.")
        return
    lost = actions.lose_objection(
        actor=request.actor, payment=payment, pence=said["amount"], note=said["note"], charge_pence=charge
    )
    messages.success(request, f"The objection is settled: {pounds(lost.pence)} were taken back.")


@signed_in
def close(request: HttpRequest, reference: str) -> HttpResponse:
    """Say how a payment of another amount than was asked for was dealt with."""
    payment = queries.card_payment_for(request.actor, reference)
    if not (queries.may_refund(request.actor, payment) and payment.status == CardPaymentStatus.MISMATCHED):
        raise NotFound
    form = CloseForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.close_mismatched(actor=request.actor, payment=payment, note=form.cleaned_data["note"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{payment.reference} is closed.")
            return redirect("cards:payment", reference)
    context = {"payment": payment, "form": form}
    return render(request, "frontend/cards/close.html", context, status=422 if form.errors else 200)


@signed_in
def payouts(request: HttpRequest) -> HttpResponse:
    """Accounts with the network to which card money is passed on; where that is off, what happens instead."""
    if not queries.keeps_any_books(request.actor):
        raise NotFound
    context = {
        "is_on": settings.STRIPE_CONNECT,
        "accounts": queries.connected_accounts(request.actor),
        "without": queries.without_account(request.actor) if settings.STRIPE_CONNECT else [],
    }
    return render(request, "frontend/cards/payouts.html", context)


@signed_in
@require_POST
def open_account(request: HttpRequest, reference: str) -> HttpResponse:
    """Open an account for an organisation (or go on with it), and go to the network's own questions."""
    organisation = get_object_or_404(billing.books_visible_to(request.actor), reference=reference)
    back = f"{settings.SITE_URL}{reverse('cards:payouts')}"
    try:
        return HttpResponseRedirect(
            actions.onboarding_url(actor=request.actor, organisation=organisation, back=back)
        )
    except Unsettled:
        messages.error(request, "The card network does not answer. Try again in a few minutes.")
    except Refused as refused:
        messages.error(request, f"The card network said no: {refused.message}")
    return redirect("cards:payouts")


@signed_in
@require_POST
def pay_out(request: HttpRequest, reference: str) -> HttpResponse:
    """Pass on what a payment has earned."""
    payment = queries.card_payment_for(request.actor, reference)
    made = actions.pay_out(actor=request.actor, payment=payment)
    messages.success(request, f"{pounds(made.pence)} is being passed on ({made.reference}).")
    return redirect("cards:payment", reference)


def _sent(request: HttpRequest) -> QueryDict | None:
    """What was sent, nothing included: a form with no choice made is looked at too."""
    return request.POST if request.method == "POST" else None
