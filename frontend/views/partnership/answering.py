"""A provider answers a call, or takes its answer back; a convenor says that one is not taken up."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from frontend.forms.partnership import AnswerForm, ReasonForm
from frontend.views.tools import add_domain_error, signed_in
from marketplace.catalogue.models import Practitioner
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.organisations.models import Organisation
from marketplace.partnership import actions, queries
from marketplace.partnership.models import CallResponse, CallStatus, OfferCall, ResponseStatus


@signed_in
def respond(request: HttpRequest, reference: str) -> HttpResponse:
    """Answer for one of the person's providers (`?provider=`), or change its answer."""
    call = queries.call_for(request.actor, reference)
    providers = queries.providers_to_answer(request.actor, call)
    if not providers:
        raise NotAllowed(
            "You can’t answer this call.", remedy="It is for those who keep a provider’s offers."
        )
    if call.status != CallStatus.OPEN:
        return redirect("partnership:call", reference)
    chosen = _chosen(request, providers)
    before = queries.responses_of(request.actor, call).filter(provider=chosen).first() if chosen else None
    people = queries.people_to_propose(chosen) if chosen else Practitioner.objects.none()
    form = AnswerForm(
        request.POST or None, providers=providers, people=people, initial=_initial(call, chosen, before)
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.respond_to_call(
                actor=request.actor, call=call, provider=form.cleaned_data["provider"], **form.values()
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request,
                f"Your answer is in. It became the draft {made.offer.reference}: finish it and hand it in.",
            )
            return redirect("partnership:call", reference)
    context = {"form": form, "call": call, "before": before, "providers": providers, "chosen": chosen}
    return render(request, "frontend/partnership/respond.html", context, status=422 if form.errors else 200)


def _chosen(request: HttpRequest, providers: list[Organisation]) -> Organisation | None:
    wanted = request.POST.get("provider") or request.GET.get("provider", "")
    named = next((each for each in providers if each.reference == wanted), None)
    return named or (providers[0] if len(providers) == 1 else None)


def _initial(call: OfferCall, provider: Organisation | None, before: CallResponse | None) -> dict[str, Any]:
    if before is not None and provider is not None:
        return {
            "provider": provider.reference,
            "days": before.half_days,
            "price": before.pence_a_day,
            "support_type": before.support_type_id,
            "mode": before.mode,
            "reach_km": before.reach_km,
            "approach": before.approach,
            "people": [person.reference for person in before.people.all()],
        }
    found: dict[str, Any] = {
        "days": call.half_days,
        "price": call.ceiling_pence,
        "mode": "in_person",
        "reach_km": 25,
    }
    return found | ({"provider": provider.reference} if provider else {})


@signed_in
@require_POST
def take_back(request: HttpRequest, reference: str, answer: str) -> HttpResponse:
    """Take the answer back; the draft stays."""
    call = queries.call_for(request.actor, reference)
    response = queries.response_for(request.actor, call, answer)
    try:
        actions.take_back_response(actor=request.actor, response=response)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, str(error))
    else:
        messages.success(request, "Taken back. The draft of the offer is still yours.")
    return redirect("partnership:call", reference)


@signed_in
def pass_over(request: HttpRequest, reference: str, answer: str) -> HttpResponse:
    """The convenor does not take an answer up."""
    call = queries.call_for(request.actor, reference)
    response = queries.response_for(request.actor, call, answer)
    if not request.actor.convenes(call.area_id):
        raise NotAllowed("You can’t decide on this answer.", remedy=f"Ask a convenor of {call.area}.")
    if response.status != ResponseStatus.SUBMITTED:
        return redirect("partnership:call", reference)
    if not queries.may_read_answers(request.actor, call):
        raise NotFound
    form = ReasonForm(request.POST or None, label="Why is it not taken up?", hint="The provider reads this.")
    if request.method == "POST" and form.is_valid():
        try:
            actions.pass_over_response(
                actor=request.actor, response=response, reason=form.cleaned_data["reason"]
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{response.provider} is told.")
            return redirect("partnership:call", reference)
    context = {
        "form": form,
        "call": call,
        "title": f"Don’t take up the answer of {response.provider}",
        "button": "Don’t take it up",
    }
    return render(request, "frontend/partnership/call_step.html", context, status=422 if form.errors else 200)
