"""The front page: for a visitor what the exchange is, for a signed-in person what waits for them."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from frontend import work
from frontend.accounts import one_time_path
from frontend.context import ways_on
from frontend.views.tools import signed_in
from marketplace.demo_area.people import demo_people
from marketplace.kernel.work import WorkItem

DATES_SHOWN = 8
LOOPBACK = ("127.0.0.1", "::1")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """My work, or the landing page."""
    if not request.user.is_authenticated:
        return render(request, "frontend/home/landing.html", {"demo_people": _demo_people(request)})
    now = timezone.now()
    coming = work.coming_up(request.actor, now=now)[:DATES_SHOWN]  # type: ignore[attr-defined]
    return render(request, "frontend/home/work.html", _waiting(request, now) | {"coming": coming})


def _demo_people(request: HttpRequest) -> list[dict[str, str]]:
    """On one person's own computer, in debug: the demo area's people, each with a fresh one-time link."""
    if not (settings.DEBUG and request.META.get("REMOTE_ADDR") in LOOPBACK):
        return []
    return [{"role": role, "name": user.name, "href": one_time_path(user)} for role, user in demo_people()]


@require_safe
@signed_in
def waiting(request: HttpRequest) -> HttpResponse:
    """The list of what waits, alone: an open page fetches it again when something happened."""
    return render(request, "frontend/home/waiting.html", _waiting(request, timezone.now()))


def _waiting(request: HttpRequest, now: datetime) -> dict[str, Any]:
    actor, today = request.actor, timezone.localdate(now)  # type: ignore[attr-defined]
    items = work.awaiting(actor, now=now)
    return {
        "waiting": [{"item": item, "href": _address(item), "late": _is_late(item, today)} for item in items],
        "ways": ways_on(actor, request.path),
    }


def _is_late(item: WorkItem, today: date) -> bool:
    return item.due_on is not None and item.due_on < today


def _address(item: WorkItem) -> str:
    return reverse(item.url_name, args=item.url_args)
