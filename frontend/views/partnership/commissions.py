"""Commissions: the list, a new one, one of them, and what can change before the start. Convenors and those they name only."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.partnership import CommissionFilterForm, CommissionForm, CommissionTermsForm
from frontend.views.repeats import not_repeated
from frontend.views.tools import add_domain_error, page_of, signed_in
from marketplace.buyback import queries as streams
from marketplace.buyback.models import FundingStream
from marketplace.kernel import audit, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import financial_year, local, long_date
from marketplace.kernel.days import format_days
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Organisation, Phase
from marketplace.partnership import actions, queries, rules
from marketplace.partnership.models import RUNNING, Commission

SORTS = {"school": "school__name", "review": "next_review_on", "status": "status", "opened": "created_at"}


@signed_in
def commissions(request: HttpRequest) -> HttpResponse:
    """The commissions of the areas the person convenes, and those they are named for. There is no file of them to download."""
    rows = queries.commissions_visible_to(request.actor)
    may_open = queries.may_commission(request.actor)
    if not may_open and not rows.exists():
        raise NotFound
    filters = CommissionFilterForm(request.GET)
    if filters.is_valid():
        rows = rows.filter(**{key: value for key, value in filters.cleaned_data.items() if value})
    wanted = request.GET.get("sort", "-opened")
    column = SORTS.get(wanted.removeprefix("-"), "created_at")
    page = page_of(request, rows.order_by(f"-{column}" if wanted.startswith("-") else column, "-pk"))
    context = {"filter_form": filters, "page": page, "may_open": may_open, "today": _today()}
    return render(request, "frontend/partnership/commissions.html", context)


@signed_in
@not_repeated
def new_commission(request: HttpRequest) -> HttpResponse:
    """Open a commission; pages of coverage fill in theme, phase, days and school by the address."""
    if not queries.may_commission(request.actor):
        raise NotFound
    form = CommissionForm(
        request.POST or None,
        schools=queries.schools_to_support(request.actor),
        providers=_providers(),
        streams=_streams(request.actor),
        initial=_initial(request),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.open_commission(
                actor=request.actor,
                school=data["school"],
                theme=data["theme"],
                phase=data["phase"],
                **form.values(),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Commission {made.reference} is opened. Nobody else is told.")
            return redirect("partnership:commission", made.reference)
    return render(
        request,
        "frontend/partnership/new_commission.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


def _initial(request: HttpRequest) -> dict[str, Any]:
    """What the address says; a ward stands for nothing here, since a commission is for one school."""
    names = ("theme", "phase", "days", "school")
    return {name: value for name in names if (value := request.GET.get(name, ""))}


@signed_in
def commission(request: HttpRequest, reference: str) -> HttpResponse:
    """One commission with everything about it. Reading it is audited."""
    found = queries.commission_for(request.actor, reference)
    audit.record(by=request.actor, what="commission", subject=found)
    categories = list(queries.categories_of(request.actor, found))
    context = {
        "commission": found,
        "verbs": queries.verbs_for(request.actor, found),
        "keeps": queries.may_keep(request.actor, found),
        "rows": _rows(found),
        "tied": queries.has_interest_in_provider(request.actor, found),
        "told_first": queries.told_first(found),
        "missing": queries.what_is_missing(found) if found.started_at is None else [],
        "notices": found.notices.all(),
        "categories": [
            {"category": each, "words": rules.level_words(each.level, is_academy=found.is_academy)}
            for each in categories
        ],
        "money": _money(found),
        "visits": queries.visits_under(found),
        "evaluation": getattr(found.deployment, "evaluation", None) if found.deployment else None,
        "reviews": found.reviews.all(),
        "is_due": bool(found.next_review_on and found.next_review_on <= _today()),
        "readers": queries.readers_of(found),
        "history": history.of(found),
    }
    return render(request, "frontend/partnership/commission.html", context)


def _rows(row: Commission) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = [
        ("School", row.school),
        ("Theme and phase", f"{row.theme}, {Phase(row.phase).label.lower()}"),
        ("Days", format_days(row.half_days)),
        ("Provider", row.provider or "Not chosen yet"),
        ("Why", row.reason),
        ("Opened by", f"{row.created_by or 'The exchange'}, {long_date(local(row.created_at).date())}"),
    ]
    if row.ended_on:
        rows += [
            ("Ended", long_date(row.ended_on)),
            ("Why it ended", row.end_reason),
            ("What shows it", row.end_evidence),
        ]
    elif row.end_reason:
        rows.append(("Why it did not go ahead", row.end_reason))
    return rows


def _money(row: Commission) -> list[tuple[str, Any]]:
    price = (
        "Not set yet"
        if row.pence_a_day is None
        else f"{pounds(row.pence_a_day)} a day, {pounds(row.net_pence)} in all, before VAT"
    )
    rows: list[tuple[str, Any]] = [("Paid from", row.funding_stream or "Not chosen yet"), ("Price", price)]
    if row.started_at is not None:
        rows.append(("Handed to visits", pounds(queries.spent_through(row))))
    if row.status in RUNNING:
        rows.append(("Still set aside", pounds(queries.set_aside(row))))
    return rows


@signed_in
def change(request: HttpRequest, reference: str) -> HttpResponse:
    """Change what is commissioned, before the start."""
    found = queries.commission_for(request.actor, reference)
    if not queries.may_keep(request.actor, found):
        raise NotAllowed("You can’t change this commission.", remedy="Ask a convenor of the area.")
    if "change" not in queries.verbs_for(request.actor, found):
        return redirect("partnership:commission", reference)
    initial = {
        "days": found.half_days,
        "provider": found.provider.reference if found.provider else "",
        "stream": found.funding_stream.reference if found.funding_stream else "",
        "price": found.pence_a_day,
        "reason": found.reason,
    }
    form = CommissionTermsForm(
        request.POST or None, providers=_providers(), streams=_streams(request.actor), initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_commission(actor=request.actor, commission=found, **form.values())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("partnership:commission", reference)
    context = {"form": form, "commission": found, "title": "Change the commission", "button": "Save"}
    return render(
        request, "frontend/partnership/commission_step.html", context, status=422 if form.errors else 200
    )


def _providers() -> QuerySet[Organisation]:
    """Organisations with an offer on show, which can be chosen as providers."""
    offering = Organisation.objects.filter(offers__status="published", suspended_at__isnull=True)
    return offering.distinct().order_by("name", "pk")


def _streams(actor: Actor) -> QuerySet[FundingStream]:
    """Open funding streams of this financial year and the next."""
    return (
        streams.streams_visible_to(actor)
        .filter(is_open=True, financial_year__gte=financial_year(_today()))
        .order_by("financial_year", "name")
    )


def _today() -> date:
    return local(timezone.now()).date()
