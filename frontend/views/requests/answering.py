"""What a provider was asked: the list, one request, a question, a response, a decline."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.requests import DeclineForm, InvitationFilterForm, QuestionForm, ResponseForm
from frontend.views.repeats import not_repeated
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.brokerage import actions, queries
from marketplace.brokerage.models import InvitationStatus, RequestInvitation
from marketplace.kernel import history
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError

SORTS = {
    "title": "request__title",
    "school": "request__school__name",
    "closes": "request__responses_close_on",
    "status": "status",
    "asked": "invited_at",
}


@signed_in
def invitations(request: HttpRequest) -> HttpResponseBase:
    """The requests the person's providers were asked to answer."""
    filters = InvitationFilterForm(request.GET)
    rows = queries.invitations_visible_to(request.actor)
    if filters.is_valid() and (status := filters.cleaned_data["status"]):
        rows = rows.filter(status=status)
    asked = request.GET.get("sort", "-asked")
    column = SORTS.get(asked.removeprefix("-"), "invited_at")
    rows = rows.order_by(f"-{column}" if asked.startswith("-") else column, "-pk")
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows), "requests-to-us.csv")
    page = page_of(request, rows)
    for row in page:
        row.brief = queries.brief_of(row)
    context = {
        "filter_form": filters,
        "page": page,
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/requests/invitations.html", context)


@signed_in
def invitation(request: HttpRequest, reference: str) -> HttpResponse:
    """The request as the provider is told of it, the questions, and its own response for good; the school is led to its own page."""
    if own := queries.request_asking(request.actor, reference):
        return redirect("requests:request", own.reference)
    found = queries.invitation_for(request.actor, reference)
    today = local(timezone.now()).date()
    may_answer = queries.may_answer(request.actor, found)
    context = _context(found) | {
        "questions": queries.questions_for(found),
        "response": queries.own_response(found),
        "counts": found.status in queries.WITH_RESPONSE,
        "can_ask": may_answer and queries.can_still_ask(found, today),
        "can_answer": may_answer and queries.can_still_answer(found, today),
        "may_decline": found.status != InvitationStatus.DECLINED,
        "history": history.of(found),
    }
    return render(request, "frontend/requests/invitation.html", context)


@signed_in
@not_repeated
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask the school a question."""
    found = queries.invitation_for(request.actor, reference)
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_question(actor=request.actor, invitation=found, text=form.cleaned_data["text"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Asked. You are told when the school has answered.")
            return redirect("requests:invitation", reference)
    context = _context(found) | {"form": form}
    return render(request, "frontend/requests/ask.html", context, status=422 if form.errors else 200)


@signed_in
def respond(request: HttpRequest, reference: str) -> HttpResponse:
    """Respond, or change the response before the close."""
    found = queries.invitation_for(request.actor, reference)
    today = local(timezone.now()).date()
    if request.method == "GET" and not queries.can_still_answer(found, today):
        return redirect("requests:invitation", reference)
    response = queries.own_response(found)
    form = ResponseForm(
        request.POST or None,
        initial=ResponseForm.initial_of(response, found.request),
        people=queries.people_to_propose(found),
        offers=queries.offers_to_book_by(found),
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.respond_to_request(
                actor=request.actor,
                invitation=found,
                terms=form.terms(),
                people=list(form.cleaned_data.get("people", [])),
                offer=form.cleaned_data["offer"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Your response is in. You can change it until the request closes.")
            return redirect("requests:invitation", reference)
    context = _context(found) | {"form": form, "response": response}
    return render(request, "frontend/requests/respond.html", context, status=422 if form.errors else 200)


@signed_in
def decline(request: HttpRequest, reference: str) -> HttpResponse:
    """Say no, with the reason."""
    found = queries.invitation_for(request.actor, reference)
    form = DeclineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.decline_request(actor=request.actor, invitation=found, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Declined. Thank you for telling the school.")
            return redirect("requests:invitation", reference)
    context = _context(found) | {"form": form, "response": queries.own_response(found)}
    return render(request, "frontend/requests/decline.html", context, status=422 if form.errors else 200)


def _context(found: RequestInvitation) -> dict[str, Any]:
    """The brief instead of the request: a template can show only what the provider is told."""
    return {
        "brief": queries.brief_of(found),
        "reference": found.reference,
        "provider": found.provider,
        "status": found.status,
        "status_label": found.get_status_display(),
        "decline_reason": found.get_decline_reason_display() if found.decline_reason else "",
        "decline_note": found.decline_note,
        "loss_reason": found.get_loss_reason_display() if found.loss_reason else "",
    }


def _csv(rows: QuerySet[RequestInvitation]) -> Iterator[list[Any]]:
    yield ["Reference", "Asked on", "School", "Title", "Theme", "Days", "Responses close on", "Your answer"]
    for row in rows:
        brief = queries.brief_of(row)
        yield [
            row.reference,
            local(row.invited_at).date().isoformat() if row.invited_at else "",
            brief.school,
            brief.title,
            brief.theme,
            brief.half_days / 2,
            brief.responses_close_on.isoformat(),
            row.get_status_display(),
        ]
