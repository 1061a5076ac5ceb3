"""Documents: the list, one on the screen, the same one as PDF, and its credit note."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from frontend.forms.billing import DocumentFilterForm
from frontend.forms.settling import CreditForm, VatForm
from frontend.pdf import pdf_response
from frontend.views.repeats import not_repeated
from frontend.views.tools import add_domain_error, csv_response, page_of, signed_in
from marketplace.billing import actions, queries
from marketplace.billing.models import Document
from marketplace.billing.queries.collecting import bank_details_of, may_question
from marketplace.bookings import queries as bookings
from marketplace.buyback import queries as buyback
from marketplace.kernel import history
from marketplace.kernel.errors import DomainError, NotFound

SORTS = {"issued": "issued_on", "buyer": "buyer__name", "supplier": "supplier__name", "total": "gross_pence"}


@signed_in
def documents(request: HttpRequest) -> HttpResponseBase:
    """Invoices, journals and credit notes of the person's organisations."""
    filters = DocumentFilterForm(request.GET)
    rows = _filtered(request, filters)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows), "documents.csv")
    return render(
        request, "frontend/billing/documents.html", {"page": page_of(request, rows), "filter_form": filters}
    )


@signed_in
def document(request: HttpRequest, reference: str) -> HttpResponse:
    """One document with its lines, what is still owed on it, and its history."""
    found = queries.document_for(request.actor, reference)
    context = {
        "document": found,
        "lines": found.lines.all(),
        "bank": bank_details_of(found.supplier),
        "history": history.of(found),
        "may_see_booking": bookings.visible_to(request.actor).filter(documents=found).exists(),
        "may_see_agreement": buyback.agreements_visible_to(request.actor).filter(documents=found).exists(),
        "credit_notes": found.credit_notes.all(),
        "replaced_by": found.replaced_by.select_related("series").first(),
        "outstanding_pence": None if found.kind == "credit_note" else queries.outstanding(found),
        "may_question": may_question(request.actor, found),
        "may_credit": queries.may_credit(request.actor, found) and queries.is_creditable(found),
    }
    return render(request, "frontend/billing/document.html", context)


@signed_in
def document_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """The document as a tagged PDF."""
    found = queries.document_for(request.actor, reference)
    page = render_to_string(
        "frontend/billing/document_pdf.html",
        {"document": found, "lines": found.lines.all(), "bank": bank_details_of(found.supplier)},
    )
    return pdf_response(page, f"{found.full_number}.pdf")


@signed_in
@not_repeated
def credit(request: HttpRequest, reference: str) -> HttpResponse:
    """Credit a document, in whole or line by line, with the reason."""
    found = queries.document_for(request.actor, reference)
    lines = queries.lines_left(found)
    form = CreditForm(request.POST or None, lines=lines)
    if request.method == "POST" and form.is_valid():
        try:
            note = actions.credit(
                actor=request.actor,
                document=found,
                reason=form.cleaned_data["reason"],
                amounts=form.amounts(),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Credit note {note.full_number} issued.")
            return redirect("billing:document", note.reference)
    context = {"form": form, "document": found, "left_pence": sum(each.left.net_pence for each in lines)}
    return render(request, "frontend/billing/credit.html", context, status=422 if form.errors else 200)


@signed_in
@not_repeated
def put_vat_right(request: HttpRequest, reference: str) -> HttpResponse:
    """Credit a document and issue it again under another VAT treatment."""
    found = queries.document_for(request.actor, reference)
    if not queries.may_credit(request.actor, found) or not queries.is_creditable(found):
        raise NotFound
    form = VatForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            note, again = actions.override_vat(actor=request.actor, document=found, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{note.full_number} credits it; {again.full_number} takes its place.")
            return redirect("billing:document", again.reference)
    context = {"form": form, "document": found, "lines": found.lines.all()}
    return render(request, "frontend/billing/vat.html", context, status=422 if form.errors else 200)


def _filtered(request: HttpRequest, filters: DocumentFilterForm) -> QuerySet[Document]:
    rows = queries.documents_visible_to(request.actor)
    if filters.is_valid():
        if kind := filters.cleaned_data["kind"]:
            rows = rows.filter(kind=kind)
        if text := filters.cleaned_data["q"].strip():
            rows = rows.filter(_named(text))
    asked = request.GET.get("sort", "-issued")
    column = SORTS.get(asked.removeprefix("-"), "issued_on")
    return rows.order_by(f"-{column}" if asked.startswith("-") else column, "-pk")


def _named(text: str) -> Q:
    """Documents whose number, reference, booking or purchase order is `text`."""
    prefix, _, number = text.rpartition("-")
    by_number = Q(series__prefix__iexact=prefix, number=int(number)) if prefix and number.isdecimal() else Q()
    named = (
        Q(reference__iexact=text)
        | Q(booking__reference__iexact=text)
        | Q(agreement__reference__iexact=text)
        | Q(purchase_order_number__iexact=text)
    )
    return named | by_number if by_number else named


def _csv(rows: QuerySet[Document]) -> Iterator[list[Any]]:
    yield [
        "Number",
        "Kind",
        "Issued",
        "Due",
        "Supplier",
        "Buyer",
        "Booking",
        "Agreement",
        "Purchase order",
        "Net",
        "VAT",
        "Total",
    ]
    for row in rows.iterator():
        yield [
            row.full_number,
            row.get_kind_display(),
            row.issued_on.isoformat(),
            row.due_on.isoformat() if row.due_on else "",
            row.supplier.name,
            row.buyer.name,
            row.booking.reference if row.booking else "",
            row.agreement.reference if row.agreement else "",
            row.purchase_order_number,
            *(f"{pence / 100:.2f}" for pence in (row.net_pence, row.vat_pence, row.gross_pence)),
        ]
