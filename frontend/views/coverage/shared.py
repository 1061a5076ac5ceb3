"""What the coverage pages share: whose area it is, its newest snapshot, and what to show before there is one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRefresh

from frontend.views.tools import query_string, signed_in
from marketplace.coverage import actions, queries
from marketplace.coverage.models import Snapshot
from marketplace.coverage.queries import Sight

WAITING = "waiting"


@dataclass(frozen=True)
class Look:
    """A person looking at the newest snapshot of an area."""

    sight: Sight
    snapshot: Snapshot
    area_code: str

    def link(self, name: str, *args: str, **query: str) -> str:
        """The address of a coverage page (or, `networks:…`, of another) for the same area; parameters without a value are left out."""
        given = {key: value for key, value in {**query, "area": self.area_code}.items() if value}
        return reverse(name if ":" in name else f"coverage:{name}", args=args) + (
            f"?{urlencode(given)}" if given else ""
        )


View = Callable[..., HttpResponseBase]


def looking(view: View) -> View:
    """Give a view the person's `Look`; where the area was never worked out, have that done and say so."""

    @signed_in
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        code = request.GET.get("area", "")
        sight = queries.sight_of(request.actor, code)  # type: ignore[attr-defined]
        snapshot = queries.latest(sight)
        if snapshot is None:
            return _being_worked_out(request, sight)
        if request.GET.get("part") == WAITING:
            return HttpResponseClientRefresh()
        return view(request, Look(sight, snapshot, code), *args, **kwargs)

    return guarded


def _being_worked_out(request: HttpRequest, sight: Sight) -> HttpResponse:
    actions.ask_for_recompute(
        actor=request.actor,  # type: ignore[attr-defined]
        area=sight.area,
        because="Somebody looked for the first time",
    )
    part = request.GET.get("part") == WAITING
    context = {"area": sight.area, "refresh_url": f"{request.path}?{query_string(request, part=WAITING)}"}
    return render(request, f"frontend/coverage/{'_waiting' if part else 'waiting'}.html", context)


def page(
    request: HttpRequest, look: Look, template: str, context: dict[str, Any], *, fragments: dict[str, str]
) -> HttpResponse:
    """The page, or the part of it that `?part=` names, for a live update of that part alone."""
    context |= {"look": look, "area": look.sight.area, "snapshot": look.snapshot, "exact": look.sight.exact}
    context["refresh_url"] = {
        part: f"{request.path}?{query_string(request, part=part)}" for part in fragments
    }
    asked = fragments.get(request.GET.get("part", ""))
    return render(request, asked or template, context)


@dataclass(frozen=True)
class Tab:
    """One page of coverage: the name of its address, its label, and whether only a convenor has it."""

    name: str
    label: str
    convenor: bool = False


TABS = (
    Tab("matrix", "Themes and phases"),
    Tab("map", "Map of wards"),
    Tab("radar", "Unmet demand"),
    Tab("changes", "What changed", convenor=True),
    Tab("idle", "Idle days", convenor=True),
    Tab("overlap", "Overlaps", convenor=True),
    Tab("ask_advice", "Advice", convenor=True),
    Tab("whatif", "What if"),
    Tab("benchmark", "Other areas"),
    Tab("country", "The country", convenor=True),
    Tab("engagement", "Who takes part"),
    Tab("networks:overlaps", "Networks"),
    Tab("board", "For the board", convenor=True),
    Tab("sharing", "Who sees what", convenor=True),
    Tab("settings", "Settings", convenor=True),
)


def tabs(look: Look, current: str) -> list[dict[str, Any]]:
    """The pages of coverage that the person has, as a sub-navigation."""
    return [
        {"href": look.link(tab.name), "text": tab.label, "current": tab.name == current}
        for tab in TABS
        if look.sight.exact or not tab.convenor
    ]
