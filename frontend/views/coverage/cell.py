"""One theme in one phase: what is said of it, and every row that was made of."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from frontend.templatetags.coverage import excluded_words
from frontend.views.coverage import explained, onward
from frontend.views.coverage.shared import Look, looking, page
from frontend.views.coverage.trend import trend_drawing
from frontend.views.tools import csv_response
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Theme
from marketplace.coverage import queries
from marketplace.coverage.models import PoolOutcome
from marketplace.coverage.options import BY_OPTION
from marketplace.coverage.queries import Behind, ShownCell
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Phase, Ward

SHARES_ON_THE_PAGE = 200


@looking
def cell(request: HttpRequest, look: Look, theme: str, phase: str) -> HttpResponseBase:
    """The cell of the whole area, or of `?ward=`; for a convenor with its rows, on the page and as a file."""
    found = catalogue.themes().filter(code=theme).first()
    if found is None or phase not in Phase.values:
        raise NotFound
    ward = _ward(look, request.GET.get("ward", ""))
    code = ward.code if ward else ""
    shown = queries.cell_of(look.sight, look.snapshot, theme=theme, phase=phase, ward=code)
    wants_rows = request.GET.get("format") == "csv"
    rows = (
        queries.behind(
            request.actor,  # type: ignore[attr-defined]
            look.sight,
            look.snapshot,
            theme=found,
            phase=phase,
            ward=code,
        )
        if look.sight.exact or wants_rows
        else None
    )
    if rows is not None and wants_rows:
        return csv_response(_csv(rows), f"coverage-{theme}-{phase}.csv")
    trend = queries.trend_of(look.sight, theme=theme, phase=phase, ward=code)
    context = {
        "theme": found,
        "phase": Phase(phase),
        "ward": ward,
        "cell": shown,
        "rows": rows,
        "shares": rows.shares[:SHARES_ON_THE_PAGE] if rows else (),
        "trend": trend,
        "trend_drawing": trend_drawing(trend),
        "wards": [] if ward else _wards(look, found, phase),
        "csv_url": look.link("cell", theme, phase, ward=code, format="csv"),
        "whole_url": look.link("cell", theme, phase),
        "map_url": look.link("map", theme=theme, phase=phase),
        **(_taken_apart(look, shown) if shown and look.sight.exact else {}),
    }
    return page(
        request,
        look,
        "frontend/coverage/cell.html",
        context,
        fragments={"cell": "frontend/coverage/_cell.html"},
    )


def _ward(look: Look, code: str) -> Ward | None:
    if not code:
        return None
    ward = Ward.objects.filter(area=look.sight.area, code=code).defer("geometry").first()
    if ward is None:
        raise NotFound
    return ward


def _wards(look: Look, theme: Theme, phase: str) -> list[dict[str, Any]]:
    cells = queries.wards_of(look.sight, look.snapshot, theme=theme.code, phase=phase)
    return [
        {"cell": each, "href": look.link("cell", theme.code, phase, ward=code)}
        for code, each in cells.items()
    ]


def _taken_apart(look: Look, shown: ShownCell) -> dict[str, Any]:
    """What a convenor reads beside the rows."""
    settings = queries.settings_of(look.sight.area, look.snapshot.settings_version)[1]
    return {
        "parts": explained.parts(shown),
        "measures": explained.measures(shown, settings),
        "questions": explained.questions(shown),
        "checks": explained.checks(shown, settings),
        "turns": explained.turns(shown, settings),
        "full_km": settings.full_weight_m / 1000,
        "falls": BY_OPTION["decay"].words(settings.decay),
        "radar_url": look.link("radar", theme=shown.theme, phase=shown.phase),
        "call_url": onward.call_for_offers(look.sight.area, shown),
        "commission_url": onward.commission(look.sight.area, shown),
        "try_url": onward.try_out(look.sight.area, shown),
    }


HEADINGS = [
    "School", "URN", "Ward", "Place", "Days stated", "Days booked or agreed", "Days needed", "Share of days", "Met", "Best case",
    "Brokerable", "Capacity gap", "Reach gap", "Not located", "Offers not counted", "Offer", "Offer title", "Provider", "Owner",
    "Kilometres", "Weight", "Free days of the offer", "Weighted need of the offer", "Days of the offer for this school",
]  # fmt: skip


def _csv(rows: Behind) -> Iterator[list[object]]:
    """A row for each need and offer that reach each other, from which every number of the cell can be worked out again.

    A need without an offer has a row of its own, and so has an offer for the cell that reaches no need.
    """
    yield list(HEADINGS)
    shares: dict[int, list[Any]] = {}
    for share in rows.shares:
        shares.setdefault(share.need_outcome_id, []).append(share)
    for need in rows.needs:
        school = [
            need.school.name, need.school.school.urn, need.ward.name if need.ward else "",
            "postcode or centre of its ward" if need.approximate else "not known" if need.unlocated else "register",
            need.days_stated, need.days_booked, need.days, need.share, need.met, need.best, need.brokerable,
            need.capacity_gap, need.reach_gap, need.unlocated, excluded_words(need.excluded),
        ]  # fmt: skip
        for share in shares.get(need.pk, ()):
            pool = share.pool_outcome
            yield [
                *school, *_named(pool), share.km, share.weight, pool.days, pool.weighted_need, share.days,
            ]  # fmt: skip
        if need.pk not in shares:
            yield [*school, *[""] * 9]
    for pool in rows.uncounted:
        yield [
            *[""] * 15, *_named(pool), "", "", pool.days, pool.weighted_need, 0,
        ]  # fmt: skip


def _named(pool: PoolOutcome) -> list[str]:
    """Which offer it is and whose."""
    title = pool.offer.current.title if pool.offer.current else ""
    return [pool.offer.reference, title, pool.provider.name, pool.owner.name]
