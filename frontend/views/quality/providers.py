"""Providers in figures, one of them with what stands behind the figures, and suspending one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.quality import ProviderFilterForm, SuspensionForm
from frontend.templatetags.ui.words import of_five
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.brokerage import queries
from marketplace.brokerage.models.complaints import OPEN
from marketplace.catalogue import queries as catalogue
from marketplace.kernel import history
from marketplace.kernel.access import Role
from marketplace.kernel.dates import ACADEMIC, academic_year, contract_year
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations import actions
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import Organisation

SORTS = {"name": "name", "kind": "kind", "suspended": "suspended_at"}
HEADINGS = (
    "Reference", "Provider", "Kind", "Offers on show", "Ratings", "Average out of 5", "Quality out of 5",
    "Delivered this year", "Provider did not come", "Cancelled by the provider’s side", "Open complaints",
    "Complaints upheld", "Designations ending soon", "Suspended since",
)  # fmt: skip


@signed_in
def providers(request: HttpRequest) -> HttpResponseBase:
    """The providers of a convenor's area, or those a lead answers for, with their figures, as a page or as CSV."""
    if not (request.actor.in_area(Role.CONVENOR) or request.actor.organisations(Role.PROVIDER_LEAD)):
        raise NotFound
    form = ProviderFilterForm(request.GET)
    rows = _filtered(queries.providers_judged_by(request.actor), form)
    asked = request.GET.get("sort", "name")
    column = SORTS.get(asked.removeprefix("-"), "name")
    rows = rows.order_by(f"-{column}" if asked.startswith("-") else column, "pk")
    if request.GET.get("format") == "csv":
        return csv_response([HEADINGS, *map(_csv_row, _standings(list(rows)))], "providers.csv")
    page = page_of(request, rows)
    page.object_list = _standings(list(page.object_list))
    context = {
        "page": page,
        "filter_form": form,
        "year": academic_year(timezone.localdate()),
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/quality/providers.html", context)


@signed_in
def provider(request: HttpRequest, reference: str) -> HttpResponse:
    """One provider: figures, designations, complaints, what a suspension would touch."""
    row = queries.provider_judged_by(request.actor, reference)
    today = timezone.localdate()
    [standing] = _standings([row])
    context = {
        "provider": row,
        "standing": standing,
        "figures": _figures(standing),
        "year": academic_year(today),
        "today": today,
        "designations": catalogue.designations_of_provider(row).order_by("-valid_from"),
        "complaints": queries.complaints_visible_to(request.actor).filter(provider=row)[:20],
        "affected": queries.affected_by_suspension(request.actor, row, today=today),
        "may_suspend": organisations.may_suspend(request.actor, row),
        "may_keep": request.actor.holds(Role.PROVIDER_LEAD, at=row.pk),
        "convenes": request.actor.convenes(row.area_id),
        "history": history.of(row).order_by("-pk")[:20],
    }
    return render(request, "frontend/quality/provider.html", context)


@signed_in
def suspend(request: HttpRequest, reference: str) -> HttpResponse:
    """Suspend a provider: the page shows first what that touches."""
    return _ask(
        request,
        reference,
        title="Suspend",
        button="Suspend it",
        done="Suspended. No new bookings are taken, and the schools with visits to come are told.",
        act=lambda row, reason: actions.suspend_organisation(
            actor=request.actor, organisation=row, reason=reason
        ),
    )


@signed_in
def lift(request: HttpRequest, reference: str) -> HttpResponse:
    """Let a suspended provider be booked again."""
    return _ask(
        request,
        reference,
        title="Lift the suspension of",
        button="Lift the suspension",
        done="The suspension is lifted: it can be booked again.",
        act=lambda row, reason: actions.lift_suspension(actor=request.actor, organisation=row, reason=reason),
    )


def _ask(
    request: HttpRequest,
    reference: str,
    *,
    title: str,
    button: str,
    done: str,
    act: Callable[[Organisation, str], Organisation],
) -> HttpResponse:
    row = queries.provider_judged_by(request.actor, reference)
    if not organisations.may_suspend(request.actor, row):
        raise NotFound
    suspending = row.suspended_at is None
    form = SuspensionForm(request.POST if request.method == "POST" else None, suspending=suspending)
    if request.method == "POST" and form.is_valid():
        try:
            act(row, form.cleaned_data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, done)
            return redirect("quality:provider", reference)
    context = {
        "provider": row,
        "form": form,
        "title": f"{title} {row}",
        "button": button,
        "is_suspending": suspending,
        "affected": queries.affected_by_suspension(request.actor, row, today=timezone.localdate()),
    }
    return render(request, "frontend/quality/suspend.html", context, status=422 if form.errors else 200)


def _filtered(rows: QuerySet[Organisation], form: ProviderFilterForm) -> QuerySet[Organisation]:
    chosen = form.cleaned_data if form.is_valid() else {}
    if chosen.get("q"):
        rows = rows.filter(name__icontains=chosen["q"])
    if chosen.get("which") == "suspended":
        rows = rows.filter(suspended_at__isnull=False)
    if chosen.get("which") == "complaints":
        rows = rows.filter(complaints_received__status__in=OPEN).distinct()
    return rows


def _standings(providers: list[Organisation]) -> list[queries.Standing]:
    today = timezone.localdate()
    year = contract_year(ACADEMIC, today)
    return queries.standings(providers, year=(year.start, year.end), today=today)


def _figures(standing: queries.Standing) -> list[tuple[str, Any]]:
    average = "No rating yet"
    if standing.average is not None:
        ratings = "1 rating" if standing.rating_count == 1 else f"{standing.rating_count} ratings"
        average = f"{of_five(standing.average)} of 5 ({ratings})"
    suspended = standing.provider.suspended_at is not None
    return [
        ("Offers on show", "None while it is suspended" if suspended else standing.on_show),
        ("Average rating", average),
        ("Quality", f"{of_five(standing.quality)} of 5, with the five ratings of 3.5 everybody starts with"),
        ("Sessions delivered", standing.delivered),
        ("Nobody came", standing.missed),
        ("Cancelled by the provider’s side", standing.cancelled),
        ("Complaints not decided yet", standing.complaints_open),
        ("Complaints upheld, in whole or part", standing.complaints_upheld),
    ]


def _csv_row(standing: queries.Standing) -> tuple[object, ...]:
    row = standing.provider
    return (
        row.reference, row.name, row.get_kind_display(), standing.on_show, standing.rating_count,
        "" if standing.average is None else f"{standing.average / 20:.2f}", f"{standing.quality / 20:.2f}",
        standing.delivered, standing.missed, standing.cancelled, standing.complaints_open,
        standing.complaints_upheld, standing.ending, row.suspended_at or "",
    )  # fmt: skip
