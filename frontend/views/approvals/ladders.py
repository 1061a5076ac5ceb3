"""Who approves orders: the ladder of a school, a trust or an area."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frontend.forms.approvals import LadderForm
from frontend.views.tools import add_domain_error, signed_in
from marketplace.buyback import actions, queries
from marketplace.buyback.rules import PRESETS, Preset
from marketplace.kernel import history
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import Area, Organisation

Owner = Organisation | Area


@signed_in
def ladder(request: HttpRequest) -> HttpResponse:
    """Read, set or clear the ladder of an organisation or an area one answers for."""
    owners = _owners(request)
    if not owners:
        raise NotAllowed(
            "You can’t set an approval ladder.",
            remedy="Ask the headteacher, a governor, the trust’s lead or, for an area, its convenor.",
        )
    owner = owners.get(request.GET.get("for", "") or _first(request, owners))
    if owner is None:
        raise NotFound
    own = queries.own_steps(owner)
    in_force = queries.ladder_in_force(owner)
    preset = _preset(request)
    form = LadderForm(
        request.POST if "set" in request.POST else None,
        steps=preset.steps if preset else own or in_force.steps,
        has_trust=queries.may_name_trust(owner),
    )
    if request.method == "POST":
        if "clear" in request.POST:
            actions.clear_ladder(actor=request.actor, owner=owner)
            messages.success(request, f"{owner} has no approval ladder of its own any more.")
            return redirect(_address(owner))
        if form.is_valid():
            try:
                actions.set_ladder(actor=request.actor, owner=owner, steps=form.steps())
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, f"The approval ladder of {owner} is set.")
                return redirect(_address(owner))
    row = queries.own_ladder(owner)
    context: dict[str, Any] = {
        "form": form,
        "owner": owner,
        "owners": [{"key": key, "name": str(each)} for key, each in owners.items()],
        "key": _key(owner),
        "own": own,
        "ladder": in_force,
        "presets": PRESETS,
        "preset": preset,
        "history": history.of(row) if row else [],
    }
    return render(request, "frontend/approvals/ladder.html", context, status=422 if form.errors else 200)


def _preset(request: HttpRequest) -> Preset | None:
    return next((preset for preset in PRESETS if preset.key == request.GET.get("preset")), None)


def _owners(request: HttpRequest) -> dict[str, Owner]:
    own: list[Owner] = [
        *queries.organisations_with_ladders_of(request.actor),
        *organisations.areas_convened_by(request.actor),
    ]
    return {_key(owner): owner for owner in own}


def _first(request: HttpRequest, owners: dict[str, Owner]) -> str:
    """The organisation the person acts for, where they answer for its ladder; else the first."""
    current = request.actor.current
    acting = (key for key, each in owners.items() if isinstance(each, Organisation) and each.pk == current)
    return next(acting, next(iter(owners)))


def _key(owner: Owner) -> str:
    return f"area-{owner.code}" if isinstance(owner, Area) else owner.reference


def _address(owner: Owner) -> str:
    return f"{reverse('approvals:ladder')}?for={_key(owner)}"
