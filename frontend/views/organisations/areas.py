"""Areas: their wards and their clusters."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frontend.forms.organisations import ClusterFilterForm, ClusterForm, WardsForm
from frontend.views.organisations.lists import csv_query, filtered, headed, in_order, wants_csv
from frontend.views.tools import add_domain_error, csv_response, page_of, signed_in
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations import actions, queries
from marketplace.organisations.models import Area, Cluster

AREA_SORTS = {"name": "name", "code": "code", "schools": "schools_open"}
WARD_SORTS = {"name": "name", "code": "code", "schools": "schools_open", "pupils": "pupils"}
CLUSTER_SORTS = {"name": "name", "schools": "schools_in"}


@signed_in
def areas(request: HttpRequest) -> HttpResponseBase:
    """All areas; the own one straight away where there is only one."""
    rows = in_order(request, queries.areas(request.actor), AREA_SORTS, "name")  # type: ignore[attr-defined]
    if wants_csv(request):
        told = ((area.code, area.gss_code, area.name, area.schools_open) for area in rows)
        return csv_response(headed(("Code", "ONS code", "Name", "Open schools"), told), "areas.csv")
    own = queries.areas_of(request.actor)  # type: ignore[attr-defined]
    if len(own) == 1 and not request.GET:
        return redirect("organisations:area", Area.objects.get(pk=own[0]).code)
    context = {"page": page_of(request, rows, per_page=50), "csv_query": csv_query(request)}
    return render(request, "frontend/organisations/areas.html", context)


@signed_in
def area(request: HttpRequest, code: str) -> HttpResponseBase:
    """An area with its wards."""
    shown = area_of(request, code)
    rows = in_order(request, queries.wards_with_schools(shown), WARD_SORTS, "name")
    if wants_csv(request):
        told = ((w.code, w.name, w.schools_open, w.pupils, w.easting, w.northing) for w in rows)
        return csv_response(
            headed(("Code", "Ward", "Open schools", "Pupils", "Easting", "Northing"), told),
            f"wards-{code}.csv",
        )
    context = area_page(request, shown, "wards") | {
        "page": page_of(request, rows, per_page=50),
        "places": queries.places_of_schools(shown),
        "csv_query": csv_query(request),
    }
    return render(request, "frontend/organisations/area.html", context)


@signed_in
def upload_wards(request: HttpRequest, code: str) -> HttpResponse:
    """Upload ward boundaries."""
    shown = convened_area_of(request, code)
    form = WardsForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            wards = actions.import_wards(
                actor=request.actor,  # type: ignore[attr-defined]
                area=shown,
                content=form.cleaned_data["file"].read(),
            )
        except DomainError as error:
            form.add_error("file", str(error))
        else:
            messages.success(
                request, f"{shown} has {len(wards)} wards now, and its schools are placed by them."
            )
            return redirect("organisations:area", code)
    context = area_page(request, shown, "wards") | {"form": form}
    return render(
        request, "frontend/organisations/upload_wards.html", context, status=422 if form.errors else 200
    )


@signed_in
def clusters(request: HttpRequest, code: str) -> HttpResponseBase:
    """The area's clusters."""
    shown = area_of(request, code)
    form = ClusterFilterForm(request.GET)
    rows = filtered(form, _clusters(request, shown), {"q": queries.clusters_matching})
    rows = in_order(request, queries.with_sizes(rows), CLUSTER_SORTS, "name")
    if wants_csv(request):
        return csv_response(headed(("Cluster", "URN", "School"), _csv_of(rows)), f"clusters-{code}.csv")
    context = area_page(request, shown, "clusters") | {
        "page": page_of(request, rows),
        "filter_form": form,
        "csv_query": csv_query(request),
    }
    return render(request, "frontend/organisations/clusters.html", context)


@signed_in
def new_cluster(request: HttpRequest, code: str) -> HttpResponse:
    """Make a cluster."""
    shown = convened_area_of(request, code)
    return _cluster_form(request, shown, None)


@signed_in
def cluster(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    """Rename a cluster and choose its schools."""
    shown = convened_area_of(request, code)
    return _cluster_form(request, shown, _one(request, shown, reference))


@signed_in
@require_POST
def delete_cluster(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    """Delete a cluster."""
    found = _one(request, area_of(request, code), reference)
    actions.delete_cluster(actor=request.actor, cluster=found)  # type: ignore[attr-defined]
    messages.success(request, f"{found} is deleted. Its schools are as they were.")
    return redirect("organisations:clusters", code)


def _cluster_form(request: HttpRequest, shown: Area, found: Cluster | None) -> HttpResponse:
    initial = ClusterForm.of(found) if found else {}
    schools = queries.open_schools(shown).order_by("organisation__name")
    form = ClusterForm(request.POST if request.method == "POST" else None, schools=schools, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = {
            "name": form.cleaned_data["name"],
            "urns": [int(urn) for urn in form.cleaned_data["schools"]],
        }
        actor = request.actor  # type: ignore[attr-defined]
        try:
            if found:
                actions.change_cluster(actor=actor, cluster=found, **given)
            else:
                actions.create_cluster(actor=actor, area=shown, **given)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{given['name']} is saved.")
            return redirect("organisations:clusters", shown.code)
    context = area_page(request, shown, "clusters") | {"form": form, "cluster": found}
    return render(request, "frontend/organisations/cluster.html", context, status=422 if form.errors else 200)


def area_of(request: HttpRequest, code: str) -> Area:
    """The area with this code."""
    found = queries.areas(request.actor).filter(code=code).first()  # type: ignore[attr-defined]
    if found is None:
        raise NotFound
    return found


def convened_area_of(request: HttpRequest, code: str) -> Area:
    """The area with this code, if one convenes it."""
    found = area_of(request, code)
    if not request.actor.convenes(found.pk):  # type: ignore[attr-defined]
        raise NotFound
    return found


def area_page(request: HttpRequest, shown: Area, current: str) -> dict[str, Any]:
    """What the pages of an area share."""
    ways = (
        ("wards", "Wards", "area"),
        ("clusters", "Clusters", "clusters"),
        ("organisations", "Organisations", "organisations"),
    )
    return {
        "area": shown,
        "convenes": request.actor.convenes(shown.pk),  # type: ignore[attr-defined]
        "tabs": [
            {
                "href": reverse(f"organisations:{name}", args=[shown.code]),
                "text": text,
                "current": key == current,
            }
            for key, text, name in ways
        ],
    }


def _clusters(request: HttpRequest, shown: Area) -> Any:
    return queries.clusters_visible_to(request.actor).filter(area=shown)  # type: ignore[attr-defined]


def _one(request: HttpRequest, shown: Area, reference: str) -> Cluster:
    found: Cluster | None = _clusters(request, shown).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def _csv_of(rows: Any) -> Iterable[tuple[object, ...]]:
    for each in rows:
        for school in each.schools.all():
            yield each.name, school.urn, school.organisation.name
