"""A school's requests: the list, a new one, and one written anew."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.requests import RequestFilterForm, RequestForm, RequestTermsForm
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.brokerage import actions, queries
from marketplace.brokerage.models import Need, RequestStatus, SupportRequest
from marketplace.kernel.access import SCHOOL_BUYERS
from marketplace.kernel.dates import add_working_days, local
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound

SORTS = {
    "title": "title",
    "school": "school__name",
    "closes": "responses_close_on",
    "status": "status",
    "written": "created_at",
}
DAYS_FOR_QUESTIONS, DAYS_FOR_RESPONSES = 7, 15
"""Working days a new request proposes: a week and a half to ask, three weeks to respond."""


@signed_in
def requests(request: HttpRequest) -> HttpResponseBase:
    """The requests of the person's schools."""
    filters = RequestFilterForm(request.GET)
    rows = _filtered(request, filters)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows), "requests.csv")
    context = {
        "filter_form": filters,
        "page": page_of(request, rows),
        "csv_query": query_string(request, page=None, format="csv"),
        "may_write": bool(request.actor.organisations(*SCHOOL_BUYERS)),
    }
    return render(request, "frontend/requests/list.html", context)


@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Write a request, from scratch or from a need (`?need=`)."""
    if not request.actor.organisations(*SCHOOL_BUYERS):
        raise NotAllowed("You can’t ask for support.", remedy="Ask somebody who orders for your school.")
    need = _need(request)
    form = RequestForm(request.POST or None, actor=request.actor, initial=_proposed() | _from_need(need))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.draft_request(
                actor=request.actor,
                school=data["school"],
                theme=data["theme"],
                phase=data["phase"],
                terms=form.terms(),
                need=need,
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Saved as a draft. Now choose whom to ask.")
            return redirect("requests:providers", made.reference)
    context = {"form": form, "need": need}
    return render(request, "frontend/requests/new.html", context, status=422 if form.errors else 200)


@signed_in
def change(request: HttpRequest, reference: str) -> HttpResponse:
    """Write a draft anew."""
    found = queries.request_for(request.actor, reference)
    if found.status != RequestStatus.DRAFT or not queries.may_change(request.actor, found):
        return redirect("requests:request", reference)
    form = RequestTermsForm(
        request.POST or None, initial=RequestTermsForm.initial_of(queries.terms_of(found))
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_request(actor=request.actor, request=found, terms=form.terms())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("requests:request", reference)
    context = {"form": form, "found": found}
    return render(request, "frontend/requests/change.html", context, status=422 if form.errors else 200)


def _need(request: HttpRequest) -> Need | None:
    """The need the request starts from; one the person can't see is passed over."""
    reference = request.GET.get("need", "")
    try:
        return queries.need_for(request.actor, reference) if reference else None
    except NotFound:
        return None


def _proposed() -> dict[str, Any]:
    """Days to start from: they can all be changed."""
    today = local(timezone.now()).date()
    responses = add_working_days(today, DAYS_FOR_RESPONSES)
    return {
        "questions_close_on": add_working_days(today, DAYS_FOR_QUESTIONS),
        "responses_close_on": responses,
        "first_day": responses + timedelta(days=14),
        "last_day": responses + timedelta(days=120),
    }


def _from_need(need: Need | None) -> dict[str, Any]:
    if need is None:
        return {}
    ceiling = need.max_price_pence
    return {
        "school": need.school_id,
        "theme": need.theme_id,
        "phase": need.phase,
        "title": need.theme.name,
        "outcomes": need.note,
        "days": need.half_days_needed,
        "remote_ok": need.remote_ok,
        "budget": ceiling * need.half_days_needed // 2 if ceiling else None,
    }


def _filtered(request: HttpRequest, filters: RequestFilterForm) -> QuerySet[SupportRequest]:
    rows = queries.with_counts(queries.requests_visible_to(request.actor))
    if filters.is_valid():
        rows = rows.filter(**{key: value for key, value in filters.cleaned_data.items() if value})
    asked = request.GET.get("sort", "-written")
    column = SORTS.get(asked.removeprefix("-"), "created_at")
    return rows.order_by(f"-{column}" if asked.startswith("-") else column, "-pk")


def _csv(rows: QuerySet[SupportRequest]) -> Iterator[list[Any]]:
    yield [
        "Reference",
        "School",
        "Title",
        "Theme",
        "Phase",
        "Days",
        "Status",
        "Responses close on",
        "Asked",
        "Responded",
        "Declined",
    ]
    for row in rows:
        yield [
            row.reference,
            row.school.name,
            row.title,
            row.theme.name,
            row.get_phase_display(),
            row.half_days / 2,
            row.get_status_display(),
            row.responses_close_on.isoformat(),
            row.asked,
            row.responded if row.status != RequestStatus.OPEN else "",
            row.declined,
        ]
