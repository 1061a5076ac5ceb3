"""Responses side by side, the choice of one, and choosing none."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from frontend.forms.requests import AwardForm, EndForm
from frontend.views.tools import add_domain_error, csv_response, signed_in
from marketplace.brokerage import actions, queries, rules
from marketplace.brokerage.models import RequestResponse, RequestStatus, SupportRequest
from marketplace.buyback import queries as buyback
from marketplace.buyback.models import EvidenceStatus
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.days import format_days
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.money import pounds


@signed_in
def compare(request: HttpRequest, reference: str) -> HttpResponseBase:
    """The responses as columns, to read, print or take away as CSV; before the close nobody's are there."""
    found = queries.request_for(request.actor, reference)
    responses = queries.responses_to(request.actor, found)
    rows = _rows(responses, found)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(responses, rows), f"{found.reference}.csv")
    invitations = list(queries.invitations_of(request.actor, found))
    context = {
        "found": found,
        "responses": responses,
        "columns": [
            {"title": str(each.invitation.provider), "note": each.invitation.get_status_display()}
            for each in responses
        ],
        "rows": rows,
        "declined": [each for each in invitations if each.status == "declined"],
        "silent": [each for each in invitations if each.status == "no_answer"],
        "interests": queries.interests_in(request.actor, found),
        "readable": found.status in queries.READABLE,
        "may_decide": found.status == RequestStatus.CLOSED and queries.may_decide(request.actor, found),
    }
    return render(request, "frontend/requests/compare.html", context)


@signed_in
def choose(request: HttpRequest, reference: str, chosen: str) -> HttpResponse:
    """Choose one response (by its invitation's reference), with the reasons."""
    found = queries.request_for(request.actor, reference)
    if request.method == "GET" and found.status != RequestStatus.CLOSED:
        return redirect("requests:request", reference)
    invitation = next(
        (each for each in queries.invitations_of(request.actor, found) if each.reference == chosen), None
    )
    if invitation is None:
        raise NotFound
    responses = queries.responses_to(request.actor, found)
    pick = next((each for each in responses if each.invitation_id == invitation.pk), None)
    others = [each for each in responses if each is not pick]
    needed = buyback.requirement_for(found.school, pick.gross_pence if pick else 0)
    drafts = buyback.evidence_visible_to(request.actor).filter(
        organisation=found.school, status=EvidenceStatus.DRAFT
    )
    is_lowest = pick is None or rules.is_lowest(pick.price_pence, [each.price_pence for each in others])
    form = AwardForm(
        request.POST or None,
        others=[each.invitation for each in others],
        is_lowest=is_lowest,
        drafts=list(drafts[:50]),
        quotes_short=len(responses) < needed.quotes_needed and not found.fewer_reason,
    )
    if request.method == "POST" and (form.is_valid() or pick is None):
        try:
            actions.award_request(
                actor=request.actor,
                request=found,
                chosen=invitation,
                **(form.values() if form.is_valid() else {"losses": {}, "conflicts": ""}),
            )
        except NotFound:
            raise
        except DomainError as error:
            if pick is None:
                raise
            add_domain_error(form, error)
        else:
            messages.success(
                request,
                f"{invitation.provider} is chosen and everybody is told. The quotes evidence is complete.",
            )
            return redirect("requests:request", reference)
    context = {
        "form": form,
        "found": found,
        "pick": pick,
        "provider": invitation.provider,
        "interests": queries.interests_in(request.actor, found),
        "may_decide": queries.may_decide(request.actor, found),
        "lowest": responses[0] if responses else None,
        "is_lowest": is_lowest,
    }
    return render(request, "frontend/requests/choose.html", context, status=422 if form.errors else 200)


@signed_in
def end(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose nobody, with the reason."""
    found = queries.request_for(request.actor, reference)
    if request.method == "GET" and found.status != RequestStatus.CLOSED:
        return redirect("requests:request", reference)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_request(actor=request.actor, request=found, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request, "Ended. Those who responded are told, and the convenors see that nothing was found."
            )
            return redirect("requests:request", reference)
    context = {"form": form, "found": found}
    return render(request, "frontend/requests/end.html", context, status=422 if form.errors else 200)


def _rows(responses: list[RequestResponse], found: SupportRequest) -> list[dict[str, Any]]:
    """What stands in the columns, a line per thing compared."""
    lowest = min((each.price_pence for each in responses), default=0)

    def line(label: str, cell: Any) -> dict[str, Any]:
        return {"label": label, "cells": [cell(each) for each in responses]}

    return [
        line("Price before VAT", lambda r: pounds(r.price_pence)),
        line("VAT", lambda r: pounds(r.vat_pence)),
        line("Price with VAT", lambda r: pounds(r.gross_pence)),
        line(
            "Above the lowest",
            lambda r: pounds(r.price_pence - lowest) if r.price_pence > lowest else "Lowest",
        ),
        line("A day, before VAT", lambda r: pounds(r.pence_a_day)),
        line("Within your budget", lambda r: _within(r, found)),
        line("Days", lambda r: format_days(r.half_days)),
        line("People", _people),
        line("From", lambda r: long_date(r.first_day)),
        line("To", lambda r: long_date(r.last_day)),
        line("Dates proposed", lambda r: r.dates or "–"),
        line("Approach", lambda r: r.approach),
        line("Why VAT is so", lambda r: r.vat_reason or "–"),
        line("Can be booked through", lambda r: r.offer.current.title if r.offer else "No offer named"),
        line("Responded", lambda r: long_date(local(r.submitted_at).date())),
    ]


def _within(response: RequestResponse, found: SupportRequest) -> str:
    if found.budget_pence is None:
        return "No budget given"
    over = response.gross_pence - found.budget_pence
    return "Yes" if over <= 0 else f"No: {pounds(over)} above"


def _people(response: RequestResponse) -> str:
    named = [str(each) for each in response.people.all()]
    return ", ".join([*named, *filter(None, [response.other_people])])


def _csv(responses: list[RequestResponse], rows: list[dict[str, Any]]) -> Iterator[list[Any]]:
    yield ["", *(str(each.invitation.provider) for each in responses)]
    for row in rows:
        yield [row["label"], *row["cells"]]
