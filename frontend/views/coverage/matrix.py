"""Themes by phases: where need goes unmet, for the whole area or one ward."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.coverage import MatrixFilterForm
from frontend.views.coverage.explained import Fairness, fairness
from frontend.views.coverage.shared import Look, looking, page, tabs
from frontend.views.tools import csv_response
from marketplace.catalogue.models import Theme
from marketplace.coverage import actions, queries
from marketplace.coverage.queries import LayerCell, ShownCell
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Phase
from marketplace.partnership import queries as partnership

COMMISSIONED, MODELLED = "commissioned", "modelled"
WORST = 3
Cells = dict[tuple[str, str], ShownCell]

MEASURES = (
    "supply_days",
    "days_in_reach",
    "expected",
    "best",
    "k",
    "without_largest",
    "owners",
    "n_eff",
    "top_share",
    "backup",
    "no_reach",
    "providers_here",
    "replied",
    "asked",
    "q1",
    "q2",
    "q3",
    "q4",
)


@looking
def matrix(request: HttpRequest, look: Look) -> HttpResponseBase:
    """The matrix, filtered by theme, phase and status."""
    if request.GET.get("layer") == COMMISSIONED and look.sight.exact:
        return _layer(request, look, queries.commissioned_cells, COMMISSIONED)
    if request.GET.get("layer") == MODELLED and look.sight.exact:
        return _layer(request, look, queries.latent_cells, MODELLED)
    form = MatrixFilterForm(request.GET, area=look.sight.area, exact=look.sight.exact)
    chosen = form.chosen()
    cells = {
        (cell.theme, cell.phase): cell
        for cell in queries.cells_of(look.sight, look.snapshot, ward=chosen["ward"])
    }
    if request.GET.get("format") == "csv":
        return csv_response(_csv(cells, form.themes, look.sight.exact), "coverage.csv")
    phases = [phase for phase in Phase if chosen["phase"] in ("", phase)]
    groups = _groups(cells, form.themes, phases, chosen)
    context = {
        "form": form,
        "tabs": tabs(look, "matrix"),
        "phases": phases,
        "groups": groups,
        "ward": chosen["ward"],
        "ward_name": form.wards.get(chosen["ward"], ""),
        "whole": cells.get(("", "")),
        "totals": [cells.get(("", phase)) for phase in phases],
        "with_totals": not (chosen["heading"] or chosen["status"]),
        "filtered": any(chosen.values()),
        "counts": _counts(cells),
        "worst": [] if any(chosen.values()) else _worst(look, cells),
        "unranked": queries.unranked(cells.values()),
        "fairness": _fairness(look) if not any(chosen.values()) else None,
        "commissioned": partnership.commissioned_total(request.actor, look.sight.area),  # type: ignore[attr-defined]
        "commissioned_url": look.link("matrix", layer=COMMISSIONED),
        "modelled_url": look.link("matrix", layer=MODELLED) if _has_model(look) else "",
    }
    return page(
        request,
        look,
        "frontend/coverage/matrix.html",
        context,
        fragments={"matrix": "frontend/coverage/_matrix.html"},
    )


def _layer(
    request: HttpRequest, look: Look, cells_of: Callable[..., list[LayerCell]], name: str
) -> HttpResponse:
    """A layer of days that is never added to what schools declared, for a convenor."""
    cells = cells_of(
        request.actor,  # type: ignore[attr-defined]
        look.sight,
        today=timezone.localdate(),
    )
    context = {
        "tabs": tabs(look, "matrix"),
        "cells": cells,
        "total": sum(cell.days for cell in cells),
        "declared_url": look.link("matrix"),
        "settings_url": look.link("settings"),
    }
    return page(request, look, f"frontend/coverage/{name}.html", context, fragments={})


def _worst(look: Look, cells: Cells) -> list[dict[str, Any]]:
    """The worst gaps with the page of each."""
    return [
        {"gap": gap, "href": look.link("cell", gap.cell.theme, gap.cell.phase)}
        for gap in queries.worst_gaps(cells.values(), WORST)
    ]


def _fairness(look: Look) -> Fairness | None:
    """For a convenor alone: a fifth of the schools may be two."""
    return fairness(look.snapshot.totals) if look.sight.exact else None


@require_POST
@looking
def again(request: HttpRequest, look: Look) -> HttpResponse:
    """Have the area worked out again now; for a convenor alone, since others read releases, which it would not renew."""
    if not look.sight.exact:
        raise NotFound
    actions.ask_for_recompute(
        actor=request.actor,  # type: ignore[attr-defined]
        area=look.sight.area,
        because="A convenor asked for it",
    )
    messages.info(request, "Coverage is being worked out again. The page shows it as soon as it is there.")
    return redirect(look.link("matrix"))


def _has_model(look: Look) -> bool:
    return look.sight.exact and queries.models_needs(look.sight)


def _groups(
    cells: Cells, themes: list[Theme], phases: list[Phase], chosen: dict[str, str]
) -> list[dict[str, Any]]:
    """Headings with the themes under them, each with a cell for every phase; rows without a cell to show are left out."""
    groups: dict[int, dict[str, Any]] = {}
    for theme in themes:
        heading = theme.parent or theme
        if theme.parent is None and not any((theme.code, phase) in cells for phase in phases):
            continue
        if chosen["heading"] and heading.code != chosen["heading"]:
            continue
        row = [_if_wanted(cells.get((theme.code, phase)), chosen["status"]) for phase in phases]
        if chosen["status"] and not any(row):
            continue
        group = groups.setdefault(heading.pk, {"heading": heading, "rows": []})
        group["rows"].append(
            {
                "theme": theme,
                "cells": list(zip(phases, row, strict=True)),
                "total": cells.get((theme.code, "")),
            }
        )
    return list(groups.values())


def _if_wanted(cell: ShownCell | None, status: str) -> ShownCell | None:
    return cell if cell and (not status or cell.status == status) else None


def _counts(cells: Cells) -> list[tuple[str, int]]:
    """How many cells of each status, in the order of worry."""
    proper = [cell for (theme, phase), cell in cells.items() if theme and phase]
    found: dict[str, int] = {}
    for status in ("gap", "thin", "unknown", "adequate", "duplicated", "unused", "held", ""):
        for cell in proper:
            if cell.status == status and (status or cell.hidden):
                found[cell.status_label] = found.get(cell.status_label, 0) + 1
    return list(found.items())


def _csv(cells: Cells, themes: list[Theme], exact: bool) -> Iterator[list[object]]:
    """Every cell with its measures unrounded for a convenor, in fives of days for others."""
    yield [
        "Theme code",
        "Heading",
        "Theme",
        "Phase",
        "Status",
        "Reason",
        "Schools",
        "Days needed",
        "Met",
        "Brokerable",
        "Capacity gap",
        "Reach gap",
        "Not located",
        "Balance",
        "Confidence",
        *(MEASURES if exact else ()),
        "Sentence",
    ]
    for theme in themes:
        for phase in (*Phase, ""):
            cell = cells.get((theme.code, phase))
            if cell:
                yield _csv_row(cell, theme.code, theme.parent.name if theme.parent else "", exact)
    for phase in (*Phase, ""):
        if cell := cells.get(("", phase)):
            yield _csv_row(cell, "", "", exact)


def _csv_row(cell: ShownCell, code: str, heading: str, exact: bool) -> list[object]:
    numbers = [cell.schools, cell.need, *cell.parts.values(), cell.balance]
    return [
        code,
        heading,
        cell.theme_name or "All themes",
        cell.phase_label,
        cell.status_label,
        cell.reason,
        *([""] * len(numbers) if cell.hidden else numbers),
        cell.confidence,
        *([cell.measures.get(name) for name in MEASURES] if exact else ()),
        cell.sentence,
    ]
