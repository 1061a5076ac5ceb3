"""What to do about gaps with a budget: asking, the answers so far, and one answer."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from frontend.forms.advice import AdviceForm
from frontend.views.coverage.onward import onward
from frontend.views.coverage.shared import Look, looking, page, tabs
from frontend.views.tools import add_domain_error, csv_response, page_of, signed_in
from marketplace.coverage import actions, queries
from marketplace.coverage.models import Advice, AdviceState
from marketplace.kernel.errors import DomainError, NotFound

SORTS = {"asked": "asked_at", "budget": "budget_pence", "state": "state"}

TRY_AS = {
    "more_days": "extend",
    "wider_reach": "reach",
    "remote": "remote",
    "redirect": "redirect",
    "outside": "add",
    "practitioner": "add",
}
"""What a line would be as an edit of a what-if."""

BUYS_DAYS = ("more_days", "outside", "practitioner")
"""Lines whose cost is a price of days; the others pay for what opens the way to days that schools pay for."""


@looking
def ask(request: HttpRequest, look: Look) -> HttpResponseBase:
    """The question, and every advice of the area so far; for a convenor alone."""
    if not look.sight.exact:
        raise NotFound
    share = queries.costs_of(look.sight.area).owner_share
    form = AdviceForm(
        request.POST or None,
        area=look.sight.area,
        owner_percent=round(100 * share),
        initial={name: value for name, value in request.GET.items() if name in ("theme", "phase", "ward")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.ask_for_advice(
                actor=request.actor,  # type: ignore[attr-defined]
                area=look.sight.area,
                **form.question(),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return redirect(look.link("advice", made.reference))
    rows = _sorted(request, look)
    if request.GET.get("format") == "csv":
        return csv_response(_list_csv(rows), "advice.csv")
    context = {
        "look": look,
        "area": look.sight.area,
        "tabs": tabs(look, "ask_advice"),
        "form": form,
        "page": page_of(request, rows, per_page=20),
    }
    return render(request, "frontend/coverage/ask_advice.html", context, status=422 if form.errors else 200)


@signed_in
def advice(request: HttpRequest, reference: str) -> HttpResponseBase:
    """One advice: what is free, what to spend on, and how good that is."""
    found = queries.advice_for(request.actor, reference)  # type: ignore[attr-defined]
    code = request.GET.get("area", "")
    look = Look(queries.sight_of(request.actor, found.area.code), found.snapshot, code)  # type: ignore[attr-defined]
    if request.GET.get("format") == "csv":
        return csv_response(_csv(found), f"advice-{found.reference}.csv")
    newest = queries.latest(look.sight)
    context = {
        "tabs": tabs(look, "ask_advice"),
        "advice": found,
        "answer": found.result,
        "lines": [line | {"links": links(found, line)} for line in found.result["lines"]],
        "waiting": found.state == AdviceState.AT_ONCE,
        "outdated": newest is not None and newest.pk != found.snapshot_id,
        "again_url": look.link(
            "ask_advice", theme=found.theme.code if found.theme else "", phase=found.phase
        ),
    }
    return page(
        request,
        look,
        "frontend/coverage/advice.html",
        context,
        fragments={"advice": "frontend/coverage/_advice.html"},
    )


def links(found: Advice, line: dict[str, Any]) -> dict[str, str]:
    """Where to take a line: a call for offers, a commission, a trial. Each page is filled in with what the line says."""
    cell = line["cells"][0] if line["cells"] else {"theme": "", "phase": ""}
    gap = {
        "area": found.area.code,
        "theme": cell["theme"],
        "phase": cell["phase"],
        "ward": line["ward"],
        "days": f"{line['bought']:g}",
    }
    cost = line["cost_pence"] / 100
    a_day = f"{cost / line['bought']:.2f}" if line["kind"] in BUYS_DAYS else ""
    trial = {"price": a_day} if a_day else {"cost": f"{cost:.2f}"}
    reach = line.get("km")  # advice of earlier days does not say
    if reach and line["kind"] != "more_days":
        trial["km"] = f"{reach:g}"
    return {
        "call": onward("partnership:new_call", **gap, ceiling=a_day, origin=f"Advice {found.reference}"),
        "commission": onward("partnership:new_commission", **gap),
        "try": onward("coverage:new_whatif", kind=TRY_AS[line["kind"]], offer=line["offer"], **gap, **trial),
    }


def _sorted(request: HttpRequest, look: Look) -> Any:
    rows = queries.advice_of(request.actor, look.sight.area)  # type: ignore[attr-defined]
    wanted = request.GET.get("sort", "-asked")
    column = SORTS.get(wanted.lstrip("-"), "asked_at")
    return rows.order_by(f"-{column}" if wanted.startswith("-") else column, "-pk")


def _list_csv(rows: Any) -> Iterator[list[object]]:
    yield [
        "Reference",
        "Asked",
        "By",
        "Budget (pounds)",
        "Theme",
        "Phase",
        "Ward",
        "Spread",
        "Floor (%)",
        "Answer",
    ]
    for row in rows:
        yield [
            row.reference, row.asked_at, row.asked_by_name, row.budget_pence / 100, row.theme or "All themes",
            row.get_phase_display() if row.phase else "All phases", row.ward or "", "yes" if row.limit_owners else "no",
            row.ward_floor_percent or "", row.get_state_display(),
        ]  # fmt: skip


HEADINGS = [
    "Order", "What", "What to do", "Provider", "Offer", "Mostly for", "Days closed", "Of too few days", "Of out of reach",
    "Of place unknown", "Days by itself", "Schools", "Cost (pounds)", "How the cost comes about", "Pounds per extra day",
    "Weeks until it begins", "Blocks", "Blocks at 20% less", "Blocks at 20% more",
]  # fmt: skip


def _csv(found: Advice) -> Iterator[list[object]]:
    """The free lines, then the lines in order, as the page has them."""
    yield list(HEADINGS)
    for cell in found.result["free"]:
        name = f"{cell['theme_name']}, {cell['phase_label'].lower()}"
        yield [
            "free",
            "Brokering",
            f"Broker {name}",
            "",
            "",
            name,
            cell["days"],
            *[""] * 4,
            cell["schools"],
            0,
        ]
    for line in found.result["lines"]:
        per_day = line["pence_per_day"]
        yield [
            line["rank"], line["kind_label"], line["sentence"], line["provider"], line["offer"],
            "; ".join(f"{c['theme_name']}, {c['phase_label'].lower()}: {c['days']:g}" for c in line["cells"]),
            line["days"], line["capacity_gap"], line["reach_gap"], line["unlocated"], line["alone"], line["schools"],
            line["cost_pence"] / 100, line["reckoning"], None if per_day is None else per_day / 100, line["weeks"],
            line["blocks"], line["less"], line["more"],
        ]  # fmt: skip
