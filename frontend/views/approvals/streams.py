"""Funding streams of an area: the list with what is left, one with every movement, its budget, its end."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from frontend.forms.approvals import BudgetForm, StreamFilterForm, StreamForm
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.bookings import queries as bookings
from marketplace.buyback import actions, queries
from marketplace.buyback.models import FundingStream
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import financial_year, local
from marketplace.kernel.errors import DomainError, NotAllowed
from marketplace.kernel.models import Transfer
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Area

SORTS = {"name": "name", "year": "financial_year"}
YEARS_BACK_AND_ON = (-1, 0, 1)
ORDER = re.compile(r"(?P<kind>booking|agreement):(?P<pk>[0-9]+):funding:")
VISIBLE = {"booking": bookings.visible_to, "agreement": queries.agreements_visible_to}


@signed_in
def streams(request: HttpRequest) -> HttpResponseBase:
    """The pots of the person's areas, with budget, committed, spent and left."""
    areas = _areas(request)
    filters = StreamFilterForm(request.GET)
    rows = _filtered(request, filters)
    budgets = queries.budgets_of(rows)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows, budgets), "funding.csv")
    page = page_of(request, rows)
    told = [budgets[stream.pk] for stream in rows]
    context = {
        "areas": areas,
        "filter_form": filters,
        "page": page,
        "rows": [{"stream": stream, "budget": budgets[stream.pk]} for stream in page],
        "totals": [sum(column) for column in zip(*told, strict=True)] if told else [0, 0, 0, 0],
        "csv_query": query_string(request, page=None, format="csv"),
        "to_fund": queries.may_commission(request.actor),
    }
    return render(request, "frontend/approvals/streams.html", context)


@signed_in
def new_stream(request: HttpRequest) -> HttpResponse:
    """Open a pot."""
    areas = _areas(request)
    form = StreamForm(
        request.POST or None,
        areas=areas,
        years=_years(),
        initial={"financial_year": financial_year(local(timezone.now()).date())},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            stream = actions.create_stream(
                actor=request.actor, **data | {"budget_pence": data["budget_pence"] or 0}
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{stream} is open.")
            return redirect("approvals:stream", stream.reference)
    return render(
        request, "frontend/approvals/new_stream.html", {"form": form}, status=422 if form.errors else 200
    )


@signed_in
def stream(request: HttpRequest, reference: str) -> HttpResponseBase:
    """One pot: its budget, what it pays for and every movement."""
    found = queries.stream_for(request.actor, reference)
    movements = queries.movements_of(found)
    if request.GET.get("format") == "csv":
        return csv_response(_movements_csv(movements), f"{found.reference}.csv")
    page = page_of(request, movements, per_page=30)
    orders = _orders_behind(request.actor, page.object_list)
    budget = queries.budget_of(found)
    context = {
        "stream": found,
        "rows": [
            ("Budget", pounds(budget.granted)),
            ("Committed to orders", pounds(budget.committed)),
            ("Spent", pounds(budget.spent)),
            ("Left", pounds(budget.available)),
        ],
        "page": page,
        "movements": [{"transfer": each, "what": _what(each), "order": orders.get(each.pk)} for each in page],
        "history": history.of(found),
    }
    return render(request, "frontend/approvals/stream.html", context)


@signed_in
def change_budget(request: HttpRequest, reference: str) -> HttpResponse:
    """Add to the budget, or take out of what is neither committed nor spent."""
    found = queries.stream_for(request.actor, reference)
    form = BudgetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        pence = data["pence"] if data["way"] == "add" else -data["pence"]
        try:
            actions.change_budget(actor=request.actor, stream=found, pence=pence, reason=data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "The budget is changed.")
            return redirect("approvals:stream", reference)
    context = {"form": form, "stream": found, "budget": queries.budget_of(found)}
    return render(request, "frontend/approvals/budget.html", context, status=422 if form.errors else 200)


@signed_in
def close(request: HttpRequest, reference: str) -> HttpResponse:
    """Take no new orders on the pot."""
    found = queries.stream_for(request.actor, reference)
    if request.method == "POST":
        actions.close_stream(actor=request.actor, stream=found)
        messages.success(request, f"{found} takes no new orders any more.")
        return redirect("approvals:stream", reference)
    context = {"stream": found, "budget": queries.budget_of(found)}
    return render(request, "frontend/approvals/close_stream.html", context)


WAYS = {
    ("granted", "available"): "Put in",
    ("available", "granted"): "Taken out",
    ("available", "committed"): "Set aside",
    ("committed", "spent"): "Spent",
    ("committed", "available"): "Came back",
    ("spent", "available"): "Given back after it was spent",
}


def _what(transfer: Transfer) -> str:
    """The movement in words."""
    return WAYS.get((transfer.source.purpose, transfer.target.purpose), "Moved")


def _orders_behind(actor: Actor, transfers: Iterable[Transfer]) -> dict[int, dict[str, str]]:
    """By transfer, the booking or agreement it was for, where the person may see it. A movement names it in its effect."""
    named = {each.pk: match for each in transfers if (match := ORDER.match(each.effect))}
    wanted = {kind: {int(m["pk"]) for m in named.values() if m["kind"] == kind} for kind in VISIBLE}
    found = {
        (kind, pk): reference
        for kind, visible_to in VISIBLE.items()
        if wanted[kind]
        for pk, reference in visible_to(actor).filter(pk__in=wanted[kind]).values_list("pk", "reference")
    }
    return {
        pk: {"text": reference, "href": reverse(f"{m['kind']}s:{m['kind']}", args=[reference])}
        for pk, m in named.items()
        if (reference := found.get((m["kind"], int(m["pk"]))))
    }


def _areas(request: HttpRequest) -> QuerySet[Area]:
    areas = queries.areas_with_streams_kept_by(request.actor)
    if not areas:
        raise NotAllowed(
            "You can’t see funding streams.",
            remedy="They are for an area’s convenor and its finance officer.",
        )
    return areas


def _years() -> list[str]:
    today = local(timezone.now()).date()
    return [financial_year(today.replace(year=today.year + ahead, day=1)) for ahead in YEARS_BACK_AND_ON]


def _filtered(request: HttpRequest, filters: StreamFilterForm) -> list[FundingStream]:
    rows = queries.streams_visible_to(request.actor)
    if filters.is_valid():
        asked = filters.cleaned_data
        if asked["year"]:
            rows = rows.filter(financial_year=asked["year"].strip())
        if asked["kind"]:
            rows = rows.filter(kind=asked["kind"])
        if asked["state"]:
            rows = rows.filter(is_open=asked["state"] == "open")
    sort = request.GET.get("sort", "-year")
    column = SORTS.get(sort.removeprefix("-"), "financial_year")
    return list(rows.order_by(f"-{column}" if sort.startswith("-") else column, "name", "pk"))


def _csv(rows: Iterable[FundingStream], budgets: dict[int, Any]) -> Iterator[list[Any]]:
    yield [
        "Reference",
        "Area",
        "Financial year",
        "Kind",
        "Name",
        "State",
        "Budget",
        "Committed",
        "Spent",
        "Left",
    ]
    for row in rows:
        budget = budgets[row.pk]
        amounts = (budget.granted, budget.committed, budget.spent, budget.available)
        state = "Open" if row.is_open else "Closed"
        yield [
            row.reference,
            str(row.area),
            row.financial_year,
            row.get_kind_display(),
            row.name,
            state,
            *(f"{pence / 100:.2f}" for pence in amounts),
        ]


def _movements_csv(movements: QuerySet[Transfer]) -> Iterator[list[Any]]:
    yield ["Day", "From", "To", "Amount", "For", "By"]
    for each in movements.iterator():
        by = each.by.name if each.by else "The exchange"
        yield [
            each.on.isoformat(),
            each.source.purpose,
            each.target.purpose,
            f"{each.amount / 100:.2f}",
            each.reason,
            by,
        ]
