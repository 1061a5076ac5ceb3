"""Declared interests: one's own, and those of the people one answers for."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.interests import (
    EndInterestForm,
    InterestFilterForm,
    InterestForm,
    ReturnFilterForm,
    StrikeOutForm,
)
from frontend.views.organisations.lists import csv_query, filtered, headed, in_order, wants_csv
from frontend.views.tools import add_domain_error, csv_response, page_of, signed_in
from marketplace.kernel import history
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations import actions, queries, rules
from marketplace.organisations.models import InterestDeclaration
from marketplace.organisations.queries.returns import STATES
from marketplace.organisations.states import INTERESTS

SORTS = {
    "person": "user__name",
    "organisation": "organisation__name",
    "kind": "kind",
    "declared": "declared_at",
}


@signed_in
def own(request: HttpRequest) -> HttpResponse:
    """What the person declared, and the yearly word that it is still so."""
    rows = queries.own_interests(request.actor)
    context = {
        "page": page_of(request, rows),
        "may_confirm": rows.filter(status="declared").exists(),
        "nothing_since": queries.nil_return_of(request.actor),
        "oversees": queries.people_overseen_by(request.actor).exists(),
        "months": rules.EMPLOYMENT_COUNTS_MONTHS,
        "today": local(timezone.now()).date(),
    }
    return render(request, "frontend/interests/own.html", context)


@signed_in
def declare(request: HttpRequest) -> HttpResponse:
    """Declare an interest; the organisation may come in the query string."""
    form = InterestForm(
        request.POST or None,
        organisations=queries.organisations_to_name(request.actor),
        initial=request.GET.dict(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.declare_interest(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request, f"Declared: {row.organisation}. Somebody else now decides where money goes to it."
            )
            return redirect("interests:own")
    return render(
        request, "frontend/interests/declare.html", {"form": form}, status=422 if form.errors else 200
    )


@signed_in
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Say that all one declared is still so."""
    actions.confirm_interests(actor=request.actor)
    messages.success(request, "Thank you. You are asked again in a year.")
    return redirect("interests:own")


@signed_in
@require_POST
def nothing(request: HttpRequest) -> HttpResponse:
    """Say that one has nothing to declare."""
    actions.declare_nothing(actor=request.actor)
    messages.success(request, "Thank you. You are asked again in a year.")
    return redirect("interests:own")


@signed_in
def returns(request: HttpRequest) -> HttpResponseBase:
    """What each of the people one answers for has said: interests, nothing to declare, or not a word yet."""
    form = ReturnFilterForm(request.GET)
    rows = filtered(
        form,
        queries.returns_of_others(request.actor),
        {
            "q": lambda rows, words: rows.filter(name__icontains=words),
            "said": lambda rows, said: rows.filter(said=said),
        },
    )
    rows = in_order(request, rows, {"person": "name", "said": "said_at"}, "person")
    if wants_csv(request):
        told = (
            (
                row.name,
                STATES[row.said],
                row.standing or 0,
                local(row.said_at).date().isoformat() if row.said_at else "",
            )
            for row in rows
        )
        headings = ("Person", "Said", "Interests declared", "Last said on")
        return csv_response(headed(headings, told), "interest-returns.csv")
    page = page_of(request, rows)
    context = {
        "page": page,
        "rows": [(row, STATES[row.said]) for row in page],
        "filter_form": form,
        "csv_query": csv_query(request),
    }
    return render(request, "frontend/interests/returns.html", context)


@signed_in
def interest(request: HttpRequest, reference: str) -> HttpResponse:
    """One declaration with its history and what can be done with it."""
    found = queries.interest_for(request.actor, reference)
    is_own = found.user_id == request.actor.user_id
    context = {
        "interest": found,
        "is_own": is_own,
        "rows": _rows(found),
        "may_end": is_own and "end" in INTERESTS.verbs_from(found.status),
        "may_strike_out": not is_own and "strike_out" in INTERESTS.verbs_from(found.status),
        "history": history.of(found),
        "back": reverse("interests:own" if is_own else "interests:of_others"),
    }
    return render(request, "frontend/interests/interest.html", context)


@signed_in
def end(request: HttpRequest, reference: str) -> HttpResponse:
    """Say that a tie of one's own is over."""
    found = queries.own_interests(request.actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    form = EndInterestForm(request.POST or None, initial={"ended_on": local(timezone.now()).date()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_interest(actor=request.actor, interest=found, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Ended. It stays on record.")
            return redirect("interests:own")
    return _step(
        request,
        form,
        found,
        title="End this interest",
        explanation="Employment counts for 36 months more, everything else up to its last day.",
        button="End it",
    )


@signed_in
def strike_out(request: HttpRequest, reference: str) -> HttpResponse:
    """Strike out what somebody declared by mistake."""
    found = queries.interests_overseen_by(request.actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    form = StrikeOutForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.strike_out_interest(actor=request.actor, interest=found, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Struck out. It no longer counts, and stays on record.")
            return redirect("interests:of_others")
    return _step(
        request,
        form,
        found,
        title="Strike out this interest",
        explanation="Only for what was declared by mistake: who declared it can then decide about that organisation again.",
        button="Strike it out",
    )


@signed_in
def of_others(request: HttpRequest) -> HttpResponseBase:
    """What the people declared whom one answers for."""
    overseen = queries.interests_overseen_by(request.actor)
    form = InterestFilterForm(request.GET)
    rows = filtered(
        form,
        overseen,
        {
            "q": lambda rows, words: rows.filter(
                Q(user__name__icontains=words) | Q(organisation__name__icontains=words)
            ),
            "kind": lambda rows, kind: rows.filter(kind=kind),
            "status": lambda rows, status: rows.filter(status=status),
        },
    )
    rows = in_order(request, rows, SORTS, "-declared")
    if wants_csv(request):
        told = (
            (
                row.user.name,
                row.organisation.name,
                row.get_kind_display(),
                row.started_on or "",
                row.ended_on or "",
                row.get_status_display(),
                local(row.declared_at).date().isoformat(),
            )
            for row in rows
        )
        headings = ("Person", "Organisation", "Kind", "From", "To", "Status", "Declared on")
        return csv_response(headed(headings, told), "interests.csv")
    context = {"page": page_of(request, rows), "filter_form": form, "csv_query": csv_query(request)}
    return render(request, "frontend/interests/of_others.html", context)


def _step(
    request: HttpRequest, form: Any, found: InterestDeclaration, *, title: str, explanation: str, button: str
) -> HttpResponse:
    context = {
        "form": form,
        "interest": found,
        "rows": _rows(found),
        "title": title,
        "explanation": explanation,
        "button": button,
    }
    return render(request, "frontend/interests/step.html", context, status=422 if form.errors else 200)


def _rows(found: InterestDeclaration) -> list[tuple[str, Any]]:
    return [
        ("Person", found.user),
        ("Organisation", found.organisation),
        ("Kind", found.get_kind_display()),
        ("From", f"{found.started_on:%-d %B %Y}" if found.started_on else "Not said"),
        ("To", f"{found.ended_on:%-d %B %Y}" if found.ended_on else "Still so"),
        ("Details", found.details or "None given"),
    ]
