"""From what amount on orders need a second person: for a school, a trust or an area."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frontend.forms.bookings import ThresholdForm
from frontend.views.tools import add_domain_error, signed_in
from marketplace.buyback import actions, queries
from marketplace.buyback.rules import DEFAULT_THRESHOLD_PENCE, Threshold
from marketplace.kernel import history
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import Area, Organisation

Owner = Organisation | Area


@signed_in
def approval_rule(request: HttpRequest) -> HttpResponse:
    """Read, set or clear the rule of an organisation or an area one answers for."""
    owners = _owners(request)
    if not owners:
        raise NotAllowed(
            "You can’t set an approval rule.",
            remedy="Ask the headteacher, a governor, the trust’s lead or, for an area, its convenor.",
        )
    owner = owners.get(request.GET.get("for", "") or next(iter(owners)))
    if owner is None:
        raise NotFound
    rule = queries.rule_of(owner)
    form = ThresholdForm(
        request.POST if "set" in request.POST else None,
        initial={"threshold": rule.threshold_pence if rule else None},
    )
    if request.method == "POST":
        if "clear" in request.POST:
            actions.clear_threshold(actor=request.actor, owner=owner)
            messages.success(request, f"{owner} has no approval rule of its own any more.")
            return redirect(_address(owner))
        if form.is_valid():
            try:
                actions.set_threshold(
                    actor=request.actor, owner=owner, threshold_pence=form.cleaned_data["threshold"]
                )
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, f"The approval rule of {owner} is set.")
                return redirect(_address(owner))
    context: dict[str, Any] = {
        "form": form,
        "owner": owner,
        "owners": [{"key": key, "name": str(each)} for key, each in owners.items()],
        "key": _key(owner),
        "rule": rule,
        "threshold": _threshold_of(owner),
        "history": history.of(rule) if rule else [],
    }
    return render(
        request, "frontend/bookings/approval_rule.html", context, status=422 if form.errors else 200
    )


def _owners(request: HttpRequest) -> dict[str, Owner]:
    own: list[Owner] = [
        *queries.organisations_with_rules_of(request.actor),
        *organisations.areas_convened_by(request.actor),
    ]
    return {_key(owner): owner for owner in own}


def _key(owner: Owner) -> str:
    return f"area-{owner.code}" if isinstance(owner, Area) else owner.reference


def _address(owner: Owner) -> str:
    return f"{reverse('bookings:approval_rule')}?for={_key(owner)}"


def _threshold_of(owner: Owner) -> Threshold:
    if isinstance(owner, Organisation):
        return queries.threshold_of(owner)
    rule = queries.rule_of(owner)
    return (
        Threshold(rule.threshold_pence, str(owner))
        if rule
        else Threshold(DEFAULT_THRESHOLD_PENCE, "the exchange")
    )
