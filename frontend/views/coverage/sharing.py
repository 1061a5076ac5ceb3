"""Coverage for those who see part of it: schools their own needs, providers where supply is wanted, everybody the statuses."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frontend.views.coverage.shared import Look, looking, page, tabs
from frontend.views.tools import csv_response, page_of, signed_in
from marketplace.coverage import actions, queries
from marketplace.coverage.queries import OwnNeed, WantedThere
from marketplace.kernel.errors import NotFound


@signed_in
def own_needs(request: HttpRequest) -> HttpResponseBase:
    """A school's own needs and what reaches them."""
    snapshot, needs = queries.own_needs(request.actor)
    if request.GET.get("format") == "csv":
        return csv_response(_own_csv(needs), "our-needs.csv")
    context = {
        "snapshot": snapshot,
        "page": page_of(request, needs, per_page=25),
        "needed": sum(each.outcome.days for each in needs),
        "met": sum(each.outcome.met for each in needs),
        "schools": len({each.outcome.school_id for each in needs}),
    }
    return render(request, "frontend/coverage/own_needs.html", context)


def _own_csv(needs: list[OwnNeed]) -> Iterator[list[object]]:
    yield [
        "School", "Theme", "Phase", "Days stated", "Days booked or agreed", "Days needed", "Met as things stand", "Best case",
        "Offers that reach it",
    ]  # fmt: skip
    for each in needs:
        need = each.outcome
        yield [
            need.school.name,
            need.theme.name,
            need.get_phase_display(),
            need.days_stated,
            need.days_booked,
            need.days,
            need.met,
            need.best,
            "; ".join(share.pool_outcome.offer.reference for share in each.offers),
        ]


@signed_in
def wanted(request: HttpRequest) -> HttpResponseBase:
    """Where supply is wanted, for providers: numbers behind which five schools or more stand."""
    found = queries.wanted_by_providers(request.actor)
    if request.GET.get("format") == "csv":
        return csv_response(_wanted_csv(found), "wanted.csv")
    lines = [(there.area, line) for there in found for line in there.lines]
    context = {
        "areas": found,
        "several": len(found) > 1,
        "page": page_of(request, lines, per_page=25),
    }
    return render(request, "frontend/coverage/wanted.html", context)


def _wanted_csv(found: list[WantedThere]) -> Iterator[list[object]]:
    yield ["Area", "Theme code", "Theme", "Phase", "Days needed, about", "Schools, at least"]
    for there in found:
        for line in there.lines:
            yield [there.area.name, line.theme, line.theme_name, line.phase_label, line.days, line.schools]


def public(request: HttpRequest, code: str) -> HttpResponse:
    """An area's statuses for everybody, where the area shows them."""
    return render(request, "frontend/coverage/public.html", {"statuses": queries.public_statuses(code)})


@looking
def sharing(request: HttpRequest, look: Look) -> HttpResponseBase:
    """Who sees what of the area, and the switch of its public page; for a convenor."""
    if not look.sight.exact:
        raise NotFound
    context = {
        "tabs": tabs(look, "sharing"),
        "is_public": queries.is_public(look.sight.area),
        "public_url": request.build_absolute_uri(reverse("coverage:public", args=[look.sight.area.code])),
        "released": queries.released(look.sight.area),
        "switch_url": look.link("switch"),
    }
    return page(request, look, "frontend/coverage/sharing.html", context, fragments={})


@require_POST
@looking
def switch(request: HttpRequest, look: Look) -> HttpResponse:
    """Switch the public page on or off."""
    is_on = request.POST.get("public") == "on"
    actions.show_to_public(actor=request.actor, area=look.sight.area, is_on=is_on)
    messages.success(request, f"The public page is {'on' if is_on else 'off'}.")
    return redirect(look.link("sharing"))
