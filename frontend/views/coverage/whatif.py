"""What-ifs: the list, one of them side by side with how things are, and what its author does with it."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frontend.forms.whatif import NameForm, ShareForm, WhatIfFilterForm
from frontend.views.coverage.onward import onward
from frontend.views.coverage.shared import Look, looking, tabs
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.catalogue import queries as catalogue
from marketplace.coverage.models import Scenario
from marketplace.coverage.scenarios import actions, outcomes, queries
from marketplace.coverage.scenarios.lines import Kind, Line
from marketplace.coverage.scenarios.queries import Shown
from marketplace.coverage.scenarios.wording import words
from marketplace.kernel import history
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import Ward

BOARD = "board"
"""`?as=`: with the eyes of the board."""

SORTS = {"name": "name", "author": "author_name", "changed": "changed_at", "shared": "shared_with"}
PART_WORDS = (
    ("met", "Met as things stand"),
    ("brokerable", "To be met by brokering"),
    ("capacity_gap", "Short of capacity"),
    ("reach_gap", "Beyond every offer’s reach"),
    ("unlocated", "For schools whose place is not known"),
)


@looking
def whatif(request: HttpRequest, look: Look) -> HttpResponseBase:
    """The what-ifs of an area that the person may see, drafts of their own among them."""
    form = WhatIfFilterForm(request.GET)
    rows = _filtered(queries.of_area(request.actor, look.sight), form, request)  # type: ignore[attr-defined]
    asked = request.GET.get("sort", "-changed")
    column = SORTS.get(asked.removeprefix("-"), "changed_at")
    rows = rows.order_by(f"-{column}" if asked.startswith("-") else column, "-pk")
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows, look.sight.exact), "what-if.csv")
    page = page_of(request, rows)
    context = {
        "look": look,
        "area": look.sight.area,
        "exact": look.sight.exact,
        "tabs": tabs(look, "whatif"),
        "filter_form": form,
        "page": page,
        "rows": [(row, outcomes.stored(row.outcome) if look.sight.exact else None) for row in page],
        "csv_query": query_string(request, page=None, format="csv"),
        "new_url": look.link("new_whatif"),
        "clear_url": look.link("whatif"),
    }
    return render(request, "frontend/coverage/whatif/list.html", context)


def _filtered(rows: QuerySet[Scenario], form: WhatIfFilterForm, request: HttpRequest) -> QuerySet[Scenario]:
    form.is_valid()
    wanted, me = form.cleaned_data, request.actor.user_id  # type: ignore[attr-defined]
    if asked := wanted.get("q"):
        rows = rows.filter(Q(name__icontains=asked) | Q(author_name__icontains=asked))
    if wanted.get("whose") == "mine":
        rows = rows.filter(author=me)
    elif wanted.get("whose") == "shared":
        rows = rows.exclude(author=me)
    return rows


def _csv(rows: QuerySet[Scenario], exact: bool) -> Iterator[list[object]]:
    """For a convenor with what each comes to; others open one to see it in fives of days."""
    numbers = ["Days closed", "Spent in pounds", "Pounds a day closed", "Schools with more", "Worked out"]
    yield ["Reference", "Name", "Author", "Changed", "Shared with", "Edits", *(numbers if exact else [])]
    for row in rows:
        cells: list[object] = [
            row.reference, row.name, row.author_name, row.changed_at, row.get_shared_with_display(), len(row.edits)
        ]  # fmt: skip
        if exact:
            found = outcomes.stored(row.outcome)
            a_day = "" if found.pence_a_day is None else found.pence_a_day / 100
            at = row.snapshot.computed_at
            cells += [round(found.closed, 2), found.spent_pence / 100, a_day, found.gained, at]
        yield cells


@signed_in
def scenario(request: HttpRequest, reference: str) -> HttpResponse:
    """One what-if beside how things are; exact for a convenor, in fives of days for the board."""
    found = queries.scenario_for(request.actor, reference)  # type: ignore[attr-defined]
    return _page(request, found)


def _page(
    request: HttpRequest,
    found: Scenario,
    *,
    name_form: NameForm | None = None,
    share_form: ShareForm | None = None,
    status: int = 200,
) -> HttpResponse:
    as_board = request.GET.get("as") == BOARD
    seen = queries.shown(request.actor, found, as_board=as_board)  # type: ignore[attr-defined]
    outcome = seen.outcome
    before, after = outcome.before.in_quarters(), outcome.after.in_quarters()
    context = {
        "seen": seen,
        "scenario": found,
        "outcome": outcome,
        "area": found.area,
        "exact": seen.exact,
        "parts": [
            {
                "name": words_of_part,
                "before": getattr(before, part),
                "after": getattr(after, part),
                "change": getattr(after, part) - getattr(before, part),
            }
            for part, words_of_part in PART_WORDS
            if part != "unlocated" or before.unlocated or after.unlocated
        ],
        "need": {"before": before.need, "after": after.need, "change": after.need - before.need},
        "closed": after.best - before.best,
        "days_are_told": outcome.days_are_told,
        "as_board": as_board,
        "board_url": f"?as={BOARD}" if seen.exact and queries.for_board(seen.lines) else "",
        "edits": _edits(seen),
        "add_url": _add_url(seen),
        "history": history.of(found) if seen.exact else (),
    }
    if seen.mine:
        context["name_form"] = name_form or NameForm(initial={"name": found.name})
        context["share_form"] = share_form or ShareForm(initial={"shared_with": found.shared_with})
    return render(request, "frontend/coverage/whatif/scenario.html", context, status=status)


def _edits(seen: Shown) -> list[dict[str, Any]]:
    """Each edit in words, with what it costs and why it is left out, if it is."""
    themes = dict(catalogue.themes().values_list("code", "name"))
    codes = {line.ward for line in seen.lines if line.ward}
    wards = dict(Ward.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    return [
        {
            "line": line,
            "words": words(line, themes=themes, wards=wards, exact=seen.exact),
            "unfit": seen.outcome.unfit.get(line.id, ""),
            "call_url": _call_url(seen, line) if seen.exact and line.kind == Kind.ADD else "",
        }
        for line in seen.lines
    ]


def _call_url(seen: Shown, line: Line) -> str:
    """A call for what a new offer was tried out to give, at its price at most."""
    return onward(
        "partnership:new_call",
        area=seen.scenario.area.code,
        theme=line.theme or "",
        phase=line.phase or "",
        days=f"{line.days:g}",
        ceiling=f"{line.pence / 100:.2f}" if line.pence else "",
        origin=f"What-if {seen.scenario.name or seen.scenario.reference}",
    )


def _add_url(seen: Shown) -> str:
    """Where one more edit is made, for the theme and phase of the last that had them."""
    last = next((line for line in reversed(seen.lines) if line.theme and line.phase), None)
    at = reverse("coverage:add_edit", args=[seen.scenario.reference])
    return f"{at}?{urlencode({'theme': last.theme, 'phase': last.phase})}" if last else at


Verb = Callable[..., Any]


def _does(verb: Verb, said: str) -> Callable[..., HttpResponseBase]:
    """A view that does one thing with a what-if and goes back to it."""

    @require_POST
    @signed_in
    def view(request: HttpRequest, reference: str, **more: Any) -> HttpResponseBase:
        actor = request.actor  # type: ignore[attr-defined]
        found = queries.scenario_for(actor, reference)
        done = verb(actor=actor, scenario=found, **more)
        messages.success(request, said)
        return redirect("coverage:scenario", (done or found).reference)

    return view


undo = _does(actions.undo, "The last change was undone.")
remove_edit = _does(actions.remove, "The edit was taken out.")
work_out_again = _does(actions.work_out_again, "Worked out on the newest coverage.")
copy = _does(actions.copy, "This is your copy. Change it as you like.")


@require_POST
@signed_in
def save(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep it under a name."""
    actor = request.actor  # type: ignore[attr-defined]
    found = queries.scenario_for(actor, reference)
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            actions.save(actor=actor, scenario=found, name=form.cleaned_data["name"])
        except DomainError as error:
            if error.status != 422:
                raise
            add_domain_error(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("coverage:scenario", reference)
    return _page(request, found, name_form=form, status=422)


@require_POST
@signed_in
def share(request: HttpRequest, reference: str) -> HttpResponse:
    """Let others see it, or no longer."""
    actor = request.actor  # type: ignore[attr-defined]
    found = queries.scenario_for(actor, reference)
    form = ShareForm(request.POST)
    if form.is_valid():
        try:
            actions.share(actor=actor, scenario=found, shared_with=form.cleaned_data["shared_with"])
        except DomainError as error:
            if error.status != 422:
                raise
            add_domain_error(form, error)
        else:
            messages.success(request, "Changed who can see it.")
            return redirect("coverage:scenario", reference)
    return _page(request, found, share_form=form, status=422)


@require_POST
@signed_in
def discard(request: HttpRequest, reference: str) -> HttpResponse:
    """Let it go for good."""
    actor = request.actor  # type: ignore[attr-defined]
    actions.discard(actor=actor, scenario=queries.scenario_for(actor, reference))
    messages.success(request, "The what-if was deleted.")
    return redirect("coverage:whatif")
