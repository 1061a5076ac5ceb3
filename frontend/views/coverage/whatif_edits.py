"""The page on which an edit is made: of a what-if that is there, or the first of a new one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from frontend.forms.whatif import FORMS
from frontend.views.coverage.shared import Look, looking
from frontend.views.tools import add_domain_error, query_string, signed_in
from marketplace.coverage import queries as coverage
from marketplace.coverage.models import Scenario, Snapshot
from marketplace.coverage.queries import Sight
from marketplace.coverage.scenarios import actions, queries
from marketplace.coverage.scenarios.lines import Kind
from marketplace.kernel.errors import DomainError, NotFound

PREFILLED = ("theme", "phase", "ward", "offer", "provider", "school", "days", "km", "mode", "remote")
IN_POUNDS = {"price": "pence", "cost": "cost_pence"}


@looking
def new(request: HttpRequest, look: Look) -> HttpResponseBase:
    """A new what-if with its first edit. `?theme=&phase=&ward=` and `?kind=&offer=&days=&km=` fill the form in."""
    if not look.sight.exact:
        raise NotFound
    return _edit(request, look.sight, look.snapshot, None)


@signed_in
def add(request: HttpRequest, reference: str) -> HttpResponse:
    """One more edit of a what-if of one's own."""
    actor = request.actor  # type: ignore[attr-defined]
    found = queries.own(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    sight = coverage.sight_of(actor, found.area.code)
    snapshot = coverage.latest(sight)
    assert snapshot is not None  # the what-if stands on one
    return _edit(request, sight, snapshot, found)


def _edit(request: HttpRequest, sight: Sight, snapshot: Snapshot, found: Scenario | None) -> HttpResponse:
    kind = _kind(request)
    form = FORMS[kind](
        request.POST if request.method == "POST" else None,
        sight=sight,
        snapshot=snapshot,
        initial=_prefilled(request),
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = _made(request, sight, found, form.edit())
        except DomainError as error:
            if error.status != 422:
                raise
            add_domain_error(form, error)
        else:
            messages.success(request, "Worked out. Nothing but this what-if was changed.")
            return redirect("coverage:scenario", made.reference)
    status = 422 if form.is_bound else 200
    return render(
        request,
        "frontend/coverage/whatif/edit.html",
        _context(request, sight, snapshot, found, form),
        status=status,
    )


def _made(request: HttpRequest, sight: Sight, found: Scenario | None, edit: dict[str, Any]) -> Scenario:
    actor = request.actor  # type: ignore[attr-defined]
    if found is None:
        return actions.start(actor=actor, area=sight.area, edits=[edit])
    return actions.add(actor=actor, scenario=found, edit=edit)


def _context(
    request: HttpRequest, sight: Sight, snapshot: Snapshot, found: Scenario | None, form: Any
) -> dict[str, Any]:
    theme, phase, ward = (request.GET.get(name, "") for name in ("theme", "phase", "ward"))
    area = request.GET.get("area", "")
    return {
        "scenario": found,
        "form": form,
        "kind": form.kind,
        "area": sight.area,
        "cell": _cell(sight, snapshot, theme, phase, ward),
        "other_kinds": [
            {"kind": kind, "href": f"{request.path}?{query_string(request, kind=kind.value)}"}
            for kind in Kind
            if kind is not form.kind
        ],
        "back_url": reverse("coverage:scenario", args=[found.reference])
        if found
        else reverse("coverage:whatif") + (f"?area={sight.area.code}" if area else ""),
    }


def _cell(sight: Sight, snapshot: Snapshot, theme: str, phase: str, ward: str) -> Any:
    """The cell the edit is about, as it is now."""
    if not (theme and phase) or "\x00" in theme + phase + ward:
        return None
    return coverage.cell_of(sight, snapshot, theme=theme, phase=phase, ward=ward)


def _kind(request: HttpRequest) -> Kind:
    """The kind asked for; a new offer where none is, or none of ours."""
    asked = request.POST.get("kind") or request.GET.get("kind") or ""
    return Kind(asked) if asked in list(Kind) else Kind.ADD


def _prefilled(request: HttpRequest) -> dict[str, str]:
    """What the address says of the edit, short enough to be typed."""
    given = {name: request.GET[name][:100] for name in PREFILLED if request.GET.get(name)}
    for name, field in IN_POUNDS.items():
        if request.GET.get(name):
            given[field] = request.GET[name][:20]
    return given
