"""What is owed: by us, to us by age, and the account between two organisations."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone

from frontend.forms.finance import BooksFilterForm
from frontend.pdf import pdf_response
from frontend.spreadsheets import xlsx_response
from frontend.views.billing.ledgers import pounds_cell
from frontend.views.tools import csv_response, page_of, query_string, signed_in
from marketplace.billing import queries
from marketplace.billing.models import Document
from marketplace.billing.queries import accounts, collecting
from marketplace.billing.queries.collecting import Debtor
from marketplace.billing.rules.ageing import AGE_LABELS, Age, days_overdue
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound

ACCOUNT_DAYS = 365
AGE_SORTS = {"buyer": lambda d: d.buyer.name, "total": lambda d: d.total, "overdue": lambda d: d.overdue}


@signed_in
def owed(request: HttpRequest) -> HttpResponseBase:
    """What the person's organisations owe, with due dates and how to pay; those who only sell see what is owed to them."""
    buyers = collecting.buyers_of(request.actor)
    if not buyers.exists():
        if not queries.books_visible_to(request.actor).exists():
            raise NotFound
        return redirect("finance:aged_debt")
    today = _today()
    rows = collecting.owing_documents(Document.objects.filter(buyer__in=buyers.order_by()))
    rows = rows.filter(outstanding_pence__gt=0).order_by("due_on", "pk")
    if request.GET.get("format") == "csv":
        return csv_response(_owed_csv(rows, today), "what-we-owe.csv")
    found = [{"document": row, "days": days_overdue(row.due_on, today)} for row in rows]
    context = {
        "page": page_of(request, found, per_page=25),
        "total": sum(each["document"].outstanding_pence for each in found),
        "overdue": sum(each["document"].outstanding_pence for each in found if each["days"]),
        "many_buyers": buyers.count() > 1,
        "sells": queries.books_visible_to(request.actor).exists(),
    }
    return render(request, "frontend/billing/finance/owed.html", context)


@signed_in
def aged_debt(request: HttpRequest) -> HttpResponseBase:
    """Who owes these suppliers what, by how long it is overdue."""
    books = queries.books_visible_to(request.actor)
    if not books.exists():
        raise NotFound
    filters = BooksFilterForm(request.GET, books=books)
    debtors = _debtors(request, filters)
    if request.GET.get("format") == "csv":
        return csv_response(_aged_rows(debtors), "aged-debt.csv")
    if request.GET.get("format") == "xlsx":
        return xlsx_response(_aged_rows(debtors), "aged-debt.xlsx", sheet="Aged debt")
    kept = queries.kept_by(request.actor)
    context = {
        "page": page_of(request, debtors, per_page=25),
        "filter_form": filters,
        "many_books": books.count() > 1,
        "ages": AGE_LABELS.values(),
        "sums": [sum(d.ages[age] for d in debtors) for age in Age],
        "total": sum(d.total for d in debtors),
        "csv_query": query_string(request, format="csv", page=None),
        "xlsx_query": query_string(request, format="xlsx", page=None),
        "owes": collecting.buyers_of(request.actor).exists(),
        "settings_of": kept[:12],
    }
    return render(request, "frontend/billing/finance/aged_debt.html", context)


@signed_in
def account(request: HttpRequest, supplier: str, buyer: str) -> HttpResponseBase:
    """The account between a supplier and a buyer, for both of them."""
    context = _account(request, supplier, buyer)
    if request.GET.get("format") == "csv":
        return csv_response(_account_csv(context["account"]), f"account-{supplier}-{buyer}.csv")
    return render(request, "frontend/billing/finance/buyers_account.html", context)


@signed_in
def account_pdf(request: HttpRequest, supplier: str, buyer: str) -> HttpResponse:
    """The statement of account as a tagged PDF."""
    context = _account(request, supplier, buyer)
    page = render_to_string("frontend/billing/finance/buyers_account_pdf.html", context)
    return pdf_response(page, f"statement-of-account-{supplier}-{buyer}.pdf")


def _account(request: HttpRequest, supplier: str, buyer: str) -> dict[str, Any]:
    pair = collecting.pair_for(request.actor, supplier, buyer)
    today = _today()
    account = accounts.buyers_account(*pair, today - timedelta(days=ACCOUNT_DAYS))
    return {
        "supplier": pair[0],
        "buyer": pair[1],
        "account": account,
        "today": today,
        "open_documents": [(each, days_overdue(each.due_on, today)) for each in account.open_documents],
        "bank": collecting.bank_details_of(pair[0]),
        "may_keep": queries.may_keep_books(request.actor, pair[0]),
        "is_buyer": request.actor.holds(*queries.BUYER_READERS, at=pair[1].pk),
        "has_journals": account.open_documents and all(d.route == "journal" for d in account.open_documents),
    }


def _debtors(request: HttpRequest, filters: BooksFilterForm) -> list[Debtor]:
    books = queries.books_visible_to(request.actor)
    only_overdue = False
    if filters.is_valid():
        if chosen := filters.cleaned_data["supplier"]:
            books = books.filter(Q(pk=chosen.pk))
        only_overdue = filters.cleaned_data["overdue"]
    debtors = collecting.aged_debt(books.values_list("pk", flat=True), _today())
    if only_overdue:
        debtors = [debtor for debtor in debtors if debtor.overdue > 0]
    asked = request.GET.get("sort", "-overdue")
    if (name := asked.removeprefix("-")) in AGE_SORTS:
        debtors.sort(key=AGE_SORTS[name], reverse=asked.startswith("-"))
    return debtors


def _today() -> date:
    return local(timezone.now()).date()


def _owed_csv(rows: Any, today: date) -> Iterator[list[Any]]:
    yield ["Document", "Supplier", "School", "Issued", "Due", "Days overdue", "Total", "Outstanding", "Quote"]
    for row in rows:
        yield [
            row.get_kind_display(),
            row.supplier.name,
            row.buyer.name,
            row.issued_on.isoformat(),
            row.due_on.isoformat() if row.due_on else "",
            days_overdue(row.due_on, today),
            pounds_cell(row.gross_pence),
            pounds_cell(row.outstanding_pence),
            row.full_number,
        ]


def _aged_rows(debtors: list[Debtor]) -> Iterator[list[Any]]:
    yield ["Supplier", "Buyer", "Documents", *AGE_LABELS.values(), "Total", "On account"]
    for debtor in debtors:
        amounts = map(pounds_cell, (*debtor.columns, debtor.total, debtor.on_account))
        yield [debtor.supplier.name, debtor.buyer.name, debtor.documents, *amounts]


def _account_csv(account: accounts.BuyersAccount) -> Iterator[list[Any]]:
    yield ["Date", "What", "Detail", "Owed", "Paid", "Balance"]
    yield [account.start.isoformat(), "Balance brought forward", "", "", "", pounds_cell(account.opening)]
    for line in account.lines:
        sides = (line.pence, 0) if line.pence > 0 else (0, -line.pence)
        yield [line.on.isoformat(), line.text, line.detail, *map(pounds_cell, (*sides, line.balance))]
