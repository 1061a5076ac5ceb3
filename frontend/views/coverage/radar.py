"""The unmet-demand radar: what was looked for or asked for in vain, by theme, phase and month, and for a convenor each of them."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from frontend.forms.coverage import RadarFilterForm
from frontend.views.coverage.shared import Look, looking, page, tabs
from frontend.views.tools import csv_response, page_of, query_string
from marketplace.coverage import queries
from marketplace.coverage.queries import Blip, Radar
from marketplace.kernel.dates import local

ROWS_ON_A_PAGE = 30
OPENED_ON_A_PAGE = 20


@looking
def radar(request: HttpRequest, look: Look) -> HttpResponseBase:
    """The counts; a convenor filters them and opens them to who it was."""
    form = RadarFilterForm(request.GET)
    chosen = form.chosen() if look.sight.exact else {}
    today = local(timezone.now()).date()
    found = queries.radar(look.sight, today=today, **chosen)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(found), "unmet-demand-radar.csv")
    opened: list[Any] = []
    if look.sight.exact and any(chosen.values()):
        opened = queries.signals_of(request.actor, look.sight, today=today, **chosen)  # type: ignore[attr-defined]
    blips = page_of(request, found.blips, per_page=ROWS_ON_A_PAGE)
    context = {
        "form": form,
        "tabs": tabs(look, "radar"),
        "radar": found,
        "page": blips,
        "rows": [(blip, _link(look, blip)) for blip in blips],
        "opened": opened[:OPENED_ON_A_PAGE],
        "opened_in_all": len(opened),
        "hides": not look.sight.exact and any(None in (blip.total, *blip.months) for blip in found.blips),
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return page(request, look, "frontend/coverage/radar.html", context, fragments={})


def _link(look: Look, blip: Blip) -> str:
    """Where a convenor opens a row; nowhere for others, or where no theme is named."""
    return look.link("radar", theme=blip.theme, phase=blip.phase) if look.sight.exact and blip.theme else ""


def _csv(found: Radar) -> Iterator[list[object]]:
    yield ["Theme", "Phase", *(f"{month:%Y-%m}" for month in found.months), "Total", "Trend"]
    for blip in found.blips:
        yield [
            blip.theme_name,
            blip.phase_label,
            *("hidden" if month is None else month for month in blip.months),
            "hidden" if blip.total is None else blip.total,
            blip.trend,
        ]
