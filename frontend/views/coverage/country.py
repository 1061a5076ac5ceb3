"""A region or the country: the map of its areas, the matrix of their sums, and rounds in which all are worked out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frontend.forms.coverage import CountryFilterForm
from frontend.templatetags.coverage import shade
from frontend.views.coverage.drawing import Drawing, drawing_of_areas
from frontend.views.tools import csv_response, signed_in
from marketplace.catalogue import queries as catalogue
from marketplace.coverage import country as rules
from marketplace.coverage.country import AreaLine, Country, CountryCell
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations.models import Phase


@dataclass(frozen=True)
class Chosen:
    """What the page is about: the country as the person sees it, and the theme, phase and measure they chose."""

    country: Country
    form: CountryFilterForm
    theme: str
    phase: str
    show: str


def _chosen(request: HttpRequest) -> Chosen:
    country = rules.country_of(request.actor, request.GET.get("region", ""))
    form = CountryFilterForm(request.GET, regions=country.regions)
    found = form.chosen()
    return Chosen(country, form, found["theme"], found["phase"], found["show"])


def _link(name: str, *args: object, **query: str) -> str:
    given = {key: value for key, value in query.items() if value}
    return reverse(f"coverage:{name}", args=args) + (f"?{urlencode(given)}" if given else "")


@signed_in
def country_map(request: HttpRequest) -> HttpResponseBase:
    """Areas coloured by balance, reach or brokerable days, and the same as a table and a file."""
    chosen = _chosen(request)
    lines = rules.table_of(chosen.country, theme=chosen.theme, phase=chosen.phase)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(lines), "coverage-areas.csv")
    drawing = _drawing(chosen.country)
    by_code = {line.area.code: _line(line, chosen) for line in lines}
    context = {
        "country": chosen.country,
        "form": chosen.form,
        "show": chosen.show,
        "tabs": _tabs(chosen, "country"),
        "title": _title(chosen),
        "drawing": drawing,
        "drawn": [_drawn(by_code[outline.code], outline) for outline in drawing.wards] if drawing else [],
        "lines": list(by_code.values()),
        "rounds": rules.latest_rounds(request.actor),
        "shapes_url": _link(
            "country_shapes", region=chosen.country.region, theme=chosen.theme, phase=chosen.phase
        ),
    }
    return render(request, "frontend/coverage/country/map.html", context)


@signed_in
def country_shapes(request: HttpRequest) -> HttpResponseBase:
    """The outlines of the areas as GeoJSON, for the script on the page and for other maps."""
    chosen = _chosen(request)
    drawing = _drawing(chosen.country)
    features = [
        {
            "type": "Feature",
            "properties": {"code": outline.code, "name": outline.name},
            "geometry": outline.geometry,
        }
        for outline in (drawing.wards if drawing else ())
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


@signed_in
def country_matrix(request: HttpRequest, code: str = "") -> HttpResponseBase:
    """Themes by phases: the sum of all areas, or one area as the person sees it."""
    chosen = _chosen(request)
    area = next((each for each in chosen.country.areas if each.code == code), None)
    if code and area is None:
        raise NotFound
    cells = rules.matrix_of(chosen.country, only=area)
    themes = [theme for theme in catalogue.themes() if any((theme.code, phase) in cells for phase in Phase)]
    if request.GET.get("format") == "csv":
        return csv_response(_matrix_csv(cells, themes), "coverage-country.csv")
    context = {
        "country": chosen.country,
        "one": area,
        "tabs": _tabs(chosen, "country_matrix"),
        "phases": list(Phase),
        "rows": [
            {"theme": theme, "cells": [cells.get((theme.code, phase)) for phase in (*Phase, "")]}
            for theme in themes
        ],
        "totals": [cells.get(("", phase)) for phase in (*Phase, "")],
        "left_out": any(each.left_out for each in cells.values()),
    }
    return render(request, "frontend/coverage/country/matrix.html", context)


@require_POST
@signed_in
def country_again(request: HttpRequest) -> HttpResponseBase:
    """Have all areas worked out that the person convenes, and go where it can be followed."""
    country = rules.country_of(request.actor, request.POST.get("region", ""))
    areas = [area for area in country.areas if area.pk in country.own]
    try:
        made = rules.ask_for_round(actor=request.actor, areas=areas, because="A convenor asked for it")
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(_link("country", region=country.region))
    return redirect("coverage:round", made.pk)


@signed_in
def country_round(request: HttpRequest, number: int) -> HttpResponse:
    """How far a round has come; the page asks again by itself until it is done, and can be left."""
    found = rules.round_of(request.actor, number)
    context = {
        "round": found,
        "areas": found.areas.select_related("area").order_by("done_at", "id"),
        "share": round(100 * found.done / found.total) if found.total else 100,
    }
    return render(request, "frontend/coverage/country/round.html", context)


def _tabs(chosen: Chosen, current: str) -> list[dict[str, Any]]:
    names = {"country": "Map of areas", "country_matrix": "Themes and phases"}
    return [
        {"href": _link(name, region=chosen.country.region), "text": text, "current": name == current}
        for name, text in names.items()
    ]


def _drawing(country: Country) -> Drawing | None:
    shapes = rules.outlines_of(country.areas)
    return drawing_of_areas([(a.code, a.name, shapes[a.code]) for a in country.areas if a.code in shapes])


def _line(line: AreaLine, chosen: Chosen) -> dict[str, Any]:
    shown = shade(line.cell, chosen.show)
    if line.own:
        named = ("cell", chosen.theme, chosen.phase) if chosen.theme and chosen.phase else ("matrix",)
        href = _link(*named, area=line.area.code)
    else:
        href = _link("country_area", line.area.code)
    worked_out = line.snapshot is not None
    return {
        "area": line.area,
        "own": line.own,
        "cell": line.cell,
        "computed_at": line.snapshot.computed_at if line.snapshot else None,
        "fill": shown.fill,
        "words": shown.words if worked_out else "not worked out yet",
        "confidence": line.cell.confidence if line.cell and line.cell.schools else "",
        "href": href,
    }


def _drawn(line: dict[str, Any], outline: Any) -> dict[str, Any]:
    return {**line, "code": outline.code, "name": outline.name, "path": outline.path}


def _title(chosen: Chosen) -> str:
    names = {theme.code: theme.name for theme in catalogue.themes()} if chosen.theme else {}
    phase = Phase(chosen.phase).label.lower() if chosen.phase else "all phases"
    return f"{names.get(chosen.theme, 'All themes')}, {phase}"


def _csv(lines: list[AreaLine]) -> Iterator[list[object]]:
    yield [
        "Area code", "Area", "Region", "Worked out", "Schools", "Days needed", "Met", "Brokerable", "Capacity gap", "Reach gap",
        "Not located", "Balance", "Status", "Confidence",
    ]  # fmt: skip
    for line in lines:
        named = [line.area.code, line.area.name, line.area.region]
        if line.snapshot is None:
            yield [*named, *[""] * 9, "Not worked out yet", ""]
            continue
        named.append(f"{local(line.snapshot.computed_at):%Y-%m-%d %H:%M}")
        if line.cell is None:
            yield [*named, 0, 0, 0, 0, 0, 0, 0, "", "No need", ""]
        elif line.cell.hidden:
            yield [*named, *[""] * 8, "Hidden", ""]
        else:
            yield [*named, *_numbers(line.cell), line.cell.status_label, line.cell.confidence]


def _numbers(cell: Any) -> list[object]:
    return [cell.schools, cell.need, *cell.parts.values(), cell.balance]


def _matrix_csv(cells: dict[tuple[str, str], CountryCell], themes: list[Any]) -> Iterator[list[object]]:
    yield [
        "Theme code", "Theme", "Phase", "Areas counted", "Areas hidden", "Schools", "Days needed", "Met", "Brokerable",
        "Capacity gap", "Reach gap", "Not located", "Balance", "Status", "Reason",
    ]  # fmt: skip
    for code, name in [*((theme.code, theme.name) for theme in themes), ("", "All themes")]:
        for phase in (*Phase, ""):
            if each := cells.get((code, phase)):
                cell = each.cell
                numbers = [""] * 8 if cell.hidden else _numbers(cell)
                yield [
                    code, name, cell.phase_label, each.counted, each.left_out, *numbers, cell.status_label, cell.reason,
                ]  # fmt: skip
