"""Calls for offers: the list, a new one, one of them, more time, the close, and taking one back."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.partnership import CallFilterForm, CallForm, ExtendForm, ReasonForm
from frontend.views.repeats import not_repeated
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.catalogue.access import MANAGERS
from marketplace.kernel import history
from marketplace.kernel.dates import local
from marketplace.kernel.days import HALF_DAYS_IN_A_DAY
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.kernel.money import pounds
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import Area, Phase, Ward
from marketplace.partnership import actions, queries
from marketplace.partnership.models import CallStatus, OfferCall

SORTS = {
    "title": "title",
    "closes": "closes_on",
    "days": "half_days",
    "status": "status",
    "published": "created_at",
}
OPEN_FOR = timedelta(days=28)
"""A new call proposes four weeks."""


@signed_in
def calls(request: HttpRequest) -> HttpResponseBase:
    """The calls of the areas the person convenes, and those their providers can answer."""
    convenes = queries.may_convene_calls(request.actor)
    if not convenes and not request.actor.organisations(*MANAGERS):
        raise NotFound
    filters = CallFilterForm(request.GET)
    rows = _filtered(request, filters)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(request, rows), "calls.csv")
    page = page_of(request, rows)
    readable = [call for call in page if queries.may_read_answers(request.actor, call)]
    standings = queries.standings_of(readable) if readable else {}
    answered = set(
        queries.responses_visible_to(request.actor)
        .filter(call__in=[call.pk for call in page], provider__in=request.actor.organisations(*MANAGERS))
        .values_list("call", flat=True)
    )
    context = {
        "filter_form": filters,
        "page": page,
        "rows": [
            {"call": call, "standing": standings.get(call.pk), "answered": call.pk in answered}
            for call in page
        ],
        "convenes": convenes,
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/partnership/calls.html", context)


@signed_in
@not_repeated
def new_call(request: HttpRequest) -> HttpResponse:
    """Publish a call; pages of coverage fill in theme, phase, ward, days and ceiling by the address."""
    areas = organisations.areas_convened_by(request.actor).order_by("name")
    if not queries.may_convene_calls(request.actor):
        raise NotAllowed("You can’t publish a call for offers.", remedy="Ask a convenor of the area.")
    form = CallForm(request.POST or None, areas=areas, initial=_initial(request, areas))
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.publish_call(
                actor=request.actor,
                area=form.cleaned_data["area"],
                terms=form.terms(),
                themes=form.chosen_themes(),
                ward=form.cleaned_data["ward"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Published. The providers that can answer are told.")
            return redirect("partnership:call", made.reference)
    return render(
        request, "frontend/partnership/new_call.html", {"form": form}, status=422 if form.errors else 200
    )


def _initial(request: HttpRequest, areas: QuerySet[Area]) -> dict[str, Any]:
    """What the address says of the gap; what can't be understood is left to the person."""
    given = request.GET
    themes, phases = given.getlist("theme"), [p for p in given.getlist("phase") if p in Phase.values]
    ward = Ward.objects.filter(code=given.get("ward", "")).defer("geometry").first()
    found: dict[str, Any] = {
        "themes": themes,
        "phases": phases,
        "ward": given.get("ward", ""),
        "days": given.get("days", ""),
        "ceiling": given.get("ceiling", ""),
        "origin": given.get("origin", "")[:300],
        "title": given.get("title", "")[:120],
        "closes_on": local(timezone.now()).date() + OPEN_FOR,
    }
    if ward is not None:
        found["area"] = ward.area_id
    elif code := given.get("area", ""):
        found["area"] = areas.filter(code=code).values_list("pk", flat=True).first()
    return {key: value for key, value in found.items() if value}


@signed_in
def call(request: HttpRequest, reference: str) -> HttpResponse:
    """One call: for the convenor with all answers, for a provider with its own."""
    found = queries.call_for(request.actor, reference)
    keeps = request.actor.convenes(found.area_id)
    reads_all = queries.may_read_answers(request.actor, found)
    answers = list(queries.responses_of(request.actor, found))
    providers = (
        queries.providers_to_answer(request.actor, found) if request.actor.organisations(*MANAGERS) else []
    )
    own = {each.provider_id for each in answers if each.provider_id in {p.pk for p in providers}}
    context = {
        "call": found,
        "keeps": keeps,
        "reads_all": reads_all,
        "rows": _rows(found, for_convenor=keeps),
        "standing": queries.standing_of(found) if reads_all else None,
        "answers": queries.draft_states(answers),
        "own": own,
        "can_answer": found.status == CallStatus.OPEN and bool(providers),
        "all_answered": bool(providers) and len(own) == len(providers),
        "history": history.of(found) if keeps else None,
    }
    return render(request, "frontend/partnership/call.html", context)


def _rows(call: OfferCall, *, for_convenor: bool) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = [
        ("Themes", ", ".join(str(theme) for theme in call.themes.all())),
        ("Phases", ", ".join(Phase(phase).label for phase in call.phases)),
        ("Where", f"{call.ward.name} ward, {call.area}" if call.ward else f"Anywhere in {call.area}"),
        (
            "Most a day may cost",
            "Left open" if call.ceiling_pence is None else f"{pounds(call.ceiling_pence)} before VAT",
        ),
    ]
    if for_convenor:
        rows.append(("Comes from", call.origin or "Not said"))
        rows.append(("Published by", call.created_by or "The exchange"))
    return rows


@signed_in
def extend(request: HttpRequest, reference: str) -> HttpResponse:
    """Take answers for longer."""
    found = _own(request, reference, "extend")
    initial = {"closes_on": found.closes_on + timedelta(days=14)}
    form = ExtendForm(request.POST or None, initial=initial)
    return _step(
        request,
        found,
        form,
        title="Give more time",
        button="Extend the call",
        act=lambda: actions.extend_call(
            actor=request.actor, call=found, closes_on=form.cleaned_data["closes_on"]
        ),
        done="Extended. Providers that have not answered are told.",
    )


@signed_in
def close(request: HttpRequest, reference: str) -> HttpResponse:
    """Take no more answers."""
    found = _own(request, reference, "close")
    form = ReasonForm(
        request.POST or None,
        label="A word to all providers",
        hint="You need not write one. Those who answered are told where their draft stands.",
        required=False,
    )
    return _step(
        request,
        found,
        form,
        title="Close the call",
        button="Close it",
        act=lambda: actions.close_call(actor=request.actor, call=found, words=form.cleaned_data["reason"]),
        done="Closed. The providers are told.",
    )


@signed_in
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Take the call back."""
    found = _own(request, reference, "withdraw")
    form = ReasonForm(
        request.POST or None,
        label="Why do you withdraw it?",
        hint="All providers that could answer read this.",
    )
    return _step(
        request,
        found,
        form,
        title="Withdraw the call",
        button="Withdraw it",
        act=lambda: actions.withdraw_call(
            actor=request.actor, call=found, reason=form.cleaned_data["reason"]
        ),
        done="Withdrawn. The providers are told.",
    )


def _own(request: HttpRequest, reference: str, verb: str) -> OfferCall:
    found = queries.call_for(request.actor, reference)
    if not request.actor.convenes(found.area_id):
        raise NotAllowed(f"You can’t {verb} this call.", remedy=f"Ask a convenor of {found.area}.")
    return found


def _step(
    request: HttpRequest,
    call: OfferCall,
    form: Any,
    *,
    title: str,
    button: str,
    act: Callable[[], Any],
    done: str,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, done)
            return redirect("partnership:call", call.reference)
    context = {"form": form, "call": call, "title": title, "button": button}
    return render(request, "frontend/partnership/call_step.html", context, status=422 if form.errors else 200)


def _filtered(request: HttpRequest, filters: CallFilterForm) -> QuerySet[OfferCall]:
    rows = queries.calls_visible_to(request.actor)
    if filters.is_valid():
        asked = filters.cleaned_data
        if asked["status"]:
            rows = rows.filter(status=asked["status"])
        if asked["theme"]:
            rows = rows.filter(themes=asked["theme"])
        if asked["phase"]:
            rows = rows.filter(phases__contains=[asked["phase"]])
    wanted = request.GET.get("sort", "-published")
    column = SORTS.get(wanted.removeprefix("-"), "created_at")
    return rows.order_by(f"-{column}" if wanted.startswith("-") else column, "-pk")


def _csv(request: HttpRequest, rows: QuerySet[OfferCall]) -> Iterator[list[Any]]:
    """The calls, with the sums of what was answered where the person reads them."""
    yield ["Reference", "Title", "Area", "Ward", "Themes", "Phases", "Days wanted", "Days promised", "Days on show",
           "Ceiling a day before VAT", "Closes on", "Status"]  # fmt: skip
    calls = list(rows)
    standings = queries.standings_of([c for c in calls if queries.may_read_answers(request.actor, c)])
    for call in calls:
        standing = standings.get(call.pk)
        promised: list[Any] = (
            [standing.promised / HALF_DAYS_IN_A_DAY, standing.on_show / HALF_DAYS_IN_A_DAY]
            if standing
            else ["", ""]
        )
        yield [
            call.reference,
            call.title,
            str(call.area),
            call.ward.name if call.ward else "",
            ", ".join(str(theme) for theme in call.themes.all()),
            ", ".join(Phase(phase).label for phase in call.phases),
            call.half_days / HALF_DAYS_IN_A_DAY,
            *promised,
            "" if call.ceiling_pence is None else f"{call.ceiling_pence / 100:.2f}",
            call.closes_on.isoformat(),
            call.get_status_display(),
        ]
