"""Offers beside each other, for a convenor: who could withdraw unnoticed, and where idle days lie near unmet need."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from frontend.forms.coverage import IdleFilterForm, OfThemeForm
from frontend.views.coverage.shared import Look, looking, page, tabs
from frontend.views.tools import csv_response, page_of, query_string
from marketplace.coverage import queries
from marketplace.coverage.queries import Graph, IdleLine, Node

WIDTH, HEIGHT, MARGIN = 900, 560, 40
LARGEST, SMALLEST = 26.0, 5.0


@dataclass(frozen=True)
class Loss:
    """A class of pools by the part of their days nobody else could give."""

    least: float
    fill: str
    words: str


LOSSES = (
    Loss(0.0, "#5e3c99", "up to 1% would be lost: could withdraw unnoticed"),
    Loss(0.01, "#b2abd2", "less than half would be lost"),
    Loss(0.5, "#fdb863", "half or more would be lost"),
    Loss(0.9, "#e66101", "nearly all would be lost"),
)


@dataclass(frozen=True)
class Circle:
    """A pool as drawn."""

    x: float
    y: float
    r: float
    fill: str
    words: str


@looking
def overlap(request: HttpRequest, look: Look) -> HttpResponseBase:
    """The graph of overlaps and the same as a table, those that could withdraw unnoticed first."""
    form = OfThemeForm(request.GET)
    graph = queries.overlap_graph(
        request.actor,  # type: ignore[attr-defined]
        look.sight,
        look.snapshot,
        **form.chosen(),
    )
    if request.GET.get("format") == "csv":
        return csv_response(_overlap_csv(graph), "coverage-overlaps.csv")
    circles = _circles(graph.nodes)
    context = {
        "form": form,
        "tabs": tabs(look, "overlap"),
        "page": page_of(request, graph.nodes, per_page=50),
        "graph": graph,
        "unnoticed": sum(node.unnoticed for node in graph.nodes),
        "circles": circles,
        "lines": [
            (circles[first], circles[second], round(1 + 3 * jaccard, 1)) for first, second, jaccard in graph.edges
        ],
        "losses": LOSSES,
        "width": WIDTH,
        "height": HEIGHT,
        "csv_query": query_string(request, page=None, format="csv"),
    }  # fmt: skip
    return page(request, look, "frontend/coverage/overlap.html", context, fragments={})


def _circles(nodes: list[Node]) -> list[Circle]:
    most = max((node.pool.usable for node in nodes), default=1.0)
    return [
        Circle(
            x=round(MARGIN + node.x * (WIDTH - 2 * MARGIN), 1),
            y=round(MARGIN + node.y * (HEIGHT - 2 * MARGIN), 1),
            r=round(max(SMALLEST, LARGEST * sqrt(node.pool.usable / most)), 1),
            fill=_loss(node).fill,
            words=_title(node.pool),
        )
        for node in nodes
    ]


def _loss(node: Node) -> Loss:
    if node.unnoticed:
        return LOSSES[0]
    share = node.lost_share or 0.0
    return next((each for each in reversed(LOSSES[1:]) if share >= each.least), LOSSES[1])


def _title(pool: Any) -> str:
    return f"{pool.offer.current.title if pool.offer.current else pool.offer.reference}, {pool.provider}"


def _overlap_csv(graph: Graph) -> Iterator[list[object]]:
    yield [
        "Offer",
        "Title",
        "Provider",
        "Owner",
        "Free days for this area",
        "Lost without it",
        "Could withdraw unnoticed",
        "Overlaps with",
    ]
    for node in graph.nodes:
        pool = node.pool
        partners = "; ".join(f"{other.offer.reference} {jaccard:.2f}" for other, jaccard in node.partners)
        yield [
            pool.offer.reference,
            pool.offer.current.title if pool.offer.current else "",
            pool.provider.name,
            pool.owner.name,
            pool.usable,
            pool.lost_without,
            "yes" if node.unnoticed else "no",
            partners,
        ]


@looking
def idle(request: HttpRequest, look: Look) -> HttpResponseBase:
    """Offers with idle days near unmet need, of any theme: a hint whom to ask to turn to something else."""
    form = IdleFilterForm(request.GET)
    chosen = form.chosen()
    lines = queries.idle_pools(
        request.actor,  # type: ignore[attr-defined]
        look.sight,
        look.snapshot,
        within_m=form.metres(),
        theme=chosen["theme"],
        phase=chosen["phase"],
    )
    if request.GET.get("format") == "csv":
        return csv_response(_idle_csv(lines), "coverage-idle.csv")
    context = {
        "form": form,
        "tabs": tabs(look, "idle"),
        "page": page_of(request, lines, per_page=25),
        "total": queries.idle_together(line.pool for line in lines),
        "anywhere": form.metres() == queries.ANYWHERE,
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return page(request, look, "frontend/coverage/idle.html", context, fragments={})


def _idle_csv(lines: list[IdleLine]) -> Iterator[list[object]]:
    yield [
        "Offer", "Title", "Provider", "Free days for this area", "Idle days", "School in need", "Theme", "Phase", "Kilometres",
        "Days unmet", "Offered for it already",
    ]  # fmt: skip
    for line in lines:
        pool = line.pool
        offer = [
            pool.offer.reference,
            pool.offer.current.title if pool.offer.current else "",
            pool.provider.name,
            pool.usable,
            pool.idle,
        ]
        for lead in line.leads:
            yield [
                *offer,
                lead.need.school.name,
                lead.need.theme.name,
                lead.need.get_phase_display(),
                round(lead.km, 2),
                lead.unmet,
                "yes" if lead.offered_for_it else "no",
            ]
        if not line.leads:
            yield [*offer, *[""] * 6]
