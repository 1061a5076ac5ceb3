"""Receipts: the list, one recorded by hand, one on the screen, and what becomes of its money."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from frontend.forms.finance import (
    AllocateForm,
    OnAccountForm,
    PayBackForm,
    ReceiptFilterForm,
    ReceiptForm,
    TakeBackForm,
)
from frontend.views.billing.ledgers import pounds_cell
from frontend.views.repeats import not_repeated
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.billing import actions, queries
from marketplace.billing.models import Allocation, AllocationKind, Document, Receipt
from marketplace.billing.queries import matching
from marketplace.kernel import history
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Organisation

SORTS = {"received": "received_on", "payer": "payer__name", "amount": "pence", "unmatched": "unmatched_pence"}
STATES = {
    "unmatched": Q(unmatched_pence__gt=0),
    "on_account": Q(on_account_pence__gt=0),
    "matched": Q(unmatched_pence=0),
}


@signed_in
def receipts(request: HttpRequest) -> HttpResponseBase:
    """Money that came in, in the books one may read."""
    books = queries.books_visible_to(request.actor)
    if not books.exists():
        raise NotFound
    filters = ReceiptFilterForm(request.GET, books=books)
    rows = _filtered(request, filters)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows), "receipts.csv")
    context = {
        "page": page_of(request, rows),
        "filter_form": filters,
        "csv_query": query_string(request, format="csv", page=None),
        "may_record": queries.kept_by(request.actor).exists(),
    }
    return render(request, "frontend/billing/finance/receipts.html", context)


@signed_in
@not_repeated
def record(request: HttpRequest) -> HttpResponse:
    """Record a receipt by hand. The form carries a key of its own, so that sending it twice records it once."""
    payees = kept_books(request)
    payers = Organisation.objects.filter(documents_received__supplier__in=payees).distinct().order_by("name")
    form = ReceiptForm(request.POST or None, payees=payees, payers=payers)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            receipt = actions.record_receipt(
                actor=request.actor,
                payee=data["payee"],
                payer=data["payer"],
                pence=data["amount"],
                method=data["method"],
                received_on=data["received_on"],
                reference=data["reference"],
                effect=f"by_hand:{request.user.pk}:{request.POST.get('key', '')[:36] or uuid4()}",
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Receipt {receipt.reference} of {pounds(receipt.pence)} recorded.")
            return redirect("finance:receipt", receipt.reference)
    context = {"form": form, "key": request.POST.get("key") or uuid4()}
    return _form_page(request, "record", form, context)


@signed_in
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    """One receipt: what became of its money, and what it may be for."""
    found = queries.receipt_for(request.actor, reference)
    may_keep = queries.may_keep_books(request.actor, found.payee)
    unmatched: int = found.unmatched_pence  # type: ignore[attr-defined]
    context = {
        "receipt": found,
        "allocations": found.allocations.select_related("document__series", "buyer", "by"),
        "to_take_back": {row.pk for row in queries.to_take_back(found)} if may_keep else set(),
        "proposals": matching.proposals_for([found])[0][1] if unmatched and may_keep else [],
        "may_keep": may_keep,
        "accounts": _accounts(found),
        "history": history.of(found),
    }
    return render(request, "frontend/billing/finance/receipt.html", context)


@signed_in
@not_repeated
def allocate(request: HttpRequest, reference: str) -> HttpResponse:
    """Use so much of a receipt for a document one chooses."""
    found = _to_keep(request, reference)
    open_ones = {each.reference: each for each in matching.open_documents([found.payee_id])}
    choices = [(key, _choice(document)) for key, document in open_ones.items()]
    left = found.unmatched_pence + found.on_account_pence  # type: ignore[attr-defined]
    form = AllocateForm(request.POST or None, documents=choices, initial={"amount": left})
    if request.method == "POST" and form.is_valid():
        document = open_ones[form.cleaned_data["document"]]
        pence = form.cleaned_data["amount"]
        try:
            actions.allocate(actor=request.actor, receipt=found, document=document, pence=pence)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{pounds(pence)} allocated to {document.full_number}.")
            return redirect("finance:receipt", reference)
    return _form_page(request, "allocate", form, {"form": form, "receipt": found, "none": not choices})


@signed_in
@not_repeated
def on_account(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep what is unmatched of a receipt on account of a buyer."""
    found = _to_keep(request, reference)
    buyers = Organisation.objects.filter(documents_received__supplier=found.payee).distinct().order_by("name")
    form = OnAccountForm(
        request.POST or None,
        buyers=buyers,
        initial={"amount": found.unmatched_pence},  # type: ignore[attr-defined]
    )
    if request.method == "POST" and form.is_valid():
        buyer, pence = form.cleaned_data["buyer"], form.cleaned_data["amount"]
        try:
            actions.put_on_account(actor=request.actor, receipt=found, buyer=buyer, pence=pence)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{pounds(pence)} kept on account of {buyer}.")
            return redirect("finance:receipt", reference)
    return _form_page(request, "on_account", form, {"form": form, "receipt": found})


@signed_in
@not_repeated
def pay_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Record that money went back: from a buyer's account, or what was never matched."""
    found = _to_keep(request, reference)
    accounts = {buyer.reference: (buyer, pence) for buyer, pence in _accounts(found)}
    wanted = request.GET.get("buyer", "")
    if wanted and wanted not in accounts:
        raise NotFound
    buyer: Organisation | None = None
    held = int(found.unmatched_pence)  # type: ignore[attr-defined]
    if wanted:
        buyer, held = accounts[wanted]
    form = PayBackForm(request.POST or None, initial={"amount": held})
    if request.method == "POST" and form.is_valid():
        pence = form.cleaned_data["amount"]
        try:
            actions.pay_back(
                actor=request.actor,
                receipt=found,
                pence=pence,
                reason=form.cleaned_data["reason"],
                buyer=buyer,
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Recorded that {pounds(pence)} went back.")
            return redirect("finance:receipt", reference)
    return _form_page(
        request, "pay_back", form, {"form": form, "receipt": found, "buyer": buyer, "held": held}
    )


@signed_in
def take_back(request: HttpRequest, reference: str, allocation: int) -> HttpResponse:
    """Take an allocation back, by a row the other way."""
    found = _to_keep(request, reference)
    row = next((each for each in queries.to_take_back(found) if each.pk == allocation), None)
    if row is None:
        raise NotFound
    form = TakeBackForm(request.POST or None)
    if row.kind == AllocationKind.ON_ACCOUNT:
        del form.fields["keep"]
    if request.method == "POST" and form.is_valid():
        try:
            actions.unallocate(
                actor=request.actor,
                allocation=row,
                reason=form.cleaned_data["reason"],
                to_account=form.cleaned_data.get("keep") == "account",
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{pounds(row.pence)} taken back.")
            return redirect("finance:receipt", reference)
    return _form_page(request, "take_back", form, {"form": form, "receipt": found, "row": row})


def kept_books(request: HttpRequest) -> QuerySet[Organisation]:
    """The organisations the person records money for; `NotFound` where there is none."""
    payees = queries.kept_by(request.actor)
    if not payees.exists():
        raise NotFound
    return payees


def _to_keep(request: HttpRequest, reference: str) -> Receipt:
    found = queries.receipt_for(request.actor, reference)
    if not queries.may_keep_books(request.actor, found.payee):
        raise NotAllowed(
            f"You can’t record money for {found.payee}.", remedy="Ask its lead or finance officer."
        )
    return found


def _accounts(receipt: Receipt) -> list[tuple[Organisation, int]]:
    """Whose account money of the receipt lies on, and how much."""
    sums: dict[Organisation, int] = {}
    for row in receipt.allocations.filter(kind=AllocationKind.ON_ACCOUNT).select_related("buyer"):
        if row.buyer:
            sums[row.buyer] = sums.get(row.buyer, 0) + row.pence
    return [(buyer, pence) for buyer, pence in sums.items() if pence > 0]


def _choice(document: Document) -> str:
    owed: int = document.outstanding_pence  # type: ignore[attr-defined]
    return f"{document.full_number}: {document.buyer}, {pounds(owed)} outstanding"


def _form_page(request: HttpRequest, name: str, form: Form, context: dict[str, Any]) -> HttpResponse:
    return render(
        request, f"frontend/billing/finance/{name}.html", context, status=422 if form.errors else 200
    )


def _filtered(request: HttpRequest, filters: ReceiptFilterForm) -> QuerySet[Receipt]:
    rows = queries.with_remainder(queries.receipts_visible_to(request.actor))
    if filters.is_valid():
        data = filters.cleaned_data
        if data["payee"]:
            rows = rows.filter(payee=data["payee"])
        if data["method"]:
            rows = rows.filter(method=data["method"])
        if data["state"]:
            rows = rows.filter(STATES[data["state"]])
        if text := data["q"].strip():
            rows = rows.filter(pk__in=_named(text))
    asked = request.GET.get("sort", "-received")
    column = SORTS.get(asked.removeprefix("-"), "received_on")
    return rows.order_by(f"-{column}" if asked.startswith("-") else column, "-pk")


def _named(text: str) -> QuerySet[Receipt, Any]:
    """Receipts that name `text`: as their reference, what the payer wrote, the payer, or a document they pay."""
    by_document = Allocation.objects.filter(
        Q(document__reference__iexact=text) | Q(buyer__name__icontains=text)
    )
    return Receipt.objects.filter(
        Q(reference__iexact=text)
        | Q(payer_reference__icontains=text)
        | Q(payer__name__icontains=text)
        | Q(bank_line__payer_name__icontains=text)
        | Q(pk__in=by_document.values("receipt"))
    ).values("pk")


def _csv(rows: QuerySet[Receipt]) -> Iterator[list[Any]]:
    yield [
        "Receipt",
        "Received",
        "Received by",
        "Payer",
        "Way",
        "Reference",
        "Amount",
        "To documents",
        "On account",
        "Paid back",
        "Not matched",
    ]
    for row in rows.iterator(500):
        yield [
            row.reference,
            row.received_on.isoformat(),
            row.payee.name,
            row.payer_words,
            row.get_method_display(),
            row.payer_reference,
            *(
                pounds_cell(pence)
                for pence in (
                    row.pence,
                    row.used_pence,  # type: ignore[attr-defined]
                    row.on_account_pence,  # type: ignore[attr-defined]
                    row.refunded_pence,  # type: ignore[attr-defined]
                    row.unmatched_pence,  # type: ignore[attr-defined]
                )
            ),
        ]
