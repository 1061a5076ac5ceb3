"""Unmet demand: told by a person whose search found nothing, read by the convenor."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from frontend.forms.brokerage import UnmetDemandForm
from frontend.forms.requests import UnmetFilterForm
from frontend.views.tools import csv_response, page_of, query_string, signed_in
from marketplace.brokerage import actions, queries
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound
from marketplace.organisations import queries as organisations


@signed_in
def tell(request: HttpRequest) -> HttpResponse:
    """Pass a search that found nothing on to the local authority."""
    schools = organisations.schools_buying_for(request.actor).order_by("organisation__name")
    current = schools.filter(pk=request.actor.current).first() or schools.first()
    if current is None:
        raise NotFound
    form = UnmetDemandForm(request.POST or None, schools=schools, current=current)
    if request.method == "POST" and form.is_valid():
        school = form.cleaned_data.get("school", current)
        actions.tell_the_authority(
            actor=request.actor,
            area=school.area,
            organisation=school.organisation,
            query=_search(request),
            note=form.cleaned_data["note"],
        )
        messages.success(request, "The local authority’s convenors will see what you looked for.")
        return redirect("brokerage:needs")
    search = _search(request)
    context = {
        "form": form,
        "search": _words(search) if search else "",
        "area": None if "school" in form.fields else current.area,
    }
    return render(request, "frontend/brokerage/tell.html", context, status=422 if form.errors else 200)


@signed_in
def log(request: HttpRequest) -> HttpResponseBase:
    """The log for the convenor, newest first, as a page or CSV."""
    area = organisations.area_convened_now(request.actor)
    filters = UnmetFilterForm(request.GET)
    cause = filters.cleaned_data["cause"] if filters.is_valid() else ""
    rows = queries.unmet_demand(request.actor, area, cause)
    if request.GET.get("format") == "csv":
        lines = (
            [
                local(r.at).date().isoformat(),
                r.organisation or "",
                r.get_cause_display(),
                _words(r.query),
                r.note,
            ]
            for r in rows
        )
        heads = ["Date", "Organisation", "Cause", "What for", "In words"]
        return csv_response([heads, *lines], "unmet-demand.csv")
    page = page_of(request, rows)
    for row in page:
        row.words = _words(row.query)
    context = {
        "page": page,
        "area": area,
        "filter_form": filters,
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/brokerage/unmet.html", context)


def _search(request: HttpRequest) -> dict[str, list[str]]:
    """The search as its address holds it, without page and order."""
    asked = {key: [v[:200] for v in values if v][:20] for key, values in request.GET.lists()}
    return {key: values for key, values in asked.items() if values and key not in {"page", "sort"}}


def _words(query: dict[str, list[str]]) -> str:
    return "; ".join(f"{key}: {', '.join(values)}" for key, values in query.items()) or "everything"
