"""A school's needs: the list, one need, and what can be done with it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.brokerage import NeedFilterForm, NeedForm, NeedSizeForm, ReasonForm
from frontend.views.repeats import not_repeated
from frontend.views.tools import add_domain_error, csv_response, page_of, signed_in
from marketplace.brokerage import actions, queries
from marketplace.brokerage.models import Need
from marketplace.brokerage.states import NEED
from marketplace.kernel import history
from marketplace.kernel.access import SCHOOL_BUYERS
from marketplace.kernel.dates import academic_year, local
from marketplace.kernel.days import format_days
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations import queries as organisations

SORTS = {
    "declared": "declared_at",
    "theme": "theme__name",
    "school": "school__name",
    "status": "status",
}


@signed_in
def needs(request: HttpRequest) -> HttpResponseBase:
    """The needs of the person's own schools, and whether this year's list is confirmed."""
    filters = NeedFilterForm(request.GET)
    rows = _filtered(request, filters)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows), "needs.csv")
    year = academic_year(local(timezone.now()).date())
    confirmed = {r.school_id: r for r in queries.returns_of(request.actor).filter(academic_year=year)}
    schools = organisations.schools_buying_for(request.actor)
    open_needs = queries.open_needs_by_school(request.actor, year)
    context = {
        "page": page_of(request, rows),
        "filter_form": filters,
        "year": year,
        "returns": [
            {"school": s, "returned": confirmed.get(s.pk), "needs": open_needs.get(s.pk, 0)}
            for s in schools[:200]
        ],
        "may_declare": bool(schools),
    }
    return render(request, "frontend/brokerage/needs.html", context)


@signed_in
@not_repeated
def declare(request: HttpRequest) -> HttpResponse:
    """Declare a need; theme and phase may come in the query string from a search or a coverage page."""
    form = NeedForm(request.POST or None, actor=request.actor, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            need = actions.declare_need(
                actor=request.actor,
                school=form.cleaned_data["school"],
                theme=form.cleaned_data["theme"],
                phase=form.cleaned_data["phase"],
                **form.terms(),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Need declared: {need.theme}, {format_days(need.half_days_needed)}.")
            return redirect("brokerage:need", need.reference)
    return render(
        request, "frontend/brokerage/declare.html", {"form": form}, status=422 if form.errors else 200
    )


@signed_in
def need(request: HttpRequest, reference: str) -> HttpResponse:
    """One need with its history, the bookings made for it and what can be done next."""
    found = queries.need_for(request.actor, reference)
    context = {
        "need": found,
        "booked_half_days": queries.half_days_booked_for(found),
        "bookings": queries.bookings_for(found),
        "deployments": queries.deployments_visible_to(request.actor).filter(need=found),
        "requests": queries.requests_visible_to(request.actor).filter(need=found),
        "history": history.of(found),
        "verbs": NEED.verbs_from(found.status) if _may_change(request, found) else (),
        "search_query": _search_query(found),
    }
    return render(request, "frontend/brokerage/need.html", context)


@signed_in
def change(request: HttpRequest, reference: str) -> HttpResponse:
    """Change the size and terms of an open need."""
    found = queries.need_for(request.actor, reference)
    form = NeedSizeForm(request.POST or None, initial=NeedSizeForm.terms_of(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_need(actor=request.actor, need=found, **form.terms())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Need changed.")
            return redirect("brokerage:need", reference)
    context = {"form": form, "need": found}
    return render(request, "frontend/brokerage/change.html", context, status=422 if form.errors else 200)


@signed_in
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Withdraw a need, with the reason."""
    found = queries.need_for(request.actor, reference)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw_need(actor=request.actor, need=found, reason=form.cleaned_data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Need withdrawn.")
            return redirect("brokerage:need", reference)
    context = {"form": form, "need": found}
    return render(request, "frontend/brokerage/withdraw.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def met(request: HttpRequest, reference: str) -> HttpResponse:
    """Mark a need as met."""
    actions.mark_need_met(actor=request.actor, need=queries.need_for(request.actor, reference))
    messages.success(request, "Marked as met.")
    return redirect("brokerage:need", reference)


@signed_in
@require_POST
def reopen(request: HttpRequest, reference: str) -> HttpResponse:
    """Open a need again."""
    actions.reopen_need(actor=request.actor, need=queries.need_for(request.actor, reference))
    messages.success(request, "Need opened again.")
    return redirect("brokerage:need", reference)


@signed_in
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Confirm that a school's list of needs is complete for this year."""
    urn = request.POST.get("urn", "")
    school = (
        organisations.schools_buying_for(request.actor).filter(urn=int(urn) if urn.isdecimal() else 0).first()
    )
    if school is None:
        raise NotFound
    actions.confirm_needs(actor=request.actor, school=school)
    messages.success(request, f"Thank you. {school.organisation}’s needs are confirmed for this school year.")
    return redirect("brokerage:needs")


def _filtered(request: HttpRequest, filters: NeedFilterForm):  # type: ignore[no-untyped-def]
    rows = queries.needs_of_own_schools(request.actor)
    if filters.is_valid():
        rows = rows.filter(**{key: value for key, value in filters.cleaned_data.items() if value})
    asked = request.GET.get("sort", "-declared")
    column = SORTS.get(asked.removeprefix("-"), "declared_at")
    return rows.order_by(f"-{column}" if asked.startswith("-") else column, "pk")


def _csv(rows):  # type: ignore[no-untyped-def]
    yield [
        "Reference",
        "School",
        "URN",
        "Theme",
        "Phase",
        "Days",
        "How soon",
        "Remote",
        "Status",
        "Declared on",
    ]
    for row in rows:
        yield [
            row.reference,
            row.school.name,
            row.school.school.urn,
            row.theme.name,
            row.get_phase_display(),
            row.half_days_needed / 2,
            row.get_urgency_display(),
            "yes" if row.remote_ok else "no",
            row.get_status_display(),
            local(row.declared_at).date().isoformat(),
        ]


def _may_change(request: HttpRequest, found: Need) -> bool:
    return request.actor.holds(*SCHOOL_BUYERS, at=found.school_id)


def _search_query(found: Need) -> str:
    """The search that answers the need, as a query string."""
    query = {"theme": found.theme.code, "phase": found.phase, "need": found.reference}
    if found.max_price_pence:
        query["max_price"] = f"{found.max_price_pence / 100:.2f}"
    return urlencode(query)
