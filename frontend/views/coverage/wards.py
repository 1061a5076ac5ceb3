"""The map of wards: a drawing that works and prints by itself, and the same shapes for the script that makes it move."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse

from frontend.forms.coverage import MapFilterForm
from frontend.templatetags.coverage import shade
from frontend.views.coverage.drawing import drawing_of
from frontend.views.coverage.shared import Look, looking, page, tabs
from frontend.views.tools import csv_response
from marketplace.catalogue import queries as catalogue
from marketplace.coverage import queries
from marketplace.coverage.queries import ShownCell
from marketplace.organisations.models import Phase, Ward


@looking
def ward_map(request: HttpRequest, look: Look) -> HttpResponseBase:
    """The map, coloured by balance, reach or brokerable days of a theme and a phase or of all, and its table."""
    form = MapFilterForm(request.GET)
    chosen = form.chosen()
    theme, phase, show = chosen["theme"], chosen["phase"], chosen["show"]
    cells = queries.wards_of(look.sight, look.snapshot, theme=theme, phase=phase)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(look, cells), "coverage-wards.csv")
    drawing = drawing_of(look.sight.area)
    whole = queries.cell_of(look.sight, look.snapshot, theme=theme, phase=phase)
    context = {
        "form": form,
        "tabs": tabs(look, "map"),
        "show": show,
        "title": _title(chosen),
        "drawing": drawing,
        "wards": [_ward(look, cells.get(w.code), w, chosen) for w in drawing.wards] if drawing else [],
        "elsewhere": _elsewhere(whole, cells) if look.sight.exact else 0,
        "hides": any(cell.hidden for cell in cells.values()),
        "geojson_url": look.link("wards", theme=theme, phase=phase),
    }
    return page(
        request,
        look,
        "frontend/coverage/map.html",
        context,
        fragments={
            "drawing": "frontend/coverage/_drawing.html",
            "table": "frontend/coverage/_wards.html",
        },
    )


@looking
def geojson(request: HttpRequest, look: Look) -> HttpResponseBase:
    """The wards with their values as GeoJSON, for the script on the page and for other maps."""
    chosen = MapFilterForm(request.GET).chosen()
    cells = queries.wards_of(look.sight, look.snapshot, theme=chosen["theme"], phase=chosen["phase"])
    drawing = drawing_of(look.sight.area)
    features = [
        {
            "type": "Feature",
            "properties": {"code": ward.code, "name": ward.name, **_values(cells.get(ward.code))},
            "geometry": ward.geometry,
        }
        for ward in (drawing.wards if drawing else ())
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


def _values(cell: ShownCell | None) -> dict[str, Any]:
    if cell is None:
        return {"need": 0, "status": "none"}
    if cell.hidden:
        return {"hidden": True}
    return {
        "need": cell.need,
        **cell.parts,
        "balance": cell.balance,
        "status": cell.status,
        "confidence": cell.confidence,
    }


def _ward(look: Look, cell: ShownCell | None, ward: Any, chosen: dict[str, str]) -> dict[str, Any]:
    shown = shade(cell, chosen["show"])
    if chosen["theme"] and chosen["phase"]:
        href = look.link("cell", chosen["theme"], chosen["phase"], ward=ward.code)
    else:
        href = look.link("matrix", ward=ward.code, phase=chosen["phase"])
    return {
        "code": ward.code,
        "name": ward.name,
        "path": ward.path,
        "cell": cell,
        "fill": shown.fill,
        "words": shown.words,
        "confidence": cell.confidence if cell and cell.schools else "",
        "href": href,
    }


def _title(chosen: dict[str, str]) -> str:
    names = {theme.code: theme.name for theme in catalogue.themes()} if chosen["theme"] else {}
    phase = Phase(chosen["phase"]).label.lower() if chosen["phase"] else "all phases"
    return f"{names.get(chosen['theme'], 'All themes')}, {phase}"


def _elsewhere(whole: ShownCell | None, cells: dict[str, ShownCell]) -> float:
    """Days of schools whose ward is not known: in the whole area, in no ward."""
    return max(0.0, whole.need - sum(cell.need for cell in cells.values())) if whole else 0.0


def _csv(look: Look, cells: dict[str, ShownCell]) -> Any:
    yield [
        "Ward code", "Ward", "Schools", "Days needed", "Met", "Brokerable", "Capacity gap", "Reach gap", "Not located",
        "Balance", "Status", "Confidence",
    ]  # fmt: skip
    for code, name in Ward.objects.filter(area=look.sight.area).values_list("code", "name"):
        cell = cells.get(code)
        if cell is None:
            yield [code, name, 0, 0, 0, 0, 0, 0, 0, "", "No need", ""]
        elif cell.hidden:
            yield [code, name, "", "", "", "", "", "", "", "", "Hidden", ""]
        else:
            numbers = [cell.schools, cell.need, *cell.parts.values(), cell.balance]
            yield [code, name, *numbers, cell.status_label, cell.confidence]
