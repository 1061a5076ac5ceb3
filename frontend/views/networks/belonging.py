"""The map of networks: where they overlap, which schools belong to how many, and in which wards."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from frontend.forms.networks import BelongingFilterForm, CompareForm
from frontend.views.coverage.drawing import drawing_of
from frontend.views.networks.picture import matrix_of
from frontend.views.networks.shared import area_of, frame, headings
from frontend.views.organisations.lists import csv_query, headed, wants_csv
from frontend.views.tools import csv_response, page_of, signed_in
from marketplace.organisations import belonging, queries
from marketplace.organisations.belonging import Grouping, Pair, Place
from marketplace.organisations.models import School, Ward
from marketplace.organisations.queries import Belongings

SHARES = (
    (0.0, "#f7f7f7", "no school"),
    (0.5, "#cfe3e3", "up to half of the schools"),
    (0.999, "#86bcbc", "more than half"),
    (1.0, "#0e4f5c", "every school"),
)
NO_SCHOOL = "#d9dfe0"


@signed_in
def overlaps(request: HttpRequest) -> HttpResponseBase:
    """Where networks overlap: a picture, every pair, and what may be one thing done twice."""
    area = area_of(request)
    found = queries.belongings_of(request.actor, area)  # type: ignore[attr-defined]
    form = CompareForm(request.GET)
    form.is_valid()
    compared = _compared(found, form.cleaned_data.get("show", ""))
    pairs = belonging.pairs(compared)
    if wants_csv(request):
        return csv_response(headed(PAIR_HEADINGS, map(_pair_csv, pairs)), f"overlaps-{area.code}.csv")
    context = frame(request, area, "overlaps") | {
        "form": form,
        "figures": _figures(found),
        "matrix": matrix_of(compared, pairs),
        "duplicates": [pair for pair in belonging.pairs(_compared(found, "clusters")) if pair.duplicates],
        "page": page_of(request, pairs, per_page=25),
        "themes": dict(headings()),
        "csv_query": csv_query(request),
    }
    return render(request, "frontend/networks/overlaps.html", context)


@signed_in
def schools(request: HttpRequest) -> HttpResponseBase:
    """Every school with what it belongs to; those in no network first."""
    area = area_of(request)
    found = queries.belongings_of(request.actor, area)  # type: ignore[attr-defined]
    form = BelongingFilterForm(request.GET, area=area)
    form.is_valid()
    times = belonging.times_belonging(found.networks, [school.pk for school in found.schools])
    rows = _rows(found, times, form.cleaned_data)
    if wants_csv(request):
        return csv_response(headed(SCHOOL_HEADINGS, map(_school_csv, rows)), f"belonging-{area.code}.csv")
    context = frame(request, area, "belonging") | {
        "filter_form": form,
        "figures": _figures(found),
        "spread": belonging.spread(times),
        "total": len(found.schools),
        "page": page_of(request, rows, per_page=25),
        "csv_query": csv_query(request),
    }
    return render(request, "frontend/networks/schools.html", context)


@signed_in
def wards(request: HttpRequest) -> HttpResponseBase:
    """In which wards schools belong to a network: a drawing and a table."""
    area = area_of(request)
    found = queries.belongings_of(request.actor, area)  # type: ignore[attr-defined]
    times = belonging.times_belonging(found.networks, [school.pk for school in found.schools])
    places = belonging.by_place(
        times, {school.pk: school.ward.code if school.ward else "" for school in found.schools}
    )
    names = dict(Ward.objects.filter(area=area).values_list("code", "name"))
    rows = [_ward(code, name, places.get(code, Place(0, 0))) for code, name in names.items()]
    if "" in places:
        rows.append(_ward("", "Ward not known", places[""]))
    if wants_csv(request):
        told = ((row["code"], row["name"], row["place"].schools, row["place"].belonging) for row in rows)
        return csv_response(headed(WARD_HEADINGS, told), f"networks-by-ward-{area.code}.csv")
    drawing = drawing_of(area)
    by_code = {row["code"]: row for row in rows}
    code = request.GET.get("area", "")
    for row in rows:
        query = {"ward": row["code"], "area": code}
        row["href"] = f"{reverse('networks:belonging')}?{urlencode({k: v for k, v in query.items() if v})}"
    context = frame(request, area, "wards") | {
        "drawing": drawing,
        "drawn": [by_code[each.code] | {"path": each.path} for each in drawing.wards if each.code in by_code]
        if drawing
        else [],
        "rows": rows,
        "shades": [{"fill": fill, "words": words} for _, fill, words in SHARES],
        "no_school": NO_SCHOOL,
        "csv_query": csv_query(request),
    }
    return render(request, "frontend/networks/wards.html", context)


def _compared(found: Belongings, show: str) -> list[Grouping]:
    if show == "all":
        return found.groupings
    return [each for each in found.groupings if each.is_network or (show == "clusters" and each.compared_as)]


def _figures(found: Belongings) -> dict[str, Any]:
    """Networks, and schools in one, in several and in none; `alone` are in nothing at all, not even a trust or a diocese."""
    keys = [school.pk for school in found.schools]
    in_networks = belonging.times_belonging(found.networks, keys)
    anywhere = belonging.times_belonging(found.groupings, keys)
    return {
        "networks": len(found.networks),
        "schools": len(keys),
        "some": sum(number > 0 for number in in_networks.values()),
        "several": sum(number > 1 for number in in_networks.values()),
        "none": sum(number == 0 for number in in_networks.values()),
        "alone": sum(number == 0 for number in anywhere.values()),
    }


def _rows(found: Belongings, times: dict[int, int], wanted: dict[str, Any]) -> list[dict[str, Any]]:
    words, number, ward = (wanted.get("q", "").casefold(), wanted.get("times", ""), wanted.get("ward", ""))
    of_school: dict[int, list[Grouping]] = {}
    for grouping in found.groupings:
        for pk in grouping.schools:
            of_school.setdefault(pk, []).append(grouping)
    rows = [
        {"school": school, "times": times[school.pk], "groups": of_school.get(school.pk, [])}
        for school in found.schools
        if words in school.organisation.name.casefold()
        and (not ward or (school.ward is not None and school.ward.code == ward))
        and (not number or str(min(times[school.pk], 2)) == number)
    ]
    return sorted(rows, key=lambda row: row["times"])


def _ward(code: str, name: str, place: Place) -> dict[str, Any]:
    if place.share is None:
        return {"code": code, "name": name, "place": place, "fill": NO_SCHOOL, "words": "no schools"}
    fill, words = next((fill, words) for most, fill, words in SHARES if place.share <= most)
    return {"code": code, "name": name, "place": place, "fill": fill, "words": words}


PAIR_HEADINGS = (
    "First", "Kind", "Schools", "Second", "Kind", "Schools", "In both", "Overlap (Jaccard)", "Possible duplication",
)  # fmt: skip


def _pair_csv(pair: Pair) -> Iterable[object]:
    first, second = pair.first, pair.second
    return (
        *(first.name, first.kind_label, len(first.schools)),
        *(second.name, second.kind_label, len(second.schools)),
        *(pair.shared, round(pair.overlap, 4), pair.duplicates),
    )


SCHOOL_HEADINGS = ("URN", "School", "Ward", "Networks", "Which", "Trust", "Federation", "Diocese", "Clusters")


def _school_csv(row: dict[str, Any]) -> Iterable[object]:
    school: School = row["school"]
    groups: list[Grouping] = row["groups"]
    return (
        school.urn,
        school.organisation.name,
        school.ward.name if school.ward else "",
        row["times"],
        "; ".join(each.name for each in groups if each.is_network),
        school.trust.name if school.trust else "",
        school.federation.name if school.federation else "",
        school.diocese.name if school.diocese else "",
        "; ".join(each.name for each in groups if each.kind == "area_cluster"),
    )


WARD_HEADINGS = ("Ward code", "Ward", "Schools", "In a network")
