"""Who takes part: shares of groups of schools, the schools that do not, and reminding them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from frontend.forms.engagement import ByForm, GroupsForm, SchoolsForm, WordsForm
from frontend.views.coverage.shared import Look, looking, tabs
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string
from marketplace.coverage.engagement import actions, queries, rules
from marketplace.coverage.engagement.models import EngagementNudge
from marketplace.coverage.engagement.rules import COLUMNS, LABELS, TAKES_PART, Line, Signal, Standing
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations.models import School


@looking
def shares(request: HttpRequest, look: Look) -> HttpResponseBase:
    """A table of one dimension: for each group of schools, how many take part and how."""
    form = _shares_form(request, look)
    chosen = form.chosen() if isinstance(form, GroupsForm) else {}
    dimension = form.dimension()
    lines, whole = queries.shares_of(look.sight, dimension, chosen)
    if request.GET.get("format") == "csv":
        return csv_response(_shares_csv([*lines, whole]), f"engagement-by-{dimension}.csv")
    context = _frame(look) | {
        "form": form,
        "dimension": dimension,
        "dimension_name": rules.DIMENSIONS[dimension],
        "columns": COLUMNS.items(),
        "lines": [_line(look, line, dimension) for line in lines],
        "whole": _line(look, whole, dimension),
        "figures": whole.figures,
        "filtered": any(chosen.values()),
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/coverage/engagement.html", context)


@looking
def schools(request: HttpRequest, look: Look) -> HttpResponseBase:
    """Schools that have not taken part for twelve months: what is missing, whom to write to, and a button that reminds them."""
    found = queries.schools_of(look.sight)
    form = SchoolsForm(request.GET, groups=queries.groups_in(found))
    since = queries.since()
    rows = _wanted(found, form, since)
    keys = [school.pk for school in rows]
    if request.GET.get("format") == "csv":
        return csv_response(_schools_csv(rows, queries.last_nudges(keys), since), "engagement-schools.csv")
    page = page_of(request, rows, per_page=25)
    context = _frame(look) | {
        "filter_form": form,
        "page": page,
        "rows": _rows(list(page), since),
        "quiet": len(rules.quiet(found, since)),
        "total": len(found),
        "words": queries.words_of(look.sight),
        "query": request.GET.urlencode(),
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/coverage/engagement_schools.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@looking
def nudge(request: HttpRequest, look: Look) -> HttpResponse:
    """Look at whom a reminder to all would go to, and send it; or, with `urn`, remind one school at once."""
    if not look.sight.exact:
        raise NotFound
    if request.method != "POST":
        context = _frame(look) | {
            "schools": queries.to_remind(look.sight),
            "words": queries.words_of(look.sight),
            "send_url": request.get_full_path(),
            "back_url": _back(request, look),
        }
        return render(request, "frontend/coverage/engagement_remind.html", context)
    _remind(request, look)
    return redirect(_back(request, look))


def _remind(request: HttpRequest, look: Look) -> None:
    actor, area = request.actor, look.sight.area  # type: ignore[attr-defined]
    if urn := request.POST.get("urn", ""):
        school = School.objects.filter(
            area=area, urn=int(urn) if urn.isdecimal() and len(urn) < 9 else 0
        ).first()
        if school is None:
            raise NotFound
        sent = actions.nudge_school(actor=actor, school=school)
        messages.success(request, f"{sent.school} was reminded: {_told(sent)}.")
    else:
        number = actions.nudge_all_quiet(actor=actor, area=area)
        messages.success(
            request,
            f"{number} school{'' if number == 1 else 's'} reminded."
            if number
            else "Nobody was due a reminder.",
        )


def _back(request: HttpRequest, look: Look) -> str:
    """The list of schools as it was filtered."""
    back, query = look.link("engagement_schools"), request.GET.urlencode()
    return f"{back.split('?')[0]}?{query}" if query else back


@looking
def nudges(request: HttpRequest, look: Look) -> HttpResponseBase:
    """Reminders sent, and what each school did afterwards."""
    rows = queries.nudges_in(look.sight)
    found = {school.pk: school for school in queries.schools_of(look.sight)}
    if request.GET.get("format") == "csv":
        return csv_response(_nudges_csv(rows, found), "engagement-reminders.csv")
    page = page_of(request, rows, per_page=25)
    context = _frame(look) | {
        "page": page,
        "rows": [{"nudge": row, "told": _told(row), "followed": _followed(row, found)} for row in page],
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/coverage/engagement_nudges.html", context)


@looking
def words(request: HttpRequest, look: Look) -> HttpResponse:
    """Choose what reminders say."""
    form = WordsForm(
        request.POST if request.method == "POST" else None, initial={"text": queries.words_of(look.sight)}
    )
    if form.is_valid():
        try:
            actions.change_words(
                actor=request.actor,  # type: ignore[attr-defined]
                area=look.sight.area,
                text=form.cleaned_data["text"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Saved. Reminders from now on say this.")
            return redirect(look.link("engagement_schools"))
    context = _frame(look) | {"form": form, "schools_url": look.link("engagement_schools")}
    return render(
        request, "frontend/coverage/engagement_words.html", context, status=422 if form.errors else 200
    )


def _frame(look: Look) -> dict[str, Any]:
    return {
        "look": look,
        "area": look.sight.area,
        "exact": look.sight.exact,
        "tabs": tabs(look, "engagement"),
        **{f"{name}_url": look.link(name) for name in ADDRESSES},
    }


ADDRESSES = ("engagement", "engagement_schools", "engagement_nudges", "engagement_words", "engagement_nudge")


def _shares_form(request: HttpRequest, look: Look) -> ByForm:
    if not look.sight.exact:
        return ByForm(request.GET)
    return GroupsForm(request.GET, groups=queries.groups_in(queries.schools_of(look.sight)))


def _line(look: Look, line: Line, dimension: str) -> dict[str, Any]:
    address = (
        look.link("engagement_schools", **{dimension: line.code, "show": "all"})
        if line.code and look.sight.exact
        else ""
    )
    return {"line": line, "cells": [line.figures[column] for column in COLUMNS], "href": address}


def _wanted(found: Sequence[Standing], form: SchoolsForm, since: datetime) -> list[Standing]:
    chosen = queries.in_groups(found, form.chosen())
    show = form.cleaned_data.get("show", "")
    text = form.cleaned_data.get("q", "").casefold()
    return [
        school
        for school in chosen
        if text in school.name.casefold()
        and (show == "all" or school.takes_part(since) == (show == "taking"))
    ]


def _rows(shown: Sequence[Standing], since: datetime) -> list[dict[str, Any]]:
    keys = [school.pk for school in shown]
    contacts, last, now = queries.contacts_of(keys), queries.last_nudges(keys), timezone.now()
    rows = []
    for school in shown:
        takes_part = school.takes_part(since)
        again = rules.may_nudge_from(last.get(school.pk))
        whom = contacts[school.pk]
        rows.append(
            {
                "school": school,
                "takes_part": takes_part,
                "did": [LABELS[signal] for signal in Signal if school.did(signal, since)],
                "missing": "" if takes_part else school.missing(since),
                "last": (LABELS[school.last[0]], school.last[1]) if school.last else None,
                "contacts": whom,
                "nudged_at": last.get(school.pk),
                "again_at": again if again and again > now else None,
                "may_nudge": not takes_part
                and bool(whom.people or whom.leads)
                and not (again and again > now),
            }
        )
    return rows


def _told(row: EngagementNudge) -> str:
    """`2 people at the school and 1 who leads its trust or diocese`."""
    own = f"{row.people} {'person' if row.people == 1 else 'people'} at the school"
    return (
        f"{own} and {row.leads} who lead{'s' if row.leads == 1 else ''} its trust or diocese"
        if row.leads
        else own
    )


def _followed(row: EngagementNudge, found: dict[int, Standing]) -> list[str]:
    school = found.get(row.school_id)
    return [LABELS[signal] for signal in school.since(row.sent_at)] if school else []


def _shares_csv(lines: Iterable[Line]) -> Iterable[list[object]]:
    yield [
        "Group",
        "Schools",
        *(words for name in COLUMNS for words in (COLUMNS[name], f"{COLUMNS[name]}, %")),
    ]
    for line in lines:
        told: list[object] = [line.name, line.schools]
        for name in COLUMNS:
            figure = line.figures[name]
            told += ["", ""] if figure.hidden else [figure.schools, figure.percent]
        yield told


def _schools_csv(
    rows: Iterable[Standing], nudged: dict[int, datetime], since: datetime
) -> Iterable[list[object]]:
    yield [
        "URN", "School", "Ward", "Kind", "Trust", "Diocese", "Accounts", "Governors with an account", COLUMNS[TAKES_PART],
        "What is missing", *(f"{words}, last" for words in LABELS.values()), "Last reminded", "Telephone", "Website",
    ]  # fmt: skip
    for school in rows:
        takes_part = school.takes_part(since)
        yield [
            school.urn,
            school.name,
            school.ward[1] if school.ward else "",
            school.kind[1],
            school.trust[1] if school.trust else "",
            school.diocese[1] if school.diocese else "",
            school.people,
            school.governors,
            "yes" if takes_part else "no",
            "" if takes_part else school.missing(since),
            *(_day(school.latest.get(signal)) for signal in LABELS),
            _day(nudged.get(school.pk)),
            school.telephone,
            school.website,
        ]


def _nudges_csv(rows: Iterable[EngagementNudge], found: dict[int, Standing]) -> Iterable[list[object]]:
    yield [
        "Sent on",
        "URN",
        "School",
        "By",
        "People told at the school",
        "Leads told",
        "What followed",
        "Words",
    ]
    for row in rows:
        yield [
            _day(row.sent_at),
            row.school.school.urn,
            row.school.name,
            str(row.sent_by or ""),
            row.people,
            row.leads,
            "; ".join(_followed(row, found)),
            row.message,
        ]


def _day(moment: datetime | None) -> str:
    return local(moment).date().isoformat() if moment else ""
