"""Making and changing networks, schools that join and leave, and a file of many."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from frontend.forms.networks import NetworkFileForm, NetworkForm
from frontend.views.networks.lists import add_form_of, page_of_network
from frontend.views.networks.shared import convened_area_of, frame, headings, one
from frontend.views.tools import add_domain_error, signed_in
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations import actions, queries
from marketplace.organisations.models import Area, BelongingStatus, Network, NetworkKind
from marketplace.organisations.network_file import read_networks

SAID = {
    "accept": "{school} belongs to {network} now.",
    "decline": "{school} has declined.",
    "leave": "{school} has left {network}.",
    "remove": "{school} is not in {network} any more.",
}


@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Make a network."""
    area = convened_area_of(request)
    form = _form(request, area, None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_network(actor=request.actor, area=area, **form.cleaned_data)  # type: ignore[attr-defined]
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{made} is here. Bring in its schools next.")
            return redirect("networks:network", made.reference)
    context = frame(request, area, "list") | {"form": form}
    return render(request, "frontend/networks/form.html", context, status=422 if form.errors else 200)


@signed_in
def change(request: HttpRequest, reference: str) -> HttpResponse:
    """Change what is said of a network."""
    shown = one(request, reference)
    actor = request.actor  # type: ignore[attr-defined]
    if not queries.may_manage_network(actor, shown):
        raise NotFound
    form = _form(request, shown.area, shown)
    if request.method == "POST" and form.is_valid():
        try:
            given = {"lead": shown.lead} | form.cleaned_data
            actions.change_network(actor=actor, network=shown, **given)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("networks:network", reference)
    context = {"form": form, "network": shown, "area": shown.area}
    return render(request, "frontend/networks/form.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def add(request: HttpRequest, reference: str) -> HttpResponse:
    """Bring a school into a network, or ask it to join."""
    shown = one(request, reference)
    form = add_form_of(request, shown, request.POST)
    if form is None:
        raise NotFound
    if form.is_valid():
        school = form.schools[form.cleaned_data["school"]]
        role = form.cleaned_data.get("role", "member")
        try:
            row = actions.add_school(actor=request.actor, network=shown, school=school, role=role)  # type: ignore[attr-defined]
        except DomainError as error:
            add_domain_error(form, error)
        else:
            joined = row.status == BelongingStatus.ACTIVE
            said = (
                f"{school.organisation} belongs to {shown} now."
                if joined
                else f"{school.organisation} is asked."
            )
            messages.success(request, said)
            return redirect("networks:network", reference)
    context = page_of_network(request, shown, add_form=form) | {"form": form}
    return render(request, "frontend/networks/network.html", context, status=422)


@signed_in
@require_POST
def move(request: HttpRequest, reference: str, number: int, verb: str) -> HttpResponse:
    """Accept or decline for one's school, leave, or take a school out."""
    actor = request.actor  # type: ignore[attr-defined]
    row = queries.belongings_visible_to(actor).filter(network__reference=reference, pk=number).first()
    if row is None or verb not in SAID:
        raise NotFound
    if verb == "leave":
        actions.leave_network(actor=actor, belonging=row)
    elif verb == "remove":
        actions.remove_school(actor=actor, belonging=row)
    else:
        actions.answer_proposal(actor=actor, belonging=row, accept=verb == "accept")
    messages.success(request, SAID[verb].format(school=row.school.organisation, network=row.network))
    return redirect("networks:network", reference)


@signed_in
def from_file(request: HttpRequest) -> HttpResponse:
    """Take a file of networks: a preview of what it would do first, then the import of the same text."""
    area = convened_area_of(request)
    posted = request.method == "POST"
    form = NetworkFileForm(request.POST if posted else None, request.FILES if posted else None)
    plan = None
    if form.is_valid():
        file = read_networks(form.cleaned_data["text"], dict(NetworkKind.choices))
        plan = queries.plan_of(area, file)
        if "import" in request.POST and not plan.errors:
            made, joined = actions.import_networks(actor=request.actor, area=area, file=file)  # type: ignore[attr-defined]
            messages.success(request, f"{made} networks are new, and {joined} memberships.")
            return redirect("networks:list")
    context = frame(request, area, "list") | {
        "form": form,
        "plan": plan,
        "text": form.cleaned_data.get("text", "") if plan else "",
        "kinds": NetworkKind.choices,
    }
    wrong = bool(form.errors or (plan and plan.errors))
    return render(request, "frontend/networks/from_file.html", context, status=422 if wrong else 200)


def _form(request: HttpRequest, area: Area, shown: Network | None) -> NetworkForm:
    initial: dict[str, Any] = NetworkForm.of(shown) if shown else {}
    return NetworkForm(
        request.POST if request.method == "POST" else None,
        leads=queries.possible_leads(area),
        themes=headings(),
        may_choose_lead=request.actor.convenes(area.pk),  # type: ignore[attr-defined]
        initial=initial,
    )
