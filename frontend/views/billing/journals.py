"""Journal pages of an authority's finance: what waits, the runs made, their files, and cost centres."""

from datetime import date
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header

from frontend.forms.settling import CostCentreForm, JournalRunForm
from frontend.views.tools import add_domain_error, page_of, signed_in
from marketplace.billing import actions, queries
from marketplace.billing.journal_files import csv_of, workbook_of
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotFound

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@signed_in
def journals(request: HttpRequest) -> HttpResponse:
    """Each of the person's areas: papers that wait for a run, and making one; then the runs made."""
    areas = list(queries.journal_areas(request.actor))
    if not areas:
        raise NotFound
    code = request.POST.get("area") or request.GET.get("area") or areas[0].code
    area = queries.journal_area(request.actor, code)
    today = local(timezone.now()).date()
    waiting = list(queries.waiting_journals(area, today))
    by_month = [
        {"month": month, "count": len(rows), "pence": sum(row.gross_pence for row in rows)}
        for month, rows in (
            (month, list(rows)) for month, rows in groupby(waiting, lambda row: row.issued_on.replace(day=1))
        )
    ]
    months = sorted({row["month"] for row in by_month} | {today.replace(day=1)}, reverse=True)
    form = JournalRunForm(request.POST or None, months=months)
    if request.method == "POST" and form.is_valid():
        month = date.fromisoformat(form.cleaned_data["month"])
        try:
            run = actions.run_journals(actor=request.actor, area=area, month=month)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{run.count} papers exported.")
            return redirect("settling:journal_run", run.reference)
    context = {
        "areas": areas,
        "area": area,
        "by_month": by_month,
        "with_vat": queries.journals_with_vat(area),
        "form": form,
        "page": page_of(request, queries.journal_runs_visible_to(request.actor).filter(area=area)),
    }
    return render(
        request, "frontend/billing/journals/journals.html", context, status=422 if form.errors else 200
    )


@signed_in
def journal_run(request: HttpRequest, reference: str) -> HttpResponse:
    """One run: its control totals, its papers, its files."""
    run = queries.journal_run_for(request.actor, reference)
    entries = run.entries.select_related("document__series", "document__supplier", "document__buyer")
    context = {"run": run, "page": page_of(request, entries, per_page=50)}
    return render(request, "frontend/billing/journals/run.html", context)


@signed_in
def journal_file(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """The run's file for the ledger: `csv`, the same bytes each time, or `xlsx`."""
    run = queries.journal_run_for(request.actor, reference)
    rows = queries.rows_of(run)
    if kind == "csv":
        content, content_type = csv_of(rows), "text/csv; charset=utf-8"
    elif kind == "xlsx":
        content, content_type = workbook_of(rows, f"Journal {run.reference}"), WORKBOOK
    else:
        raise NotFound
    answer = HttpResponse(content, content_type=content_type)
    name = f"journal-{run.area.code}-{run.number:03d}-{run.reference}.{kind}"
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@signed_in
def cost_centres(request: HttpRequest, code: str) -> HttpResponse:
    """The cost centres of an area's organisations, each set by itself."""
    area = queries.journal_area(request.actor, code)
    parties = queries.journal_parties(area)
    form = CostCentreForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        organisation = parties.filter(reference=form.cleaned_data["organisation"]).first()
        if organisation is None:
            raise NotFound
        actions.set_cost_centre(
            actor=request.actor, organisation=organisation, code=form.cleaned_data["code"]
        )
        messages.success(request, f"Cost centre of {organisation} kept.")
        return redirect(f"{request.path}?page={request.GET.get('page', 1)}")
    context: dict[str, Any] = {"area": area, "page": page_of(request, parties, per_page=50), "form": form}
    return render(
        request, "frontend/billing/journals/cost_centres.html", context, status=422 if form.errors else 200
    )
