"""The books of an organisation: its accounts, every movement on one, and the trial balance."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from frontend.forms.finance import PeriodForm
from frontend.views.billing.desk import address
from frontend.views.tools import csv_response, page_of, signed_in
from marketplace.billing.postings import CHART, Purpose
from marketplace.billing.queries import books_for, books_visible_to
from marketplace.billing.queries import ledgers as queries
from marketplace.billing.queries.ledgers import TrialBalance
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import ContractCalendar, contract_year, local
from marketplace.kernel.errors import NotFound
from marketplace.kernel.models import Transfer

PAGES = {
    "document": "billing:document",
    "receipt": "finance:receipt",
    "write_off": "finance:write_off",
    "statement": "settling:statement",
    "card": "cards:payment",
    "booking": "bookings:booking",
}
OTHER_LEDGERS = (
    ("Days and places of packages", "balances:index", frozenset(Role)),
    ("Credits of the bank of days", "balances:index", frozenset(Role)),
    ("Funding streams", "approvals:streams", frozenset({Role.FINANCE, Role.CONVENOR})),
)


@signed_in
def books(request: HttpRequest) -> HttpResponse:
    """The organisations whose books one may read, and the ledgers of other units."""
    page = page_of(request, _found(request), per_page=25)
    others = [
        {"text": text, "href": href}
        for text, name, roles in OTHER_LEDGERS
        if _holds(request.actor, roles) and (href := address(name, ()))
    ]
    return render(request, "frontend/billing/finance/books.html", {"page": page, "others": others})


@signed_in
def chart(request: HttpRequest, reference: str) -> HttpResponse:
    """The accounts of an organisation by heading."""
    organisation = books_for(request.actor, reference)
    headings = queries.chart_of(organisation)
    context = {
        "organisation": organisation,
        "headings": headings,
        "at_zero": [(each, row) for each in headings if each.has_many for row in each.at_zero],
        "debits": sum(each.debit for each in headings),
        "credits": sum(each.credit for each in headings),
    }
    return render(request, "frontend/billing/finance/chart.html", context)


@signed_in
def account(request: HttpRequest, reference: str, account: int) -> HttpResponseBase:
    """One account: every movement with the balance after it, and what it comes from."""
    organisation = books_for(request.actor, reference)
    found = queries.account_for(request.actor, organisation, account)
    movements = queries.movements_of(found.account)
    if request.GET.get("format") == "csv":
        return csv_response(_account_csv(movements), f"account-{organisation.reference}-{account}.csv")
    page = page_of(request, movements.order_by("-on", "-pk"), per_page=25)
    context = {
        "organisation": organisation,
        "account": found,
        "heading": CHART[Purpose(found.account.purpose)].label,
        "page": page,
        "rows": [(movement, _link(movement, behind)) for movement, behind in _with_behind(page.object_list)],
    }
    return render(request, "frontend/billing/finance/account.html", context)


@signed_in
def trial_balance(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Every heading over a period: debits and credits are equal."""
    organisation = books_for(request.actor, reference)
    usual = contract_year(ContractCalendar.FINANCIAL, local(timezone.now()).date())
    asked = any(key.startswith(("start", "end")) for key in request.GET)
    form = PeriodForm(request.GET if asked else None, initial={"start": usual.start, "end": usual.end})
    start, end = _period(form, usual.start, usual.end)
    balance = queries.trial_balance(organisation, start, end)
    if request.GET.get("format") == "csv" and (form.is_valid() or not asked):
        name = f"trial-balance-{organisation.reference}-{start:%Y-%m-%d}-{end:%Y-%m-%d}.csv"
        return csv_response(_trial_csv(balance), name)
    context = {
        "organisation": organisation,
        "balance": balance,
        "form": form,
        "start": start,
        "end": end,
        "csv_query": f"start={start:%Y-%m-%d}&end={end:%Y-%m-%d}&format=csv",
    }
    status = 422 if asked and not form.is_valid() else 200
    return render(request, "frontend/billing/finance/trial_balance.html", context, status=status)


def _found(request: HttpRequest) -> Any:
    if not books_visible_to(request.actor).exists():
        raise NotFound
    return queries.opened_books(request.actor)


def _holds(actor: Actor, roles: frozenset[Role]) -> bool:
    return bool(frozenset().union(*actor.roles.values()) & roles)


def _period(form: PeriodForm, start: date, end: date) -> tuple[date, date]:
    if not form.is_bound or not form.is_valid():
        return start, end
    return form.cleaned_data.get("start") or start, form.cleaned_data.get("end") or end


def _with_behind(movements: Iterable[Transfer]) -> list[tuple[Transfer, queries.Behind | None]]:
    rows = list(movements)
    found = queries.behind(rows)
    return [(row, found.get(row.pk)) for row in rows]


def _link(movement: Transfer, behind: queries.Behind | None) -> dict[str, str]:
    if behind is None:
        return {}
    return {"text": behind.label, "href": address(PAGES[behind.kind], (behind.reference,))}


def _account_csv(movements: Any) -> Iterator[list[Any]]:
    yield ["Date", "What", "From", "Debit", "Credit", "Balance (credit above zero)", "By"]
    for movement, behind in _with_behind(movements):
        yield [
            movement.on.isoformat(),
            movement.reason,
            behind.label if behind else "",
            pounds_cell(movement.debit),  # type: ignore[attr-defined]
            pounds_cell(movement.credit),  # type: ignore[attr-defined]
            pounds_cell(movement.balance),  # type: ignore[attr-defined]
            movement.by.name if movement.by else "The exchange",
        ]


def _trial_csv(balance: TrialBalance) -> Iterator[list[Any]]:
    yield [
        "Account",
        "Balance before (credit above zero)",
        "Debits",
        "Credits",
        "Debit balance",
        "Credit balance",
    ]
    for row in balance.rows:
        yield [
            row.label,
            *map(pounds_cell, (row.opening, row.debits, row.credits, row.closing_debit, row.closing_credit)),
        ]
    sums = (balance.opening, balance.debits, balance.credits, balance.closing_debits, balance.closing_credits)
    yield ["Total", *map(pounds_cell, sums)]


def pounds_cell(pence: int) -> Decimal:
    """An amount as a cell of a CSV file, a number to a spreadsheet: `-1234.50`."""
    return Decimal(pence).scaleb(-2)
