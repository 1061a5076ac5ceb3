"""One request as its school sees it: whom to ask, sending it, answering questions, taking it back."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.brokerage import ReasonForm
from frontend.forms.requests import AnswerForm, FindProviderForm, ProvidersForm, SendForm, as_choice
from frontend.views.tools import add_domain_error, signed_in
from marketplace.brokerage import actions, queries, rules
from marketplace.brokerage.models import RequestResponse, RequestStatus, SupportRequest
from marketplace.brokerage.queries.ranking import RankedProvider
from marketplace.brokerage.states import SUPPORT_REQUEST
from marketplace.kernel import history
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotAllowed


@signed_in
def request_page(request: HttpRequest, reference: str) -> HttpResponse:
    """The request, whom it went to, the questions, and what can be done next."""
    found = queries.request_for(request.actor, reference)
    today = local(timezone.now()).date()
    may_change = queries.may_change(request.actor, found)
    invitations = list(queries.invitations_of(request.actor, found))
    context = {
        "found": found,
        "invitations": invitations,
        "questions": queries.questions_of(request.actor, found),
        "requirement": queries.requirement_of(found),
        "fewest": queries.fewest_to_ask(found),
        "may_change": may_change,
        "verbs": SUPPORT_REQUEST.verbs_from(found.status) if may_change else (),
        "may_ask_another": may_change
        and found.status == RequestStatus.OPEN
        and not rules.is_over(found.questions_close_on, today),
        "may_decide": queries.may_decide(request.actor, found),
        "readable": found.status in queries.READABLE,
        "history": history.of(found),
    } | _after_award(request, found)
    return render(request, "frontend/requests/request.html", context)


def _after_award(request: HttpRequest, found: SupportRequest) -> dict[str, Any]:
    """Where one goes on from an award: to the booking, with all that is known filled in."""
    responses = queries.responses_to(request.actor, found) if found.chosen_id else []
    pick = next((each for each in responses if each.invitation_id == found.chosen_id), None)
    if pick is None:
        return {}
    return {"pick": pick, "booking_query": _booking_query(found, pick) if pick.offer else ""}


def _booking_query(found: SupportRequest, pick: RequestResponse) -> str:
    person = pick.people.first()
    known = {
        "offer": pick.offer.reference if pick.offer else "",
        "practitioner": person.reference if person else "",
        "school": str(found.school.school.urn),
        "theme": found.theme.code,
        "phase": found.phase,
        "need": found.need.reference if found.need else "",
    }
    return urlencode({name: value for name, value in known.items() if value})


@signed_in
def providers(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose whom to ask: suggestions with their reasons, others by name. While the request is open, those ticked are asked too."""
    found = queries.request_for(request.actor, reference)
    if found.status not in (RequestStatus.DRAFT, RequestStatus.OPEN) or not queries.may_change(
        request.actor, found
    ):
        return redirect("requests:request", reference)
    is_draft = found.status == RequestStatus.DRAFT
    chosen = [each.provider for each in queries.invitations_of(request.actor, found)]
    suggested = queries.suggested_providers(found)
    words = request.POST.get("name", "")
    looks = "find" in request.POST
    ticked = request.POST.getlist("providers") or ([each.reference for each in chosen] if is_draft else [])
    known = list(queries.askable_providers(found).filter(reference__in=ticked))
    named = queries.providers_matching(found, words) if looks else []
    choices = {each.provider_reference: each.provider for each in suggested}
    choices |= dict(as_choice(each) for each in [*known, *named, *(chosen if is_draft else [])])
    form = ProvidersForm(
        request.POST if request.method == "POST" and not looks else None,
        bodies=sorted(choices.items(), key=lambda choice: choice[1]),
        hints=_hints(suggested),
        required=is_draft,
        initial={"providers": ticked},
    )
    if form.is_valid():
        picked = set(form.cleaned_data["providers"])
        wanted = {each.pk: each for each in [*known, *chosen] if each.reference in picked}
        try:
            _ask(request, found, list(wanted.values()), {each.provider_id for each in suggested})
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return redirect("requests:send" if is_draft else "requests:request", reference)
    context = {
        "form": form,
        "find": FindProviderForm(initial={"name": words}),
        "searched": words.strip() if looks else "",
        "named": named,
        "found": found,
        "is_draft": is_draft,
        "fewest": queries.fewest_to_ask(found),
        "requirement": queries.requirement_of(found),
    }
    return render(request, "frontend/requests/providers.html", context, status=422 if form.errors else 200)


def _hints(suggested: list[RankedProvider]) -> dict[str, str]:
    """Why each is suggested; the local authority's own offers say so."""
    return {
        each.provider_reference: f"Suggested: “{each.offer}”. {each.why}."
        + (" The local authority’s own service." if each.is_la_service else "")
        for each in suggested
    }


def _ask(request: HttpRequest, found: SupportRequest, wanted: list[Any], suggested: set[int]) -> None:
    if found.status == RequestStatus.DRAFT:
        actions.choose_providers(actor=request.actor, request=found, providers=wanted, suggested=suggested)
        return
    for each in wanted:
        actions.ask_another(actor=request.actor, request=found, provider=each)
    messages.success(request, f"Asked {', '.join(map(str, wanted))}." if wanted else "Nobody else was asked.")


@signed_in
def send(request: HttpRequest, reference: str) -> HttpResponse:
    """Look at it once more, and send it."""
    found = queries.request_for(request.actor, reference)
    if found.status != RequestStatus.DRAFT or not queries.may_change(request.actor, found):
        return redirect("requests:request", reference)
    form = SendForm(request.POST if request.method == "POST" else None)  # nothing in it is required
    if request.method == "POST" and form.is_valid():
        try:
            actions.open_request(actor=request.actor, request=found, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request, "Sent. You are told when somebody asks, declines, and when responses close."
            )
            return redirect("requests:request", reference)
    invitations = list(queries.invitations_of(request.actor, found))
    if not invitations and not form.errors:
        return redirect("requests:providers", reference)
    context = {
        "form": form,
        "found": found,
        "invitations": invitations,
        "fewest": queries.fewest_to_ask(found),
        "requirement": queries.requirement_of(found),
        "too_few": len(invitations) < queries.fewest_to_ask(found),
    }
    return render(request, "frontend/requests/send.html", context, status=422 if form.errors else 200)


@signed_in
def answer(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Answer a question for all asked, or read what was answered."""
    found = queries.request_for(request.actor, reference)
    question = queries.question_for(request.actor, found, number)
    may_answer = (
        queries.may_change(request.actor, found)
        and found.status == RequestStatus.OPEN
        and question.answered_at is None
    )
    if request.method == "POST" and not queries.may_change(request.actor, found):
        raise NotAllowed("You can’t answer for this school.", remedy="Ask somebody who orders for it.")
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_question(actor=request.actor, question=question, text=form.cleaned_data["text"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Answered. All providers asked can read it.")
            return redirect("requests:request", reference)
    context = {"form": form, "found": found, "question": question, "may_answer": may_answer}
    return render(request, "frontend/requests/answer.html", context, status=422 if form.errors else 200)


@signed_in
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Take the request back, with the reason."""
    found = queries.request_for(request.actor, reference)
    if request.method == "GET" and "withdraw" not in SUPPORT_REQUEST.verbs_from(found.status):
        return redirect("requests:request", reference)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw_request(actor=request.actor, request=found, reason=form.cleaned_data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Withdrawn.")
            return redirect("requests:request", reference)
    context = {"form": form, "found": found}
    return render(request, "frontend/requests/withdraw.html", context, status=422 if form.errors else 200)
