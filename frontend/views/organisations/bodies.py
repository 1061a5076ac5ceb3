"""Organisations: those of an area, one of them with what is known of it, adding and changing them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from frontend.forms.organisations import (
    ChangeOrganisationForm,
    NewOrganisationForm,
    OrganisationFilterForm,
)
from frontend.views.organisations.areas import area_of, area_page, convened_area_of
from frontend.views.organisations.lists import csv_query, filtered, headed, in_order, wants_csv
from frontend.views.organisations.schools import phases_in_words
from frontend.views.tools import add_domain_error, csv_response, page_of, signed_in
from marketplace.kernel import history
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations import actions, queries, rules
from marketplace.organisations.models import Organisation, OrganisationKind, School

SORTS = {"name": "name", "kind": "kind", "money": "legal_status"}
HEADINGS = (
    "Reference",
    "Name",
    "Kind",
    "Whose money it spends",
    "Code in the register",
    "Supervising authority",
)
WHY_STATUS = {
    "la_maintained": "its type in the register is one that a local authority maintains",
    "academy": "its type in the register is one of academies and free schools",
    "independent": "its type in the register is one of independent schools",
    "non_maintained_special": "its type in the register is non-maintained special school",
    "further_education": "its type in the register is one of colleges",
    "other": "its type in the register is none that decides it",
}


@signed_in
def organisations(request: HttpRequest, code: str) -> HttpResponseBase:
    """The area's organisations other than its schools."""
    shown = area_of(request, code)
    form = OrganisationFilterForm(request.GET)
    rows = filtered(
        form,
        queries.providers_added(request.actor, shown),  # type: ignore[attr-defined]
        {
            "q": lambda rows, words: rows.filter(name__icontains=words),
            "kind": lambda rows, kind: rows.filter(kind=kind),
        },
    )
    rows = in_order(request, rows, SORTS, "name")
    if wants_csv(request):
        told = (
            (
                o.reference,
                o.name,
                o.get_kind_display(),
                o.get_legal_status_display(),
                o.register_code,
                o.supervising_authority or "",
            )
            for o in rows
        )
        return csv_response(headed(HEADINGS, told), f"organisations-{code}.csv")
    context = area_page(request, shown, "organisations") | {
        "page": page_of(request, rows),
        "filter_form": form,
        "csv_query": csv_query(request),
    }
    return render(request, "frontend/organisations/organisations.html", context)


@signed_in
def new_organisation(request: HttpRequest, code: str) -> HttpResponse:
    """Add an organisation to the area."""
    shown = convened_area_of(request, code)
    actor = request.actor  # type: ignore[attr-defined]
    form = NewOrganisationForm(
        request.POST if request.method == "POST" else None,
        schools=queries.open_schools(shown).order_by("organisation__name"),
        authorities=queries.local_authorities(actor),
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data | {"legal_status": _status_asked(form.cleaned_data)}
        try:
            organisation = actions.create_organisation(actor=actor, area=shown, **given)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{organisation} is added. Invite its lead next.")
            return redirect("organisations:organisation", organisation.reference)
    context = area_page(request, shown, "organisations") | {"form": form}
    return render(
        request, "frontend/organisations/new_organisation.html", context, status=422 if form.errors else 200
    )


@signed_in
def organisation(request: HttpRequest, reference: str) -> HttpResponse:
    """One organisation: what the register publishes of it, who works there (for those allowed), what it belongs to."""
    actor = request.actor  # type: ignore[attr-defined]
    shown = _one(request, reference)
    school: School | None = getattr(shown, "school", None)
    looks_after = queries.organisations_managed_by(actor).filter(pk=shown.pk).exists()
    context = {
        "organisation": shown,
        "school": school,
        "facts": _facts(shown, school),
        "register_facts": _register_facts(school) if school else [],
        "places": _belongs_to(shown, school),
        "links": queries.links_of(school.urn) if school else {},
        "clusters": queries.clusters_visible_to(actor).filter(schools=school) if school else [],
        "networks": queries.networks_of_school(queries.networks_visible_to(actor), school.urn)
        if school
        else [],
        "schools": queries.schools_of_group(actor, shown),
        "people": queries.people_visible_to(actor).filter(organisation=shown).order_by("user__name", "role"),
        "looks_after": looks_after,
        "may_invite": bool(queries.roles_to_give(actor, shown)),
        "history": history.of(shown).order_by("-pk")[:20] if looks_after else [],
    }
    return render(request, "frontend/organisations/organisation.html", context)


@signed_in
def change(request: HttpRequest, reference: str) -> HttpResponse:
    """Change an organisation's details."""
    actor = request.actor  # type: ignore[attr-defined]
    shown = queries.organisations_managed_by(actor).filter(reference=reference).first()
    if shown is None:
        raise NotFound
    form = ChangeOrganisationForm(
        request.POST if request.method == "POST" else None,
        of_register=shown.kind == OrganisationKind.SCHOOL or bool(shown.register_code),
        initial={name: getattr(shown, name) for name in ("name", "address", "vat_number")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_organisation(actor=actor, organisation=shown, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("organisations:organisation", reference)
    context = {"form": form, "organisation": shown}
    return render(
        request,
        "frontend/organisations/change_organisation.html",
        context,
        status=422 if form.errors else 200,
    )


def _one(request: HttpRequest, reference: str) -> Organisation:
    found = queries.organisations(request.actor).filter(reference=reference).first()  # type: ignore[attr-defined]
    if found is None:
        raise NotFound
    return found


def _status_asked(given: dict[str, Any]) -> str:
    """What was chosen, where the kind leaves a choice; the answer to a question not meant for this kind is let go."""
    return given["legal_status"] if len(rules.STATUSES_OF_KIND[given["kind"]]) > 1 else ""


def _facts(shown: Organisation, school: School | None) -> list[tuple[str, Any]]:
    status = shown.get_legal_status_display()
    if school:
        status = f"{status}: {WHY_STATUS.get(shown.legal_status, '')} ({school.type_code})"
    facts: list[tuple[str, Any]] = [
        ("Kind", shown.get_kind_display()),
        ("Whose money it spends", status),
        ("Reference", shown.reference),
    ]
    if shown.register_code:
        facts.append(("Code in the register", shown.register_code))
    if shown.supervising_authority:
        facts.append(("Supervising authority", shown.supervising_authority))
    if shown.address:
        facts.append(("Address", shown.address))
    facts.append(("VAT number", shown.vat_number or "None given"))
    return facts


def _register_facts(school: School) -> list[tuple[str, Any]]:
    told = queries.value_in_words
    ages = f"{school.low_age} to {school.high_age}" if school.low_age is not None else ""
    facts = [
        ("URN", school.urn),
        ("Type", told("type_code", school.type_code)),
        ("Status", told("status_code", school.status_code)),
        ("Opened on", school.open_date),
        ("Closed on" if not school.is_open else "To close on", school.close_date),
        ("Phases for support", phases_in_words(school)),
        ("Phase in the register", told("phase_code", school.phase_code) if school.phase_code else ""),
        ("Ages", ages),
        ("Pupils", school.pupils),
        ("Places", school.capacity),
        (
            "Free school meals",
            told("fsm_basis_points", school.fsm_basis_points) if school.fsm_basis_points is not None else "",
        ),
        ("Pupils’ gender", told("gender_code", school.gender_code) if school.gender_code else ""),
        ("Religious character", school.religious_character),
        ("Establishment number", school.establishment_number),
        ("UKPRN", school.ukprn),
        ("Telephone", school.telephone),
        ("Website", school.website),
        ("Place on the map", school.get_location_source_display()),
    ]
    return [(name, value) for name, value in facts if value not in (None, "")]


def _belongs_to(shown: Organisation, school: School | None) -> list[tuple[str, str, str]]:
    """(what, name, address) of what it is part of."""
    places: list[tuple[str, str, str]] = []
    if shown.area:
        places.append(("Area", shown.area.name, reverse("organisations:area", args=[shown.area.code])))
    if school and school.ward:
        places.append(
            (
                "Ward",
                school.ward.name,
                f"{reverse('organisations:schools')}?area={school.area.code}&ward={school.ward.code}",
            )
        )
    for what in ("trust", "federation", "diocese"):
        if school and (group := getattr(school, what)):
            places.append(
                (what.capitalize(), group.name, reverse("organisations:organisation", args=[group.reference]))
            )
    return places
