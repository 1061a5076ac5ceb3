"""What the pages of networks share: whose area it is, its tabs, and one network."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from marketplace.catalogue import queries as catalogue
from marketplace.kernel.errors import NotFound
from marketplace.organisations import queries
from marketplace.organisations.models import Area, Network

TABS = (
    ("list", "Networks"),
    ("overlaps", "Overlaps"),
    ("belonging", "Schools"),
    ("wards", "Wards"),
)


def area_of(request: HttpRequest) -> Area:
    """The area that `?area=` names, else the one the person acts in, else their first. `NotFound` where it is none of theirs."""
    actor = request.actor  # type: ignore[attr-defined]
    own = queries.areas_of(actor)
    areas = Area.objects.filter(pk__in=own)
    if code := request.GET.get("area", ""):
        found = areas.filter(code=code).first()
    else:
        current = areas.filter(organisations=actor.current).first() if actor.current else None
        found = current or areas.filter(pk__in=own[:1]).first()
    if found is None:
        raise NotFound
    return found


def convened_area_of(request: HttpRequest) -> Area:
    """The same, if one convenes it."""
    found = area_of(request)
    if not request.actor.convenes(found.pk):  # type: ignore[attr-defined]
        raise NotFound
    return found


def frame(request: HttpRequest, area: Area, current: str) -> dict[str, Any]:
    """The area, its tabs, and whether the person convenes it."""
    code = request.GET.get("area", "")
    query = f"?{urlencode({'area': code})}" if code else ""
    return {
        "area": area,
        "area_query": query,
        "convenes": request.actor.convenes(area.pk),  # type: ignore[attr-defined]
        "tabs": [
            {"href": reverse(f"networks:{name}") + query, "text": text, "current": name == current}
            for name, text in TABS
        ],
    }


def one(request: HttpRequest, reference: str) -> Network:
    """The network with this reference, if the person sees it."""
    found = queries.networks_visible_to(request.actor).filter(reference=reference).first()  # type: ignore[attr-defined]
    if found is None:
        raise NotFound
    return found


def headings() -> list[tuple[str, str]]:
    """Code and name of the themes a network may be for: the headings of the vocabulary."""
    return [(theme.code, theme.name) for theme in catalogue.themes() if theme.parent_id is None]
