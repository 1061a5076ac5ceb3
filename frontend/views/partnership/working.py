"""The work under a commission: the deployment that carries it, and the visits its money pays for."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frontend.forms.deployments import TermsForm
from frontend.forms.partnership import AttachForm, VisitForm
from frontend.views.tools import add_domain_error, signed_in
from marketplace.catalogue.models import Offer, Practitioner
from marketplace.kernel.dates import long_date
from marketplace.kernel.days import format_days
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.kernel.money import pounds
from marketplace.partnership import actions, queries
from marketplace.partnership.models import Commission


@signed_in
def deployment(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose whose deployment is drafted for the commission, or attach one that is there already."""
    found = _kept(request, reference)
    if "attach" not in queries.verbs_for(request.actor, found) or found.deployment_id:
        return redirect("partnership:commission", reference)
    there = {
        each.reference: (
            f"{each.practitioner}, {each.reference}",
            f"{each.theme}. {each.get_status_display()}.",
        )
        for each in queries.deployments_to_attach(request.actor, found)
    }
    form = AttachForm(request.POST or None, deployments=there)
    if request.method == "POST" and form.is_valid():
        chosen = queries.deployments_to_attach(request.actor, found).get(
            reference=form.cleaned_data["deployment"]
        )
        try:
            actions.attach_deployment(actor=request.actor, commission=found, deployment=chosen)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Attached. The deployment says nothing of the commission.")
            return redirect("partnership:commission", reference)
    people = [
        {"person": person, "offer": offer, "href": _write_url(found, offer, person)}
        for offer in queries.offers_to_deploy(request.actor, found)
        for person in offer.shown.practitioners.all()
        if person.releasing_organisation_id != found.school_id
    ]
    context = {"commission": found, "form": form, "there": there, "people": people}
    return render(
        request, "frontend/partnership/deployment.html", context, status=422 if form.errors else 200
    )


def _write_url(found: Commission, offer: Offer, person: Practitioner) -> str:
    query = urlencode({"offer": offer.reference, "person": person.reference})
    return f"{reverse('partnership:write_deployment', args=[found.reference])}?{query}"


@signed_in
def write_deployment(request: HttpRequest, reference: str) -> HttpResponse:
    """The text of the agreement, which the school sends to be signed."""
    found = _kept(request, reference)
    if "attach" not in queries.verbs_for(request.actor, found) or found.deployment_id:
        return redirect("partnership:commission", reference)
    offer, person = _chosen(request, found)
    form = TermsForm(request.POST or None, is_new=True, initial={"half_days": found.half_days})
    for decided in ("payer", "school_percent", "brokered_by"):
        del form.fields[decided]
    if request.method == "POST" and form.is_valid():
        form.cleaned_data |= {"payer": "authority", "school_percent": None}
        try:
            made = actions.draft_deployment_for(
                actor=request.actor, commission=found, offer=offer, practitioner=person, **form.text()
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Written. {found.school} sends {made.reference} to be signed.")
            return redirect("partnership:commission", reference)
    context = {"commission": found, "form": form, "offer": offer, "person": person}
    return render(
        request, "frontend/partnership/write_deployment.html", context, status=422 if form.errors else 200
    )


def _chosen(request: HttpRequest, found: Commission) -> tuple[Offer, Practitioner]:
    offer = (
        queries.offers_to_deploy(request.actor, found).filter(reference=request.GET.get("offer", "")).first()
    )
    people: Any = offer.shown.practitioners.all() if offer else ()
    person = next((each for each in people if each.reference == request.GET.get("person")), None)
    if offer is None or person is None:
        raise NotFound
    return offer, person


@signed_in
def visits(request: HttpRequest, reference: str) -> HttpResponse:
    """Pay for an approved booking of the school out of what is set aside."""
    found = _kept(request, reference)
    if "pay" not in queries.verbs_for(request.actor, found):
        return redirect("partnership:commission", reference)
    rows = {each.reference: each for each in queries.bookings_to_pay(request.actor, found)}
    choices = {
        key: (
            f"{each.practitioner}, {long_date(each.day)}",
            f"{format_days(each.half_days)}, {pounds(each.net_pence)} before VAT. {each.get_status_display()}.",
        )
        for key, each in rows.items()
    }
    form = VisitForm(request.POST or None, bookings=choices)
    if request.method == "POST" and form.is_valid():
        try:
            actions.pay_for_visit(
                actor=request.actor, commission=found, booking=rows[form.cleaned_data["booking"]]
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{found.funding_stream} pays for the visit.")
            return redirect("partnership:commission", reference)
    context = {"commission": found, "form": form, "choices": choices, "left": queries.set_aside(found)}
    return render(request, "frontend/partnership/visits.html", context, status=422 if form.errors else 200)


def _kept(request: HttpRequest, reference: str) -> Commission:
    found = queries.commission_for(request.actor, reference)
    if not queries.may_keep(request.actor, found):
        raise NotAllowed("You can’t change this commission.", remedy="Ask a convenor of the area.")
    return found
