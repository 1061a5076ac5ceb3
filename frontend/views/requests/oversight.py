"""The convenor's pages: requests in the area, and schools that have not confirmed their needs."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.requests import OversightFilterForm
from frontend.views.tools import csv_response, page_of, query_string, signed_in
from marketplace.brokerage import actions, queries, rules
from marketplace.kernel.dates import academic_year, local
from marketplace.kernel.errors import NotFound
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import School


@signed_in
def overview(request: HttpRequest) -> HttpResponseBase:
    """Requests sent in the area: status, theme, counts and outcome."""
    area = organisations.area_convened_now(request.actor)
    filters = OversightFilterForm(request.GET)
    given = filters.cleaned_data if filters.is_valid() else {}
    rows = queries.requests_overseen(
        request.actor,
        area,
        status=given.get("status", ""),
        theme=given["theme"].code if given.get("theme") else "",
        phase=given.get("phase", ""),
    )
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows), "requests-in-the-area.csv")
    page = page_of(request, rows)
    context = {
        "area": area,
        "filter_form": filters,
        "page": page,
        "rows": [queries.as_overseen(row) for row in page],
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/requests/overview.html", context)


@signed_in
def silent(request: HttpRequest) -> HttpResponseBase:
    """Schools that have not confirmed their needs this year, when each was last reminded, and a button to do so."""
    area = organisations.area_convened_now(request.actor)
    now = timezone.now()
    year = academic_year(local(now).date())
    rows = queries.silent_schools(request.actor, area, year)
    if request.GET.get("format") == "csv":
        lines = (
            [row.organisation.name, row.urn, local(row.nudged_at).date().isoformat() if row.nudged_at else ""]
            for row in rows
        )
        return csv_response([["School", "URN", "Last reminded"], *lines], "schools-without-answer.csv")
    page = page_of(request, rows)
    for row in page:
        row.again_at = rules.may_nudge_again_at(row.nudged_at)
        row.may_nudge = row.again_at is None or row.again_at <= now
    answered, total = queries.answered_share(request.actor, area, year)
    context = {"area": area, "year": year, "page": page, "answered": answered, "total": total}
    return render(request, "frontend/requests/silent.html", context)


@signed_in
@require_POST
def remind(request: HttpRequest) -> HttpResponse:
    """Remind one school (`urn`), or all that were not reminded within a week."""
    area = organisations.area_convened_now(request.actor)
    urn = request.POST.get("urn", "")
    if not urn:
        number = actions.nudge_all_silent(actor=request.actor, area=area)
        messages.success(
            request,
            f"{number} school{'' if number == 1 else 's'} reminded."
            if number
            else "Nobody was due a reminder.",
        )
        return redirect("requests:silent")
    school = School.objects.filter(urn=int(urn) if urn.isdecimal() else 0, area=area).first()
    if school is None:
        raise NotFound
    actions.nudge_school(actor=request.actor, school=school)
    messages.success(request, f"{school.organisation} was reminded.")
    return redirect("requests:silent")


def _csv(rows: Any) -> Iterator[list[Any]]:
    yield [
        "Reference",
        "Sent on",
        "School",
        "Theme",
        "Phase",
        "Status",
        "Responses close on",
        "Asked",
        "Responded",
        "Declined",
        "Chosen",
    ]
    for row in rows:
        seen = queries.as_overseen(row)
        yield [
            seen.reference,
            seen.opened_on.isoformat(),
            seen.school,
            seen.theme,
            seen.phase,
            seen.status_label,
            seen.closes_on.isoformat(),
            seen.asked,
            seen.responded,
            seen.declined,
            seen.chosen,
        ]
