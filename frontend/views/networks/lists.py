"""The list of networks, and one of them."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from frontend.forms.networks import AddSchoolForm, NetworkFilterForm
from frontend.views.networks.shared import area_of, frame, headings, one
from frontend.views.organisations.lists import csv_query, filtered, headed, in_order, wants_csv
from frontend.views.tools import csv_response, page_of, signed_in
from marketplace.kernel import history
from marketplace.organisations import queries
from marketplace.organisations.models import BelongingStatus, Network, NetworkMembership

SORTS = {"name": "name", "kind": "kind", "members": "members_in"}
HEADINGS = ("Network", "Kind", "Lead", "Website", "First day", "Last day", "URN", "School", "Role", "Since")


@signed_in
def networks(request: HttpRequest) -> HttpResponseBase:
    """The area's networks, with their kind, who leads them and how many schools belong."""
    actor = request.actor  # type: ignore[attr-defined]
    area = area_of(request)
    form = NetworkFilterForm(request.GET)
    rows = filtered(
        form,
        queries.networks_visible_to(actor).filter(area=area),
        {"q": queries.networks_matching, "kind": lambda rows, kind: rows.filter(kind=kind)},
    )
    if form.cleaned_data.get("ended") != "all":
        rows = queries.running(rows)
    rows = in_order(request, queries.with_members(rows), SORTS, "name")
    if wants_csv(request):
        told = _csv(queries.with_member_rows(rows))
        return csv_response(headed(HEADINGS, told), f"networks-{area.code}.csv")
    context = frame(request, area, "list") | {
        "page": page_of(request, rows),
        "filter_form": form,
        "csv_query": csv_query(request),
    }
    return render(request, "frontend/networks/networks.html", context)


@signed_in
def network(request: HttpRequest, reference: str) -> HttpResponse:
    """One network: what it is for, who leads it, its members, and what the person may do."""
    return render(
        request, "frontend/networks/network.html", page_of_network(request, one(request, reference))
    )


def page_of_network(
    request: HttpRequest, shown: Network, *, add_form: AddSchoolForm | None = None
) -> dict[str, Any]:
    """What the page of a network shows."""
    actor = request.actor  # type: ignore[attr-defined]
    manages = queries.may_manage_network(actor, shown)
    names = dict(headings())
    members = list(queries.members_of(actor, shown))
    return {
        "network": shown,
        "facts": _facts(shown, [names.get(code, code) for code in shown.themes]),
        "members": [_member(actor, row, manages) for row in members if row.status == BelongingStatus.ACTIVE],
        "asked": [_member(actor, row, manages) for row in members if row.status == BelongingStatus.PROPOSED],
        "manages": manages,
        "convenes": actor.convenes(shown.area_id),
        "add_form": add_form or add_form_of(request, shown, None),
        "history": history.of(shown).order_by("-pk")[:20] if manages else [],
    }


def add_form_of(request: HttpRequest, shown: Network, data: Any) -> AddSchoolForm | None:
    """The form that brings a school in; `None` where the person can bring none."""
    actor = request.actor  # type: ignore[attr-defined]
    manages = queries.may_manage_network(actor, shown)
    rows = queries.schools_to_propose if manages else queries.schools_to_speak_for
    schools = list(rows(actor, shown))
    form = AddSchoolForm(data, schools=schools, initial={"role": "member"})
    if not manages:
        del form.fields["role"]
    return form if schools else None


def _member(actor: Any, row: NetworkMembership, manages: bool) -> dict[str, Any]:
    """A row with the buttons it has for the person: verb and words."""
    speaks = queries.may_speak_for_school(actor, row.school)
    if row.status == BelongingStatus.PROPOSED:
        buttons = [("accept", "Join"), ("decline", "Decline")] if speaks else []
        buttons += [("remove", "Take back")] if manages else []
    else:
        buttons = [("remove", "Remove")] if manages else [("leave", "Leave")] if speaks else []
    return {"row": row, "buttons": buttons}


def _facts(shown: Network, themes: list[str]) -> list[tuple[str, str]]:
    told = [
        ("Kind", shown.get_kind_display()),
        ("What it is for", shown.purpose),
        ("Themes", ", ".join(themes)),
        ("First day", f"{shown.active_from:%-d %B %Y}" if shown.active_from else ""),
        ("Last day", f"{shown.active_to:%-d %B %Y}" if shown.active_to else ""),
    ]
    return [(name, value) for name, value in told if value]


def _csv(rows: Iterable[Network]) -> Iterable[tuple[object, ...]]:
    for row in rows:
        about = (
            row.name,
            row.get_kind_display(),
            row.lead.name if row.lead else "",
            row.website,
            row.active_from,
            row.active_to,
        )
        members = list(row.memberships.all())
        for each in members:
            yield (
                *about,
                each.school.urn,
                each.school.organisation.name,
                each.get_role_display(),
                each.joined_on,
            )
        if not members:
            yield *about, "", "", "", ""
