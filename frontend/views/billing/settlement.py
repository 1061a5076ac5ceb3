"""Settlement pages: what brokers owe releasing organisations, the statements, and each step of one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone

from frontend.forms import settling as settling_forms
from frontend.pdf import pdf_response
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.billing import actions, queries
from marketplace.billing.models import SettlementStatement, SettlementStatus
from marketplace.kernel import history
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations.models import Organisation

SORTS = {"made": "pk", "broker": "broker__name", "supplier": "supplier__name", "total": "net_pence"}
HEADINGS = (
    "Statement",
    "State",
    "From",
    "To",
    "Broker",
    "Releasing organisation",
    "Line",
    "Buyer’s price",
    "Brokerage fee",
    "Share",
    "Of which cover",
    "Cover code",
    "Booking or order",
    "Day",
)
OPEN = (SettlementStatus.AWAITING_INVOICE, SettlementStatus.TO_PAY, SettlementStatus.TO_JOURNAL)


@signed_in
def statements(request: HttpRequest) -> HttpResponseBase:
    """What is owed and stands on no statement yet, and the statements made."""
    filters = settling_forms.StatementFilterForm(request.GET)
    rows = _filtered(request, filters)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows), "settlement.csv")
    context = {
        "page": page_of(request, rows),
        "filter_form": filters,
        "open": queries.open_balances(request.actor, _today()),
        "claims_waiting": queries.claims_visible_to(request.actor).filter(status="claimed").count(),
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/billing/settlement/statements.html", context)


@signed_in
def new_statement(request: HttpRequest, broker: str, supplier: str) -> HttpResponse:
    """What a new statement would say, and making it."""
    payer = queries.books_for(request.actor, broker)
    payee = Organisation.objects.filter(reference=supplier).first()
    if payee is None or not queries.may_settle(request.actor, payer):
        raise NotFound
    form = settling_forms.UpToForm(request.POST or None, initial={"up_to": _today()})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.make_statement(
                actor=request.actor, broker=payer, supplier=payee, up_to=form.cleaned_data["up_to"]
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Statement {made.reference} made.")
            return redirect("settling:statement", made.reference)
    lines = queries.open_lines(payer, payee, _today())
    context = {
        "form": form,
        "broker": payer,
        "supplier": payee,
        "lines": lines,
        "net_pence": sum(line.pence for line in lines),
        "self_billing": queries.self_billing_between(payer, payee, _today()),
    }
    return render(
        request, "frontend/billing/settlement/new.html", context, status=422 if form.errors else 200
    )


@signed_in
def statement(request: HttpRequest, reference: str) -> HttpResponseBase:
    """One statement with its lines, what is to be done next, and its history; or its lines as CSV."""
    found = queries.statement_for(request.actor, reference)
    if request.GET.get("format") == "csv":
        rows = SettlementStatement.objects.filter(pk=found.pk).select_related("broker", "supplier")
        return csv_response(_csv(rows), f"{found.reference}.csv")
    lines = list(found.lines.select_related("booking", "place_order__event", "source_document__series"))
    context = {
        "statement": found,
        "lines": lines,
        "totals": _totals(lines),
        "steps": _steps(request, found),
        "disputed_by_buyer": found.status in OPEN and queries.disputed_by_buyer(found),
        "history": history.of(found),
    }
    return render(request, "frontend/billing/settlement/statement.html", context)


@signed_in
def statement_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """The statement as a tagged PDF."""
    found = queries.statement_for(request.actor, reference)
    lines = list(found.lines.select_related("booking", "place_order__event"))
    context = {"statement": found, "lines": lines, "totals": _totals(lines)}
    page = render_to_string("frontend/billing/settlement/statement_pdf.html", context)
    return pdf_response(page, f"{found.reference}.pdf")


@signed_in
def step(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """One step of a statement: the invoice, the payment, a dispute, its end, or taking the statement back."""
    found = queries.statement_for(request.actor, reference)
    what = STEPS.get(verb)
    if what is None:
        raise NotFound
    form = what.form(request.POST or None, initial={"paid_on": _today()})
    if request.method == "POST" and form.is_valid():
        try:
            what.act(request.actor, found, form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, what.done)
            return redirect("settling:statement", found.reference)
    context = {"form": form, "statement": found, "step": what}
    return render(
        request, "frontend/billing/settlement/step.html", context, status=422 if form.errors else 200
    )


@dataclass(frozen=True)
class Step:
    """A step of a statement: its words, its form and what it does; `states` in which it can be made, and by which side."""

    title: str
    explanation: str
    button: str
    done: str
    form: type[forms.Form]
    act: Callable[[Any, SettlementStatement, dict[str, Any]], Any]
    states: tuple[str, ...]
    by_broker_only: bool = True
    when_disputed: bool | None = None
    style: str = ""


STEPS: dict[str, Step] = {
    "invoice": Step(
        title="Record the invoice",
        explanation="The releasing organisation’s own invoice for the net amount of this statement. Once it is recorded the statement can be paid.",
        button="Record the invoice",
        done="Invoice recorded.",
        form=settling_forms.InvoiceForm,
        act=lambda actor, row, data: actions.record_invoice(
            actor=actor, statement=row, number=data["number"], dated=data["dated"], vat_pence=data["vat"]
        ),
        states=(SettlementStatus.AWAITING_INVOICE,),
        by_broker_only=False,
    ),
    "pay": Step(
        title="Mark as paid",
        explanation="Record that the bank transfer was made. The books of both sides note it.",
        button="Mark as paid",
        done="Payment recorded.",
        form=settling_forms.PaidForm,
        act=lambda actor, row, data: actions.pay_statement(
            actor=actor, statement=row, paid_on=data["paid_on"], reference=data["payment_reference"]
        ),
        states=(SettlementStatus.TO_PAY,),
        when_disputed=False,
    ),
    "dispute": Step(
        title="Dispute this statement",
        explanation="Nothing is paid until the dispute is settled. The other side sees your reason.",
        button="Dispute it",
        done="The statement is disputed.",
        form=settling_forms.ReasonForm,
        act=lambda actor, row, data: actions.dispute_statement(
            actor=actor, statement=row, reason=data["reason"]
        ),
        states=OPEN,
        by_broker_only=False,
        when_disputed=False,
        style="link",
    ),
    "settle": Step(
        title="Settle the dispute",
        explanation="Say how it was settled. The statement can then be paid.",
        button="The dispute is settled",
        done="The dispute is settled.",
        form=settling_forms.ReasonForm,
        act=lambda actor, row, data: actions.clear_dispute(actor=actor, statement=row, note=data["reason"]),
        states=OPEN,
        by_broker_only=False,
        when_disputed=True,
    ),
    "withdraw": Step(
        title="Withdraw this statement",
        explanation="Its lines are free for another statement. An invoice made with it is credited.",
        button="Withdraw it",
        done="The statement is withdrawn.",
        form=settling_forms.ReasonForm,
        act=lambda actor, row, data: actions.withdraw_statement(
            actor=actor, statement=row, reason=data["reason"]
        ),
        states=OPEN,
        style="link",
    ),
}


def _steps(request: HttpRequest, found: SettlementStatement) -> list[tuple[str, Step]]:
    is_broker = queries.may_settle(request.actor, found.broker)
    may_answer = queries.may_answer(request.actor, found)
    return [
        (verb, each)
        for verb, each in STEPS.items()
        if found.status in each.states
        and (is_broker if each.by_broker_only else may_answer)
        and each.when_disputed in (None, found.disputed_at is not None)
    ]


def _filtered(request: HttpRequest, filters: forms.Form) -> QuerySet[SettlementStatement]:
    rows = queries.statements_visible_to(request.actor)
    if filters.is_valid():
        if status := filters.cleaned_data["status"]:
            rows = rows.filter(status=status)
        if text := filters.cleaned_data["q"].strip():
            rows = rows.filter(
                Q(reference__iexact=text)
                | Q(supplier__name__icontains=text)
                | Q(broker__name__icontains=text)
                | Q(invoice_number__iexact=text)
            )
    asked = request.GET.get("sort", "-made")
    column = SORTS.get(asked.removeprefix("-"), "pk")
    return rows.order_by(f"-{column}" if asked.startswith("-") else column, "-pk")


def _totals(lines: list[Any]) -> dict[str, int]:
    names = ("buyer_pence", "fee_pence", "net_pence", "backfill_pence")
    return {name: sum(getattr(line, name) for line in lines) for name in names}


def _csv(rows: QuerySet[SettlementStatement]) -> Iterator[tuple[Any, ...]]:
    yield HEADINGS
    for row in rows.prefetch_related("lines__booking", "lines__place_order"):
        for line in row.lines.all():
            yield (
                row.reference,
                row.get_status_display(),
                row.period_from.isoformat(),
                row.period_to.isoformat(),
                row.broker.name,
                row.supplier.name,
                line.description,
                *(
                    f"{pence / 100:.2f}"
                    for pence in (line.buyer_pence, line.fee_pence, line.net_pence, line.backfill_pence)
                ),
                line.backfill_code,
                str(line.booking or line.place_order or ""),
                line.on.isoformat(),
            )


def _today() -> Any:
    return local(timezone.now()).date()
