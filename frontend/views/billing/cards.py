"""Paying by card: what is paid, the card's own page, and where a payment stands. The way back from the network is display only."""

from collections.abc import Iterator
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frontend.forms.cards import BankCheckForm, CardFilterForm, SimulatedCardForm
from frontend.views.tools import csv_response, page_of, signed_in
from marketplace.billing import queries as billing
from marketplace.billing import rules
from marketplace.billing.actions import cards as actions
from marketplace.billing.models import CardPayment, CardPaymentStatus
from marketplace.billing.network import is_simulated, takes_cards
from marketplace.billing.queries import cards as queries
from marketplace.bookings import queries as bookings
from marketplace.kernel import history
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound, NotNow
from marketplace.kernel.money import pounds

SORTS = {"started": "started_at", "payer": "payer__name", "payee": "payee__name", "amount": "pence"}
STRIPE_SCRIPT = "https://js.stripe.com"
STRIPE_HOSTS = {
    "script-src": [STRIPE_SCRIPT],
    "frame-src": [STRIPE_SCRIPT, "https://hooks.stripe.com"],
    "connect-src": ["https://api.stripe.com"],
}
WAITS_FOR_CARD = frozenset({CardPaymentStatus.AWAITING_CARD, CardPaymentStatus.DECLINED})
WORKING = frozenset(
    {CardPaymentStatus.STARTED, CardPaymentStatus.AWAITING_BANK, CardPaymentStatus.PROCESSING}
)


# The list ---------------------------------------------------------------------------------------------------------------


@signed_in
def payments(request: HttpRequest) -> HttpResponseBase:
    """Card payments of the person's organisations, with where each stands and what happens next."""
    filters = CardFilterForm(request.GET)
    rows = _filtered(request, filters)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows), "card-payments.csv")
    page = page_of(request, rows)
    held = queries.held_by_payment(page.object_list)
    for row in page.object_list:
        row.next_step = _next_step(row, held.get(row.pk, 0))
    context = {
        "page": page,
        "filter_form": filters,
        "takes_cards": takes_cards(),
        "limit": settings.CARD_LIMIT_PENCE,
        "keeps_books": queries.keeps_any_books(request.actor),
    }
    return render(request, "frontend/cards/list.html", context)


def _filtered(request: HttpRequest, filters: CardFilterForm) -> QuerySet[CardPayment]:
    rows = queries.card_payments_visible_to(request.actor)
    if filters.is_valid():
        if status := filters.cleaned_data["status"]:
            rows = rows.filter(status=status)
        if text := filters.cleaned_data["q"].strip():
            rows = rows.filter(
                Q(reference__iexact=text)
                | Q(document__reference__iexact=text)
                | Q(booking__reference__iexact=text)
            )
    asked = request.GET.get("sort", "-started")
    column = SORTS.get(asked.removeprefix("-"), "started_at")
    return rows.order_by(f"-{column}" if asked.startswith("-") else column, "-pk")


def _next_step(payment: CardPayment, held_pence: int) -> str:
    return rules.what_next(
        payment.status,
        held_pence=held_pence,
        is_for_booking=payment.booking_id is not None,
        left_pence=payment.left_pence,
    )


def _csv(rows: QuerySet[CardPayment]) -> Iterator[list[Any]]:
    yield ["Reference", "State", "For", "Payer", "Payee", "Amount", "Given back", "Fee", "Started", "Paid"]
    for row in rows.iterator():
        yield [
            row.reference,
            row.get_status_display(),
            row.subject,
            row.payer.name,
            row.payee.name,
            *(f"{pence / 100:.2f}" for pence in (row.pence, row.refunded_pence, row.fee_pence)),
            local(row.started_at).isoformat(timespec="minutes"),
            local(row.paid_at).isoformat(timespec="minutes") if row.paid_at else "",
        ]


# What is to be paid -----------------------------------------------------------------------------------------------------


@signed_in
def pay_document(request: HttpRequest, reference: str) -> HttpResponse:
    """Look at what is owed on a document, and begin to pay it."""
    document = billing.document_for(request.actor, reference)
    if request.method == "POST":
        payment = actions.start_document_payment(actor=request.actor, document=document)
        return redirect("cards:payment", payment.reference)
    pence = billing.outstanding(document)
    context = {
        "what": f"{document.get_kind_display()} {document.full_number}",
        "to": document.supplier,
        "payer": document.buyer,
        "pence": pence,
        "back": reverse("billing:document", args=[document.reference]),
        "may_pay": queries.can_pay_document(request.actor, document),
        "why_not": _why_not(pence),
        "bank_reference": document.full_number,
    }
    return render(request, "frontend/cards/begin.html", context)


@signed_in
def pay_booking(request: HttpRequest, reference: str) -> HttpResponse:
    """Look at what a booking costs, and begin to pay for it before its day."""
    booking = bookings.booking_for(request.actor, reference)
    if request.method == "POST":
        payment = actions.start_booking_payment(actor=request.actor, booking=booking)
        return redirect("cards:payment", payment.reference)
    context = {
        "what": f"Booking {booking.reference}",
        "booking": booking,
        "to": booking.provider,
        "payer": booking.receiving_school,
        "pence": booking.gross_pence,
        "back": reverse("bookings:booking", args=[booking.reference]),
        "may_pay": queries.can_pay_booking(request.actor, booking),
        "why_not": queries.why_not_by_card(booking) or _why_not(booking.gross_pence),
    }
    return render(request, "frontend/cards/begin.html", context)


def _why_not(pence: int) -> str:
    if not takes_cards():
        return "This exchange does not take cards."
    if pence <= 0:
        return "Nothing is owed on this document."
    if pence > settings.CARD_LIMIT_PENCE:
        return f"Cards are taken up to {pounds(settings.CARD_LIMIT_PENCE)}."
    return "Only the headteacher, a budget holder or the finance officer of the buyer pays by card."


# One payment --------------------------------------------------------------------------------------------------------------


@signed_in
def payment(request: HttpRequest, reference: str) -> HttpResponse:
    """Where a payment stands, what happens next, and what the person can do about it. Reloads itself while something is on its way."""
    found = queries.card_payment_for(request.actor, reference)
    held = queries.held_pence(found)
    may_pay = queries.may_pay_for(request.actor, found.payer_id)
    may_refund = queries.may_refund(request.actor, found)
    context = {
        "payment": found,
        "held_pence": held,
        "next_step": _next_step(found, held),
        # Back from the card's page the network's word may be on its way still.
        "looks_again": found.status in WORKING
        or (found.status == CardPaymentStatus.AWAITING_CARD and "back" in request.GET),
        "can_enter_card": may_pay and found.status in WAITS_FOR_CARD,
        "can_answer_bank": may_pay and is_simulated() and found.status == CardPaymentStatus.AWAITING_BANK,
        "can_give_up": may_pay and found.status in WAITS_FOR_CARD,
        "may_refund": may_refund,
        "can_refund": may_refund and not found.disputed_at and queries.free_to_refund(found) > 0,
        "documents": queries.documents_paid_by(found),
        "refunds": found.refunds.prefetch_related("legs__payout").select_related("credit_note__series"),
        "payouts": found.payouts.all(),
        "can_pay_out": may_refund
        and settings.STRIPE_CONNECT
        and not (found.paid_out_pence or found.disputed_at),
        "may_see_booking": bookings.visible_to(request.actor).filter(card_payments=found).exists(),
        "history": history.of(found),
        "is_simulated": is_simulated(),
    }
    return render(request, "frontend/cards/payment.html", context)


@csp_update(STRIPE_HOSTS)  # type: ignore[arg-type]
@signed_in
def pay(request: HttpRequest, reference: str) -> HttpResponse:
    """The page on which the card is entered: the network's own field, or the stand-in's questions."""
    found = _to_be_paid(request, reference)
    if is_simulated():
        return redirect("cards:simulated", reference)
    if found.status not in WAITS_FOR_CARD:
        return redirect("cards:payment", reference)
    context = {
        "payment": found,
        "client_secret": actions.client_secret(actor=request.actor, payment=found),
        "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
        "script": f"{STRIPE_SCRIPT}/v3/",
        "back": f"{settings.SITE_URL}{reverse('cards:payment', args=[found.reference])}",
    }
    return render(request, "frontend/cards/card.html", context)


@signed_in
def simulated(request: HttpRequest, reference: str) -> HttpResponse:
    """The simulated card network: the person chooses what the card, or its bank, does. No money is moved."""
    if not is_simulated():
        raise NotFound
    found = _to_be_paid(request, reference)
    if found.status not in (CardPaymentStatus.AWAITING_CARD, CardPaymentStatus.AWAITING_BANK):
        return redirect("cards:payment", reference)
    asks_bank = found.status == CardPaymentStatus.AWAITING_BANK
    form = (BankCheckForm if asks_bank else SimulatedCardForm)(_sent(request))
    if request.method == "POST" and form.is_valid():
        outcome = form.cleaned_data["outcome"]
        actions.play_the_payer(actor=request.actor, payment=found, outcome=outcome)
        return redirect(f"{reverse('cards:payment', args=[reference])}?back=1")
    context = {"payment": found, "form": form, "asks_bank": asks_bank}
    return render(request, "frontend/cards/simulated.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def another_card(request: HttpRequest, reference: str) -> HttpResponse:
    """After a card was declined: set the payment up anew."""
    found = queries.card_payment_for(request.actor, reference)
    actions.try_another_card(actor=request.actor, payment=found)
    return redirect("cards:payment", reference)


@signed_in
@require_POST
def give_up(request: HttpRequest, reference: str) -> HttpResponse:
    """The payer does not want to pay by card after all."""
    found = queries.card_payment_for(request.actor, reference)
    try:
        actions.give_up(actor=request.actor, payment=found)
    except NotNow as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The payment is being given up. Nothing is taken.")
    return redirect("cards:payment", reference)


def _to_be_paid(request: HttpRequest, reference: str) -> CardPayment:
    found = queries.card_payment_for(request.actor, reference)
    queries.must_pay_for(request.actor, found.payer_id)
    if not takes_cards():
        raise NotFound
    return found


def _sent(request: HttpRequest) -> QueryDict | None:
    """What was sent, nothing included: a form with no choice made is looked at too."""
    return request.POST if request.method == "POST" else None
